"""Where each line of a text goes so that it fits its box; nothing is drawn here.

A text that does not fit at its smallest size refuses, before any page exists.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from core.errors import Refused
from core.paper.fonts import MissingGlyphs, Role, cluster_advance, clusters, missing, width_pt
from core.paper.sheet import Box, mm_to_pt, pt_to_mm

Align = Literal["left", "center", "right", "justify"]

PADDING_MM = 0.3
"""Clear space kept between a text and the left and right edges of its box."""
PADDING_Y_MM = 0.12
"""The same above and below; the em square has air of its own there."""
LEADING = 1.2
"""Distance of two lines of one field, as a multiple of the type size."""
CENTRE = 0.38
"""Height of the middle of a kanji above its baseline, as a multiple of the type size."""
STEP_PT = 0.1
MARK_GAP = 0.4
"""Space between the widest mark of a list and its text, as a multiple of the type size."""
COMFORT = 0.7
"""A text stays on one line down to this part of its full size; below, more lines may give larger type."""
LAST_LINE, LENDS = 4, 30
"""A paragraph's last line has so many characters besides its marks (ください。), where the line before has so many."""
MARKS = frozenset("、。）」")
COUNTERS = frozenset("日月年週歳割人円番号丁階")
"""Words that belong to the number before them."""
IN_NUMBER = frozenset("0123456789,０１２３４５６７８９，")
ERAS, IN_DATE = frozenset({"明治", "大正", "昭和", "平成", "令和"}), frozenset("治正和成年月")
"""What keeps a date whole in running text: its era, and after what its numbers stand."""
WHOLE = frozenset({"丁目", "番地", "番号", "号室", *(f"{numeral}丁" for numeral in "一二三四五六七八九十")})
"""Pairs within an address that no line end should part."""

NOT_FIRST = frozenset("、。，．・：；？！）］｝〉》」』】〕ー々ぁぃぅぇぉっゃゅょァィゥェォッャュョヵヶ％%,.)]}ﾞﾟ")
"""Characters no line may begin with (行頭禁則)."""
NOT_LAST = frozenset("（［｛〈《「『【〔([{")
"""Characters no line may end with (行末禁則)."""


class TextDoesNotFit(Refused):
    """A text too long for its box even at the smallest size; names the field, not the text."""

    def __init__(self, field: str) -> None:
        self.field = field
        super().__init__(f"「{field}」が長すぎて、印刷する枠に入りません。短い表記の申出があるか確認してください。")


@dataclass(frozen=True, slots=True)
class Line:
    """One line of type: where its baseline begins (mm from the top left), and extra space per character (pt)."""

    x_mm: float
    baseline_mm: float
    text: str
    spacing_pt: float = 0.0


@dataclass(frozen=True, slots=True)
class Placed:
    """Lines of one role and size, ready to be drawn."""

    role: Role
    size_pt: float
    lines: tuple[Line, ...]


def fit_text(
    box: Box,
    text: str,
    role: Role,
    size_pt: float,
    min_size_pt: float,
    *,
    lines: int = 1,
    align: Align = "left",
    title: str = "",
) -> Placed:
    """The text in its box: at ``size_pt`` if possible, else smaller, else on more lines (at most ``lines``).

    A text that one line would make very small takes more lines where these give larger type.

    Centred from top to bottom. ``title`` is the field's Japanese name for messages.

    Raises:
        MissingGlyphs: a character has no glyph in the role's typeface.
        TextDoesNotFit: even ``min_size_pt`` on ``lines`` lines is too large.
    """
    title = title or box.name
    require_glyphs(text, role, title)
    for comely in (True, False):  # a good line end is given up before the text is refused
        size, pieces = _largest(box, text, role, size_pt, lines, comely)
        if size >= min_size_pt:
            return Placed(role, size, _in_box(box, pieces, role, size, align))
    raise TextDoesNotFit(title)


def check_text(
    box: Box, text: str, role: Role, size_pt: float, min_size_pt: float, *, lines: int = 1, title: str = ""
) -> None:
    """Raises what ``fit_text`` raises for the same text; what fits on one line, as nearly every text does, is not placed.

    Raises:
        MissingGlyphs, TextDoesNotFit: see ``fit_text``.
    """
    if not _fits_at_once(box, text, role, size_pt, min_size_pt):
        fit_text(box, text, role, size_pt, min_size_pt, lines=lines, title=title)


@lru_cache(maxsize=8192)
def _fits_at_once(box: Box, text: str, role: Role, size_pt: float, min_size_pt: float) -> bool:
    """Whether every character can be drawn and one line is enough; most texts of a dispatch are on each of its papers."""
    return not missing(text, role) and _size_on(box, [text], role, size_pt) >= min_size_pt


