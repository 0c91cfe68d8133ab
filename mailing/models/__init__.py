"""Paper out: dispatches, what becomes of them in the post, and the blank paper they are printed on."""

from mailing.models.dispatches import ENCLOSED, Dispatch, Enclosure, Envelope, PrintedFile, Pull
from mailing.models.holds import HeldPaper
from mailing.models.post import Resend, ReturnedMail, Tracking
from mailing.models.requests import EnclosedRequest
from mailing.models.stock import PaperLot, PaperMovement

__all__ = [
    "ENCLOSED",
    "Dispatch",
    "EnclosedRequest",
    "Enclosure",
    "Envelope",
    "HeldPaper",
    "PaperLot",
    "PaperMovement",
    "PrintedFile",
    "Pull",
    "Resend",
    "ReturnedMail",
    "Tracking",
]
