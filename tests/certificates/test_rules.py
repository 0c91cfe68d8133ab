"""The monthly decision against the tables of ``tests/cases``: every column, and nothing beyond them."""

from __future__ import annotations

from collections import Counter

import pytest

from certificates.codes import Detail, Limit, Outcome, Reason
from core.errors import Refused
from tests.certificates import TableCase, answer_of, table_cases

CASES = table_cases()
ANSWERED = [case for case in CASES if "refused" not in case.expect]
REFUSED = [case for case in CASES if "refused" in case.expect]
# grounds of a certificate outside the monthly decision's table
NOT_MONTHLY = {Reason.UNSETTLED}


def by_name(cases: list[TableCase]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("case", [pytest.param(case, id=case.name) for case in cases])


@by_name(ANSWERED)
def test_the_decision_is_the_tables(case: TableCase) -> None:
    assert answer_of(case.decide()) == case.expect


@by_name(REFUSED)
def test_a_fixed_scheme_with_no_date_left_is_refused(case: TableCase) -> None:
    with pytest.raises(Refused):
        case.decide()


def test_every_case_has_a_name_of_its_own() -> None:
    assert [name for name, count in Counter(case.name for case in CASES).items() if count > 1] == []


def test_the_tables_reach_every_outcome_reason_detail_and_limit() -> None:
    said = [case.expect for case in ANSWERED]
    periods = said + [period for each in said for period in each.get("then", ())]
    assert {each["outcome"] for each in said} == set(Outcome)
    assert {each["reason"] for each in said} == set(Reason) - NOT_MONTHLY
    assert {each["detail"] for each in said if "detail" in each} == set(Detail)
    assert {each["limit"] for each in periods if "limit" in each} == set(Limit)


@by_name(ANSWERED)
def test_only_the_columns_of_the_outcome_are_filled(case: TableCase) -> None:
    filled = set(answer_of(case.decide())) - {"outcome", "reason", "recover"}
    always = set() if case.expect["outcome"] == "not_covered" else {"need_from"}
    if case.expect["outcome"] == "issue":
        always |= {"kind", "effective_on", "valid_through", "limit"}
    if case.expect["outcome"] in ("wait", "review"):
        always |= {"due_on"}
    optional = {"then", "detail"} if case.expect["outcome"] == "issue" else set()
    assert always <= filled <= always | optional
    assert ("detail" in filled) == (case.expect["reason"] == "not_registered")
