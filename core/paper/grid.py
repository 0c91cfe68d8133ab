"""Many small documents on one sheet of paper that is cut afterwards: places, cut marks and offsets, in millimetres.

The grid stands in the middle of the paper. Places count from 1 along the rows of the front; on the back they lie
mirrored, as the paper is turned over its long edge, so that every back lies behind its own front.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, NamedTuple

import jaconv

from core.errors import BadInput
from core.paper.draw import BLACK, Pen
from core.paper.sheet import Box, Sheet

FURTHEST_MM: Final = 5.0
"""How far an offset may go; beyond it marks and cards come too near the edge of the paper."""
MARK_GAP_MM, MARK_MM, MARK_WIDTH_MM = 2.0, 3.0, 0.1
"""Cut marks: how far from the document they begin, how long and how thick they are."""
REGISTER_MM: Final = 3.0
"""Size of the register marks; they stand on the paper's middle line, so front and back cover each other."""
_NUMBER = re.compile(r"[+-]?\d{1,3}(\.\d{1,2})?", re.ASCII)


class Offset(NamedTuple):
    """How far everything on one side is moved against a printer's drift: to the right and down, as one looks at it."""

    x_mm: float = 0.0
    y_mm: float = 0.0

    def __str__(self) -> str:
        return f"{self.x_mm:g},{self.y_mm:g}"


def read_offset(text: str) -> Offset:
    """An offset written ``X,Y`` in millimetres.

    Raises:
        BadInput: it is not two numbers, or further than ``FURTHEST_MM``.
    """
    plain = jaconv.z2h(text, kana=False, ascii=True, digit=True).replace("、", ",").replace("−", "-")
    parts = [part.strip() for part in plain.split(",")]
    if len(parts) != 2 or not all(map(_NUMBER.fullmatch, parts)):
        raise BadInput(
            f"ずれの補正「{text[:30]}」を読めません。右へのミリ数、下へのミリ数の順に、0.5,-0.3 のように入れてください。"
        )
    offset = Offset(*map(float, parts))
    if max(map(abs, offset)) > FURTHEST_MM:
        raise BadInput(
            f"ずれの補正「{offset}」は大きすぎ、カードが用紙からはみ出すおそれがあります。"
            f"{FURTHEST_MM:g}ミリまでにし、それより大きいずれは印刷機の設定で直してください。"
        )
    return offset


class Mark(NamedTuple):
    """A straight cut mark, from one end to the other."""

    x1_mm: float
    y1_mm: float
    x2_mm: float
    y2_mm: float


@dataclass(frozen=True, slots=True)
class Grid:
    """``columns`` × ``rows`` documents of one size on a paper, with gaps between them."""

    paper: Sheet
    cell: Sheet
    columns: int
    rows: int
    gap_x_mm: float
    gap_y_mm: float

    @property
    def count(self) -> int:
        """Places on one side."""
        return self.columns * self.rows

    @property
    def left_mm(self) -> float:
        """White paper left and right of the grid."""
        used = self.columns * self.cell.width_mm + (self.columns - 1) * self.gap_x_mm
        return (self.paper.width_mm - used) / 2

    @property
    def top_mm(self) -> float:
        """White paper above and below the grid."""
        used = self.rows * self.cell.height_mm + (self.rows - 1) * self.gap_y_mm
        return (self.paper.height_mm - used) / 2

    def box(self, place: int, side: str, offset: Offset) -> Box:
        """Where a place (from 1) lies on the ``front`` or the ``back``."""
        row, column = divmod(place - 1, self.columns)
        x_mm = self.left_mm + column * (self.cell.width_mm + self.gap_x_mm)
        if side == "back":
            x_mm = self.paper.width_mm - x_mm - self.cell.width_mm
        y_mm = self.top_mm + row * (self.cell.height_mm + self.gap_y_mm)
        box = Box(f"place{place}", x_mm, y_mm, self.cell.width_mm, self.cell.height_mm)
        return box.moved(*offset)

    def stacked(self, place: int, sheet: int, sheets: int) -> int:
        """Which document (from 0) lies at a place of a sheet (from 1).

        The sheets are cut in one pile and the cut piles laid on each other in the order of the places: then the
        documents lie in their order.
        """
        return (place - 1) * sheets + sheet - 1

    def sheets_for(self, documents: int) -> int:
        """Sheets that so many documents need."""
        return -(-documents // self.count)

    def marks(self, offset: Offset) -> Iterator[Mark]:
        """The cut marks: outside the documents, in the paper's margin, one at each end of each cut."""
        x_mm, y_mm = offset
        far, near = MARK_GAP_MM + MARK_MM, MARK_GAP_MM
        ends_y = (self.top_mm, self.paper.height_mm - self.top_mm)
        ends_x = (self.left_mm, self.paper.width_mm - self.left_mm)
        for x in self._cuts(self.left_mm, self.cell.width_mm, self.gap_x_mm, self.columns):
            for end, sign in zip(ends_y, (-1, 1), strict=True):
                yield Mark(x + x_mm, end + sign * near + y_mm, x + x_mm, end + sign * far + y_mm)
        for y in self._cuts(self.top_mm, self.cell.height_mm, self.gap_y_mm, self.rows):
            for end, sign in zip(ends_x, (-1, 1), strict=True):
                yield Mark(end + sign * near + x_mm, y + y_mm, end + sign * far + x_mm, y + y_mm)

    @staticmethod
    def _cuts(start: float, size: float, gap: float, count: int) -> Iterator[float]:
        for number in range(count):
            yield start + number * (size + gap)
            yield start + number * (size + gap) + size

    def draw_marks(self, pen: Pen, offset: Offset) -> None:
        """Draws the cut marks, and a register mark at top and bottom."""
        for mark in self.marks(offset):
            pen.line(*mark, MARK_WIDTH_MM)
        middle, half = self.paper.width_mm / 2, REGISTER_MM / 2
        for y in (self.top_mm - MARK_GAP_MM - half, self.paper.height_mm - self.top_mm + MARK_GAP_MM + half):
            box = Box("", middle - half, y - half, REGISTER_MM, REGISTER_MM).moved(*offset)
            pen.circle(box.inset(half / 2), MARK_WIDTH_MM, BLACK)
            pen.line(box.x_mm, box.y_mm + half, box.right_mm, box.y_mm + half, MARK_WIDTH_MM)
            pen.line(box.x_mm + half, box.y_mm, box.x_mm + half, box.bottom_mm, MARK_WIDTH_MM)
