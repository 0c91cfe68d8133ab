"""``docs/rules.md`` keeps step with the code: its settings, its codes, and where it says that each rule lives."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import fields

import pytest

from certificates.requests.applications.intake import ISSUE_GROUNDS, REISSUE_GROUNDS
from certificates.rules.codes import Detail, Limit, Outcome, Reason
from members.policy import PRESETS, Policy
from tests.docs.library import ROOT, Section, document


@pytest.fixture(scope="module")
def sections() -> dict[int, Section]:
    page = document("rules.md")
    assert page is not None
    return page.sections


def first_cells(text: str) -> Iterable[str]:
    """What the rows of a section's tables begin with."""
    return re.findall(r"^\| ([^|]+) \|", text, re.MULTILINE)


def test_the_sections_run_from_1_to_14(sections: dict[int, Section]) -> None:
    assert sorted(sections) == list(range(15))


def test_each_section_says_where_its_rules_live_and_they_do(sections: dict[int, Section]) -> None:
    table = sections[0].text.split("Where each rule lives")[1]
    rows = re.findall(r"^\| (\d+) \| (.+) \|$", table, re.MULTILINE)
    assert [int(number) for number, _ in rows] == list(range(1, 15))
    named = [name for _, cell in rows for name in cell.split(", ")]
    paths = [ROOT / (name if "/" in name else name.replace(".", "/")) for name in named]
    assert [
        name
        for name, path in zip(named, paths, strict=True)
        if not path.exists() and not path.with_suffix(".py").is_file()
    ] == []


def test_the_settings_that_are_explained_are_those_there_are(sections: dict[int, Section]) -> None:
    keys = {one.name for one in fields(Policy)}
    cells = [cell for cell in first_cells(sections[12].text) if cell != "key"]
    named = {key for cell in cells for key in re.split(r"[;,:]\s*", cell)}
    assert keys <= named
    assert {name for name in named if "_" in name} <= keys


@pytest.mark.parametrize("preset", PRESETS)
def test_each_preset_has_its_column(sections: dict[int, Section], preset: str) -> None:
    assert re.search(rf"\| {preset} \[\d{{3}}\]", sections[12].text)


@pytest.mark.parametrize(
    ("number", "codes"), [(4, (*Outcome, *Reason, *Detail)), (5, tuple(Limit)), (8, (*ISSUE_GROUNDS, *REISSUE_GROUNDS))]
)
def test_every_code_of_a_decision_stands_in_its_section(
    sections: dict[int, Section], number: int, codes: tuple[str, ...]
) -> None:
    assert [str(code) for code in codes if not re.search(rf"\b{code}\b", sections[number].text)] == []
