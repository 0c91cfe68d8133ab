"""The pen: text already fitted, lines, bands, the QR code and the society's seal, as PDF operators on one sheet."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Final

import segno

from core.paper.embed import EmbeddedFont
from core.paper.fonts import MissingGlyph, MissingGlyphs, Role, cluster_advance, clusters
from core.paper.sheet import Box, Sheet, mm_to_pt
from core.paper.typeset import (
    Align,
    Line,
    Paragraph,
    Placed,
    TextDoesNotFit,
    check_text,
    fit_text,
    flow,
    require_glyphs,
)

__all__ = [
    "BLACK",
    "SEAL_RED",
    "WHITE",
    "Align",
    "Colour",
    "Line",
    "MissingGlyph",
    "MissingGlyphs",
    "Paragraph",
    "Pen",
    "Placed",
    "TextDoesNotFit",
    "check_text",
    "curve_operators",
    "fit_text",
    "flow",
    "seal_columns",
]

Colour = tuple[float, float, float]
"""Red, green and blue, each 0–1."""

BLACK: Final[Colour] = (0, 0, 0)
WHITE: Final[Colour] = (1, 1, 1)
SEAL_RED: Final[Colour] = (0.80, 0.13, 0.10)

QUIET_MODULES = 4
"""White modules around a QR code that scanners rely on (JIS X 0510)."""


class Pen:
    """Draws on one sheet; collects PDF operators and touches no file."""

    def __init__(self, sheet: Sheet, fonts: Mapping[Role, EmbeddedFont]) -> None:
        self.sheet = sheet
        self._fonts = fonts
        self.operators: list[str] = []

    def put(self, placed: Placed, colour: Colour = BLACK) -> None:
        """Draws fitted text."""
        font = self._fonts[placed.role]
        ops = [f"BT {_rgb(colour)} rg /{font.name} {_n(placed.size_pt)} Tf"]
        for line in placed.lines:
            x, y = self.sheet.point_pt(line.x_mm, line.baseline_mm)
            spacing = f"{_n(line.spacing_pt)} Tc " if line.spacing_pt else ""
            reset = " 0 Tc" if line.spacing_pt else ""
            ops.append(f"1 0 0 1 {_n(x)} {_n(y)} Tm {spacing}<{font.encode(line.text)}> Tj{reset}")
        ops.append("ET")
        self.operators.append(" ".join(ops))

    def text(
        self,
        box: Box,
        text: str,
        role: Role,
        size_pt: float,
        *,
        min_size_pt: float | None = None,
        lines: int = 1,
        align: Align = "left",
        colour: Colour = BLACK,
    ) -> None:
        """Fits and draws in one go; see ``fit_text`` for what it raises."""
        smallest = size_pt if min_size_pt is None else min_size_pt
        self.put(fit_text(box, text, role, size_pt, smallest, lines=lines, align=align), colour)

    def line(
        self, x1_mm: float, y1_mm: float, x2_mm: float, y2_mm: float, width_mm: float = 0.1, colour: Colour = BLACK
    ) -> None:
        """A straight line."""
        (x1, y1), (x2, y2) = self.sheet.point_pt(x1_mm, y1_mm), self.sheet.point_pt(x2_mm, y2_mm)
        width = _n(mm_to_pt(width_mm))
        self.operators.append(f"{_rgb(colour)} RG {width} w {_n(x1)} {_n(y1)} m {_n(x2)} {_n(y2)} l S")

    def outline(self, box: Box, width_mm: float = 0.1, colour: Colour = BLACK) -> None:
        """The border of a box."""
        self.operators.append(f"{_rgb(colour)} RG {_n(mm_to_pt(width_mm))} w {self._rect(box)} S")

    def fill(self, box: Box, colour: Colour) -> None:
        """A box filled with one colour."""
        self.operators.append(f"{_rgb(colour)} rg {self._rect(box)} f")

    def curve(self, points_mm: Sequence[tuple[float, float]], width_mm: float, colour: Colour) -> None:
        """A line through points."""
        self.operators.append(curve_operators(self.sheet, points_mm, width_mm, colour))

    def circle(self, box: Box, width_mm: float, colour: Colour) -> None:
        """The largest circle in a box."""
        radius = min(box.width_mm, box.height_mm) / 2
        x, y = box.x_mm + box.width_mm / 2, box.y_mm + box.height_mm / 2
        turn = [2 * math.pi * step / 72 for step in range(73)]
        self.curve([(x + radius * math.cos(a), y + radius * math.sin(a)) for a in turn], width_mm, colour)

    def qr(self, box: Box, content: str) -> None:
        """A QR code (error correction M) with its quiet zone, as large as the box allows."""
        rows = qr_rows(content)
        side = mm_to_pt(min(box.width_mm, box.height_mm))
        module = side / (len(rows) + 2 * QUIET_MODULES)
        left, top = self.sheet.point_pt(box.x_mm, box.y_mm)
        ops = ["0 0 0 rg"]
        for y, row in enumerate(rows):
            bottom = top - (y + 1 + QUIET_MODULES) * module
            for start, length in _runs(row):
                x = left + (start + QUIET_MODULES) * module
                ops.append(f"{_n(x)} {_n(bottom)} {_n(length * module)} {_n(module)} re")
        ops.append("f")
        self.operators.append(" ".join(ops))

    def seal(self, box: Box, name: str, *, round_seal: bool = False) -> None:
        """The society's seal in red: a double ring with the name in columns from right to left.

        Raises:
            MissingGlyphs: the name has a character without glyph.
        """
        require_glyphs(name, "name", "保険者名称")
        side = min(box.width_mm, box.height_mm)
        outer = Box("seal", box.x_mm, box.y_mm, side, side).inset(side * 0.03)
        inner = outer.inset(side * 0.055)
        for ring, width in ((outer, side * 0.04), (inner, side * 0.012)):
            if round_seal:
                self.circle(ring, width, SEAL_RED)
            else:
                self.outline(ring, width, SEAL_RED)
        self._seal_name(inner.inset(side * (0.15 if round_seal else 0.035)), name)

    def _seal_name(self, box: Box, name: str) -> None:
        """The characters stretched so that each column fills the height, as engraved seals do."""
        font, columns = self._fonts["name"], seal_columns(name)
        width = box.width_mm / len(columns)
        stroke = _n(mm_to_pt(box.width_mm) * 0.006)
        ops = [f"BT {_rgb(SEAL_RED)} rg {_rgb(SEAL_RED)} RG {stroke} w 2 Tr /{font.name} 1 Tf"]
        for number, column in enumerate(columns):
            height = box.height_mm / len(column)
            x_mm = box.right_mm - (number + 1) * width
            for row, character in enumerate(column):
                advance = cluster_advance(character, "name") / 1000 or 1
                wide, high = mm_to_pt(width) * 0.94 / advance, mm_to_pt(height) * 0.94
                middle = box.y_mm + (row + 0.5) * height
                x, y = self.sheet.point_pt(x_mm + width * 0.03, middle)
                if character == "ー":  # stands upright in a column
                    place = f"0 {_n(-high)} {_n(wide)} 0 {_n(x + 0.12 * wide)} {_n(y + 0.5 * high)} Tm"
                else:
                    place = f"{_n(wide)} 0 0 {_n(high)} {_n(x)} {_n(y - 0.38 * high)} Tm"
                ops.append(f"{place} <{font.encode(character)}> Tj")
        ops.append("0 Tr ET")
        self.operators.append(" ".join(ops))

    def _rect(self, box: Box) -> str:
        left, bottom, right, top = self.sheet.rect_pt(box)
        return f"{_n(left)} {_n(bottom)} {_n(right - left)} {_n(top - bottom)} re"


def curve_operators(sheet: Sheet, points_mm: Sequence[tuple[float, float]], width_mm: float, colour: Colour) -> str:
    """A line through points, as PDF operators."""
    places = [sheet.point_pt(x, y) for x, y in points_mm]
    path = " ".join(f"{_n(x)} {_n(y)} {'l' if index else 'm'}" for index, (x, y) in enumerate(places))
    return f"{_rgb(colour)} RG {_n(mm_to_pt(width_mm))} w {path} S"


def seal_columns(name: str) -> list[list[str]]:
    """The seal's characters (the name and 之印) in columns, the first of them on the right; none is left empty."""
    text = [*clusters(name), "之", "印"]
    count = max(1, round(math.sqrt(len(text))))
    share, longer = divmod(len(text), count)
    columns, start = [], 0
    for number in range(count):
        length = share + (1 if number < longer else 0)
        columns.append(text[start : start + length])
        start += length
    return columns


@lru_cache(maxsize=4096)
def qr_rows(content: str) -> tuple[bytes, ...]:
    """The QR code's rows of modules (1 = dark), without quiet zone."""
    code = segno.make(content, error="m", micro=False, boost_error=False)
    return tuple(bytes(row) for row in code.matrix)


def _runs(row: bytes) -> Iterable[tuple[int, int]]:
    """Start and length of each run of dark modules."""
    start = -1
    for index, dark in enumerate(row):
        if dark and start < 0:
            start = index
        elif not dark and start >= 0:
            yield start, index - start
            start = -1
    if start >= 0:
        yield start, len(row) - start


def _n(number: float) -> str:
    """A number as PDF writes it: at most three decimals, no exponent."""
    text = f"{number:.3f}".rstrip("0").rstrip(".")
    return "0" if text in ("", "-0") else text


@lru_cache(maxsize=256)
def _rgb(colour: Colour) -> str:
    return " ".join(map(_n, colour))
