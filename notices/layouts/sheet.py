"""The sheet that a face needs: one person's, or a household's."""

from __future__ import annotations

import re

from core.errors import Refused
from core.paper.book import Book, Field, PageEntry
from notices.face import LABELS, Face, HouseholdFace
from notices.layouts import a4, household
from notices.layouts.parts import FORM, SHEET

__all__ = ["FORM", "SHEET", "check", "draw", "fields", "label"]

_PLACE = re.compile(r"(?:p(\d+)_)?(?:card_)?(.+)")


def draw(book: Book, face: Face) -> PageEntry:
    """Appends the sheet to the book.

    Raises:
        MissingGlyphs, TextDoesNotFit: a field cannot be printed; nothing was added.
    """
    return household.draw(book, face) if isinstance(face, HouseholdFace) else a4.draw(book, face)


def fields(face: Face) -> dict[str, Field]:
    """What each field of the sheet must read, and where, for the proof."""
    return household.fields(face) if isinstance(face, HouseholdFace) else a4.fields(face)


def check(face: Face) -> list[Refused]:
    """Everything that keeps this sheet from being printed; empty when nothing does."""
    return household.check(face) if isinstance(face, HouseholdFace) else a4.check(face)


def label(field: str) -> str:
    """A field's name in Japanese, with whose it is where several stand on the sheet; empty where there is none."""
    place, name = _PLACE.fullmatch(field).groups()  # type: ignore[union-attr]
    found = LABELS.get(name, "")
    return f"{place}人目の{found}" if place and found else found
