"""How a letter stands on A4: the address where the envelope has its window, the sender with its seal, text, table.

Folded in three it fits the same window envelope as the address sheets. A table that is too long goes on overleaf.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from core.errors import Refused
from core.paper.book import Book, Field, PageEntry
from core.paper.draw import Align, Colour, Paragraph, Pen, Placed, fit_text, flow, seal_columns
from core.paper.fonts import Role
from core.paper.sheet import Box, Sheet, pt_to_mm
from core.paper.typeset import CENTRE, PADDING_MM, PADDING_Y_MM, TextDoesNotFit
from notices.letters.content import Column, Letter, Table

SHEET = Sheet(210, 297)
LINE: Colour = (0.45, 0.45, 0.50)
FAINT: Colour = (0.55, 0.55, 0.55)
TINT: Colour = (0.94, 0.94, 0.96)
LEFT, WIDTH = 24.0, 162.0
BODY_TOP, NEXT_TOP, BOTTOM = 92.0, 34.0, 276.0
ROW_MM, HEAD_MM, GAP_MM = 9.0, 7.0, 5.0
TEXT_PT: Final = 11.0
"""Everything that is read, for a reader of 75; only a long text in a table's cell may be smaller. Source: print.md."""
LEADING, GAP = 1.65, 0.5
FOLDS_MM = (99.0, 198.0)
SEAL = Box("seal", 167, 27, 19, 19)

LABELS: Final = {
    "postal_code": "郵便番号",
    "address": "送付先の住所",
    "recipient": "あて名",
    "second_line": "あて名の二行目",
    "issued_on": "日付",
    "code": "文書番号",
    "sender_name": "保険者名称",
    "sender_address": "保険者所在地",
    "sender_phone": "電話番号",
    "title": "表題",
    "body": "本文",
    "after": "結び",
}

# Box, role, size and smallest size in points, lines, alignment. The window shows x 24–104, y 20–59.
_HEAD: dict[str, tuple[Box, Role, float, float, int, Align]] = {
    "postal_code": (Box("postal_code", 24, 20, 60, 6), "label", 12, 10, 1, "left"),
    "address": (Box("address", 24, 26, 80, 15), "name", 11, 7, 3, "left"),
    "recipient": (Box("recipient", 24, 42, 80, 11), "name", 15, 8, 2, "left"),
    "second_line": (Box("second_line", 24, 53, 80, 6), "name", 12, 8, 1, "left"),
    "issued_on": (Box("issued_on", 126, 12, 60, 5.5), "label", 10, 9, 1, "right"),
    "code": (Box("code", 106, 17.5, 80, 5.5), "label", 9, 7, 1, "right"),
    "sender_name": (Box("sender_name", 110, 31, 56, 11), "label_bold", 12, 7, 2, "right"),
    "sender_address": (Box("sender_address", 110, 47, 76, 9), "label", 9, 6, 2, "right"),
    "sender_phone": (Box("sender_phone", 110, 56, 76, 5), "label", 9, 8, 1, "right"),
    "title": (Box("title", LEFT, 72, WIDTH, 11), "label_bold", 16, 11, 1, "center"),
}
_NEXT: dict[str, tuple[Box, Role, float, float, int, Align]] = {
    "title": (Box("title", LEFT, 18, 112, 9), "label_bold", 13, 9, 1, "left"),
    "code": (Box("code", 140, 18, 46, 9), "label", 9, 7, 1, "right"),
}
_PAGE = Box("page", 126, 283, 60, 5)


