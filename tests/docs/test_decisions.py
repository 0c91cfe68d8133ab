"""``docs/decisions``: one page a decision, numbered without a gap, each in the index and under the same headings."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

from tests.docs.pages import DOCS, page, rows

FOLDER = DOCS / "decisions"
PAGES = sorted(path for path in FOLDER.glob("*.md") if path.name != "README.md")
HEADINGS = ["Context", "Decision", "Turned down", "Consequence"]
MOST_LINES = 30


def first_lines(path: Path) -> tuple[str, str, str]:
    """Number, title and day of a decision."""
    start = re.match(r"# (\d+)\. (.+)\n\nDate: (\d{4}-\d\d-\d\d)\n", path.read_text(encoding="utf-8"))
    assert start, path.name
    return start[1], start[2], start[3]


def test_they_are_numbered_without_a_gap() -> None:
    assert PAGES
    assert [path.name[:4] for path in PAGES] == [f"{number:04d}" for number in range(1, len(PAGES) + 1)]
    assert [int(first_lines(path)[0]) for path in PAGES] == list(range(1, len(PAGES) + 1))


def test_the_index_lists_each_with_its_title_and_day() -> None:
    expected = []
    for path in PAGES:
        number, title, day = first_lines(path)
        expected.append([number, f"[{title}]({path.name})", day])
    assert rows(page("decisions/README.md"), "No.") == expected


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.stem))
def test_each_is_one_short_page_under_the_same_headings(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert re.fullmatch(r"\d{4}(-[a-z0-9]+)+", path.stem)
    assert re.findall(r"^## (.+)$", text, re.MULTILINE) == HEADINGS
    assert all(part.strip() for part in re.split(r"^## .+$", text, flags=re.MULTILINE)[1:])
    assert len(text.splitlines()) <= MOST_LINES
    date.fromisoformat(first_lines(path)[2])


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.stem))
def test_what_it_links_to_is_there(path: Path) -> None:
    linked = re.findall(r"\]\(([^)#]+)\)", path.read_text(encoding="utf-8"))
    assert [name for name in linked if "://" not in name and not (path.parent / name).exists()] == []
