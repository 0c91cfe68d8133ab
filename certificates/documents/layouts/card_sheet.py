"""カード型 on A4, ten at a time, to be cut; and the sheet on which a printer's drift is measured."""

from __future__ import annotations

from certificates.documents.layouts.card import FORM
from core.paper.book import Book
from core.paper.draw import Colour, Pen
from core.paper.grid import Grid, Offset
from core.paper.sheet import Box, Sheet

GRID = Grid(Sheet(210, 297), FORM.sheet, columns=2, rows=5, gap_x_mm=8.0, gap_y_mm=2.0)
SIDE_WORDS = {"front": "表", "back": "裏"}
GUIDE: Colour = (0.85, 0.25, 0.10)


def draw_test(book: Book, front: Offset, back: Offset) -> None:
    """Appends front and back: every place with its outline and rulers, and how to tell the offset from them."""
    for side, offset in (("front", front), ("back", back)):
        pen = book.pen(GRID.paper)
        GRID.draw_marks(pen, offset)
        for place in range(1, GRID.count + 1):
            _draw_place(pen, place, GRID.box(place, side, offset))
        _draw_words(pen, GRID.box(3, side, offset), side, offset)
        book.add_page(pen, kind="test", reference="TEST", side=side)


def _draw_place(pen: Pen, place: int, box: Box) -> None:
    pen.outline(box, 0.1, GUIDE)
    pen.text(Box("", box.x_mm + 2.5, box.y_mm + 2.5, 20, 7), f"{place}", "label_bold", 14)
    for mm in range(1, int(box.width_mm) + 1):
        length = 2.0 if mm % 10 == 0 else 1.4 if mm % 5 == 0 else 0.8
        pen.line(box.x_mm + mm, box.y_mm, box.x_mm + mm, box.y_mm + length, 0.05, GUIDE)
    for mm in range(1, int(box.height_mm) + 1):
        length = 2.0 if mm % 10 == 0 else 1.4 if mm % 5 == 0 else 0.8
        pen.line(box.x_mm, box.y_mm + mm, box.x_mm + length, box.y_mm + mm, 0.05, GUIDE)


def _draw_words(pen: Pen, box: Box, side: str, offset: Offset) -> None:
    lines = (
        f"{SIDE_WORDS[side]}：いまの補正 右へ {offset.x_mm:g}ミリ、下へ {offset.y_mm:g}ミリ",
        f"端の枠の正しい位置は、用紙の左端から{GRID.left_mm:.1f}ミリ、上端から{GRID.top_mm:.1f}ミリです。",
        "測った値が正しい値より大きい分だけ、いまの補正から引きます。",
        "例：補正が0,0のとき、右へ0.8、下へ0.3ずれていたら -0.8,-0.3",
        "表裏は、光に透かして十字の印が重なることを確かめます。",
    )
    for number, text in enumerate(lines):
        place = Box("", box.x_mm + 4, box.y_mm + 13 + number * 7, box.width_mm - 8, 6)
        pen.text(place, text, "label" if number else "label_bold", 7 if number else 9, min_size_pt=6)
