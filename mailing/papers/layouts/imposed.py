"""What is printed around the cards of an imposed sheet: cut marks, which sheet it is, and what lies at each place.

The margin names envelopes by number and place in the bundle, never a person.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from certificates.documents.layouts.card_sheet import GRID, SIDE_WORDS
from core.paper.book import Book, PageEntry
from core.paper.draw import Colour, Pen
from core.paper.grid import Offset
from core.paper.sheet import Box
from mailing.papers.layouts.spots import Spot, fields_of, fit, spot

KIND = "imposed"
PULLED: Final = "抜取り"
LINE: Colour = (0.55, 0.55, 0.55)
EDGE_MM: Final = 4.2
"""White paper at the edge that most printers cannot reach."""


@dataclass(frozen=True, slots=True)
class PlaceFace:
    """What lies at one place: envelope number, the envelope's place in its bundle, whether it was pulled before."""

    code: str
    position: int
    pulled: bool


@dataclass(frozen=True, slots=True)
class SideFace:
    """One side of one sheet. ``pile``: the number of the file whose cards it holds; ``places``: None where nothing lies."""

    dispatch_id: int
    pile: str
    sheet: int
    sheets: int
    side: str
    offset: Offset
    places: tuple[PlaceFace | None, ...]


def spots(face: SideFace) -> Iterator[Spot]:
    """Every text of the side."""
    head = f"発送 {face.dispatch_id}　ファイル {face.pile}　用紙 {face.sheet}/{face.sheets}　{SIDE_WORDS[face.side]}"
    words = "拡大・縮小なし（100 %）・両面（長辺とじ）　重ねて切り、1の山から順に積む"
    for name, text, below in (("head", head, 1), ("words", words, 2)):
        over = GRID.box(below, "front", face.offset)
        box = Box(name, over.x_mm + 2, over.y_mm - GRID.top_mm + EDGE_MM, over.width_mm - 4, 3.6)
        yield spot((box, "label", 7, 5, 1, "left"), text, title="用紙の見出し")
    for number, place in enumerate(face.places, start=1):
        if place is None:
            continue
        box = GRID.box(number, face.side, face.offset)
        x_mm = _margin_mm(box, face.offset)
        lines = (
            (f"number{number}", f"{number}", "label_bold", 12.0, 12.0),
            (f"code{number}", place.code, "label", 6.0, 4.0),
            (f"position{number}", f"{place.position}番目", "label", 6.0, 4.5),
        )
        for line, (name, text, role, size, least) in enumerate(lines):
            spotted = Box(name, x_mm, box.y_mm + 14 + 6 * line, GRID.left_mm - EDGE_MM - 1, 5.5)
            yield spot((spotted, role, size, least, 1, "center"), text, title="用紙の余白")  # type: ignore[arg-type]
        if place.pulled:
            inner = Box(f"pulled{number}", box.x_mm + 20, box.y_mm + 20, box.width_mm - 40, 14)
            yield spot((inner, "label_bold", 28, 28, 1, "center"), PULLED, title="用紙の余白")


def _margin_mm(box: Box, offset: Offset) -> float:
    """Left edge of the text beside a place, in the paper's nearer margin."""
    if box.x_mm - offset.x_mm < GRID.paper.width_mm / 2:
        return EDGE_MM + offset.x_mm
    return GRID.paper.width_mm - GRID.left_mm + 1 + offset.x_mm


def draw(book: Book, face: SideFace) -> PageEntry:
    """Appends one side without its cards to the book.

    Raises:
        TextDoesNotFit: a number is longer than the margin is wide; nothing was added.
    """
    placed = [fit(found) for found in spots(face)]
    pen = book.pen(GRID.paper)
    GRID.draw_marks(pen, face.offset)
    for number, place in enumerate(face.places, start=1):
        if place is not None and place.pulled:
            _cross_out(pen, GRID.box(number, face.side, face.offset))
    for text in placed:
        pen.put(text)
    return book.add_page(pen, kind=KIND, reference=f"{face.dispatch_id}", side=face.side, fields=fields_of(spots(face)))


def _cross_out(pen: Pen, box: Box) -> None:
    """A frame and its corners' lines, so that a cut blank is nobody's card."""
    inner = box.inset(3)
    pen.outline(inner, 0.2, LINE)
    for top, bottom in ((inner.y_mm, box.y_mm + 19), (inner.bottom_mm, box.y_mm + 35)):
        pen.line(inner.x_mm, top, box.x_mm + 19, bottom, 0.2, LINE)
        pen.line(inner.right_mm, top, box.right_mm - 19, bottom, 0.2, LINE)
