"""The proof of imposed sheets: every sheet is read back and compared with the proved file and the order of the envelopes.

Each place must hold the very characters of its card, where they stood, and the card's serial, read from the QR code as
ink; the back that lies behind it must be the same card's. The cut marks are looked for as ink.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

from certificates.documents.layouts.card import FORM
from certificates.documents.layouts.card_sheet import GRID
from core.characters import named
from core.errors import Fault
from core.paper.grid import MARK_WIDTH_MM, Mark, Offset
from core.paper.readback import Glyph, OpenPage, Picture, open_pdf
from core.paper.sheet import Box
from mailing.papers.contents import Item
from mailing.papers.layouts.imposed import PULLED
from mailing.proof.found import Difference

OFF_MM: Final = 0.1
"""How far a character or a cut mark may be from its place."""
DPI: Final = 254
"""Ten dots a millimetre."""
DARK: Final = 0.5
"""Least darkness of a cut mark, as a share of its own width in black."""

SQUARE: Final = 20
"""Dots along a square whose darkness is compared: two millimetres."""
UNLIKE: Final = 40
"""How much darker (of 255) a square may be: what a shift by part of a dot makes of it."""


def differences(
    name: str, data: bytes, source: bytes, mine: Sequence[Item], offsets: tuple[Offset, Offset]
) -> list[Difference]:
    """Every difference between a file of sheets and what must lie on them.

    ``source``: the proved file; ``mine``: its cards in the order of the envelopes; ``offsets``: front's and back's.
    """
    try:
        with open_pdf(source) as cards, open_pdf(data) as pdf:
            sheets = -(-len(mine) // GRID.count)
            if len(pdf) != 2 * sheets:
                return [Difference(name, 0, "page", f"ページ数が {len(pdf)}（正しくは {2 * sheets}）です")]
            found: list[Difference] = []
            for number in range(1, len(pdf) + 1):
                turned = (number - 1) % 2
                sheet = _Sheet(mine, (number + 1) // 2, sheets, turned, offsets[turned])
                with OpenPage(pdf, number) as paper:
                    found += (Difference(name, number, *problem) for problem in sheet.problems(paper, cards))
            return found
    except Fault as fault:
        return [Difference(name, 0, "file", str(fault).rstrip("。"))]


class _Sheet:
    """What one side of one sheet must show. ``turned``: 1 on the back."""

    def __init__(self, mine: Sequence[Item], sheet: int, sheets: int, turned: int, offset: Offset) -> None:
        self.turned, self.offset = turned, offset
        # The pile of a place is cut from all sheets: its cards follow each other in the order of the envelopes.
        piles = [mine[start : start + sheets] for start in range(0, len(mine), sheets)]
        self.items = [pile[sheet - 1] if sheet <= len(pile) else None for pile in piles]
        self.items += [None] * (GRID.count - len(self.items))

    def problems(self, paper: OpenPage, cards: Any) -> Iterator[tuple[str, str, str, str]]:
        """Fields, what is wrong with them, at which character, and whose they are."""
        if abs(paper.sheet.width_mm - GRID.paper.width_mm) + abs(paper.sheet.height_mm - GRID.paper.height_mm) > OFF_MM:
            yield "sheet", "用紙の大きさが違います", "", ""
            return
        picture, glyphs = paper.picture(DPI, grey=True), paper.glyphs()
        for place, item in enumerate(self.items, start=1):
            box = GRID.box(place, "back" if self.turned else "front", self.offset)
            here = [glyph for glyph in glyphs if _inside(glyph, box)]
            problem, character = self._place(item, box, here, cards, picture)
            if problem:
                yield f"place{place}", problem, character, item.whose if item else ""
        for mark in GRID.marks(self.offset):
            if not _inked(picture, mark):
                yield "trim", "トンボが決められた場所にありません", "", ""
                return

    def _place(
        self, item: Item | None, box: Box, here: Sequence[Glyph], cards: Any, picture: Picture
    ) -> tuple[str, str]:
        """What is wrong with one place and at which character; empty when nothing is."""
        text = "".join(glyph.text for glyph in here)
        if item is None or not item.active:
            wanted = PULLED if item else ""
            return "" if text == wanted else "空いているはずの場所に印刷があります", ""
        assert item.first_page is not None  # it is in the file
        if item.serial not in text:
            return "別のカードか、空きです", ""
        with OpenPage(cards, item.first_page + self.turned) as card:
            own = card.glyphs()
            if not _same(own, here, box):
                problem = "カードの文字か、その位置が、照合したカードと違います"
                return problem, _first_unlike(own, here, box)
            if not _alike(_cut(picture, box), card.picture(DPI, grey=True)):
                return "カードの印刷が、照合したカードと違います", ""
        if not self.turned and FORM.front.qr is not None:
            code = FORM.front.qr.moved(box.x_mm, box.y_mm)
            if _cut(picture, code).qr_texts() != [item.serial]:
                return "QRコードの番号が違うか、読み取れません", ""
        return "", ""


def _inside(glyph: Glyph, box: Box) -> bool:
    return box.x_mm <= glyph.x_mm <= box.right_mm and box.y_mm <= glyph.y_mm <= box.bottom_mm


def _same(card: Sequence[Glyph], here: Sequence[Glyph], box: Box) -> bool:
    """Whether the characters are the card's own, each at its place."""
    return len(card) == len(here) and not _first_unlike(card, here, box)


