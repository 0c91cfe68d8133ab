"""Every character of the name typeface goes into a PDF and comes back as itself: no sample, all of them.

That is each character of its table, compatibility kanji and supplementary planes included, and each variation
sequence, also those that look like their base (default sequences).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from core.errors import Fault
from core.paper import fonts, readback
from core.paper.book import Book
from core.paper.draw import Line, Placed
from core.paper.sheet import Sheet
from tests.conftest import require

SHEET = Sheet(420, 420)
PER_LINE, PER_PAGE = 80, 80
BOOKS = 4
STEP_MM = 5.0


@pytest.fixture(scope="module", autouse=True)
def installed() -> None:
    try:
        fonts.font_file("name")
    except Fault:
        require("the print fonts", False)


def every_cluster() -> list[str]:
    face = fonts.typeface("name")
    return sorted(face.characters) + sorted(face.sequences)


def batched(items: Sequence[str], size: int) -> Iterator[Sequence[str]]:
    return (items[start : start + size] for start in range(0, len(items), size))


def lines(clusters: list[str]) -> Iterator[str]:
    """The clusters in lines; white space, which no reader keeps at a line's end, stands between two kanji."""
    shown = ["一" + each + "一" if each.isspace() else each for each in clusters]
    for part in batched(shown, PER_LINE):
        yield "".join(part)


def bind(path: Path, texts: list[str]) -> list[list[str]]:
    """A book of the texts, one a line; answers what stands on each page."""
    pages = [list(page) for page in batched(texts, PER_PAGE)]
    with Book(path) as book:
        for page in pages:
            pen = book.pen(SHEET)
            placed = (Line(5, 5 + STEP_MM * (row + 1), text) for row, text in enumerate(page))
            pen.put(Placed("name", 8, tuple(placed)))
            book.add_page(pen, kind="test", reference="")
    return pages


def test_all_kinds_are_among_them() -> None:
    face, clusters = fonts.typeface("name"), set(every_cluster())
    assert len(clusters) > 60_000
    assert {"\ufa19", "\U00020bb7", "\u9089\U000e0110"} <= clusters
    defaults = [one for one in face.sequences if face.glyph(one) == face.glyph(one[0])]
    assert len(face.sequences) > 10_000 and len(defaults) > 1_000
    assert sum(ord(one[0]) > 0xFFFF for one in clusters) > 20_000


@pytest.mark.parametrize("part", range(BOOKS))
def test_it_comes_back_as_itself(part: int, tmp_path: Path) -> None:
    texts = list(lines(every_cluster()))[part::BOOKS]
    pages = bind(tmp_path / "book.pdf", texts)
    with readback.open_pdf(tmp_path / "book.pdf") as pdf:
        for number, page in enumerate(pages, start=1):
            found = readback.full_text(pdf, number).splitlines()
            assert len(found) == len(page)
            for one, other in zip(page, found, strict=True):
                assert one == other
