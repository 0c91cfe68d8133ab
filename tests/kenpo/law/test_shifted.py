"""One source for each value of the law: shift it in its file, and every side that asks for it moves, together."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from certificates.rules.law import LAW_FILE, Law, law_on, table
from core import parameters
from core.parameters import Parameters
from members import law as of_settings
from tests.kenpo.law import ON, SetUp, papers, people
from tests.mailing import build

FILES = (LAW_FILE, of_settings.LAW_FILE)
KEYS = [key for path in FILES for key in parameters.load(path).values]
ASKED = (*papers.ASKED, *people.ASKED)


def other(key: str, value: Any) -> Any:
    """Another value of the same kind."""
    if isinstance(value, date):
        return value + timedelta(1)
    if key == "elderly_age":
        return value - 2  # earlier by more than what queries leave to the rule
    if isinstance(value, int):
        return value + (10_000 if key.endswith("_yen") else 10 if key.endswith("_percent") else 1)
    # Text: an end that was not set, or a day of every year.
    return "04-01" if value else ON - timedelta(1)


@pytest.fixture
def shift(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], None]]:
    """Puts another value into the file of the law, for all its days."""
    real = parameters.load

    def shifted(key: str) -> None:
        def load(path: Path) -> Parameters:
            found = real(path)
            if path not in FILES or key not in found.values:
                return found
            values = tuple(replace(each, value=other(key, each.value)) for each in found.values[key])
            return replace(found, values={**found.values, key: values})

        monkeypatch.setattr(parameters, "load", load)
        law_on.cache_clear()

    yield shifted
    law_on.cache_clear()


def test_the_files_hold_the_values_of_the_law_and_each_is_asked_for() -> None:
    assert len(KEYS) == len(set(KEYS))
    assert set(KEYS) == {field.name for field in fields(Law)} == set(table().values)
    assert set(KEYS) == {key for key, *_ in ASKED}, "a value that nobody is asked about has no reader"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("key", "set_up", "policy"), ASKED, ids=[f"{key} {set_up.__name__}" for key, set_up, _ in ASKED]
)
def test_whoever_asks_for_a_value_moves_with_it(
    key: str, set_up: SetUp, policy: Mapping[str, Any], home: Path, shift: Callable[[str], None]
) -> None:
    ask = set_up(build.office(**policy))
    before = ask()
    shift(key)
    after = ask()
    for said in (before, after):
        assert all(side == said[0] for side in said), said
    assert before[0] != after[0], "the value has moved and nobody has noticed"
