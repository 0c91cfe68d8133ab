"""配付予定一覧: who of an establishment will receive what, sent ahead; no ground, nobody protected.

Source: print.md "Letters".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Final

from core.calendar import wareki
from core.paper.book import Book, PageEntry
from core.paper.draw import Align, Colour, Pen
from core.paper.fonts import Role
from core.paper.sheet import Box, Sheet
from mailing.papers.layouts.spots import Spot, Style, fields_of, fit, spot

SHEET = Sheet(210, 297)
TITLE: Final = "配付予定一覧"
REQUEST: Final = (
    "次の方に書類をお送りします。退職した方など、お渡しできない方がいるときは、届く前に当組合へお知らせください。"
)
LINE: Colour = (0.40, 0.40, 0.45)
TINT: Colour = (0.94, 0.94, 0.96)
LEFT, WIDTH = 18.0, 174.0
TOP_MM, ROW_MM, HEAD_MM, ROWS = 69.0, 7.7, 7.0, 27

# Field, label, width in mm, role, size, smallest size, lines, alignment
COLUMNS: tuple[tuple[str, str, float, Role, float, float, int, Align], ...] = (
    ("symbol", "記号", 24, "label", 9.5, 5, 2, "left"),
    ("number", "番号", 24, "label", 9.5, 5, 2, "left"),
    ("branch", "枝番", 13, "label", 9.5, 5, 1, "center"),
    ("name", "氏名", 55, "name", 11, 5, 2, "left"),
    ("documents", "お送りする書類", 58, "label", 9, 6, 2, "left"),
)


@dataclass(frozen=True, slots=True)
class AheadRow:
    """One person and what that person will receive."""

    symbol: str
    number: str
    branch: str
    name: str
    documents: str


@dataclass(frozen=True, slots=True)
class AheadFace:
    """The list of one establishment."""

    establishment_code: str
    establishment_name: str
    society: str
    issued_on: date
    rows: tuple[AheadRow, ...]

    def pages(self) -> list[tuple[AheadRow, ...]]:
        return [self.rows[start : start + ROWS] for start in range(0, len(self.rows), ROWS)]

    def head(self, number: int, count: int) -> dict[str, str]:
        """The texts above the table of page ``number`` of ``count``."""
        return {
            "title": TITLE,
            "issued_on": wareki(self.issued_on),
            "page": f"{number}/{count}ページ",
            "establishment": f"{self.establishment_name} 御中",
            "establishment_code": f"事業所コード {self.establishment_code}",
            "society": self.society,
            "request": REQUEST,
            "total": f"{len(self.rows):,}人",
        }


_HEAD: dict[str, Style] = {
    "title": (Box("title", LEFT, 15, 100, 10), "label_bold", 18, 18, 1, "left"),
    "issued_on": (Box("issued_on", 132, 15, 60, 5.5), "label", 10, 10, 1, "right"),
    "page": (Box("page", 132, 20.5, 60, 5.5), "label", 9, 8, 1, "right"),
    "establishment": (Box("establishment", LEFT, 28, 110, 10), "name", 14, 7, 2, "left"),
    "establishment_code": (Box("establishment_code", LEFT, 38, 110, 5.5), "label", 9, 6, 1, "left"),
    "society": (Box("society", 132, 30, 60, 10), "label", 10, 6, 2, "right"),
    "request": (Box("request", LEFT, 46, WIDTH, 13), "label", 10.5, 9, 2, "left"),
    "total": (Box("total", 110, 61, 82, 7), "label_bold", 11, 8, 1, "right"),
}


def _spots(face: AheadFace, number: int, pages: Sequence[Sequence[AheadRow]]) -> list[Spot]:
    found = [spot(_HEAD[name], text, title=TITLE) for name, text in face.head(number, len(pages)).items()]
    for line, row in enumerate(pages[number - 1]):
        x_mm = LEFT
        for name, label, width, role, size, smallest, lines, align in COLUMNS:
            box = Box(f"row{line + 1}_{name}", x_mm, TOP_MM + HEAD_MM + line * ROW_MM, width, ROW_MM)
            found.append(Spot(box.inset(1, 0.75), getattr(row, name), role, size, smallest, lines, align, label))
            x_mm += width
    return found


def draw(book: Book, face: AheadFace) -> list[PageEntry]:
    """Appends the list of one establishment to the book.

    Raises:
        MissingGlyphs, TextDoesNotFit: a field cannot be printed; nothing was added.
    """
    pages = face.pages()
    spotted = [[found for found in _spots(face, n, pages) if found.text] for n in range(1, len(pages) + 1)]
    fitted = [[fit(found) for found in page] for page in spotted]
    entries = []
    for rows, expected, placed in zip(pages, spotted, fitted, strict=True):
        stamp = book.stamp(len(rows), SHEET, partial(_paint, rows=len(rows)))
        pen = book.pen(SHEET)
        for text in placed:
            pen.put(text)
        fields = fields_of(expected)
        entries.append(
            book.add_page(pen, kind="ahead", reference=face.establishment_code, fields=fields, stamps=(stamp,))
        )
    return entries


def _paint(pen: Pen, rows: int) -> None:
    """The table's head and lines."""
    pen.fill(Box("", LEFT, TOP_MM, WIDTH, HEAD_MM), TINT)
    x_mm = LEFT
    for _, label, width, *_ in COLUMNS:
        pen.text(Box("", x_mm, TOP_MM, width, HEAD_MM), label, "label", 8.5, align="center")
        x_mm += width
    for line in range(rows + 2):
        y_mm = TOP_MM + (HEAD_MM + (line - 1) * ROW_MM if line else 0)
        pen.line(LEFT, y_mm, LEFT + WIDTH, y_mm, 0.1, LINE)
