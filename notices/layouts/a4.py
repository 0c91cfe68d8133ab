"""資格情報のお知らせ on A4, one person a sheet, with a card-size part to cut out lower right.

The band has a colour that no certificate has: the two were taken for each other elsewhere.
Source: print.md 「資格情報のお知らせ」; domain.md §7.
"""

from __future__ import annotations

from dataclasses import dataclass

from core.errors import Refused
from core.pdf.book import Book, Field, PageEntry
from core.pdf.draw import WHITE, Align, Colour, Paragraph, Pen, Placed, fit_text, flow
from core.pdf.fonts import Role
from core.pdf.sheet import Box, Sheet
from notices.face import BAND_LINES, CUT_HERE, LABELS, TITLE, NoticeFace

KIND = "notice"
FORM = "a4"
SHEET = Sheet(210, 297)
BAND_COLOUR: Colour = (0.70, 0.30, 0.02)
TINT: Colour = (0.99, 0.95, 0.89)
LINE: Colour = (0.45, 0.40, 0.35)

LEFT, WIDTH = 18.0, 174.0
CARD = Box("card", 210 - 18 - 85.6, 297 - 16 - 54, 85.6, 54)
DASH_MM = 1.6


@dataclass(frozen=True, slots=True)
class Spot:
    """One field: its box, its type, and on how many lines it may run; ``of``: the field whose text it shows."""

    box: Box
    of: str
    role: Role = "label"
    size_pt: float = 11
    min_size_pt: float = 7
    lines: int = 1
    align: Align = "left"


BAND_BOX = Box("band", LEFT, 14, WIDTH, 17)
TITLE_BOX = Box("title", LEFT, 36, WIDTH, 12)
FIXED = (
    Spot(Box("addressee", LEFT, 53, 108, 11), "addressee", "name", 16, 8, 2),
    Spot(Box("issued_on", 152, 52, 40, 6), "issued_on", "label", 10, 9, 1, "right"),
    Spot(Box("serial", 152, 58, 40, 6), "serial", "label", 10, 9, 1, "right"),
)
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
)  # fmt: skip
"""Field, height in mm, role, size and smallest size in points, lines."""
SENTENCES = Box("sentences", LEFT, 182, WIDTH, 34)
CARD_TITLE = Box("card_title", CARD.x_mm, CARD.y_mm, CARD.width_mm, 6)
CARD_LABEL_MM = 19.0
CARD_ROWS = (
    (("symbol", 8, 1.0), ("number", 8, 1.0), ("branch_number", 8, 0.35)),
    (("name_kana", CARD_LABEL_MM, 1.0),),
    (("name", CARD_LABEL_MM, 1.0),),
    (("birth_date", CARD_LABEL_MM, 1.0),),
    (("acquired_on", CARD_LABEL_MM, 1.0), ("copayment", 12, 0.45)),
    (("insurer_number", CARD_LABEL_MM, 1.0),),
    (("insurer_name", CARD_LABEL_MM, 1.0),),
)
CARD_HEIGHTS = (6.0, 5.4, 8.0, 5.2, 5.2, 5.2, 6.4)
CARD_WARNING = Box("card_band", CARD.x_mm, CARD.bottom_mm - 6.2, CARD.width_mm, 6.2)


def spots(face: NoticeFace) -> tuple[list[Spot], list[tuple[Box, str]]]:
    """Every field of this face with its place, and the labels beside them."""
    present = face.fields().keys()
    found, labels = list(FIXED), []
    y_mm = TABLE_TOP_MM
    for name, height, role, size, smallest, lines in ROWS:
        if name in present:
            labels.append((Box(name, LEFT, y_mm, LABEL_MM, height), LABELS[name]))
            box = Box(name, LEFT + LABEL_MM, y_mm, WIDTH - LABEL_MM, height).inset(2, 0.3)
            found.append(Spot(box, name, role, size, smallest, lines))  # type: ignore[arg-type]
            y_mm += height
    y_mm = CARD_TITLE.bottom_mm
    for height, cells in zip(CARD_HEIGHTS, CARD_ROWS, strict=True):
        _card_row([cell for cell in cells if cell[0] in present], y_mm, height, found, labels)
        y_mm += height
    return found, labels


def _card_row(
    cells: list[tuple[str, float, float]],
    y_mm: float,
    height: float,
    found: list[Spot],
    labels: list[tuple[Box, str]],
) -> None:
    spare = CARD.width_mm - sum(label for _, label, _ in cells)
    total = sum(share for _, _, share in cells)
    x_mm = CARD.x_mm
    for name, label, share in cells:
        width = spare * share / total
        labels.append((Box(f"card_{name}", x_mm, y_mm, label, height), LABELS[name]))
        box = Box(f"card_{name}", x_mm + label, y_mm, width, height).inset(0.7, 0.2)
        role: Role = "name" if name == "name" else "label"
        found.append(
            Spot(box, name, role, 13 if name == "name" else 9, 5, 1 if name == "branch_number" else 2)
        )
        x_mm += label + width


