"""The invented letter to somebody invented."""

from __future__ import annotations

from datetime import date

from notices.letters.content import letter_number
from notices.letters.registry import Draw
from notices.letters.samples import SENDER, addressee, drawn
from tests.notices.visit.letter import VisitFace


def samples(day: date, longest: bool) -> list[Draw]:
    """With a short or a long address."""
    face = VisitFace(1, addressee(longest), SENDER[longest], day, "一番の窓口")
    return drawn([face.letter(letter_number(day, 12))])