def _first_unlike(card: Sequence[Glyph], here: Sequence[Glyph], box: Box) -> str:
    """The first character of the card that is another on the sheet or at another place; empty where there is none."""
    for ours, theirs in zip(card, here, strict=False):
        if (
            ours.text != theirs.text
            or abs(ours.x_mm + box.x_mm - theirs.x_mm) > OFF_MM
            or abs(ours.y_mm + box.y_mm - theirs.y_mm) > OFF_MM
        ):
            return named(ours.text)
    return ""


def _alike(ours: Picture, theirs: Picture) -> bool:
    """Whether two pictures are as dark as each other everywhere; they may lie a part of a dot apart."""
    pairs = zip(ours.coarse(SQUARE), theirs.coarse(SQUARE), strict=False)
    return max(abs(one - other) for one, other in pairs) <= UNLIKE


def _cut(picture: Picture, box: Box) -> Picture:
    per_mm = DPI / 25.4
    return picture.part(*(round(edge * per_mm) for edge in (box.x_mm, box.y_mm, box.right_mm, box.bottom_mm)))


def _inked(picture: Picture, mark: Mark) -> bool:
    """Whether a line is printed along the mark, no further off than ``OFF_MM``, and nothing on either side of it."""
    reach = 2 * OFF_MM + MARK_WIDTH_MM
    upright = mark.x1_mm == mark.x2_mm
    left, right = sorted((mark.x1_mm, mark.x2_mm))
    top, bottom = sorted((mark.y1_mm, mark.y2_mm))
    if upright:
        strip = _cut(picture, Box("", left - reach, top + 0.5, 2 * reach, bottom - top - 1))
        lines = [strip.pixels[x :: strip.width] for x in range(strip.width)]
        start, middle = round((left - reach) * DPI / 25.4), left
    else:
        strip = _cut(picture, Box("", left + 0.5, top - reach, right - left - 1, 2 * reach))
        lines = [strip.pixels[y * strip.width : (y + 1) * strip.width] for y in range(strip.height)]
        start, middle = round((top - reach) * DPI / 25.4), top
    dark = [sum(255 - value for value in line) / 255 / len(line) for line in lines]
    if sum(dark) * 25.4 / DPI < DARK * MARK_WIDTH_MM:
        return False
    centre = sum((start + n + 0.5) * ink for n, ink in enumerate(dark)) / sum(dark) * 25.4 / DPI
    return abs(centre - middle) <= OFF_MM
