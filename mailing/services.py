"""Paper's way out, as the office asks for it: assemble, print, prove, pull, seal, send."""

from __future__ import annotations

from datetime import date

from certificates.models import Run
from certificates.services import run_of
from core.errors import BadInput
from mailing.assembling import Assembly, Hold, assemble, assemble_day, holds_of, holds_of_day
from mailing.models import Dispatch
from mailing.printing import answer, print_dispatch
from mailing.proof import Difference, differences, prove_dispatch
from mailing.pulls import PullRow, confirm, pull_list
from mailing.sending import cancel, seal, send
from mailing.shares import supersede_changed_shares
from members.services import society

__all__ = [
    "Assembly", "Difference", "Hold", "PullRow", "answer", "assemble", "assemble_day", "cancel", "confirm",
    "differences", "dispatch_of", "holds_of", "holds_of_day", "print_dispatch", "prove_dispatch", "pull_list",
    "run_of_month", "seal", "send", "supersede_changed_shares",
]  # fmt: skip


def run_of_month(month: date) -> Run:
    """The society's run of a month.

    Raises:
        Refused: nothing was loaded, or the month has not been run.
    """
    return run_of(society(), month)


def dispatch_of(number: str) -> Dispatch:
    """The dispatch of that number.

    Raises:
        BadInput: there is none.
    """
    found = Dispatch.objects.filter(pk=int(number)).first() if number.isascii() and number.isdigit() else None
    if found is None:
        raise BadInput(
            f"発送「{number}」はありません。`manage.py assemble` の答えにある番号を指定してください。"
        )
    return found
