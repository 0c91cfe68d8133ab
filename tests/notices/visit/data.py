"""Whom the invented letter is written to."""

from __future__ import annotations

from datetime import date

from core.errors import Refused
from members.models import Member
from notices.letters.reading import NO_ADDRESS, recipients
from notices.letters.registry import Ready, numbered
from tests.notices.visit.letter import KIND, VisitFace


def ready(member: Member, on: date) -> Ready:
    """The letter to be printed. Raises Refused: nobody can be written to."""
    recipient = recipients([member.pk], on)[member.pk]
    if recipient.addressee is None:
        raise Refused(NO_ADDRESS)
    face = VisitFace(member.pk, recipient.addressee, recipient.sender, on, "一番の窓口")
    return numbered(f"{KIND}-{member.pk}-{on:%Y%m%d}", face.letter)
