"""資格情報のお知らせ on A4 for people of a household: a table, and a card to cut out for each.

More than four leave no room for the table. Then the cards alone tell everything, but the digits of a 個人番号, which
never stand on a card.

Source: print.md 「資格情報のお知らせ」; rules.md §7; policy ``notice_unit``, ``max_persons_per_notice``.
"""

from __future__ import annotations

from typing import NamedTuple

from core.damage import Use, signs
from core.errors import Refused
from core.paper.book import Book, Field, PageEntry
from core.paper.draw import Align, Paragraph, Pen, Placed, flow
from core.paper.fonts import Role, missing
from core.paper.sheet import Box
from notices.face import CUT_HERE_EACH, LABELS, TITLE, HouseholdFace
from notices.layouts.parts import (
    BAND_BOX,
    CARD_HEIGHT,
    CARD_WIDTH,
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

FORM = "a4_household"
CAPACITY, CARDS_ALONE = 4, 6
"""People on one sheet: as many cards as lie on it beside text and table, and beside the text alone."""
EASY_LENGTH = 40
"""Characters of a name that surely fit; only a longer one is tried."""

TITLE_BOX = Box("title", LEFT, 33, WIDTH, 10)
ADDRESSEE = Box("addressee", LEFT, 44, 108, 11)
RIGHT = (Box("issued_on", 152, 44, 40, 5.5), Box("serial", 152, 49.5, 40, 5.5))
TABLE_TOP_MM, HEAD_MM, ROW_MM, UPPER_MM = 57.0, 7.0, 14.5, 5.7
INSURER_MM = 7.0
CARDS_BOTTOM_MM, CARD_GAP_MM = 297 - 11.0, 3.0
GUIDE_MM = 9.5


class Cell(NamedTuple):
    """One place of a person's row: the field, where it begins, its width, upper or lower or both, and its type."""

    name: str
    x_mm: float
    width_mm: float
    line: str
    role: Role
    size_pt: float
    min_size_pt: float
    lines: int = 1
    align: Align = "left"


CELLS = (
    Cell("name_kana", 0, 62, "upper", "label", 8, 4.5, 2),
    Cell("name", 0, 62, "lower", "name", 14, 5.5, 2),
    Cell("symbol", 62, 52, "upper", "label", 10, 5, 2),
    Cell("number", 62, 41, "lower", "label", 11, 5, 2),
    Cell("branch_number", 103, 11, "lower", "label", 11, 8),
    Cell("birth_date", 114, 34, "upper", "label", 9.5, 7),
    Cell("acquired_on", 114, 34, "lower", "label", 9.5, 7),
    Cell("copayment", 148, 12, "both", "label_bold", 12, 9, 1, "center"),
    Cell("last_four", 160, 14, "both", "label_bold", 12, 9, 1, "center"),
)
HEADS = (
    (0, 62, ("フリガナ", "氏名")),
    (62, 52, ("記号", "番号（枝番）")),
    (114, 34, ("生年月日", "資格取得年月日")),
    (148, 12, ("負担", "割合")),
    (160, 14, ("個人番号", "下4桁")),
)
# Field, width of its label, width of its text, lines.
INSURER = (("insurer_number", 18, 24, 1), ("insurer_name", 18, 64, 2), ("insurer_phone", 16, 34, 1))


def _cards(count: int) -> list[Box]:
    """Where the cards lie: two a row, from the bottom up; the last of an odd number lower right."""
    rows = (count + 1) // 2
    top = CARDS_BOTTOM_MM - rows * CARD_HEIGHT - (rows - 1) * CARD_GAP_MM
    right = LEFT + WIDTH - CARD_WIDTH
    step = CARD_HEIGHT + CARD_GAP_MM
    found = []
    for place in range(count):
        last_alone = count % 2 == 1 and place == count - 1
        x_mm = right if place % 2 or last_alone else LEFT
        found.append(Box(f"card{place + 1}", x_mm, top + (place // 2) * step, CARD_WIDTH, CARD_HEIGHT))
    return found


def _row_top(place: int) -> float:
    return TABLE_TOP_MM + HEAD_MM + place * ROW_MM


def _table_bottom(count: int) -> float:
    return _row_top(count) if count <= CAPACITY else TABLE_TOP_MM


def _cell_box(cell: Cell, place: int) -> Box:
    y_mm, height = _row_top(place), ROW_MM
    if cell.line == "upper":
        height = UPPER_MM
    elif cell.line == "lower":
        y_mm, height = y_mm + UPPER_MM, ROW_MM - UPPER_MM
    return Box(f"p{place + 1}_{cell.name}", LEFT + cell.x_mm, y_mm, cell.width_mm, height).inset(1, 0.2)


def _sentences_box(count: int) -> Box:
    top = _table_bottom(count) + INSURER_MM + 3
    return Box("sentences", LEFT, top, WIDTH, _cards(count)[0].y_mm - GUIDE_MM - 2 - top)


def _spots(face: HouseholdFace) -> tuple[list[Spot], list[Labels]]:
    """Every field of this face in its place, and the labels of each card."""
    texts = face.fields()
    found = [Spot(ADDRESSEE, texts["addressee"], LABELS["addressee"], "name", 15, 8, 2)]
    found += [Spot(box, texts[box.name], LABELS[box.name], "label", 10, 9, 1, "right") for box in RIGHT]
    cards: list[Labels] = []
    for place, (person, card) in enumerate(zip(face.people, _cards(len(face.people)), strict=True)):
        own = person.fields()
        for cell in CELLS:
            if cell.name in own and len(face.people) <= CAPACITY:
                found.append(
                    Spot(
                        _cell_box(cell, place),
                        own[cell.name],
                        LABELS[cell.name],
                        cell.role,
                        cell.size_pt,
                        cell.min_size_pt,
                        cell.lines,
                        cell.align,
                    )
                )
        on_card, labels = card_spots(card, own, f"p{place + 1}_")
        found += on_card
        cards.append(labels)
    return [*found, *_insurer_spots(texts, len(face.people))], cards


def _insurer_spots(texts: dict[str, str], count: int) -> list[Spot]:
    found, x_mm = [], LEFT
    for name, label, width, lines in INSURER:
        if name in texts:
            box = Box(name, x_mm + label, _table_bottom(count), width, INSURER_MM).inset(1, 0.2)
            found.append(Spot(box, texts[name], LABELS[name], "label", 9.5, 5, lines))
        x_mm += label + width
    return found


def _sentences(face: HouseholdFace) -> Placed:
    lines = [Paragraph(text, "・") for text in face.sentences()]
    box = _sentences_box(len(face.people))
    return flow((box,), lines, "label", 11, 8, leading=1.4, gap=0.35, title=LABELS["sentences"])


def fields(face: HouseholdFace) -> dict[str, Field]:
    """What each field of the sheet must read, and where, for the proof; ``p2_``: the second person's.

    Where no digits of the 個人番号 belong, their place must read empty.
    """
    texts, count = face.fields(), len(face.people)
    expected = {spot.box.name: spot.field() for spot in _spots(face)[0]}
    expected["band"] = Field(BAND_BOX, texts["band"], "label_bold")
    expected["title"] = Field(TITLE_BOX, texts["title"], "label_bold")
    marked = "".join(f"・{text}" for text in face.sentences())
    expected["sentences"] = Field(_sentences_box(count), marked, "label")
    for place, card in enumerate(_cards(count)):
        warning = card_warning(card, f"p{place + 1}_")
        expected[warning.box.name] = warning
        if count <= CAPACITY:
            digits = _cell_box(CELLS[-1], place)
            expected.setdefault(digits.name, Field(digits, "", "label_bold"))
    return expected


def check(face: HouseholdFace) -> list[Refused]:
    """Everything that keeps this sheet from being printed; empty when nothing does."""
    return problems(_spots(face)[0])


def has_room_for(name: str, name_kana: str, numbers: str) -> bool:
    """Whether a person's texts can be drawn in a row and on a card; on a shared sheet others would wait for them too.

    Source: rules.md §3: a missing glyph stops that person's paper, and so does what looks like damage.
    """
    if signs(name, Use.NAME) or signs(name_kana, Use.KANA):
        return False
    if missing(name, "name") or missing(name_kana + numbers, "label"):
        return False
    if max(len(name), len(name_kana)) <= EASY_LENGTH:
        return True
    texts = {"name": name, "name_kana": name_kana}
    cells = [cell for cell in CELLS if cell.name in texts]
    row = [Spot(_cell_box(c, 0), texts[c.name], "", c.role, c.size_pt, c.min_size_pt, c.lines) for c in cells]
    return not problems([*row, *card_spots(_cards(2)[0], texts)[0]])


def draw(book: Book, face: HouseholdFace) -> PageEntry:
    """Appends the sheet to the book.

    Raises:
        MissingGlyphs, TextDoesNotFit: a field cannot be printed; nothing was added.
    """
    found, cards = _spots(face)
    placed = [*(spot.fit() for spot in found), _sentences(face)]
    key = (KIND, FORM, tuple(map(tuple, cards)))
    stamp = book.stamp(key, SHEET, lambda pen: _paint(pen, cards))
    pen = book.pen(SHEET)
    for text in placed:
        pen.put(text)
    return book.add_page(pen, kind=KIND, reference=face.serial, fields=fields(face), stamps=(stamp,))


def _paint(pen: Pen, cards: list[Labels]) -> None:
    """Everything that does not name the holders."""
    paint_band(pen, BAND_BOX, 15, 1)
    pen.text(TITLE_BOX, TITLE, "label_bold", 20, align="center")
    for box in RIGHT:
        pen.text(Box("", 126, box.y_mm, 26, box.height_mm), LABELS[box.name], "label", 8, align="right")
    _paint_table(pen, len(cards))
    places = _cards(len(cards))
    for card, labels in zip(places, cards, strict=True):
        paint_card(pen, card, labels)
    guide = Box("", LEFT, places[0].y_mm - GUIDE_MM, WIDTH, GUIDE_MM - 1)
    pen.put(flow((guide,), [Paragraph(CUT_HERE_EACH)], "label", 9, 8, leading=1.25, title="切り取りの案内"))


def _paint_table(pen: Pen, count: int) -> None:
    bottom = _table_bottom(count)
    if count <= CAPACITY:
        _paint_rows(pen, count, bottom)
    x_mm = LEFT
    for name, label, width, _ in INSURER:
        box = Box("", x_mm, bottom, label, INSURER_MM)
        pen.fill(box, TINT)
        pen.text(box.inset(0.8, 0), LABELS[name], "label", 7.5, min_size_pt=6, align="justify")
        x_mm += label + width
    pen.outline(Box("", LEFT, TABLE_TOP_MM, WIDTH, bottom + INSURER_MM - TABLE_TOP_MM), 0.12, LINE)


def _paint_rows(pen: Pen, count: int, bottom: float) -> None:
    pen.fill(Box("", LEFT, TABLE_TOP_MM, WIDTH, HEAD_MM), TINT)
    for x_mm, width, words in HEADS:
        for line, word in enumerate(words):
            box = Box("", LEFT + x_mm, TABLE_TOP_MM + line * HEAD_MM / 2, width, HEAD_MM / 2)
            pen.text(box, word, "label", 7.5, min_size_pt=6, align="center")
        pen.line(LEFT + x_mm, TABLE_TOP_MM, LEFT + x_mm, bottom, 0.12, LINE)
    for y_mm in (TABLE_TOP_MM, *(_row_top(place) for place in range(count + 1))):
        pen.line(LEFT, y_mm, LEFT + WIDTH, y_mm, 0.12, LINE)
