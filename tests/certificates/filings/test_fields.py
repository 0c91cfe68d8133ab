"""Every value of a filing is asked on the form and in the table as what it is, and every consequence has its sentence."""

from __future__ import annotations

import re
from collections.abc import Callable

from certificates.pages.filing_form import CHOICES, DAYS, FLAGS
from certificates.requests.filings import words
from certificates.requests.filings.fields import FIELDS, Field
from certificates.requests.filings.table import HANDLERS
from certificates.rules.filing_kinds import Kind
from kenpo.intake.tables.columns import FILINGS, column
from kenpo.pages.tables_check import WORDS
from tests.docs.library import code

NOT_IN_THE_TABLE = column("no_such_column").label
CODES = {*CHOICES, "reason"}


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


def those(what: Callable[[Field], bool]) -> set[str]:
    return {name for name, field in FIELDS.items() if what(field)}


def test_every_kind_has_its_handler_and_every_value_belongs_to_one() -> None:
    assert set(HANDLERS) == set(Kind)
    assert {name for one in HANDLERS.values() for name in (*one.required, *one.may_carry)} == set(FIELDS)


def test_the_form_asks_each_value_as_what_it_is() -> None:
    assert those(is_day) == set(DAYS)
    assert those(is_flag) == set(FLAGS)
    assert those(is_code) == CODES


def test_the_table_has_each_value_as_what_it_is() -> None:
    form = {one.name: one.form for one in FILINGS}
    for kind, names in (("day", those(is_day)), ("flag", those(is_flag)), ("code", those(is_code))):
        assert {name for name in FIELDS if form[name] == kind} == names
    assert [one.name for one in FILINGS if one.label == NOT_IN_THE_TABLE] == []
    assert those(is_code) - set(WORDS) == set()


def test_every_consequence_has_its_sentence() -> None:
    noted = {
        name for path in code(".py") for name in re.findall(r'\.follows\(\s*"(\w+)"', path.read_text(encoding="utf-8"))
    }
    assert "voided" in noted
    assert noted - set(words._SAYINGS) == set()
