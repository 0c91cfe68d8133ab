"""資格情報のお知らせ on A4, one person a sheet, with a card-size part to cut out lower right.

Source: print.md 「資格情報のお知らせ」; rules.md §7.
"""

from __future__ import annotations

from core.errors import Refused
from core.paper.book import Book, Field, PageEntry
from core.paper.draw import Paragraph, Pen, Placed, flow
from core.paper.sheet import Box
from notices.face import CUT_HERE, LABELS, TITLE, NoticeFace
from notices.layouts.parts import (
    BAND_BOX,
    BAND_COLOUR,
    CARD_HEIGHT,
    CARD_WIDTH,
    FORM,
    KIND,
    LEFT,
    LINE,
    SHEET,
    TINT,
    WIDTH,
    Labels,
    Spot,
    card_spots,
    card_warning,
    paint_band,
    paint_card,
    problems,
)

__all__ = ["BAND_COLOUR", "CARD", "FORM", "SHEET", "check", "draw", "fields"]

CARD = Box("card", 210 - 18 - CARD_WIDTH, 297 - 16 - CARD_HEIGHT, CARD_WIDTH, CARD_HEIGHT)
TITLE_BOX = Box("title", LEFT, 36, WIDTH, 12)
ADDRESSEE = Box("addressee", LEFT, 53, 108, 11)
RIGHT = (Box("issued_on", 152, 52, 40, 6), Box("serial", 152, 58, 40, 6))
LABEL_MM = 38.0
TABLE_TOP_MM = 69.0
ROWS = (
    ("symbol", 9.5, "label", 13, 8, 2),
    ("number", 9.5, "label", 13, 8, 2),
    ("branch_number", 8, "label", 13, 8, 1),
    ("name_kana", 9.5, "label", 10, 6.5, 2),
    ("name", 13, "name", 17, 8, 2),
    ("birth_date", 8, "label", 12, 9, 1),
    ("acquired_on", 8, "label", 12, 9, 1),
    ("copayment", 8, "label_bold", 12, 9, 1),
    ("insurer_number", 8, "label", 12, 9, 1),
    ("insurer_name", 9.5, "label", 12, 8, 2),
    ("insurer_phone", 8, "label", 11, 8, 1),
    ("last_four", 8, "label_bold", 13, 9, 1),
)
"""Field, height in mm, role, size and smallest size in points, lines."""
SENTENCES = Box("sentences", LEFT, 181, WIDTH, 36)


def _spots(face: NoticeFace) -> tuple[list[Spot], Labels, Labels]:
    """Every field of this face in its place, the labels of the table, and those of the card."""
    texts, labels = face.fields(), []
    found = [Spot(ADDRESSEE, texts["addressee"], LABELS["addressee"], "name", 16, 8, 2)]
    found += [Spot(box, texts[box.name], LABELS[box.name], "label", 10, 9, 1, "right") for box in RIGHT]
    y_mm = TABLE_TOP_MM
    for name, height, role, size, smallest, lines in ROWS:
        if name in texts:
            labels.append((Box(name, LEFT, y_mm, LABEL_MM, height), LABELS[name]))
            box = Box(name, LEFT + LABEL_MM, y_mm, WIDTH - LABEL_MM, height).inset(2, 0.3)
            found.append(Spot(box, texts[name], LABELS[name], role, size, smallest, lines))  # type: ignore[arg-type]
            y_mm += height
    on_card, card_labels = card_spots(CARD, texts)
    return [*found, *on_card], labels, card_labels


def _sentences(face: NoticeFace) -> Placed:
    lines = [Paragraph(text, "・") for text in face.sentences()]
    return flow((SENTENCES,), lines, "label", 11, 9, leading=1.45, gap=0.4, title=LABELS["sentences"])


def fields(face: NoticeFace) -> dict[str, Field]:
    """What each field of the sheet must read, and where, for the proof.

    Where no digits of the 個人番号 belong, their place must read empty.
    """
    texts, (found, labels, _) = face.fields(), _spots(face)
    expected = {spot.box.name: spot.field() for spot in found}
    expected["band"] = Field(BAND_BOX, texts["band"], "label_bold")
    expected["title"] = Field(TITLE_BOX, texts["title"], "label_bold")
    expected["card_band"] = card_warning(CARD, "")
    marked = "".join(f"・{text}" for text in face.sentences())
    expected["sentences"] = Field(SENTENCES, marked, "label")
    if "last_four" not in expected:
        below = Box("last_four", LEFT, labels[-1][0].bottom_mm, WIDTH, 8).inset(2, 0.3)
        expected["last_four"] = Field(below, "", "label_bold")
    return expected


def check(face: NoticeFace) -> list[Refused]:
    """Everything that keeps this face from being printed; empty when nothing does."""
    return problems(_spots(face)[0])


def draw(book: Book, face: NoticeFace) -> PageEntry:
    """Appends the sheet to the book.

    Raises:
        MissingGlyphs, TextDoesNotFit: a field cannot be printed; nothing was added.
    """
    found, labels, card_labels = _spots(face)
    placed = [*(spot.fit() for spot in found), _sentences(face)]
    key = (KIND, FORM, tuple(labels), tuple(card_labels))
    stamp = book.stamp(key, SHEET, lambda pen: _paint(pen, labels, card_labels))
    pen = book.pen(SHEET)
    for text in placed:
        pen.put(text)
    return book.add_page(pen, kind=KIND, reference=face.serial, fields=fields(face), stamps=(stamp,))


def _paint(pen: Pen, labels: Labels, card_labels: Labels) -> None:
    """Everything that does not name the holder."""
    paint_band(pen, BAND_BOX, 15, 1)
    pen.text(TITLE_BOX, TITLE, "label_bold", 22, align="center")
    for box in RIGHT:
        pen.text(Box("", 126, box.y_mm, 26, 6), LABELS[box.name], "label", 8, align="right")
    for box, text in labels:
        pen.fill(box, TINT)
        pen.text(box.inset(3, 0), text, "label", 9.5, min_size_pt=7, align="justify")
        pen.outline(Box("", LEFT, box.y_mm, WIDTH, box.height_mm), 0.12, LINE)
    paint_card(pen, CARD, card_labels)
    beside = Box("", LEFT, CARD.y_mm + 14, CARD.x_mm - LEFT - 6, 26)
    pen.put(flow((beside,), [Paragraph(CUT_HERE)], "label", 9, 8, leading=1.45, title="切り取りの案内"))
