"""宛名と送付状: one A4 sheet per envelope; folded in three, its head shows through the window.

Names and addresses are set in the typeface that knows every registered kanji. The customer barcode stands alone
under the name, with its white margin to text and window. Source: 郵便番号・バーコードマニュアル（印字位置）.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Final

from core.errors import Refused
from core.paper.book import Book, Field, PageEntry
from core.paper.draw import BLACK, Colour, Pen, Placed, check_text, fit_text
from core.paper.fonts import Role
from core.paper.sheet import Box, Sheet
from mailing.addresses import barcode
from mailing.papers.layouts import enclosed
from mailing.papers.layouts.enclosed import EnclosedFace
from mailing.papers.layouts.spots import fields_of, fit, refusals

KIND = "address"
SHEET = Sheet(210, 297)
LINE: Colour = (0.55, 0.55, 0.55)
LABELS: Final = {
    "postal_code": "郵便番号",
    "address": "住所",
    "recipient": "あて名",
    "code": "封筒番号",
    "sheets": "同封の枚数",
    "sender": "差出人",
}


@dataclass(frozen=True, slots=True)
class AddressFace:
    """What one address sheet shows; ``sheets`` counts the documents in the envelope.

    ``barcode``: the codes of the customer barcode; where they are empty, none is printed. ``holder``: whose household
    it is (記号・番号・枝番), for messages; it is not printed. ``enclosed``: the letter under the address. Through an establishment, ``address`` is its name.
    """

    code: str
    postal_code: str
    address: str
    recipient: str
    sheets: int
    sender_name: str
    sender_address: str
    barcode: tuple[str, ...] = ()
    holder: str = ""
    enclosed: EnclosedFace | None = None

    def fields(self) -> dict[str, str]:
        """The exact text of each field; an empty one is absent."""
        texts = {
            "postal_code": f"〒{self.postal_code}" if self.postal_code else "",
            "address": self.address,
            "recipient": f"{self.recipient} 様" if self.recipient else "",
            "code": f"封筒番号 {self.code}",
            "sheets": f"同封 {self.sheets}枚" if self.sheets else "",
            "sender": f"差出人 {self.sender_address} {self.sender_name}",
        }
        return {name: text for name, text in texts.items() if text}


# Box, role, size and smallest size in points, lines
_SPOTS: dict[str, tuple[Box, Role, float, float, int]] = {
    "postal_code": (Box("postal_code", 24, 20, 60, 5.5), "label", 12, 10, 1),
    "address": (Box("address", 24, 25.5, 80, 14), "name", 11, 7, 3),
    "recipient": (Box("recipient", 24, 39.5, 80, 10), "name", 15, 8, 3),
    "code": (Box("code", 24, 57.6, 55, 4.4), "label", 8, 8, 1),
    "sheets": (Box("sheets", 80, 57.6, 24, 4.4), "label", 8, 8, 1),
    "sender": (Box("sender", 24, 279, 162, 8), "label", 8, 6, 2),
}
BARCODE: Final = Box("barcode", 24, 51.8, barcode.WIDTH_MM, barcode.LONG_MM)
_FOLDS_MM = (99.0, 198.0)


def _placed(face: AddressFace) -> list[Placed]:
    letter = [fit(found) for found in enclosed.spots(face.enclosed)] if face.enclosed else []
    return [*(_fit(name, text) for name, text in face.fields().items()), *letter]


def _fit(name: str, text: str) -> Placed:
    box, role, size, smallest, lines = _SPOTS[name]
    return fit_text(box, text, role, size, smallest, lines=lines, title=LABELS[name])


def check(face: AddressFace) -> list[Refused]:
    """Everything that keeps this sheet from being printed; empty when nothing does."""
    problems = refusals(enclosed.spots(face.enclosed)) if face.enclosed else []
    for name, text in face.fields().items():
        box, role, size, smallest, lines = _SPOTS[name]
        try:
            check_text(box, text, role, size, smallest, lines=lines, title=LABELS[name])
        except Refused as problem:
            problems.append(problem)
    return problems


def fields(face: AddressFace) -> dict[str, Field]:
    """What each field must read, and where, for the proof."""
    head = {name: Field(_SPOTS[name][0], text, _SPOTS[name][1]) for name, text in face.fields().items()}
    return {**head, **(fields_of(enclosed.spots(face.enclosed)) if face.enclosed else {})}


def draw(book: Book, face: AddressFace) -> PageEntry:
    """Appends the sheet to the book.

    Raises:
        MissingGlyphs, TextDoesNotFit: a field cannot be printed; nothing was added.
    """
    placed = _placed(face)
    pen = book.pen(SHEET)
    for text in placed:
        pen.put(text)
    for x_mm, y_mm, height_mm in barcode.rectangles_mm(face.barcode) if face.barcode else ():
        pen.fill(Box("", BARCODE.x_mm + x_mm, BARCODE.y_mm + y_mm, barcode.BAR_MM, height_mm), BLACK)
    rows = len(face.enclosed.rows) or None if face.enclosed else None
    stamp = book.stamp((KIND, rows), SHEET, partial(_paint, rows=rows))
    return book.add_page(pen, kind=KIND, reference=face.code, fields=fields(face), stamps=(stamp,))


def _paint(pen: Pen, rows: int | None) -> None:
    """Marks where the sheet is folded; the letter's table."""
    for y_mm in _FOLDS_MM:
        pen.line(4, y_mm, 9, y_mm, 0.1, LINE)
        pen.line(201, y_mm, 206, y_mm, 0.1, LINE)
    if rows is not None:
        enclosed.paint(pen, rows)
