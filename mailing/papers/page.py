"""What one printed page must read; of a form with two sides, both."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import chain

from certificates.documents.elderly_face import ElderlyFace
from certificates.documents.face import CertificateFace
from certificates.documents.layouts import SIDES
from certificates.documents.layouts.base import Form, Side
from certificates.documents.layouts.paint import composed
from core.paper.book import Field
from core.paper.draw import seal_columns
from core.paper.sheet import Sheet


@dataclass(frozen=True, slots=True)
class Page:
    """What one page must read: its sheet, its fields, and what its QR code says.

    ``whose``: envelope and cover that the page belongs to; ``rows``: of a list, those of each row by ``row3``.
    """

    sheet: Sheet
    fields: Mapping[str, Field]
    qr: Field | None = None
    whose: str = ""
    rows: Mapping[str, str] = field(default_factory=dict)

    def whose_field(self, name: str) -> str:
        """Envelope and cover that one field belongs to."""
        return self.rows.get(name.partition("_")[0], self.whose)


def two_sides(form: Form, face: CertificateFace | ElderlyFace) -> list[Page]:
    """Front and back of a certificate on a form: every field, the marks of the side, and the serial in the QR code."""
    texts = face.fields()
    pages = []
    for side in SIDES:
        boxes = composed(form, side, frozenset(texts)).fields
        fields = {name: Field(box, texts[name], style.role) for name, (box, style) in boxes.items()}
        layout = form.side(side)
        qr = Field(layout.qr, face.serial, "label") if layout.qr else None
        pages.append(Page(form.sheet, {**fields, **_marks(layout, face)}, qr))
    return pages


def _marks(side: Side, face: CertificateFace | ElderlyFace) -> dict[str, Field]:
    """What tells one side of the form from any other page: its headings, and the seal.

    The seal is type as well: where it was not printed, nothing reads back.
    """
    marks = {f"heading{n}": Field(h.box, h.text, h.style.role) for n, h in enumerate(side.headings, start=1)}
    if side.seal:
        name = "".join(chain.from_iterable(seal_columns(face.insurer.name)))
        marks["seal"] = Field(side.seal, name, "name")
    return marks