def _largest(box: Box, text: str, role: Role, size_pt: float, lines: int, comely: bool) -> tuple[float, list[str]]:
    """The largest size at which the text fits the box, and its lines."""
    best_size, best = 0.0, [text]
    for count in range(1, lines + 1):
        pieces = split_evenly(text, role, count, comely=comely)
        size = _size_on(box, pieces, role, size_pt)
        if size > best_size:
            best_size, best = size, pieces
        if best_size >= COMFORT * size_pt:
            break
    return best_size, best


def _size_on(box: Box, pieces: Sequence[str], role: Role, size_pt: float) -> float:
    """The largest size, up to ``size_pt``, at which these lines fit the box."""
    room = mm_to_pt(box.width_mm - 2 * PADDING_MM)
    height = mm_to_pt(box.height_mm - 2 * PADDING_Y_MM)
    tallest = min(size_pt, _floor(height / (1 + (len(pieces) - 1) * LEADING)))
    widest = max(width_pt(piece, role, 1.0) for piece in pieces)
    return tallest if widest * tallest <= room else _floor(room / widest)


def require_glyphs(text: str, role: Role, title: str) -> None:
    """Makes sure that every character can be drawn.

    Raises:
        MissingGlyphs: one cannot.
    """
    lacking = missing(text, role)
    if lacking:
        raise MissingGlyphs(title, lacking)


def _floor(size_pt: float) -> float:
    return round(int(size_pt / STEP_PT + 1e-9) * STEP_PT, 1)


def _in_box(box: Box, pieces: Sequence[str], role: Role, size_pt: float, align: Align) -> tuple[Line, ...]:
    step = pt_to_mm(size_pt * LEADING)
    middle = box.y_mm + box.height_mm / 2 - step * (len(pieces) - 1) / 2
    placed = []
    for index, piece in enumerate(pieces):
        baseline = middle + step * index + pt_to_mm(size_pt * CENTRE)
        x_mm, spacing = _across(box, piece, role, size_pt, align)
        placed.append(Line(round(x_mm, 4), round(baseline, 4), piece, round(spacing, 4)))
    return tuple(placed)


def _across(box: Box, text: str, role: Role, size_pt: float, align: Align) -> tuple[float, float]:
    """Where the line begins (mm), and the extra space per character (pt) that spreads it (均等割付)."""
    left, room = box.x_mm + PADDING_MM, box.width_mm - 2 * PADDING_MM
    width = pt_to_mm(width_pt(text.rstrip(), role, size_pt))  # the space a line ended at has no ink
    if align == "center":
        return left + (room - width) / 2, 0.0
    if align == "right":
        return left + room - width, 0.0
    count = len(clusters(text))
    if align == "justify" and count > 1:
        return left, mm_to_pt(room - width) / (count - 1)
    if align == "justify":
        return left + (room - width) / 2, 0.0
    return left, 0.0


def split_evenly(text: str, role: Role, count: int, *, comely: bool = True) -> list[str]:
    """The text on ``count`` lines, the widest as narrow as possible; ``comely``: where it costs little after a space or ・,
    and not within a number."""
    pieces: list[str] = []
    rest = text
    for left in range(count, 1, -1):
        cut = _best_cut(rest, role, left, comely)
        pieces.append(rest[:cut])
        rest = rest[cut:]
    return [*pieces, rest]


def _best_cut(text: str, role: Role, lines_left: int, comely: bool) -> int:
    parts = clusters(text)
    total = sum(cluster_advance(part, role) for part in parts)
    goal, best, best_cost = total / lines_left, len(text), float("inf")
    position, width = 0, 0
    for part, following in itertools.pairwise(parts):
        position += len(part)
        width += cluster_advance(part, role)
        if following in NOT_FIRST or part in NOT_LAST or following.isspace():
            continue
        cost = abs(width - goal)
        if comely:
            cost += total * 0.15 * _ugliness(part, following)
        if cost < best_cost:
            best, best_cost = position, cost
    return best


def _ugliness(part: str, following: str) -> int:
    """-1 where a field's line best ends, 1 where it should not, else 0."""
    if _in_number(part, following) or part + following in WHOLE:
        return 1
    return -1 if part.isspace() or part == "・" else 0


def _in_number(before: str, after: str) -> bool:
    return before in IN_NUMBER and (after in IN_NUMBER or after in COUNTERS)


def break_lines(text: str, role: Role, size_pt: float, width_mm: float) -> list[str]:
    """The text on lines no wider than ``width_mm``, keeping the Japanese rules for line ends (禁則) and numbers whole."""
    room = mm_to_pt(width_mm) * 1000 / size_pt
    parts = clusters(text)
    starts, width, index = [0], 0, 0
    while index < len(parts):
        advance = cluster_advance(parts[index], role)
        if width + advance > room and index > starts[-1]:
            index, width = _allowed_cut(parts, starts[-1], index), 0
            starts.append(index)
            continue
        width += advance
        index += 1
    letters = [place for place, part in enumerate(parts) if part not in MARKS]
    if len(starts) > 1 and starts[-1] - starts[-2] >= LENDS and len(letters) >= LAST_LINE:
        starts[-1] = min(starts[-1], _allowed_cut(parts, starts[-2], letters[-LAST_LINE]))
    return ["".join(parts[start:end]) for start, end in itertools.pairwise([*starts, len(parts)])]