@dataclass(slots=True)
class Page:
    """One page: fitted text, what each field must read, the table's place and its rows."""

    placed: list[Placed] = field(default_factory=list)
    fields: dict[str, Field] = field(default_factory=dict)
    seal: str = ""
    table: Table | None = None
    table_top_mm: float = 0.0
    rows: int = 0

    def put(
        self, box: Box, text: str, role: Role, size: float, smallest: float, lines: int, align: Align, title: str
    ) -> None:
        """Fits one field; see ``fit_text`` for what it raises."""
        self.placed.append(fit_text(box, text, role, size, smallest, lines=lines, align=align, title=title))
        self.fields[box.name] = Field(box, text, role)

    def flow(self, name: str, block: _Block, y_mm: float) -> float:
        """Sets a block of paragraphs from ``y_mm`` down; answers where it ends."""
        lines = tuple(replace(line, baseline_mm=round(line.baseline_mm + y_mm, 4)) for line in block.placed.lines)
        self.placed.append(replace(block.placed, lines=lines))
        box = Box(name, LEFT, y_mm, WIDTH, block.height_mm)
        self.fields[name] = Field(box, block.text, block.placed.role)
        return box.bottom_mm


@dataclass(frozen=True, slots=True)
class _Block:
    """Paragraphs set from y = 0, how high they are, and how they read."""

    placed: Placed
    height_mm: float
    text: str


def _block(texts: Sequence[Paragraph], title: str) -> _Block | None:
    if not texts:
        return None
    column = Box(title, LEFT, 0, WIDTH, 1000)
    placed = flow((column,), texts, "label", TEXT_PT, TEXT_PT, leading=LEADING, gap=GAP, title=title)
    height = placed.lines[-1].baseline_mm + pt_to_mm(TEXT_PT) * (0.5 - CENTRE) + 2 * PADDING_Y_MM
    return _Block(placed, height, "".join(paragraph.mark + paragraph.text for paragraph in texts))


def compose(letter: Letter) -> list[Page]:
    """The pages of the letter, the back last.

    Raises:
        MissingGlyphs, TextDoesNotFit: a field cannot be printed.
    """
    body, after = _block(letter.body, LABELS["body"]), _block(letter.after, LABELS["after"])
    chunks = _chunks(letter, body, after)
    pages = []
    for number, rows in enumerate(chunks, start=1):
        page = Page()
        top = _first_page(page, letter, body) if number == 1 else _next_page(page, letter)
        if rows:
            assert letter.table is not None
            _put_rows(page, replace(letter.table, rows=rows), top, sum(map(len, chunks[: number - 1])))
            top += HEAD_MM + ROW_MM * len(rows) + GAP_MM
        if number == len(chunks) and after is not None:
            page.flow("after", after, top)
        if len(chunks) > 1:
            page.put(_PAGE, f"{number}/{len(chunks)}ページ", "label", 9, 8, 1, "right", "ページ")
        pages.append(page)
    return [*pages, _back(letter, letter.overleaf)] if letter.overleaf else pages


def _chunks(letter: Letter, body: _Block | None, after: _Block | None) -> list[tuple[tuple[str, ...], ...]]:
    """The table's rows of each page; the last page has room for what comes after the table.

    Raises:
        TextDoesNotFit: what is not table is too long by itself.
    """
    room = BOTTOM - BODY_TOP - (body.height_mm + GAP_MM if body else 0)
    if room < 0:
        raise TextDoesNotFit(LABELS["body"])
    tail = after.height_mm if after else 0.0
    rest = letter.table.rows if letter.table else ()
    chunks: list[tuple[tuple[str, ...], ...]] = []
    while _table_mm(len(rest)) + tail > room:
        # A row is kept for the last page, so that no closing stands alone.
        taken = max(0, min(int((room - HEAD_MM) / ROW_MM), len(rest) - 1))
        if chunks and not taken:
            raise TextDoesNotFit(LABELS["after"])
        chunks.append(rest[:taken])
        rest, room = rest[taken:], BOTTOM - NEXT_TOP
    return [*chunks, rest]


def _table_mm(rows: int) -> float:
    return HEAD_MM + ROW_MM * rows + GAP_MM if rows else 0.0


