"""What a layout is made of: tables of labelled cells, notes and fixed places, all in millimetres.

A form is data of these types; ``compose`` turns its tables into boxes for the fields a certificate really has,
so that a row without a field closes up instead of standing empty.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from core.paper.draw import Align
from core.paper.fonts import Role
from core.paper.sheet import Box, Sheet


@dataclass(frozen=True, slots=True)
class Style:
    """How a text is set: sizes in points, and on how many lines it may run."""

    role: Role = "label"
    size_pt: float = 9.0
    min_size_pt: float = 6.0
    lines: int = 1
    align: Align = "left"


@dataclass(frozen=True, slots=True)
class Cell:
    """A label and the field beside it. ``share``: the field's part of the width that the row's labels leave."""

    field: str
    label_mm: float
    style: Style = Style()
    share: float = 1.0
    strong: bool = False
    label: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """Cells side by side, ``height_mm`` high: more by ``stretch`` where the table has room, less where it is full.

    ``least_mm`` is what the smallest type needs; a fuller table takes from each row what lies above it.
    """

    height_mm: float
    cells: tuple[Cell, ...]
    stretch: float = 1.0
    least_mm: float = 0.0


@dataclass(frozen=True, slots=True)
class Table:
    """Rows down an area; ``ruled``: with lines between rows and a tinted label column."""

    area: Box
    rows: tuple[Row, ...]
    ruled: bool = True
    label_size_pt: float = 6.5
    max_stretch: float = 1.6
    gap_mm: float = 0.7


@dataclass(frozen=True, slots=True)
class Place:
    """A field at a fixed place, without label."""

    field: str
    box: Box
    style: Style


@dataclass(frozen=True, slots=True)
class Heading:
    """A text of the form itself."""

    text: str
    box: Box
    style: Style


@dataclass(frozen=True, slots=True)
class Rule:
    """A straight line between two points."""

    x1_mm: float
    y1_mm: float
    x2_mm: float
    y2_mm: float
    width_mm: float = 0.12


@dataclass(frozen=True, slots=True)
class Notes:
    """Numbered notes down one or more columns of equal width."""

    columns: tuple[Box, ...]
    size_pt: float
    min_size_pt: float
    leading: float = 1.3
    gap: float = 0.25


@dataclass(frozen=True, slots=True)
class Donation:
    """臓器提供意思表示: title with the sentence beside it, the items and exceptions, and the places to sign."""

    frame: Box
    title: Box
    voluntary: Box
    text: Box
    signatures: tuple[Box, ...]
    size_pt: float
    min_size_pt: float
    title_size_pt: float
    leading: float = 1.3
    gap: float = 0.25


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a form."""

    tables: tuple[Table, ...] = ()
    places: tuple[Place, ...] = ()
    headings: tuple[Heading, ...] = ()
    rules: tuple[Rule, ...] = ()
    frames: tuple[Box, ...] = ()
    band: Box | None = None
    qr: Box | None = None
    seal: Box | None = None
    notes: Notes | None = None
    donation: Donation | None = None
    ground: Box | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Form:
    """A form: its paper and its two sides. Each is itself only, so that it is a cheap key."""

    name: str
    sheet: Sheet
    front: Side
    back: Side

    def side(self, name: str) -> Side:
        """The side called ``front`` or ``back``."""
        return self.front if name == "front" else self.back


@dataclass(slots=True)
class Composed:
    """Where everything of one side stands for one set of fields."""

    fields: dict[str, tuple[Box, Style]] = field(default_factory=dict)
    labels: list[tuple[Box, str, float, bool]] = field(default_factory=list)
    tints: list[Box] = field(default_factory=list)
    rules: list[Rule] = field(default_factory=list)
    frames: list[Box] = field(default_factory=list)


def compose(side: Side, present: Iterable[str], labels: dict[str, str]) -> Composed:
    """Boxes of the side for a certificate that has the fields ``present``."""
    have = frozenset(present)
    composed = Composed(frames=list(side.frames), rules=list(side.rules))
    for place in side.places:
        if place.field in have:
            composed.fields[place.field] = (place.box, place.style)
    for table in side.tables:
        _compose_table(composed, table, have, labels)
    return composed


def _compose_table(composed: Composed, table: Table, have: frozenset[str], labels: dict[str, str]) -> None:
    rows = [(row, cells) for row in table.rows if (cells := _present(row, have))]
    area, y_mm = table.area, table.area.y_mm
    for number, ((_, cells), height) in enumerate(zip(rows, _heights(table, rows), strict=True)):
        _compose_row(composed, table, Box("", area.x_mm, y_mm, area.width_mm, height), cells, labels)
        y_mm += height
        if table.ruled and number < len(rows) - 1:
            composed.rules.append(Rule(area.x_mm, y_mm, area.right_mm, y_mm, 0.08))
    if table.ruled and rows:
        composed.frames.append(Box("", area.x_mm, area.y_mm, area.width_mm, y_mm - area.y_mm))


def _heights(table: Table, rows: list[tuple[Row, list[Cell]]]) -> list[float]:
    """How high each row is, so that together they fill the table as far as they may."""
    spare = table.area.height_mm - sum(row.height_mm for row, _ in rows)
    if not table.ruled:
        return [row.height_mm for row, _ in rows]
    gives = [row.height_mm * row.stretch if spare >= 0 else row.height_mm - row.least_mm for row, _ in rows]
    factor = min(spare / (sum(gives) or 1.0), table.max_stretch - 1)
    return [row.height_mm + give * factor for (row, _), give in zip(rows, gives, strict=True)]


def _present(row: Row, have: frozenset[str]) -> list[Cell]:
    """The row's cells that have a field; the first keeps the width of the row's first label, in line with the others."""
    cells = [cell for cell in row.cells if cell.field in have]
    if cells:
        first = cells[0]
        cells[0] = replace(first, label_mm=max(first.label_mm, row.cells[0].label_mm))
    return cells


def _compose_row(composed: Composed, table: Table, row: Box, cells: list[Cell], labels: dict[str, str]) -> None:
    spare = row.width_mm - sum(cell.label_mm for cell in cells)
    total = sum(cell.share for cell in cells)
    x_mm = row.x_mm
    for number, cell in enumerate(cells):
        label = Box(cell.field, x_mm, row.y_mm, cell.label_mm, row.height_mm)
        width = spare * cell.share / total
        composed.fields[cell.field] = (
            Box(cell.field, label.right_mm, row.y_mm, width, row.height_mm).inset(table.gap_mm, 0.15),
            cell.style,
        )
        composed.labels.append((label, cell.label or labels[cell.field], table.label_size_pt, cell.strong))
        if table.ruled:
            composed.tints.append(label)
            composed.rules.append(Rule(label.right_mm, row.y_mm, label.right_mm, row.bottom_mm, 0.05))
            if number:
                composed.rules.append(Rule(x_mm, row.y_mm, x_mm, row.bottom_mm, 0.08))
        x_mm = label.right_mm + width
