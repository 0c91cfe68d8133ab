"""Ends of cover and of certificates: short terms, schemes, and which limit is said (rules.md §3, §5)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from certificates.rules.codes import Limit
from certificates.rules.facts import InsuredCover, MemberFacts
from certificates.rules.law import law_on
from certificates.rules.validity import Validity, last_day_of_cover, scheme_end, short_term_end, turns_70_day, validity
from core.calendar import FAR_FUTURE
from core.errors import BadInput, Refused
from members import policy as policies

DAY = timedelta(days=1)
TODAY = date(2026, 11, 6)
LAW = law_on(TODAY)
DATES = st.dates(date(2025, 1, 1), date(2032, 12, 31))


def member(**facts: Any) -> MemberFacts:
    return MemberFacts(**{"acquired_on": date(2020, 4, 1), "birth_date": date(1980, 5, 15), **facts})


def insured(**facts: Any) -> InsuredCover:
    usual = {"coverage_kind": "regular", "lost_on": None, "resident": True}
    return InsuredCover(**{**usual, "acquired_on": date(2015, 4, 1), "birth_date": date(1979, 1, 2), **facts})


def period(
    effective_on: date,
    *,
    short_term: bool = False,
    preset: str = "toyobo",
    facts: Any = None,
    next_certificate_on: date | None = None,
    **policy: Any,
) -> Validity:
    built = policies.build(preset, policy)
    return validity(
        facts or member(),
        effective_on,
        short_term_through=short_term_end(effective_on, built.short_term_months) if short_term else None,
        next_certificate_on=next_certificate_on,
        policy=built,
        law=LAW,
    )


@pytest.mark.parametrize(
    ("facts", "last"),
    [
        pytest.param({}, date(2055, 5, 14), id="the day before 75"),
        pytest.param({"lost_on": date(2027, 4, 1)}, date(2027, 3, 31), id="the day before the loss"),
        pytest.param({"birth_date": date(1951, 11, 7)}, date(2026, 11, 6), id="75 tomorrow"),
        pytest.param({"birth_date": date(1952, 2, 29)}, date(2027, 2, 28), id="75 from 29 February"),
        pytest.param({"birth_date": date(1952, 3, 1)}, date(2027, 2, 28), id="75 on 1 March"),
        pytest.param({"birth_date": date(1953, 3, 1)}, date(2028, 2, 29), id="75 on 1 March of a leap year"),
        pytest.param({"birth_date": date(1951, 11, 7), "resident": False}, FAR_FUTURE, id="abroad there is no 75"),
        pytest.param(
            {"coverage_kind": "voluntary", "acquired_on": date(2024, 2, 29)},
            date(2026, 2, 28),
            id="two years from 29 February",
        ),
        pytest.param(
            {"coverage_kind": "voluntary", "acquired_on": date(2026, 4, 1)},
            date(2028, 3, 31),
            id="two years from 1 April",
        ),
        pytest.param(
            {"coverage_kind": "special_retired", "acquired_on": date(2020, 4, 1), "birth_date": date(1960, 5, 1)},
            date(2035, 4, 30),
            id="special retirement has no term",
        ),
        pytest.param(
            {"kind": "dependent", "insured": insured(lost_on=date(2027, 4, 1))},
            date(2027, 3, 31),
            id="with the insured person's loss",
        ),
        pytest.param(
            {"kind": "dependent", "insured": insured(birth_date=date(1952, 2, 29))},
            date(2027, 2, 28),
            id="with the insured person's 75",
        ),
        pytest.param(
            {
                "kind": "dependent",
                "coverage_kind": "voluntary",
                "acquired_on": date(2024, 12, 1),
                "insured": insured(coverage_kind="voluntary", acquired_on=date(2026, 4, 1)),
            },
            date(2028, 3, 31),
            id="with the insured person's term, not two years of its own",
        ),
        pytest.param(
            {"kind": "dependent", "lost_on": date(2027, 1, 1), "insured": insured(lost_on=date(2027, 4, 1))},
            date(2026, 12, 31),
            id="before the insured person",
        ),
        pytest.param(
            {"kind": "dependent", "birth_date": date(1951, 12, 2), "insured": insured()},
            date(2026, 12, 1),
            id="the dependent's own 75",
        ),
    ],
)
def test_the_last_day_of_cover_is_the_earliest_end(facts: dict[str, Any], last: date) -> None:
    assert last_day_of_cover(member(**facts), LAW) == last


@pytest.mark.parametrize(
    ("born", "day"),
    [
        (date(1956, 11, 30), date(2026, 11, 30)),
        (date(1956, 12, 1), date(2026, 11, 30)),
        (date(1956, 12, 2), date(2026, 12, 31)),
        (date(1957, 1, 1), date(2026, 12, 31)),
        (date(1957, 1, 2), date(2027, 1, 31)),
        (date(1958, 2, 28), date(2028, 2, 29)),
        (date(1958, 3, 1), date(2028, 2, 29)),
        (date(1956, 2, 29), date(2026, 2, 28)),
    ],
)
def test_seventy_is_the_end_of_the_month_of_the_day_before_the_birthday(born: date, day: date) -> None:
    assert turns_70_day(born, LAW) == day


@pytest.mark.parametrize(
    ("effective_on", "months", "last"),
    [
        (date(2026, 10, 31), 3, date(2027, 1, 31)),
        (date(2026, 11, 1), 3, date(2027, 1, 31)),
        (date(2026, 11, 2), 3, date(2027, 2, 28)),
        (date(2026, 11, 28), 3, date(2027, 2, 28)),
        (date(2026, 11, 30), 3, date(2027, 2, 28)),
        (date(2026, 12, 1), 3, date(2027, 2, 28)),
        (date(2026, 12, 2), 3, date(2027, 3, 31)),
        (date(2027, 11, 30), 3, date(2028, 2, 29)),
        (date(2026, 11, 1), 1, date(2026, 11, 30)),
        (date(2026, 11, 2), 1, date(2026, 12, 31)),
        (date(2027, 1, 31), 1, date(2027, 2, 28)),
        (date(2026, 1, 1), 12, date(2026, 12, 31)),
        (date(2026, 1, 2), 12, date(2027, 1, 31)),
    ],
)
def test_a_short_term_is_rounded_to_the_end_of_the_month_it_ends_in(
    effective_on: date, months: int, last: date
) -> None:
    assert short_term_end(effective_on, months) == last


@pytest.mark.parametrize(
    ("effective_on", "last"),
    [
        (date(2026, 11, 29), date(2030, 11, 30)),
        (date(2026, 11, 30), date(2030, 11, 30)),
        (date(2026, 12, 1), date(2031, 11, 30)),
        (date(2026, 12, 2), date(2031, 11, 30)),
        (date(2027, 11, 30), date(2031, 11, 30)),
        (date(2028, 2, 29), date(2032, 11, 30)),
    ],
)
def test_an_annual_scheme_lasts_four_to_five_years_to_its_day(effective_on: date, last: date) -> None:
    assert scheme_end(effective_on, policies.build("kyokai", {})) == last


@pytest.mark.parametrize(
    ("effective_on", "last"),
    [
        (date(2026, 7, 30), date(2026, 7, 31)),
        (date(2026, 7, 31), date(2026, 7, 31)),
        (date(2026, 8, 1), date(2027, 7, 31)),
        (date(2026, 8, 2), date(2027, 7, 31)),
    ],
)
def test_an_annual_scheme_of_one_year_ends_on_the_next_such_day(effective_on: date, last: date) -> None:
    assert scheme_end(effective_on, policies.build("kokuho", {})) == last


@pytest.mark.parametrize(("days_left", "last"), [(29, 30), (30, 30), (31, 60), (60, 60)])
def test_a_fixed_scheme_takes_the_first_day_that_leaves_the_minimum(days_left: int, last: int) -> None:
    dates = [TODAY + timedelta(60), TODAY + timedelta(30)]
    policy = policies.build("toyobo", {"expiry_scheme": "fixed", "expiry_dates": dates, "minimum_days": days_left})
    assert scheme_end(TODAY, policy) == TODAY + timedelta(last)


def test_a_fixed_scheme_with_no_date_left_is_refused_and_says_so() -> None:
    policy = policies.build("toyobo", {"expiry_scheme": "fixed", "expiry_dates": [TODAY], "minimum_days": 1})
    with pytest.raises(Refused, match="有効期限の一覧"):
        scheme_end(TODAY, policy)


@pytest.mark.parametrize("scheme", ["years", "annual"])
@pytest.mark.parametrize("years", [0, 6])
def test_a_policy_beyond_five_years_is_refused(scheme: str, years: int) -> None:
    with pytest.raises(BadInput):
        policies.build("toyobo", {"expiry_scheme": scheme, "expiry_years": years, "expiry_day": "11-30"})


@pytest.mark.parametrize(
    ("short_term", "facts", "limit", "last"),
    [
        pytest.param(True, {}, Limit.SHORT_TERM, date(2027, 2, 28), id="short"),
        pytest.param(False, {}, Limit.SCHEME, date(2031, 11, 5), id="not short"),
        pytest.param(
            True,
            {"lost_on": date(2027, 2, 28)},
            Limit.COVERAGE_END,
            date(2027, 2, 27),
            id="loss a day before the short term",
        ),
        pytest.param(
            True, {"lost_on": date(2027, 3, 1)}, Limit.SHORT_TERM, date(2027, 2, 28), id="loss with the short term"
        ),
        pytest.param(
            True,
            {"lost_on": date(2027, 3, 2)},
            Limit.SHORT_TERM,
            date(2027, 2, 28),
            id="loss a day after the short term",
        ),
        pytest.param(True, {"birth_date": date(1957, 2, 10)}, Limit.SHORT_TERM, date(2027, 2, 28), id="short with 70"),
        pytest.param(True, {"birth_date": date(1957, 2, 1)}, Limit.TURNS_70, date(2027, 1, 31), id="70 before short"),
        pytest.param(
            True,
            {"birth_date": date(1952, 2, 28)},
            Limit.TURNS_75,
            date(2027, 2, 27),
            id="75 a day before the short term",
        ),
    ],
)
def test_the_earliest_limit_wins_and_on_a_tie_the_upper_line(
    short_term: bool, facts: dict[str, Any], limit: Limit, last: date
) -> None:
    got = period(TODAY, short_term=short_term, facts=member(**facts))
    assert (got.limit, got.valid_through) == (limit, last)


@pytest.mark.parametrize(
    ("begins", "limit", "last"),
    [
        (date(2031, 11, 5), Limit.NEXT_CERTIFICATE, date(2031, 11, 4)),
        (date(2031, 11, 6), Limit.SCHEME, date(2031, 11, 5)),
        (date(2031, 11, 7), Limit.SCHEME, date(2031, 11, 5)),
    ],
)
def test_a_certificate_ends_before_the_next_one_begins(begins: date, limit: Limit, last: date) -> None:
    assert period(TODAY, next_certificate_on=begins) == Validity(TODAY, last, limit)


SCHEMES = st.sampled_from(
    [{"expiry_scheme": "years", "expiry_years": years} for years in range(1, 6)]
    + [
        {"expiry_scheme": "annual", "expiry_years": years, "expiry_day": day}
        for years in range(1, 6)
        for day in ("01-01", "02-28", "03-01", "03-31", "07-31", "12-31")
    ]
    + [{"expiry_scheme": "fixed", "expiry_dates": [date(2040, 3, 31)]}]
)
BIRTHS = st.dates(date(1950, 1, 1), date(2024, 12, 31))


@given(DATES, SCHEMES, BIRTHS, st.booleans(), st.booleans())
def test_no_period_is_empty_nor_outlasts_five_years_or_cover(
    effective_on: date, scheme: dict[str, Any], born: date, share_on_face: bool, short_term: bool
) -> None:
    facts = member(birth_date=born)
    cover_ends = last_day_of_cover(facts, LAW)
    if cover_ends < effective_on:
        return
    got = period(effective_on, short_term=short_term, facts=facts, share_on_face=share_on_face, **scheme)
    assert effective_on == got.effective_on <= got.valid_through <= cover_ends
    if (effective_on.month, effective_on.day) == (2, 29):
        assert got.valid_through <= date(effective_on.year + 5, 2, 28)
    else:
        assert got.valid_through < effective_on.replace(year=effective_on.year + 5)
    seventy = turns_70_day(born, LAW)
    if share_on_face and effective_on <= seventy:
        assert got.valid_through <= seventy


@given(DATES, SCHEMES)
def test_a_day_later_never_ends_earlier_within_one_scheme(effective_on: date, scheme: dict[str, Any]) -> None:
    policy = policies.build("kyokai", scheme)
    assert scheme_end(effective_on, policy) <= scheme_end(effective_on + DAY, policy)
