"""一部負担割合: school age, 70, 280,000 yen, relief, and dependents who follow (rules.md §6)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from certificates.rules.copayment import copayment_percent, preschool_through, share_from
from certificates.rules.law import law_on

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Insured:
    """An insured person's share: age, 標準報酬月額, relief."""

    birth_date: date
    standard_monthly_remuneration_yen: int | None = 300_000
    relieved: bool = False


def percent(born: date, on: date, insured: Insured | None = None) -> int:
    """The share of an insured person, or with ``insured`` of that person's dependent."""
    return copayment_percent(born, insured or Insured(born), on=on, law=law_on(on))


WORKING = Insured(date(1985, 6, 1))


@pytest.mark.parametrize(
    ("born", "last"),
    [
        pytest.param(date(2020, 3, 31), date(2026, 3, 31), id="born on 31 March"),
        pytest.param(date(2020, 4, 1), date(2026, 3, 31), id="born on 1 April, six on 31 March"),
        pytest.param(date(2020, 4, 2), date(2027, 3, 31), id="born on 2 April, six on 1 April"),
        pytest.param(date(2020, 4, 3), date(2027, 3, 31), id="born on 3 April"),
        pytest.param(date(2020, 1, 1), date(2026, 3, 31), id="born on New Year's Day"),
        pytest.param(date(2020, 2, 29), date(2026, 3, 31), id="born on 29 February"),
        pytest.param(date(2019, 12, 31), date(2026, 3, 31), id="born on the last day of a year"),
    ],
)
def test_a_child_pays_a_fifth_through_the_march_of_school_entry(born: date, last: date) -> None:
    assert preschool_through(born, law_on(last)) == last
    shares = [percent(born, on, WORKING) for on in (last - DAY, last, last + DAY)]
    assert shares == [20, 20, 30]


def test_a_newborn_pays_a_fifth_from_the_first_day() -> None:
    assert percent(date(2026, 11, 2), date(2026, 11, 2), WORKING) == 20


SEVENTY = [
    pytest.param(date(1956, 11, 30), date(2026, 12, 1), id="born on 30 November"),
    pytest.param(date(1956, 12, 1), date(2026, 12, 1), id="born on 1 December, seventy on 30 November"),
    pytest.param(date(1956, 12, 2), date(2027, 1, 1), id="born on 2 December, seventy on 1 December"),
    pytest.param(date(1957, 1, 1), date(2027, 1, 1), id="born on New Year's Day"),
    pytest.param(date(1956, 2, 29), date(2026, 3, 1), id="born on 29 February"),
    pytest.param(date(1956, 3, 1), date(2026, 3, 1), id="born on 1 March"),
    pytest.param(date(1956, 3, 2), date(2026, 4, 1), id="born on 2 March"),
]


@pytest.mark.parametrize(("born", "first"), SEVENTY)
def test_the_share_of_seventy_begins_with_the_month_after(born: date, first: date) -> None:
    assert share_from(born, law_on(first)) == first
    lower = Insured(born, 260_000)
    assert [percent(born, on, lower) for on in (first - DAY, first, first + DAY)] == [30, 20, 20]


@pytest.mark.parametrize(("yen", "share"), [(279_999, 20), (280_000, 30), (280_001, 30), (58_000, 20)])
def test_from_280_000_yen_on_an_insured_person_over_seventy_pays_three_tenths(yen: int, share: int) -> None:
    born = date(1954, 5, 20)
    assert percent(born, date(2026, 11, 6), Insured(born, yen)) == share


@pytest.mark.parametrize(("yen", "share"), [(279_999, 20), (280_000, 20), (1_390_000, 20)])
def test_relief_leaves_a_fifth_whatever_the_income(yen: int, share: int) -> None:
    born = date(1954, 5, 20)
    assert percent(born, date(2026, 11, 6), Insured(born, yen, relieved=True)) == share


@pytest.mark.parametrize("yen", [98_000, 280_000, 1_390_000])
@pytest.mark.parametrize("relieved", [False, True])
def test_before_seventy_neither_income_nor_relief_counts(yen: int, relieved: bool) -> None:
    born = date(1960, 5, 20)
    assert percent(born, date(2026, 11, 6), Insured(born, yen, relieved)) == 30


@pytest.mark.parametrize(
    ("insured", "share"),
    [
        pytest.param(Insured(date(1953, 4, 5), 280_000), 30, id="over seventy, high income"),
        pytest.param(Insured(date(1953, 4, 5), 279_999), 20, id="over seventy, lower income"),
        pytest.param(Insured(date(1953, 4, 5), 500_000, relieved=True), 20, id="over seventy, relieved"),
        pytest.param(Insured(date(1962, 4, 5), 1_390_000), 20, id="not yet seventy, high income"),
        pytest.param(Insured(date(1956, 11, 15), 500_000), 20, id="seventy this month, not yet so decided"),
        pytest.param(Insured(date(1956, 12, 1), 500_000), 20, id="seventy on the last of this month"),
        pytest.param(Insured(date(1956, 11, 1), 500_000), 30, id="born on the first: so decided this month"),
        pytest.param(Insured(date(1956, 10, 31), 500_000), 30, id="seventy last month"),
    ],
)
def test_a_dependent_over_seventy_follows_whom_the_income_decides(insured: Insured, share: int) -> None:
    assert percent(date(1955, 1, 10), date(2026, 11, 6), insured) == share


@pytest.mark.parametrize(("on", "share"), [(date(2026, 11, 30), 20), (date(2026, 12, 1), 30)])
def test_a_dependents_share_rises_when_the_insured_person_gets_there(on: date, share: int) -> None:
    assert percent(date(1955, 1, 10), on, Insured(date(1956, 11, 15), 500_000)) == share


@pytest.mark.parametrize(
    "insured", [Insured(date(1953, 4, 5), 200_000), Insured(date(1953, 4, 5), 500_000, relieved=True)]
)
def test_a_dependent_under_seventy_pays_three_tenths_though_the_insured_pays_a_fifth(insured: Insured) -> None:
    assert percent(date(1958, 1, 10), date(2026, 11, 6), insured) == 30


def test_a_small_child_of_a_high_earner_over_seventy_pays_a_fifth() -> None:
    assert percent(date(2023, 1, 10), date(2026, 11, 6), Insured(date(1953, 4, 5), 500_000)) == 20


BIRTHS = st.dates(date(1930, 1, 1), date(2026, 12, 31))
INSURED = st.builds(Insured, BIRTHS, st.integers(58_000, 1_390_000), st.booleans())


@given(BIRTHS, INSURED, st.dates(date(2025, 1, 1), date(2035, 12, 31)))
def test_a_share_is_a_fifth_or_three_tenths_and_changes_only_on_a_first(born: date, insured: Insured, on: date) -> None:
    share = percent(born, on, insured)
    assert share in (20, 30)
    if share != percent(born, on + DAY, insured):
        assert (on + DAY).day == 1


@given(st.dates(date(1950, 1, 1), date(1960, 12, 31)), INSURED, st.dates(date(2025, 1, 1), date(2035, 12, 31)))
def test_relief_never_raises_a_share(born: date, insured: Insured, on: date) -> None:
    relieved = Insured(insured.birth_date, insured.standard_monthly_remuneration_yen, relieved=True)
    assert percent(born, on, relieved) <= percent(born, on, insured)
