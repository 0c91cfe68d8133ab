"""Draws one face on one form: what is equal on many certificates once as a stamp, the rest on the page."""

from __future__ import annotations

import math
from functools import lru_cache

from certificates.documents.elderly_face import ElderlyFace
from certificates.documents.face import (
    DONATION_EXCEPT,
    DONATION_HEADING,
    DONATION_ITEMS,
    DONATION_ORGANS,
    DONATION_REMARK,
    DONATION_SIGNATURES,
    DONATION_TITLE,
    DONATION_VOLUNTARY,
    LABELS,
    CertificateFace,
)
from certificates.documents.layouts.base import Composed, Donation, Form, Style, compose
from core.errors import Refused
from core.paper.book import Book, Field, PageEntry
from core.paper.draw import BLACK, WHITE, Colour, Paragraph, Pen, Placed, check_text, curve_operators, fit_text, flow
from core.paper.sheet import Box, Sheet

BANDS: dict[str, Colour] = {
    "insured": (0.05, 0.30, 0.40),
    "dependent": (0.36, 0.20, 0.42),
    "elderly": (0.20, 0.36, 0.12),
}
"""Band by kind; a 資格情報のお知らせ has another one, so that nobody takes it for a certificate."""
TINTS: dict[str, Colour] = {
    "insured": (0.91, 0.95, 0.96),
    "dependent": (0.95, 0.92, 0.96),
    "elderly": (0.93, 0.96, 0.90),
}
GROUNDS: dict[str, Colour] = {
    "insured": (0.88, 0.94, 0.95),
    "dependent": (0.94, 0.90, 0.95),
    "elderly": (0.90, 0.95, 0.86),
}
LINE: Colour = (0.35, 0.38, 0.42)
LABEL: Colour = (0.18, 0.22, 0.26)
GUIDE: Colour = (0.85, 0.25, 0.10)

STAMPED = frozenset({"title", "kind", "insurer_address", "insurer_phone", "insurer_number", "insurer_name"})
"""Fields that are equal on many certificates; they are drawn with the labels, and proven like any other."""


@lru_cache(maxsize=1024)
def composed(form: Form, side: str, present: frozenset[str]) -> Composed:
    """Boxes of a side for a set of fields."""
    return compose(form.side(side), present, LABELS)


class Painter:
    """One face on one form."""

    def __init__(self, form: Form, face: CertificateFace | ElderlyFace) -> None:
        self.form = form
        self.face = face
        self.texts = face.fields()
        self._present = frozenset(self.texts)

    def place(self, side: str) -> list[tuple[str, Placed]]:
        """The fields that change from page to page, fitted into their boxes.

        Raises:
            MissingGlyphs, TextDoesNotFit: see ``core.paper.typeset.fit_text``.
        """
        fields = composed(self.form, side, self._present).fields
        return [(name, self._fit(name, *fields[name])) for name in fields if name not in STAMPED]

    def problems(self, side: str) -> list[Refused]:
        """Every field of the side that cannot be printed, with its reason."""
        found: list[Refused] = []
        for name, (box, style) in composed(self.form, side, self._present).fields.items():
            try:
                self._check(name, box, style)
            except Refused as problem:
                found.append(problem)
        return found

    def can_print(self, side: str, name: str) -> bool:
        """Whether one field of the side can be printed."""
        try:
            self._check(name, *composed(self.form, side, self._present).fields[name])
        except Refused:
            return False
        return True

    def stamps(self, book: Book, side: str) -> tuple[str, ...]:
        """The stamps of what is equal on many certificates, drawn when the book has none yet.

        Raises:
            MissingGlyphs, TextDoesNotFit: in the insurer's fields or the notes.
        """
        area, colour, sheet = self.form.side(side).ground, GROUNDS[self.face.kind], self.form.sheet
        printed = book.stamp(self._stamp_key(side), sheet, lambda pen: self._paint(pen, side))
        if area is None:
            return (printed,)
        key = ("ground", self.form.name, side, self.face.kind)
        return book.stamp(key, sheet, lambda pen: draw_ground(pen, area, colour)), printed

    def page(
        self,
        book: Book,
        side: str,
        *,
        stamps: tuple[str, ...],
        placed: list[tuple[str, Placed]],
        kind: str,
        reference: str,
        guides: bool = False,
    ) -> PageEntry:
        """Appends the side as a page of the book."""
        layout, places = self.form.side(side), composed(self.form, side, self._present)
        pen = book.pen(self.form.sheet)
        for _, text in placed:
            pen.put(text)
        if layout.qr:
            pen.qr(layout.qr, self.face.serial)
        if guides:
            draw_guides(pen, [box for box, _ in places.fields.values()])
        fields = {name: Field(box, self.texts[name], style.role) for name, (box, style) in places.fields.items()}
        return book.add_page(pen, kind=kind, reference=reference, side=side, fields=fields, stamps=stamps)

    def _fit(self, name: str, box: Box, style: Style) -> Placed:
        return fit_text(
            box,
            self.texts[name],
            style.role,
            style.size_pt,
            style.min_size_pt,
            lines=style.lines,
            align=style.align,
            title=LABELS[name],
        )

    def _check(self, name: str, box: Box, style: Style) -> None:
        check_text(
            box, self.texts[name], style.role, style.size_pt, style.min_size_pt, lines=style.lines, title=LABELS[name]
        )

    def _stamp_key(self, side: str) -> object:
        face = self.face
        notes = tuple(face.notes()) if side == "back" else ()
        shown = frozenset(composed(self.form, side, self._present).fields)
        return (self.form.name, side, face.kind, face.insurer, shown, notes)

    def _paint(self, pen: Pen, side: str) -> None:
        """Everything of the side that does not name the holder."""
        layout, places = self.form.side(side), composed(self.form, side, self._present)
        band = BANDS[self.face.kind]
        for tint in places.tints:
            pen.fill(tint, TINTS[self.face.kind])
        if layout.band:
            pen.fill(layout.band, band)
        for rule in places.rules:
            pen.line(rule.x1_mm, rule.y1_mm, rule.x2_mm, rule.y2_mm, rule.width_mm, LINE)
        for frame in places.frames:
            pen.outline(frame, 0.18, band)
        self._paint_texts(pen, side, places)
        if layout.qr:
            pen.fill(layout.qr, WHITE)
        if layout.seal:
            pen.seal(layout.seal, self.face.insurer.name)
        if layout.notes:
            marked = [Paragraph(text, f"{number}.") for number, text in enumerate(self.face.notes(), start=1)]
            spec = layout.notes
            pen.put(
                flow(
                    spec.columns,
                    marked,
                    "notes",
                    spec.size_pt,
                    spec.min_size_pt,
                    leading=spec.leading,
                    gap=spec.gap,
                    title="注意事項",
                )
            )
        if layout.donation:
            draw_donation(pen, layout.donation, band)

    def _paint_texts(self, pen: Pen, side: str, places: Composed) -> None:
        for heading in self.form.side(side).headings:
            style = heading.style
            pen.text(heading.box, heading.text, style.role, style.size_pt, align=style.align, colour=LABEL)
        for box, text, size_pt, strong in places.labels:
            inner = box.inset(0.5, 0)
            placed = fit_text(
                inner, text, "label_bold" if strong else "label", size_pt, 3.6, align="justify", title=text
            )
            pen.put(placed, LABEL)
        for name, (box, style) in places.fields.items():
            if name == "kind":
                pen.fill(box, WHITE)
            if name in STAMPED:
                colour = {"title": WHITE, "kind": BANDS[self.face.kind]}.get(name, BLACK)
                pen.put(self._fit(name, box, style), colour)


