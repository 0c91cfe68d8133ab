"""送付状: under the address, what lies in the envelope, until when each paper serves, and why it was sent.

Who is not named must not be told of: somebody protected rides alone, and then no family is spoken of.
Source: print.md "Letters" (Household); rules.md §4 (successor), §10.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from core.paper.draw import Align, Colour, Pen
from core.paper.fonts import Role
from core.paper.sheet import Box
from core.paper.typeset import PADDING_MM, break_lines
from mailing.papers.layouts.spots import Spot, Style, spot

LINE: Colour = (0.40, 0.40, 0.45)
TINT: Colour = (0.94, 0.94, 0.96)
LEFT, WIDTH = 24.0, 162.0
TOP_MM, HEAD_MM, ROW_MM = 122.0, 7.0, 8.4
MOST_ROWS: Final = 14
"""Rows that the sheet holds; as many papers fit into one envelope (policy ``max_sheets_per_envelope``)."""
TITLE: Final = "送付状"
TEXT_PT: Final = 11.0
"""What is read, for a reader of 75; only a long text in a table's cell may be smaller. Source: print.md."""

# Field, label, width in mm, role, size, smallest size, lines
COLUMNS: tuple[tuple[str, str, float, Role, float, float, int], ...] = (
    ("name", "氏名", 40, "name", TEXT_PT, 5, 2),
    ("document", "同封した書類", 38, "label", TEXT_PT, 7, 1),
    ("last_day", "有効期限", 42, "label", TEXT_PT, 7, 2),
    ("reason", "理由", 42, "label", TEXT_PT, 6, 2),
)
_TITLE: Style = (Box("letter_title", LEFT, 104, WIDTH, 11), "label_bold", 15, 12, 1, "left")
_LINE_MM, _GAP_MM, _NOTES_END_MM = 5.6, 1.6, 277.0
_LEAST: Final = 0.75
"""How far the notes may be pressed together where the table leaves little room."""


@dataclass(frozen=True, slots=True)
class EnclosedRow:
    """One paper: whose, which, its last day (empty: none), why."""

    name: str
    document: str
    last_day: str
    reason: str


@dataclass(frozen=True, slots=True)
class Note:
    """A sentence under the table; ``role``: the typeface, that of names where one stands in it."""

    text: str
    role: Role = "label"

    def lines(self) -> list[str]:
        """Its text as it is set."""
        width = WIDTH - 2 * PADDING_MM
        return [line.rstrip() for line in break_lines(self.text, self.role, TEXT_PT, width)]


@dataclass(frozen=True, slots=True)
class EnclosedFace:
    """The letter's texts; ``rows`` in the order in which the papers lie in the envelope."""

    title: str
    rows: tuple[EnclosedRow, ...]
    notes: tuple[Note, ...] = ()


def spots(face: EnclosedFace) -> Iterator[Spot]:
    """Every text of the letter in its place."""
    yield spot(_TITLE, face.title, title=TITLE)
    for number, row in enumerate(face.rows, start=1):
        yield from row_spots(row, number)
    top = _notes_top_mm(len(face.rows))
    align: Align = "left"
    scale = min(1.0, (_NOTES_END_MM - top) / max(1.0, _height_mm(face.notes)))
    for number, note in enumerate(face.notes, start=1):
        for line, text in enumerate(note.lines(), start=1):
            box = Box(f"note{number}_{line}", LEFT, top, WIDTH, _LINE_MM * scale)
            yield Spot(box, text, note.role, TEXT_PT, TEXT_PT, 1, align, TITLE)
            top = box.bottom_mm
        top += _GAP_MM * scale


def _height_mm(notes: Iterable[Note]) -> float:
    return sum(len(note.lines()) * _LINE_MM + _GAP_MM for note in notes)


def _notes_top_mm(rows: int) -> float:
    return TOP_MM + HEAD_MM + rows * ROW_MM + 4


def have_room(notes: Iterable[Note], rows: int) -> bool:
    """Whether these sentences fit under a table of so many rows."""
    return _height_mm(notes) * _LEAST <= _NOTES_END_MM - _notes_top_mm(rows)


def row_spots(row: EnclosedRow, number: int) -> Iterator[Spot]:
    """One line of the table."""
    x_mm, y_mm = LEFT, TOP_MM + HEAD_MM + (number - 1) * ROW_MM
    for name, label, width, role, size, smallest, lines in COLUMNS:
        text = getattr(row, name)
        if text:
            box = Box(f"row{number}_{name}", x_mm, y_mm, width, ROW_MM).inset(1, 0.7)
            yield Spot(box, text, role, size, smallest, lines, "left", label)
        x_mm += width


def paint(pen: Pen, rows: int) -> None:
    """The table's head and lines."""
    pen.fill(Box("", LEFT, TOP_MM, WIDTH, HEAD_MM), TINT)
    x_mm = LEFT
    for _, label, width, *_ in COLUMNS:
        pen.text(Box("", x_mm, TOP_MM, width, HEAD_MM).inset(1, 0), label, "label", 8.5)
        x_mm += width
    for line in range(rows + 2):
        y_mm = TOP_MM + (HEAD_MM + (line - 1) * ROW_MM if line else 0)
        pen.line(LEFT, y_mm, LEFT + WIDTH, y_mm, 0.1, LINE)
