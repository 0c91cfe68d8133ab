"""A certificate granted whatever other routes there are: its successors. Source: rules.md §4 "Successor"."""

from __future__ import annotations

from datetime import date

import pytest

from certificates.rules.facts import FundRow, MemberFacts
from certificates.rules.law import law_on
from certificates.rules.monthly import days_of_run, forced
from members import policy as policies

ON = date(2026, 9, 10)
DAYS = days_of_run(as_of=date(2026, 8, 31), decided_on=ON)
USABLE = FundRow("registered", date(2026, 8, 31), registered_on=date(2024, 1, 10), expires_on=date(2029, 1, 10))


@pytest.mark.parametrize(
    ("born", "ground", "then"),
    [
        # 70 in September, October (the last day that counts before the next run's paper), November.
        (date(1956, 9, 15), "needs_assistance", [date(2026, 10, 1)]),
        (date(1956, 10, 15), "needs_assistance", []),
        (date(1956, 9, 15), "assistance_renewal", [date(2026, 10, 1)]),
        # Of any other ground the マイナ保険証 that the fund reports is a route.
        (date(1956, 9, 15), "lost_card", []),
    ],
)
def test_who_needs_assistance_has_a_successor_beside_a_usable_myna(born: date, ground: str, then: list[date]) -> None:
    facts = MemberFacts(date(2000, 4, 1), born, row=USABLE)
    decided = forced(facts, ground, DAYS, policies.build("toyobo", {}), law_on(ON))
    assert [period.effective_on for period in decided.successors] == then
