"""Cutting planned envelopes into dispatch days: no database, no paper."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.calendar import is_business_day
from core.errors import BadInput
from mailing.envelopes import Paper, Plan
from mailing.planning.days import DayLimit, DayPart, cut, sheets, uncut
from tests.mailing.test_envelopes import ESTABLISHMENT, TO_HOME, paper, planned

MONDAY = date(2026, 11, 9)
FIRST = DayLimit(1, MONDAY)


def bundle(establishment: int, households: Sequence[int], persons: int = 1) -> list[Paper]:
    return [
        paper(household, branch, establishment_id=establishment, establishment_code=f"{establishment:03d}")
        for household in households
        for branch in range(persons)
    ]


def days(parts: Sequence[DayPart]) -> dict[date, list[int]]:
    found: dict[date, list[int]] = defaultdict(list)
    for part in parts:
        found[part.on] += [p.id for e in part.envelopes for p in e.papers]  # type: ignore[index]
    return dict(found)


def lengths(parts: Sequence[DayPart]) -> dict[int, int]:
    """Sheets by day of November."""
    return {on.day: len(ids) for on, ids in days(parts).items()}


@pytest.mark.parametrize(
    ("per_day", "expected"), [(3, {9: 3, 10: 1}), (4, {9: 4}), (5, {9: 4}), (1, {9: 1, 10: 1, 11: 1, 12: 1})]
)
def test_one_sheet_less_than_the_limit_the_limit_and_one_more(per_day: int, expected: dict[int, int]) -> None:
    plan = planned([paper(n) for n in range(1, 5)], TO_HOME)
    assert lengths(cut(plan, DayLimit(per_day, MONDAY), {})) == expected


def test_days_are_business_days_and_a_first_one_that_is_none_moves_on() -> None:
    plan = planned([paper(n) for n in range(1, 4)], TO_HOME)
    saturday = DayLimit(1, date(2026, 11, 21))  # 11-23 is a holiday
    assert list(days(cut(plan, saturday, {}))) == [date(2026, 11, 24), date(2026, 11, 25), date(2026, 11, 26)]
    friday = DayLimit(1, date(2026, 11, 20))
    assert list(days(cut(plan, friday, {}))) == [date(2026, 11, 20), date(2026, 11, 24), date(2026, 11, 25)]


@pytest.mark.parametrize(("second", "expected"), [(1, {9: [300, 400, 500]}), (2, {9: [300, 400], 10: [500, 600]})])
def test_a_bundle_that_does_not_fit_any_more_leaves_the_next_day_whole(
    second: int, expected: dict[int, list[int]]
) -> None:
    plan = planned([*bundle(1, (3, 4)), *bundle(2, (5, 6)[:second])])
    parts = cut(plan, DayLimit(3, MONDAY), {})
    assert {on.day: ids for on, ids in days(parts).items()} == expected


def test_a_bundle_larger_than_a_day_has_days_of_its_own_cut_between_households() -> None:
    plan = planned([*bundle(1, [1]), *bundle(2, (2, 3, 4), persons=2), *bundle(3, [5])])
    parts = cut(plan, DayLimit(5, MONDAY), {})
    assert {on.day: ids for on, ids in days(parts).items()} == {
        9: [100],
        10: [200, 201, 300, 301],
        11: [400, 401],
        12: [500],
    }
    assert [[e.position for e in part.envelopes] for part in parts] == [[1], [1, 2], [1], [1]]
    assert [[e.bundle_position for e in part.envelopes] for part in parts] == [[1], [1, 2], [1], [1]]


def test_a_household_in_several_envelopes_leaves_on_one_day_even_above_the_limit() -> None:
    plan = planned([paper(1), *(paper(2, branch) for branch in range(6)), paper(3)], TO_HOME)
    parts = cut(plan, DayLimit(4, MONDAY), {})
    assert lengths(parts) == {9: 1, 10: 6, 11: 1}
    assert [len(part.envelopes) for part in parts] == [1, 2, 1]


def test_two_households_under_one_number_that_lie_between_each_other_stay_together() -> None:
    twins = [paper(1, 0), paper(2, 1, number="0001"), paper(1, 2, id=9, own_address=None)]
    plan = planned(twins, TO_HOME, sheets=1)
    assert [e.household_id for es in plan.dispatches.values() for e in es] == [100, 200, 100]
    assert lengths(cut(plan, DayLimit(1, MONDAY), {})) == {9: 3}


def test_the_papers_of_a_day_count_together_whatever_their_dispatch() -> None:
    notices = [paper(n, id=n, kind="notice", form="a4") for n in (8, 9)]
    plan = planned([paper(1), paper(2), *notices], TO_HOME, together=False)
    parts = cut(plan, DayLimit(3, MONDAY), {})
    assert [(part.key.kind, part.on, sheets(part.envelopes)) for part in parts] == [
        ("certificate", MONDAY, 2),
        ("notice", MONDAY, 1),
        ("notice", date(2026, 11, 10), 1),
    ]


def test_a_day_that_has_to_take_something_already_takes_only_the_rest() -> None:
    plan = planned([paper(n) for n in range(1, 6)], TO_HOME)
    taken = {MONDAY: 2, date(2026, 11, 10): 3, date(2026, 11, 11): 1}
    assert lengths(cut(plan, DayLimit(3, MONDAY), taken)) == {9: 1, 11: 2, 12: 2}


def test_uncut_is_the_plan_itself() -> None:
    plan = planned([paper(1), paper(2)], TO_HOME)
    assert {part.key: list(part.envelopes) for part in uncut(plan)} == plan.dispatches
    assert {part.on for part in uncut(plan)} == {None}


@given(
    st.lists(st.tuples(st.integers(1, 4), st.integers(1, 12), st.integers(0, 6)), unique=True),
    st.integers(1, 9),
    st.integers(1, 4),
    st.sampled_from([ESTABLISHMENT, TO_HOME]),
    st.dates(date(2026, 1, 1), date(2027, 12, 31)),
)
def test_nothing_lost_nothing_twice_nobody_divided_no_day_too_full_and_in_order(
    people: list[tuple[int, int, int]], per_day: int, most: int, ways: dict[str, str], first: date
) -> None:
    papers = [
        paper(
            establishment * 100 + household,
            branch,
            establishment_id=establishment,
            establishment_code=f"{establishment:03d}",
        )
        for establishment, household, branch in people
    ]
    plan = planned(papers, ways, sheets=most)
    parts = cut(plan, DayLimit(per_day, first), {})
    for key, envelopes in plan.dispatches.items():
        mine = [part for part in parts if part.key == key]
        assert [e.papers for part in mine for e in part.envelopes] == [e.papers for e in envelopes]
        assert all(a.on < b.on for a, b in pairwise(mine))  # type: ignore[operator]
        for part in mine:
            assert [e.position for e in part.envelopes] == list(range(1, len(part.envelopes) + 1))
    _check_days(plan, parts, per_day, first)


def _check_days(plan: Plan, parts: Sequence[DayPart], per_day: int, first: date) -> None:
    by_day: dict[date, list[DayPart]] = defaultdict(list)
    where: dict[int, set[date]] = defaultdict(set)
    for part in parts:
        assert part.on is not None and part.on >= first and is_business_day(part.on)
        by_day[part.on].append(part)
        for envelope in part.envelopes:
            where[envelope.household_id].add(part.on)
    assert all(len(on) == 1 for on in where.values())
    for found in by_day.values():
        if sum(sheets(part.envelopes) for part in found) > per_day:
            assert len({e.household_id for part in found for e in part.envelopes}) == 1
    for envelopes in plan.dispatches.values():
        for establishment in {e.establishment_id for e in envelopes} - {None}:
            whole = sheets([e for e in envelopes if e.establishment_id == establishment])
            on = {p.on for p in parts for e in p.envelopes if e.establishment_id == establishment}
            others = {
                e.establishment_id for p in parts if p.on in on for e in p.envelopes
            }  # who leaves on the same days
            assert len(on) == 1 if whole <= per_day else others == {establishment}


@pytest.mark.parametrize(("per_day", "first"), [(0, None), (-1, None), (1, date(2026, 11, 8))])
def test_no_sheets_a_day_or_a_day_that_has_passed_cannot_be_planned(per_day: int, first: date | None) -> None:
    with pytest.raises(BadInput):
        DayLimit.checked(per_day, first, on=MONDAY)


def test_the_limit_begins_on_the_day_given_or_on_the_day_itself() -> None:
    assert DayLimit.checked(1, None, on=MONDAY) == FIRST
    assert DayLimit.checked(1, MONDAY, on=MONDAY) == FIRST
    assert DayLimit.checked(2, date(2026, 11, 10), on=MONDAY) == DayLimit(2, date(2026, 11, 10))
