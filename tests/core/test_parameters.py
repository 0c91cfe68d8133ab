"""Dated values: the one in force, its source, and never a silent default."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from certificates.rules.law import Law
from core import parameters
from core.errors import Fault
from tests.conftest import run_command
from tests.docs.library import code

GOOD = """
[years]
label = "年数"
source = "規則1条"
values = [
  { from = 2020-04-01, value = 3 },
  { from = 2024-12-02, value = 5, source = "規則2条" },
]
"""


def write(folder: Path, text: str) -> Path:
    path = folder / "law.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_value_in_force_with_its_own_source(tmp_path: Path) -> None:
    values = parameters.load(write(tmp_path, GOOD))
    assert values.labels["years"] == "年数"
    for day, value, source in (
        (date(2020, 4, 1), 3, "規則1条"),
        (date(2024, 12, 1), 3, "規則1条"),
        (date(2024, 12, 2), 5, "規則2条"),
        (date(2024, 12, 3), 5, "規則2条"),
    ):
        assert values.at("years", day) == value
        assert values.dated("years", day).source == source


def test_before_the_first_value_and_for_an_unknown_key_there_is_none(tmp_path: Path) -> None:
    values = parameters.load(write(tmp_path, GOOD))
    with pytest.raises(Fault, match="令和2年3月31日"):
        values.at("years", date(2020, 3, 31))
    with pytest.raises(Fault, match="months"):
        values.at("months", date(2026, 11, 6))


@pytest.mark.parametrize(
    "text",
    [
        GOOD.replace('label = "年数"', 'label = ""'),
        GOOD.replace('source = "規則1条"', 'source = ""'),
        GOOD.replace("2024-12-02", "2020-04-01"),
        GOOD.replace("2024-12-02", "2019-01-01"),
        '[years]\nlabel = "年数"\nsource = "規則1条"\nvalues = []',
    ],
)
def test_a_file_that_is_not_whole_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(Fault):
        parameters.load(write(tmp_path, text))


def test_every_value_of_the_law_is_read_and_every_one_that_is_read_is_there() -> None:
    files = [path for path in code(".toml") if path.name == "law.toml"]
    assert sorted(key for path in files for key in parameters.load(path).labels) == sorted(Law.__slots__)


@pytest.mark.django_db
def test_everything_that_is_shipped_is_whole() -> None:
    answer = run_command("check_parameters")
    assert answer.code == 0, answer.err
    assert answer.json["presets"] == 4
    assert answer.json["keys"] >= 10
