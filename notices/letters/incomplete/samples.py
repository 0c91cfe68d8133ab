"""An application of somebody invented, sent back."""

from __future__ import annotations

from datetime import date

from certificates.requests.applications.intake import ITEMS
from notices.letters.content import letter_number
from notices.letters.incomplete.letter import IncompleteFace
from notices.letters.registry import Draw
from notices.letters.samples import application, drawn


def samples(day: date, longest: bool) -> list[Draw]:
    """With two things missing, or everything."""
    missing = tuple(ITEMS.values()) if longest else tuple(ITEMS.values())[:2]
    return drawn([IncompleteFace(application(day, longest), missing).letter(letter_number(day, 12))])