def draw_ground(pen: Pen, area: Box, colour: Colour) -> None:
    """A fine wave pattern (地紋) behind the fields, pale enough to read on; coarser on larger paper."""
    pen.operators.extend(_waves(pen.sheet, area, colour))


@lru_cache(maxsize=64)  # the slowest thing on a page, and the same on each of its kind
def _waves(sheet: Sheet, area: Box, colour: Colour) -> tuple[str, ...]:
    waves = []
    unit = area.width_mm / 80
    pitch, amplitude, length, steps = 1.5 * unit, 1.1 * unit, 17.0 * unit, 100
    for number in range(int((area.height_mm - 2 * amplitude) / pitch)):
        middle = area.y_mm + amplitude + pitch * (number + 0.5)
        shift = number * 0.42
        points = [
            (x, middle + amplitude * math.sin(2 * math.pi * (x - area.x_mm) / length + shift))
            for x in (area.x_mm + area.width_mm * step / steps for step in range(steps + 1))
        ]
        waves.append(curve_operators(sheet, points, 0.12 * unit, colour))
    return tuple(waves)


def draw_donation(pen: Pen, spec: Donation, colour: Colour) -> None:
    """臓器提供意思表示: the statutory text and the places to sign."""
    pen.outline(spec.frame, 0.18, colour)
    texts = [
        Paragraph(DONATION_HEADING),
        *(Paragraph(item, f"{number}.") for number, item in enumerate(DONATION_ITEMS, start=1)),
        Paragraph(DONATION_EXCEPT),
        Paragraph(DONATION_ORGANS + DONATION_REMARK),
    ]
    pen.text(spec.title, DONATION_TITLE, "label_bold", spec.title_size_pt, min_size_pt=4)
    pen.text(spec.voluntary, DONATION_VOLUNTARY, "notes", spec.size_pt, min_size_pt=spec.min_size_pt, align="right")
    pen.put(
        flow(
            (spec.text,),
            texts,
            "notes",
            spec.size_pt,
            spec.min_size_pt,
            leading=spec.leading,
            gap=spec.gap,
            title=DONATION_TITLE,
        )
    )
    for box, (who, label) in zip(spec.signatures, DONATION_SIGNATURES.items(), strict=True):
        pen.text(box, label, "notes", spec.size_pt, min_size_pt=spec.min_size_pt)
        pen.line(box.x_mm + 0.3, box.bottom_mm - 0.4, box.right_mm, box.bottom_mm - 0.4, 0.06, LINE)
        if who == "day":
            pen.text(box, "年　　月　　日", "notes", spec.size_pt, min_size_pt=spec.min_size_pt, align="right")


def draw_guides(pen: Pen, boxes: list[Box]) -> None:
    """Millimetre rulers along the top and left edges, and the outline of every field."""
    for box in boxes:
        pen.outline(box, 0.05, GUIDE)
    for mm in range(int(pen.sheet.width_mm) + 1):
        pen.line(mm, 0, mm, 2 if mm % 10 == 0 else 1.4 if mm % 5 == 0 else 0.8, 0.05, GUIDE)
    for mm in range(int(pen.sheet.height_mm) + 1):
        pen.line(0, mm, 2 if mm % 10 == 0 else 1.4 if mm % 5 == 0 else 0.8, mm, 0.05, GUIDE)
