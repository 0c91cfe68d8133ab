"""What the one-person sheet and the household's have in common: fields in their places, band, and card to cut out.

The band has a colour that no certificate has: the two were taken for each other elsewhere.
Source: print.md 「資格情報のお知らせ」; rules.md §7.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial

from core.errors import Refused
from core.paper.book import Field
from core.paper.draw import WHITE, Align, Colour, Pen, Placed, check_text, fit_text
from core.paper.fonts import Role
from core.paper.sheet import Box, Sheet
from notices.face import BAND, BAND_LINES, LABELS, TITLE

KIND = "notice"
FORM = "a4"
SHEET = Sheet(210, 297)
BAND_COLOUR: Colour = (0.70, 0.30, 0.02)
TINT: Colour = (0.99, 0.95, 0.89)
LINE: Colour = (0.45, 0.40, 0.35)

LEFT, WIDTH = 18.0, 174.0
CARD_WIDTH, CARD_HEIGHT = 85.6, 54.0
DASH_MM = 1.6
BAND_BOX = Box("band", LEFT, 14, WIDTH, 17)


@dataclass(frozen=True, slots=True)
class Spot:
    """One field: its box, the text it shows, its name in messages, its type, and on how many lines it may run."""

    box: Box
    text: str
    title: str
    role: Role = "label"
    size_pt: float = 11
    min_size_pt: float = 7
    lines: int = 1
    align: Align = "left"

    def fit(self) -> Placed:
        return fit_text(
            self.box,
            self.text,
            self.role,
            self.size_pt,
            self.min_size_pt,
            lines=self.lines,
            align=self.align,
            title=self.title,
        )

    def field(self) -> Field:
        return Field(self.box, self.text, self.role)


Labels = list[tuple[Box, str]]

CARD_TITLE_MM, CARD_WARNING_MM, CARD_LABEL_MM = 6.0, 6.2, 19.0
# Field, width of its label, share of what is left of the row.
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


def problems(spots: Iterable[Spot]) -> list[Refused]:
    """Everything that keeps these fields from being printed; empty when nothing does."""
    found = []
    for spot in spots:
        try:
            check_text(
                spot.box, spot.text, spot.role, spot.size_pt, spot.min_size_pt, lines=spot.lines, title=spot.title
            )
        except Refused as problem:
            found.append(problem)
    return found


def card_warning(card: Box, prefix: str) -> Field:
    """The band at the foot of a card, for the proof."""
    box = Box(f"{prefix}card_band", card.x_mm, card.bottom_mm - CARD_WARNING_MM, card.width_mm, CARD_WARNING_MM)
    return Field(box, BAND, "label_bold")


def card_spots(card: Box, texts: Mapping[str, str], prefix: str = "") -> tuple[list[Spot], Labels]:
    """The fields on a card to cut out, and the labels beside them. The 個人番号 never stands there."""
    found: list[Spot] = []
    labels: Labels = []
    y_mm = card.y_mm + CARD_TITLE_MM
    for height, row in zip(CARD_HEIGHTS, CARD_ROWS, strict=True):
        cells = [cell for cell in row if cell[0] in texts]
        spare = card.width_mm - sum(label for _, label, _ in cells)
        total = sum(share for _, _, share in cells)
        x_mm = card.x_mm
        for name, label, share in cells:
            width = spare * share / total
            labels.append((Box(f"card_{name}", x_mm, y_mm, label, height), LABELS[name]))
            box = Box(f"{prefix}card_{name}", x_mm + label, y_mm, width, height).inset(0.7, 0.2)
            role: Role = "name" if name == "name" else "label"
            lines = 1 if name == "branch_number" else 2
            found.append(Spot(box, texts[name], LABELS[name], role, 13 if name == "name" else 9, 5, lines))
            x_mm += label + width
        y_mm += height
    return found, labels


def paint_card(pen: Pen, card: Box, labels: Labels) -> None:
    """Everything of a card that does not name the holder, and the dashes around it."""
    title = Box("card_title", card.x_mm, card.y_mm, card.width_mm, CARD_TITLE_MM)
    pen.fill(title, TINT)
    pen.text(title, TITLE, "label_bold", 10, align="center")
    for box, text in labels:
        pen.text(box.inset(0.8, 0), text, "label", 6.5, min_size_pt=5, align="justify")
        pen.line(card.x_mm + 1, box.bottom_mm, card.right_mm - 1, box.bottom_mm, 0.06, LINE)
    paint_band(pen, card_warning(card, "").box, 6.5, 0.3)
    _paint_cut(pen, card.inset(-0.6))


def _paint_cut(pen: Pen, frame: Box) -> None:
    for x_mm in (frame.x_mm, frame.right_mm):
        _dashes(pen, frame.height_mm, partial(_upright, x_mm, frame.y_mm))
    for y_mm in (frame.y_mm, frame.bottom_mm):
        _dashes(pen, frame.width_mm, partial(_level, frame.x_mm, y_mm))


def _upright(x_mm: float, y_mm: float, start: float, end: float) -> tuple[float, float, float, float]:
    return x_mm, y_mm + start, x_mm, y_mm + end


def _level(x_mm: float, y_mm: float, start: float, end: float) -> tuple[float, float, float, float]:
    return x_mm + start, y_mm, x_mm + end, y_mm


def _dashes(pen: Pen, length_mm: float, place: Callable[[float, float], tuple[float, float, float, float]]) -> None:
    """A dashed line to cut along."""
    start = 0.0
    while start < length_mm:
        end = min(start + DASH_MM, length_mm)
        pen.line(*place(start, end), 0.18, LINE)
        start += 2 * DASH_MM


def paint_band(pen: Pen, band: Box, size_pt: float, margin_mm: float) -> None:
    """The warning in white on the notice's own colour, on two lines that end with a sentence."""
    pen.fill(band, BAND_COLOUR)
    inner = band.inset(0, margin_mm)
    height = inner.height_mm / len(BAND_LINES)
    for number, line in enumerate(BAND_LINES):
        box = Box("", inner.x_mm, inner.y_mm + number * height, inner.width_mm, height)
        pen.text(box, line, "label_bold", size_pt, min_size_pt=5, align="center", colour=WHITE)
