"""Every value of a filing is asked on the form and in the table as what it is, and every consequence has its sentence."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date

import pytest

from certificates.requests.filings import words
from certificates.requests.filings.fields import FIELDS, Field
from certificates.requests.filings.phrases import SHARED, Saying
from certificates.requests.filings.table import HANDLERS
from certificates.rules.filing_kinds import Kind
from core import plausible
from kenpo.intake.load.columns import members
from kenpo.intake.tables.columns import column, filings
from tests.docs.library import code

NOT_IN_THE_TABLE = column("no_such_column").label


def is_day(field: Field) -> bool:
    return field.window is not None


def is_flag(field: Field) -> bool:
    return not is_day(field) and field.read("1") is True


def is_code(field: Field) -> bool:
    try:
        field.check("架空の値")
    except ValueError as wrong:
        return "のどれか" in str(wrong) and not is_flag(field)
    return False


def is_amount(field: Field) -> bool:
    return field.read is int


def those(what: Callable[[Field], bool]) -> set[str]:
    return {name for name, field in FIELDS.items() if what(field)}


def test_every_kind_has_its_handler_and_every_value_belongs_to_one() -> None:
    assert set(HANDLERS) == set(Kind)
    assert {name for one in HANDLERS.values() for name in (*one.required, *one.may_carry)} == set(FIELDS)


@pytest.mark.parametrize(
    ("kind", "what"), [("day", is_day), ("flag", is_flag), ("code", is_code), ("amount", is_amount)]
)
def test_a_value_is_read_as_its_type_says(kind: str, what: Callable[[Field], bool]) -> None:
    assert those(lambda field: field.type == kind) == those(what) != set()


def test_codes_and_flags_have_words_and_take_no_others() -> None:
    assert those(lambda field: bool(field.choices)) == those(lambda field: field.type in ("code", "flag"))
    for field in FIELDS.values():
        for told, said in field.choices:
            assert field.check(told) == told and said


def test_a_day_that_a_load_brings_as_well_has_the_same_window_there() -> None:
    loaded = {one.source for one in members(None, date(2026, 11, 10)).columns} & those(is_day)
    assert loaded == {"birth_date", "fund_registered_on"}
    assert {name: FIELDS[name].window for name in loaded} == {name: plausible.window(name) for name in loaded}


def test_the_table_has_a_column_for_each_value() -> None:
    assert {one.name for one in filings()} >= set(FIELDS)
    assert [one.name for one in filings() if one.label == NOT_IN_THE_TABLE] == []


def test_every_consequence_has_its_sentence() -> None:
    noted = {
        name for path in code(".py") for name in re.findall(r'\.follows\(\s*"(\w+)"', path.read_text(encoding="utf-8"))
    }
    assert "voided" in noted
    assert noted - set(words.sayings()) == set()


def test_no_consequence_has_two_sentences() -> None:
    told: dict[str, Saying] = dict(SHARED)
    for handler in HANDLERS.values():
        for one, say in handler.sayings.items():
            assert told.setdefault(one, say) is say, one