def _allowed_cut(parts: Sequence[str], start: int, cut: int) -> int:
    """The nearest place at or before ``cut`` where a line may end; ``cut`` itself where there is none."""
    place = cut
    while place > start + 1:
        before, after = parts[place - 1], parts[place]
        word = before.isascii() and after.isascii() and before.isalnum() and after.isalnum()
        whole = word or _in_number(before, after)
        dated = before + after in ERAS or (before in IN_DATE and after in IN_NUMBER)
        if after not in NOT_FIRST and before not in NOT_LAST and not whole and not dated:
            return place
        place -= 1
    return cut


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph that hangs behind its mark (``1.``); without a mark it begins at the left edge."""

    text: str
    mark: str = ""


def flow(
    columns: Sequence[Box],
    paragraphs: Sequence[Paragraph],
    role: Role,
    size_pt: float,
    min_size_pt: float,
    *,
    leading: float = 1.3,
    gap: float = 0.25,
    title: str = "",
) -> Placed:
    """Paragraphs down the columns at the largest size that holds them all; one goes on in the next column only where they
    do not fit whole.

    ``leading`` and ``gap`` (after a paragraph) are multiples of the type size.

    Raises:
        MissingGlyphs: a character has no glyph.
        TextDoesNotFit: even ``min_size_pt`` is too large.
    """
    title = title or columns[0].name
    for paragraph in paragraphs:
        require_glyphs(paragraph.mark + paragraph.text, role, title)
    placed = _largest_flow(tuple(columns), tuple(paragraphs), role, size_pt, min_size_pt, leading, gap)
    if placed is None:
        raise TextDoesNotFit(title)
    return placed


@lru_cache(maxsize=64)  # the notes of a form are the same in every file
def _largest_flow(
    columns: tuple[Box, ...],
    paragraphs: tuple[Paragraph, ...],
    role: Role,
    size_pt: float,
    min_size_pt: float,
    leading: float,
    gap: float,
) -> Placed | None:
    hang = max((width_pt(paragraph.mark, role, 1.0) for paragraph in paragraphs), default=0.0) + MARK_GAP
    for whole in (True, False):
        size = size_pt
        while size >= min_size_pt - 1e-9:
            lines = _flow_at(columns, paragraphs, role, size, leading, gap, hang, whole=whole)
            if lines is not None:
                return Placed(role, size, tuple(lines))
            size = round(size - STEP_PT / 2, 4)
    return None


def _flow_at(
    columns: Sequence[Box],
    paragraphs: Sequence[Paragraph],
    role: Role,
    size_pt: float,
    leading: float,
    gap: float,
    hang: float,
    *,
    whole: bool,
) -> list[Line] | None:
    em, placed, column, y_mm = pt_to_mm(size_pt), [], 0, columns[0].y_mm + PADDING_Y_MM
    for paragraph in paragraphs:
        indent = hang * em if paragraph.mark else 0.0
        width = columns[0].width_mm - 2 * PADDING_MM - indent
        lines = break_lines(paragraph.text, role, size_pt, width)
        for number, text in enumerate(lines):
            together = len(lines) if whole and number == 0 else 1
            if y_mm + em * (1 + (together - 1) * leading) > columns[column].bottom_mm - PADDING_Y_MM:
                column += 1
                if column == len(columns):
                    return None
                y_mm = columns[column].y_mm + PADDING_Y_MM
            left = columns[column].x_mm + PADDING_MM
            baseline = round(y_mm + em * (0.5 + CENTRE), 4)
            if number == 0 and paragraph.mark:
                placed.append(Line(round(left, 4), baseline, paragraph.mark))
            last = number == len(lines) - 1
            spacing = 0.0 if last else _spread(text, role, size_pt, width)
            placed.append(Line(round(left + indent, 4), baseline, text, spacing))
            y_mm += em * leading
        y_mm += em * gap
    return placed


def _spread(text: str, role: Role, size_pt: float, width_mm: float) -> float:
    """Extra space per character (pt) that brings a full line out to the right edge; none where it would gape."""
    count = len(clusters(text))
    spare = mm_to_pt(width_mm) - width_pt(text, role, size_pt)
    most = max(3.0, count / 10) * size_pt
    return round(spare / (count - 1), 4) if count > 1 and 0 < spare < most else 0.0
