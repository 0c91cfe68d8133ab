"""A text with its place on a sheet: what a list or slip is made of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from core.errors import Refused
from core.paper.book import Field
from core.paper.draw import Align, Placed, check_text, fit_text
from core.paper.fonts import Role
from core.paper.sheet import Box

Style = tuple[Box, Role, float, float, int, Align]
"""Box, role, size and smallest size in points, lines, alignment."""


@dataclass(frozen=True, slots=True)
class Spot:
    box: Box
    text: str
    role: Role
    size_pt: float
    min_size_pt: float
    lines: int
    align: Align
    title: str


def spot(style: Style, text: str, *, title: str) -> Spot:
    """The text in its place; ``title`` names it where it does not fit."""
    box, role, size, smallest, lines, align = style
    return Spot(box, text, role, size, smallest, lines, align, title)


def fit(found: Spot) -> Placed:
    """The text, set.

    Raises:
        MissingGlyphs, TextDoesNotFit: it cannot be printed.
    """
    return fit_text(
        found.box,
        found.text,
        found.role,
        found.size_pt,
        found.min_size_pt,
        lines=found.lines,
        align=found.align,
        title=found.title,
    )


def refusals(spots: Iterable[Spot]) -> list[Refused]:
    """Everything that keeps the texts from being printed; empty when nothing does."""
    problems = []
    for found in spots:
        try:
            check_text(
                found.box,
                found.text,
                found.role,
                found.size_pt,
                found.min_size_pt,
                lines=found.lines,
                title=found.title,
            )
        except Refused as problem:
            problems.append(problem)
    return problems


def fields_of(spots: Iterable[Spot]) -> Mapping[str, Field]:
    """What each text must read, and where, for the proof."""
    return {found.box.name: Field(found.box, found.text, found.role) for found in spots}
