"""The forms of the 資格確認書, and how a face is drawn on one.

``get(form).draw(book, face, reference=serial)`` appends the pages. A document that cannot be printed (a missing glyph,
a text too long) refuses before any of its pages is in the book, so the others go on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cache

from certificates.documents.face import CertificateFace
from certificates.documents.layouts.a4 import FORM as A4
from certificates.documents.layouts.base import Form
from certificates.documents.layouts.card import FORM as CARD
from certificates.documents.layouts.paint import Painter
from certificates.documents.layouts.postcard import FORM as POSTCARD
from core.errors import Fault, Refused
from core.paper.book import Book, PageEntry

FORMS: dict[str, Form] = {form.name: form for form in (POSTCARD, CARD, A4)}
KIND = "certificate"
SIDES = ("front", "back")


class Layout:
    """One form, ready to draw certificates on."""

    def __init__(self, form: Form) -> None:
        self.form = form

    def shown(self, face: CertificateFace) -> CertificateFace:
        """The face as the form can show it: an address that cannot be printed is left to the holder's own hand.

        The law asks for a place to write it, not for print, so it keeps nobody from the certificate.
        """
        printed = face.show_address and face.address
        if printed and not Painter(self.form, face).can_print("back", "address"):
            return replace(face, show_address=False)
        return face

    def draw(
        self, book: Book, face: CertificateFace, *, reference: str, sides: Sequence[str] = SIDES, guides: bool = False
    ) -> list[PageEntry]:
        """Appends one page per side to the book; ``guides`` adds millimetre rulers and the outlines of the fields.

        Raises:
            MissingGlyphs: a character of a field has no glyph; nothing was added.
            TextDoesNotFit: a field is too long for its box; nothing was added.
        """
        painter = Painter(self.form, self.shown(face))
        ready = [(side, painter.stamps(book, side), painter.place(side)) for side in sides]
        return [
            painter.page(book, side, stamps=stamps, placed=placed, kind=KIND, reference=reference, guides=guides)
            for side, stamps, placed in ready
        ]

    def check(self, face: CertificateFace, *, sides: Sequence[str] = SIDES) -> list[Refused]:
        """Everything that keeps this face from being printed on this form; empty when nothing does."""
        painter = Painter(self.form, self.shown(face))
        return [problem for side in sides for problem in painter.problems(side)]


@cache
def get(form: str) -> Layout:
    """The layout of a form.

    Raises:
        Fault: there is no such form.
    """
    if form not in FORMS:
        raise Fault(f"様式「{form}」はありません。使える様式は {'、'.join(FORMS)} です。")
    return Layout(FORMS[form])
