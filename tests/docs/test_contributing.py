"""``CONTRIBUTING.md``: the eight changes are all described, and every file, test and command that it names is there."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from django.core.management import get_commands

from tests.docs.library import DOCS, ROOT
from tests.docs.pages import headings, names, rows, section, spans

CHANGES = [
    "A value of the law",
    "A setting of the society",
    "A ground for a certificate",
    "A letter",
    "A kind of filing",
    "A kind of document",
    "A page for clerks",
    "A command",
]
ELSEWHERE = (".venv/", "admin/")
"""What a set-up brings, and addresses of pages: no files of this repository."""
ENVIRONMENT = {"KENPO_TODAY", "KENPO_REQUIRE_ALL", "DTZ"}
"""What is set from outside, and the name of ruff's rules about clocks."""
FILE = re.compile(r"[\w.<>-]+(?:/[\w.<>-]*)+|[\w.<>-]+\.(?:py|md|toml|html|yaml)")


@pytest.fixture(scope="module")
def page() -> str:
    return (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")


def paths(page: str) -> Iterator[str]:
    """Every path in a code span or block, also where it is one word of a command."""
    for span in spans(page.replace("```", "`")):
        for word in span.replace('"', " ").split():
            if FILE.fullmatch(word) and not word.startswith(ELSEWHERE):
                yield word


def there(path: str) -> bool:
    """Whether it exists, here or in ``docs``; of a path with a placeholder (``<name>``) its folder."""
    parts = path.split("/")
    certain = next((n for n, part in enumerate(parts) if "<" in part), len(parts))
    return any(base.joinpath(*parts[:certain]).exists() for base in (ROOT, DOCS))


def test_each_of_the_eight_changes_has_its_section_with_files_in_order(page: str) -> None:
    titles = [f"{number}. {title}" for number, title in enumerate(CHANGES, start=1)]
    assert [title for title in headings(page) if re.match(r"\d", title)] == titles
    for title in titles:
        steps = [int(row[0]) for row in rows(section(page, title), "")]
        assert len(steps) >= 4 and sorted(set(steps)) == list(range(1, max(steps) + 1)), title


def test_every_path_that_is_named_exists(page: str) -> None:
    named = list(paths(page))
    assert len(named) > 100 and sum("<" in path for path in named) < len(named) / 10
    assert [path for path in named if not there(path)] == []


def test_a_path_that_is_gone_would_be_told() -> None:
    gone = ["core/none.py", "none/<name>.py", "tests/none", "none.md"]
    text = f'`{gone[0]}` `core/<name>.py` `{gone[1]}` `make test ARGS="{gone[2]} -x"` `Policy` `see {gone[3]} §4`'
    assert [path for path in paths(text) if not there(path)] == gone


def test_every_test_and_name_of_the_code_is_there(page: str) -> None:
    named = {span for span in spans(page) if re.fullmatch(r"[A-Za-z_]\w+", span)}
    tests = {
        name
        for path in (ROOT / "tests").rglob("test_*.py")
        for name in re.findall(r"^def (test_\w+)", path.read_text(encoding="utf-8"), re.MULTILINE)
    }
    assert {name for name in named if name.startswith("test_")} <= tests
    known = {part for name in names() for part in name.split(".")}
    written = {name for name in named if re.fullmatch(r"_?[A-Z]{2}\w*|[A-Z]\w+[a-z]|\w+_\w+", name)}
    assert written - known - tests - ENVIRONMENT == set()


def test_every_target_and_command_is_there(page: str) -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z]+):.* # ", makefile, re.MULTILINE))
    assert set(re.findall(r"\bmake ([a-z]+)\b", "\n".join(spans(page.replace("```", "`"))))) <= targets
    assert set(re.findall(r"manage\.py ([a-z_]+)", page)) <= set(get_commands())


def test_every_link_within_the_page_leads_somewhere(page: str) -> None:
    anchors = {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in headings(page)}
    assert set(re.findall(r"\]\(#([^)]+)\)", page)) <= anchors
    files = [path for path in re.findall(r"\]\(([^)#]+)\)", page) if "://" not in path]
    assert [path for path in files if not (ROOT / path).is_file()] == []