def _first_page(page: Page, letter: Letter, body: _Block | None) -> float:
    for name, text in letter.head().items():
        box, role, size, smallest, lines, align = _HEAD[name]
        page.put(box, text, role, size, smallest, lines, align, LABELS[name])
    page.seal = letter.sender.name
    name = "".join(itertools.chain.from_iterable(seal_columns(letter.sender.name)))
    page.fields["seal"] = Field(SEAL, name, "name")
    return page.flow("body", body, BODY_TOP) + GAP_MM if body else BODY_TOP


def _back(letter: Letter, table: Table) -> Page:
    page = Page()
    _put_rows(page, table, _next_page(page, letter, "裏面"), 0)
    return page


def _next_page(page: Page, letter: Letter, which: str = "続き") -> float:
    for name, text in (("title", f"{letter.title}（{which}）"), ("code", letter.code)):
        box, role, size, smallest, lines, align = _NEXT[name]
        page.put(box, text, role, size, smallest, lines, align, LABELS[name])
    return NEXT_TOP


def _put_rows(page: Page, table: Table, top_mm: float, before: int) -> None:
    page.table, page.table_top_mm, page.rows = table, top_mm, len(table.rows)
    for line, row in enumerate(table.rows):
        y_mm = top_mm + HEAD_MM + line * ROW_MM
        for (box, column), text in zip(_cells(table, y_mm, ROW_MM), row, strict=True):
            if not text:
                continue
            named = replace(box, name=f"row{before + line + 1}_{table.columns.index(column) + 1}").inset(1, 0.75)
            title = row[0] if table.row_heads else column.label
            page.put(named, text, column.role, TEXT_PT, 5, 2, column.align, title)


def _cells(table: Table, y_mm: float, height_mm: float) -> Iterator[tuple[Box, Column]]:
    x_mm = LEFT
    for column in table.columns:
        yield Box("", x_mm, y_mm, column.width_mm, height_mm), column
        x_mm += column.width_mm


def check(letter: Letter) -> list[Refused]:
    """What keeps the letter from being printed, named by field; empty when nothing does."""
    try:
        compose(letter)
    except Refused as problem:
        return [problem]
    return []


def draw(book: Book, letter: Letter) -> list[PageEntry]:
    """Appends the letter to the book.

    Raises:
        MissingGlyphs, TextDoesNotFit: a field cannot be printed; nothing was added.
    """
    entries = []
    stamp = book.stamp("letter folds", SHEET, paint_folds)
    for page in compose(letter):
        pen = book.pen(SHEET)
        _paint_table(pen, page)
        if page.seal:
            pen.seal(SEAL, page.seal)
        for text in page.placed:
            pen.put(text)
        entries.append(
            book.add_page(pen, kind=letter.kind, reference=letter.reference, fields=page.fields, stamps=(stamp,))
        )
    return entries


def _paint_table(pen: Pen, page: Page) -> None:
    if page.table is None:
        return
    top, bottom = page.table_top_mm, page.table_top_mm + HEAD_MM + page.rows * ROW_MM
    width = sum(column.width_mm for column in page.table.columns)
    pen.fill(Box("", LEFT, top, width, HEAD_MM), TINT)
    for box, column in _cells(page.table, top, HEAD_MM):
        pen.text(box.inset(PADDING_MM, 0), column.label, "label", 8.5, min_size_pt=6, align="center")
    for x_mm in [*(box.x_mm for box, _ in _cells(page.table, top, HEAD_MM)), LEFT + width]:
        pen.line(x_mm, top, x_mm, bottom, 0.1, LINE)
    for y_mm in (top, *(top + HEAD_MM + n * ROW_MM for n in range(page.rows + 1))):
        pen.line(LEFT, y_mm, LEFT + width, y_mm, 0.1, LINE)


def paint_folds(pen: Pen) -> None:
    """Marks where the sheet is folded."""
    for y_mm in FOLDS_MM:
        pen.line(4, y_mm, 9, y_mm, 0.1, FAINT)
        pen.line(201, y_mm, 206, y_mm, 0.1, FAINT)