def _fit(spot: Spot, text: str) -> Placed:
    return fit_text(
        spot.box, text, spot.role, spot.size_pt, spot.min_size_pt,
        lines=spot.lines, align=spot.align, title=LABELS[spot.of],
    )  # fmt: skip


def _sentences(face: NoticeFace) -> Placed:
    lines = [Paragraph(text, "・") for text in face.sentences()]
    return flow((SENTENCES,), lines, "label", 11, 9, leading=1.45, gap=0.4, title=LABELS["sentences"])


def fields(face: NoticeFace) -> dict[str, Field]:
    """What each field of the sheet must read, and where, for the proof."""
    texts = face.fields()
    expected = {spot.box.name: Field(spot.box, texts[spot.of], spot.role) for spot in spots(face)[0]}
    marked = "".join(f"・{text}" for text in face.sentences())
    for box, name in ((BAND_BOX, "band"), (TITLE_BOX, "title"), (CARD_WARNING, "band")):
        expected[box.name] = Field(box, texts[name], "label_bold")
    expected["sentences"] = Field(SENTENCES, marked, "label")
    return expected


def check(face: NoticeFace) -> list[Refused]:
    """Everything that keeps this face from being printed; empty when nothing does."""
    texts, problems = face.fields(), []
    for spot in spots(face)[0]:
        try:
            _fit(spot, texts[spot.of])
        except Refused as problem:
            problems.append(problem)
    return problems


def draw(book: Book, face: NoticeFace) -> PageEntry:
    """Appends the sheet to the book.

    Raises:
        MissingGlyphs, TextDoesNotFit: a field cannot be printed; nothing was added.
    """
    texts = face.fields()
    found, labels = spots(face)
    placed = [*(_fit(spot, texts[spot.of]) for spot in found), _sentences(face)]
    stamp = book.stamp((KIND, FORM, tuple(labels)), SHEET, lambda pen: _paint(pen, labels))
    pen = book.pen(SHEET)
    for text in placed:
        pen.put(text)
    return book.add_page(pen, kind=KIND, reference=face.serial, fields=fields(face), stamps=(stamp,))


def _paint(pen: Pen, labels: list[tuple[Box, str]]) -> None:
    """Everything that does not name the holder."""
    _paint_band(pen, BAND_BOX, 15, 1)
    pen.text(TITLE_BOX, TITLE, "label_bold", 22, align="center")
    for name, y_mm in (("issued_on", 52), ("serial", 58)):
        pen.text(Box("", 126, y_mm, 26, 6), LABELS[name], "label", 8, align="right")
    for box, text in labels:
        if box.name.startswith("card_"):
            pen.text(box.inset(0.8, 0), text, "label", 6.5, min_size_pt=5, align="justify")
            pen.line(CARD.x_mm + 1, box.bottom_mm, CARD.right_mm - 1, box.bottom_mm, 0.06, LINE)
        else:
            pen.fill(box, TINT)
            pen.text(box.inset(3, 0), text, "label", 9.5, min_size_pt=7, align="justify")
            pen.outline(Box("", LEFT, box.y_mm, WIDTH, box.height_mm), 0.12, LINE)
    _paint_card(pen)


def _paint_band(pen: Pen, band: Box, size_pt: float, margin_mm: float) -> None:
    """The warning in white on the notice's own colour, on two lines that end with a sentence."""
    pen.fill(band, BAND_COLOUR)
    inner = band.inset(0, margin_mm)
    height = inner.height_mm / len(BAND_LINES)
    for number, line in enumerate(BAND_LINES):
        box = Box("", inner.x_mm, inner.y_mm + number * height, inner.width_mm, height)
        pen.text(box, line, "label_bold", size_pt, min_size_pt=5, align="center", colour=WHITE)


def _paint_card(pen: Pen) -> None:
    pen.fill(CARD_TITLE, TINT)
    pen.text(CARD_TITLE, TITLE, "label_bold", 10, align="center")
    _paint_band(pen, CARD_WARNING, 6.5, 0.3)
    beside = Box("", LEFT, CARD.y_mm + 14, CARD.x_mm - LEFT - 6, 26)
    pen.put(flow((beside,), [Paragraph(CUT_HERE)], "label", 9.5, 8, leading=1.45, title="切り取りの案内"))
    frame = CARD.inset(-0.6)
    for x_mm in (frame.x_mm, frame.right_mm):
        _dashes(pen, frame.height_mm, lambda a, b, x=x_mm: (x, frame.y_mm + a, x, frame.y_mm + b))
    for y_mm in (frame.y_mm, frame.bottom_mm):
        _dashes(pen, frame.width_mm, lambda a, b, y=y_mm: (frame.x_mm + a, y, frame.x_mm + b, y))


def _dashes(pen: Pen, length_mm: float, place: object) -> None:
    """A dashed line to cut along."""
    start = 0.0
    while start < length_mm:
        end = min(start + DASH_MM, length_mm)
        pen.line(*place(start, end), 0.18, LINE)  # type: ignore[operator]
        start += 2 * DASH_MM
