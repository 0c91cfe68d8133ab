"""The monthly decision against the tables of ``tests/cases``: every column, and nothing beyond them."""

from __future__ import annotations

from collections import Counter
from datetime import date

import pytest

from certificates.rules.codes import Detail, Limit, Outcome, Reason
from certificates.rules.facts import MemberFacts
from certificates.rules.law import law_on
from certificates.rules.monthly import days_of_run, periods
from certificates.rules.validity import Validity
from core.errors import Refused
from members import policy as policies
from tests.certificates import TableCase, answer_of, table_cases

CASES = table_cases()
ANSWERED = [case for case in CASES if "refused" not in case.expect]
REFUSED = [case for case in CASES if "refused" in case.expect]
# what follows from an answer, besides the columns that acceptance checks read
FOLLOWING = {"recover", "first_gap", "straight_home", "replaced"}


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
    assert {each["reason"] for each in said} == set(Reason)
    assert {each["detail"] for each in said if "detail" in each} == set(Detail)
    assert {each["limit"] for each in periods if "limit" in each} == set(Limit)


@by_name(ANSWERED)
def test_only_the_columns_of_the_outcome_are_filled(case: TableCase) -> None:
    filled = set(answer_of(case.decide())) - {"outcome", "reason", *FOLLOWING}
    always = set() if case.expect["outcome"] == "not_covered" else {"need_from"}
    if case.expect["outcome"] == "issue":
        always |= {"kind", "effective_on", "valid_through", "limit"}
    if case.expect["outcome"] in ("wait", "review"):
        always |= {"due_on"}
    optional = {"then", "detail"} if case.expect["outcome"] in ("issue", "review") else set()
    assert always <= filled <= always | optional
    assert ("detail" in filled) == (case.expect["reason"] in ("not_registered", "row_unusable"))


@pytest.mark.parametrize(
    ("decided_on", "last"),
    [
        (date(2026, 11, 1), date(2026, 12, 31)),
        (date(2026, 11, 30), date(2026, 12, 31)),
        (date(2026, 12, 1), date(2027, 1, 31)),
        (date(2027, 1, 31), date(2027, 2, 28)),
        (date(2028, 1, 31), date(2028, 2, 29)),
    ],
)
def test_the_next_paper_is_in_hand_by_the_end_of_the_next_month(decided_on: date, last: date) -> None:
    days = days_of_run(as_of=date(2026, 10, 31), decided_on=decided_on)
    assert (days.next_arrives_by, days.issue_on) == (last, decided_on)


def periods_for(birth_date: date, reason: str, policy: dict[str, object]) -> tuple[Validity, ...]:
    """The periods issued on 12 November to somebody who joined on the 2nd."""
    first, successors, _ = periods(
        MemberFacts(acquired_on=date(2026, 11, 2), birth_date=birth_date),
        date(2026, 11, 12),
        reason,
        need_from=date(2026, 11, 12),
        days=days_of_run(as_of=date(2026, 10, 31), decided_on=date(2026, 11, 12)),
        policy=policies.build("toyobo", policy),
        law=law_on(date(2026, 11, 12)),
    )
    return first, *successors


@pytest.mark.parametrize(
    ("reason", "policy", "valid_through", "limit"),
    [
        ("unsettled", {}, date(2027, 2, 28), Limit.SHORT_TERM),
        ("unsettled", {"short_term_months": 6}, date(2027, 5, 31), Limit.SHORT_TERM),
        ("unsettled", {"short_term_grounds": []}, date(2031, 11, 11), Limit.SCHEME),
        ("lost_card", {}, date(2031, 11, 11), Limit.SCHEME),
        ("lost_card", {"short_term_grounds": ["lost_card"]}, date(2027, 2, 28), Limit.SHORT_TERM),
        ("renewing_card", {"short_term_grounds": ["lost_card"]}, date(2031, 11, 11), Limit.SCHEME),
    ],
)
def test_only_the_grounds_of_the_policy_are_short_term(
    reason: str, policy: dict[str, object], valid_through: date, limit: Limit
) -> None:
    issued = periods_for(date(1980, 5, 15), reason, policy)
    assert issued == (Validity(date(2026, 11, 12), valid_through, limit),)


def test_the_successor_of_a_short_term_certificate_keeps_its_short_day() -> None:
    assert periods_for(date(1956, 11, 20), "unsettled", {}) == (
        Validity(date(2026, 11, 12), date(2026, 11, 30), Limit.TURNS_70),
        Validity(date(2026, 12, 1), date(2027, 2, 28), Limit.SHORT_TERM),
    )
