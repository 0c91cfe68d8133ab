"""配付対象者一覧: the list on top of an establishment's bundle, with the receipt to send back.

In front of it lies the 送付内訳, and before all lists the dispatch's 差出内訳 (mailing.papers.layouts.packing). The list
says who gets an envelope and how many sheets, never why; nobody protected stands on it (mailing.envelopes).
Source: print.md "Letters".
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from typing import Final

from core.calendar import wareki
from core.errors import Refused
from core.paper.book import Book, Field, PageEntry
from core.paper.draw import Align, Colour, Pen
from core.paper.fonts import Role
from core.paper.sheet import Box, Sheet
from mailing.papers import kinds
from mailing.papers.layouts import packing
from mailing.papers.layouts.packing import Content, PackingFace, PostingFace
from mailing.papers.layouts.spots import Spot, Style, fields_of, fit, refusals, spot

KIND = "cover"
SHEET = Sheet(210, 297)
TITLE: Final = "配付対象者一覧"
RECEIPT: Final = "受領書"
LINE: Colour = (0.40, 0.40, 0.45)
TINT: Colour = (0.94, 0.94, 0.96)
LEFT, WIDTH = 18.0, 174.0
TOP_MM, ROW_MM, HEAD_MM = 69.0, 7.7, 7.0
ROWS_ON_PAGE, ROWS_ON_LAST = 26, 18
RECEIPT_TOP_MM = 222.0

# Field, label, width in mm, role, size, smallest size, lines, alignment
COLUMNS: tuple[tuple[str, str, float, Role, float, float, int, Align], ...] = (
    ("position", "順", 13, "label", 9, 7, 1, "right"),
    ("code", "封筒番号", 35, "label", 9, 7, 1, "center"),
    ("symbol", "記号", 29, "label", 9.5, 5, 2, "left"),
    ("number", "番号", 27, "label", 9.5, 5, 2, "left"),
    ("name", "氏名", 56, "name", 11, 5, 2, "left"),
    ("sheets", "枚数", 14, "label", 9.5, 8, 1, "right"),
)


@dataclass(frozen=True, slots=True)
class CoverRow:
    """One envelope on the list: the insured person's number and name, and how many sheets are in it.

    ``documents``: the sheets by kind, in the order of ``kinds.every``.
    """

    position: int
    code: str
    symbol: str
    number: str
    name: str
    documents: tuple[int, ...]

    @property
    def sheets(self) -> int:
        return sum(self.documents)

    def texts(self) -> dict[str, str]:
        return {
            "position": str(self.position),
            "code": self.code,
            "symbol": self.symbol,
            "number": self.number,
            "name": self.name,
            "sheets": f"{self.sheets}枚",
        }


@dataclass(frozen=True, slots=True)
class CoverFace:
    """The list of one establishment. ``hand_over_by``: day by which the envelopes should be with the members."""

    dispatch_id: int
    establishment_code: str
    establishment_name: str
    society: str
    issued_on: date
    hand_over_by: date
    rows: tuple[CoverRow, ...]

    @property
    def sheets(self) -> int:
        return sum(row.sheets for row in self.rows)

    @property
    def packing(self) -> PackingFace:
        """The page in front of the list."""
        documents = tuple(sum(row.documents[n] for row in self.rows) for n in range(len(kinds.every())))
        codes = [row.code for row in self.rows] or [""]
        content = Content(documents, len(self.rows), codes[0], codes[-1])
        return PackingFace(
            self.dispatch_id, self.establishment_code, self.establishment_name, self.society, self.issued_on, content
        )

    def pages(self) -> list[tuple[CoverRow, ...]]:
        """The rows of each page; the last one leaves room for the receipt."""
        pages, rest = [], self.rows
        while len(rest) > ROWS_ON_LAST:
            # A row is left for the last page, so that no receipt stands alone.
            taken = min(ROWS_ON_PAGE, len(rest) - 1)
            pages.append(rest[:taken])
            rest = rest[taken:]
        return [*pages, rest]

    def head(self, number: int, count: int) -> dict[str, str]:
        """The texts above the table of page ``number`` of ``count``."""
        by = f"{self.hand_over_by.month}月{self.hand_over_by.day}日"
        return {
            "title": TITLE,
            "establishment": f"{self.establishment_name} 御中",
            "establishment_code": f"事業所コード {self.establishment_code}",
            "issued_on": wareki(self.issued_on),
            "society": self.society,
            "page": f"発送 {self.dispatch_id}　{number}/{count}ページ",
            "request": f"封を開けずに、{by}までに本人へ渡してください。退職した方の分は返信用封筒で返してください。",
            "total": f"封筒 {len(self.rows)}通　枚数 {self.sheets}枚",
        }

    def receipt(self) -> dict[str, str]:
        """The texts of the slip that comes back."""
        return {
            "receipt_title": RECEIPT,
            "receipt_to": f"{self.society} 御中",
            "receipt_text": f"発送 {self.dispatch_id} の封筒 {len(self.rows)}通（{self.sheets}枚）を受け取りました。",
            "receipt_from": f"{self.establishment_code}　{self.establishment_name}",
        }


_HEAD: dict[str, Style] = {
    "title": (Box("title", LEFT, 15, 100, 10), "label_bold", 18, 18, 1, "left"),
    "issued_on": (Box("issued_on", 132, 15, 60, 5.5), "label", 10, 10, 1, "right"),
    "page": (Box("page", 132, 20.5, 60, 5.5), "label", 9, 8, 1, "right"),
    "establishment": (Box("establishment", LEFT, 28, 110, 10), "name", 14, 7, 2, "left"),
    "establishment_code": (Box("establishment_code", LEFT, 38, 110, 5.5), "label", 9, 6, 1, "left"),
    "society": (Box("society", 132, 30, 60, 10), "label", 10, 6, 2, "right"),
    "request": (Box("request", LEFT, 46, WIDTH, 13), "label_bold", 11.5, 10, 2, "left"),
    "total": (Box("total", 110, 61, 82, 7), "label_bold", 11, 8, 1, "right"),
}
_RECEIPT: dict[str, Style] = {
    "receipt_title": (Box("receipt_title", LEFT, RECEIPT_TOP_MM + 5, WIDTH, 9), "label_bold", 16, 16, 1, "center"),
    "receipt_to": (Box("receipt_to", LEFT, RECEIPT_TOP_MM + 15, 120, 7), "label", 11, 7, 1, "left"),
    "receipt_text": (Box("receipt_text", LEFT, RECEIPT_TOP_MM + 24, WIDTH, 7), "label", 11, 9, 1, "left"),
    "receipt_from": (Box("receipt_from", LEFT + 32, RECEIPT_TOP_MM + 46, 90, 9), "name", 11, 6, 2, "left"),
}


def _cells(y_mm: float) -> Iterator[tuple[str, str, Style]]:
    """Field, label and place of each cell of a line that begins at ``y_mm``."""
    x_mm = LEFT
    for name, label, width, role, size, smallest, lines, align in COLUMNS:
        box = Box(name, x_mm, y_mm, width, ROW_MM).inset(1, 0.75)
        yield name, label, (box, role, size, smallest, lines, align)
        x_mm += width


_CELLS: Final = tuple(_cells(TOP_MM + HEAD_MM))


def _row_spots(rows: Sequence[CoverRow]) -> Iterator[Spot]:
    for line, row in enumerate(rows):
        texts = row.texts()
        for name, label, style in _cells(TOP_MM + HEAD_MM + line * ROW_MM):
            box = replace(style[0], name=f"row{row.position}_{name}")
            yield spot((box, *style[1:]), texts[name], title=label)


def _spots(face: CoverFace, number: int, pages: Sequence[Sequence[CoverRow]]) -> list[Spot]:
    """Everything that stands on page ``number`` (from 1) of the list."""
    last = number == len(pages)
    texts = {**face.head(number, len(pages)), **(face.receipt() if last else {})}
    fixed = [spot((_HEAD | _RECEIPT)[name], text, title=TITLE) for name, text in texts.items()]
    return [*fixed, *_row_spots(pages[number - 1])]


def _all_spots(face: CoverFace | PostingFace) -> list[list[Spot]]:
    """The same for every page, the 送付内訳 included."""
    if isinstance(face, PostingFace):
        return [packing.spots(face)]
    pages = face.pages()
    listed = [_spots(face, number, pages) for number in range(1, len(pages) + 1)]
    return [packing.spots(face.packing), *listed]


def check(face: CoverFace) -> list[Refused]:
    """Everything that keeps this list from being printed; empty when nothing does."""
    return [problem for page in _all_spots(face) for problem in refusals(page)]


def check_row(row: CoverRow) -> list[Refused]:
    """Everything that keeps one line from being printed; empty when nothing does."""
    texts = row.texts()
    return refusals(spot(style, texts[name], title=label) for name, label, style in _CELLS)


def fields(face: CoverFace | PostingFace) -> list[dict[str, Field]]:
    """What each field of each page must read, and where, for the proof."""
    return [dict(fields_of(page)) for page in _all_spots(face)]


def draw(book: Book, face: CoverFace | PostingFace) -> list[PageEntry]:
    """Appends the 差出内訳, or the 送付内訳 and list of one establishment, to the book.

    Raises:
        MissingGlyphs, TextDoesNotFit: a field cannot be printed; nothing was added.
    """
    if isinstance(face, PostingFace):
        return [packing.draw(book, face)]
    pages = face.pages()
    spotted = [_spots(face, number, pages) for number in range(1, len(pages) + 1)]
    fitted = [[fit(found) for found in page] for page in spotted]
    entries = [packing.draw(book, face.packing)]
    for index, (rows, placed) in enumerate(zip(pages, fitted, strict=True)):
        last = index == len(pages) - 1
        stamp = book.stamp((KIND, len(rows), last), SHEET, partial(_paint, rows=len(rows), last=last))
        pen = book.pen(SHEET)
        for text in placed:
            pen.put(text)
        expected = fields_of(spotted[index])
        entries.append(
            book.add_page(pen, kind=KIND, reference=face.establishment_code, fields=expected, stamps=(stamp,))
        )
    return entries


def _paint(pen: Pen, rows: int, last: bool) -> None:
    """The table's head and lines, and on the last page the receipt's."""
    if rows:
        pen.fill(Box("", LEFT, TOP_MM, WIDTH, HEAD_MM), TINT)
        x_mm = LEFT
        for _, label, width, *_ in COLUMNS:
            pen.text(Box("", x_mm, TOP_MM, width, HEAD_MM), label, "label", 8.5, align="center")
            x_mm += width
        for line in range(rows + 2):
            y_mm = TOP_MM + (HEAD_MM + (line - 1) * ROW_MM if line else 0)
            pen.line(LEFT, y_mm, LEFT + WIDTH, y_mm, 0.1, LINE)
    if last:
        _paint_receipt(pen)


def _paint_receipt(pen: Pen) -> None:
    x_mm = LEFT
    while x_mm < LEFT + WIDTH:
        pen.line(x_mm, RECEIPT_TOP_MM, min(x_mm + 2, LEFT + WIDTH), RECEIPT_TOP_MM, 0.12, LINE)
        x_mm += 4
    pen.text(Box("", 88, RECEIPT_TOP_MM - 5, 34, 4.5), "切り取って返送してください", "label", 7.5, min_size_pt=6)
    y_mm = RECEIPT_TOP_MM
    pen.text(Box("", LEFT, y_mm + 36, 30, 7), "受領日", "label", 10)
    pen.text(Box("", LEFT + 32, y_mm + 36, 70, 7), "令和　　年　　月　　日", "label", 10)
    pen.text(Box("", LEFT, y_mm + 47, 30, 7), "事業所", "label", 10)
    pen.text(Box("", LEFT, y_mm + 58, 30, 7), "受領者", "label", 10)
    pen.line(LEFT + 32, y_mm + 65, LEFT + 122, y_mm + 65, 0.1, LINE)
