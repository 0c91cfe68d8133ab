"""Reports on A4: a title, boxes for signs, tables with their head on every page; written page by page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

from core.calendar import wareki
from core.paper.book import Book
from core.paper.draw import Colour, Pen, fit_text
from core.paper.fonts import Role, clusters, missing
from core.paper.sheet import Box, Sheet
from kenpo.reports.table import Cell, Column, Report, Table

UPRIGHT, WIDE = Sheet(210, 297), Sheet(297, 210)
MARGIN, FOOT = 15.0, 14.0
ROW, HEAD, TITLE = 7.0, 7.5, 9.0
SEAL_WIDTH, SEAL_HEIGHT, SEAL_HEAD = 20.0, 24.0, 5.5
LINE: Final[Colour] = (0.40, 0.40, 0.45)
TINT: Final[Colour] = (0.94, 0.94, 0.96)
SMALLEST, MOST_LINES = 2.0, 6  # the longest name that is taken (200 characters) still fits its column
GETA: Final = "〓"
GETA_NOTE: Final = "〓は印刷できない字です。画面の氏名で確かめてください。"


def shown(cell: Cell) -> str:
    """A cell as paper and pages say it."""
    if cell is None:
        return ""
    if isinstance(cell, date):
        return wareki(cell)
    return f"{cell:,}" if isinstance(cell, int) else cell


def write_pdf(report: Report, path: Path) -> int:
    """Writes the report and answers its pages. A character without a glyph stands as 〓 and the foot says so."""
    with Book(path, title=report.title) as book:
        paper = _Paper(book, report)
        for table in report.tables:
            paper.table(table)
        paper.close()
        return book.page_count


@dataclass(slots=True)
class _Paper:
    """The page under the pen and how far down it is filled."""

    book: Book
    report: Report
    pen: Pen | None = None
    y: float = 0.0
    geta: bool = False

    @property
    def sheet(self) -> Sheet:
        return WIDE if self.report.wide else UPRIGHT

    @property
    def width(self) -> float:
        return self.sheet.width_mm - 2 * MARGIN

    @property
    def bottom(self) -> float:
        return self.sheet.height_mm - FOOT

    def table(self, table: Table) -> None:
        """Its title, head and rows; the head again on every further page."""
        widths = self._widths(table.columns)
        self._need(TITLE + HEAD + 2 * ROW)
        if table.title:
            self._say(table.title, "label_bold", 11, TITLE)
        if table.note:
            self.y -= 1.5
            self._say(table.note, "label", 8.5, 5)
        count = 0
        for row in table.rows:
            if count == 0 or self.y + ROW > self.bottom:
                self._need(HEAD + ROW)
                self._head(table, widths)
            self._row(table, widths, row)
            count += 1
        if count == 0:
            self._say(table.empty, "label", 10, ROW)
        self.y += 3

    def close(self) -> None:
        """Ends the page under the pen."""
        if self.pen is None:
            self._begin()
        assert self.pen is not None
        if self.geta:
            box = Box("", MARGIN, self.bottom + 1, self.width - 40, 5)
            self.pen.text(box, GETA_NOTE, "label", 8)
        box = Box("", MARGIN + self.width - 40, self.bottom + 1, 40, 5)
        self.pen.text(box, f"{self.book.page_count + 1}ページ", "label", 8, align="right")
        self.book.add_page(self.pen, kind="report", reference="")
        self.pen, self.geta = None, False

    def _need(self, height: float) -> None:
        if self.pen is not None and self.y + height > self.bottom:
            self.close()
        if self.pen is None:
            self._begin()

    def _begin(self) -> None:
        self.pen, self.y = self.book.pen(self.sheet), MARGIN
        first = self.book.page_count == 0
        right = f"{self.report.society}　{wareki(self.report.made_on)}作成"
        box = Box("", MARGIN + self.width / 2, self.y - 4, self.width / 2, 5)
        self._text(box, right, "label", 9, right=True)
        self.y += 2
        self._say(self.report.title, "label_bold", 16 if first else 10, 10 if first else 6)
        if first:
            if self.report.seals:
                self._seals()
            for line in self.report.about:
                self._say(line, "label", 10, 6)
        self.y += 2

    def _seals(self) -> None:
        """Boxes for the signs, to the right."""
        assert self.pen is not None
        left = MARGIN + self.width - SEAL_WIDTH * len(self.report.seals)
        for place, title in enumerate(self.report.seals):
            box = Box("", left + place * SEAL_WIDTH, self.y, SEAL_WIDTH, SEAL_HEIGHT)
            self.pen.outline(box, 0.15, LINE)
            self.pen.text(Box("", box.x_mm, box.y_mm, SEAL_WIDTH, SEAL_HEAD), title, "label", 9, align="center")
            self.pen.line(box.x_mm, box.y_mm + SEAL_HEAD, box.right_mm, box.y_mm + SEAL_HEAD, 0.1, LINE)
        self.y += SEAL_HEIGHT + 3

    def _widths(self, columns: Sequence[Column]) -> list[float]:
        whole = sum(column.share for column in columns)
        return [self.width * column.share / whole for column in columns]

    def _head(self, table: Table, widths: Sequence[float]) -> None:
        assert self.pen is not None
        self.pen.fill(Box("", MARGIN, self.y, self.width, HEAD), TINT)
        self._cells(table, widths, [(column.label, "label") for column in table.columns], HEAD)

    def _row(self, table: Table, widths: Sequence[float], row: Sequence[Cell]) -> None:
        roles: list[Role] = ["name" if column.name else "label" for column in table.columns]
        self._cells(table, widths, list(zip(map(shown, row), roles, strict=True)), ROW)

    def _cells(self, table: Table, widths: Sequence[float], texts: Sequence[tuple[str, Role]], height: float) -> None:
        """One line of the table with the rule under it."""
        assert self.pen is not None
        x = MARGIN
        for column, width, (text, role) in zip(table.columns, widths, texts, strict=True):
            box = Box("", x, self.y, width, height).inset(0.8, 0.6)
            if text:
                self._text(box, text, role, table.size_pt, right=column.number)
            x += width
        self.y += height
        self.pen.line(MARGIN, self.y, MARGIN + self.width, self.y, 0.1, LINE)

    def _say(self, text: str, role: Role, size: float, height: float) -> None:
        self._text(Box("", MARGIN, self.y, self.width, height), text, role, size)
        self.y += height

    def _text(self, box: Box, text: str, role: Role, size: float, *, right: bool = False) -> None:
        assert self.pen is not None
        if lacking := {glyph.character for glyph in missing(text, role)}:
            text, self.geta = "".join(GETA if one in lacking else one for one in clusters(text)), True
        align = "right" if right else "left"
        self.pen.put(fit_text(box, text, role, size, SMALLEST, lines=MOST_LINES, align=align))  # type: ignore[arg-type]
