"""Days as the law counts them; every border in triples: the day before, the day, the day after."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import calendar

DAYS = st.dates(date(1900, 1, 1), date(2100, 12, 31))


@pytest.mark.parametrize(
    ("day", "era", "before"),
    [
        (date(1912, 7, 30), "大正元年7月30日", "明治45年7月29日"),
        (date(1926, 12, 25), "昭和元年12月25日", "大正15年12月24日"),
        (date(1989, 1, 8), "平成元年1月8日", "昭和64年1月7日"),
        (date(2019, 5, 1), "令和元年5月1日", "平成31年4月30日"),
    ],
)
def test_era_borders(day: date, era: str, before: str) -> None:
    assert calendar.wareki(day - timedelta(days=1)) == before
    assert calendar.wareki(day) == era
    assert calendar.wareki(day + timedelta(days=1)).startswith(era[:3])


def test_years_of_an_era() -> None:
    assert calendar.wareki(date(2019, 12, 31)) == "令和元年12月31日"
    assert calendar.wareki(date(2020, 1, 1)) == "令和2年1月1日"
    assert calendar.wareki(date(2026, 11, 6)) == "令和8年11月6日"
    assert calendar.wareki_month(date(2026, 11, 6)) == "令和8年11月"


def test_before_meiji_there_is_no_era_and_the_iso_day_is_shown() -> None:
    assert calendar.wareki(date(1868, 1, 24)) == "1868-01-24"
    assert calendar.wareki(date(1868, 1, 25)) == "明治元年1月25日"
    assert calendar.wareki(date(1868, 1, 26)) == "明治元年1月26日"
    assert (calendar.wareki(date.min), calendar.wareki_month(date.min)) == ("0001-01-01", "0001-01")
    assert calendar.wareki(date.max) == "令和7981年12月31日"


@given(
    st.one_of(st.dates(), st.sampled_from([date.min, date.max, date(1, 2, 28), date(9996, 2, 29)])),
    st.integers(-2_000, 2_000),
)
def test_no_day_is_too_early_or_too_late(day: date, count: int) -> None:
    calendar.wareki(day), calendar.wareki_month(day), calendar.month_start(day), calendar.month_end(day)
    assert (calendar.days_after(day, count) >= day) == (count >= 0 or day == date.min)
    assert (calendar.month_end_after(day, count) >= calendar.month_end(day)) == (
        count >= 0 or calendar.month_end(day) == date(1, 1, 31)
    )
    same, _ = calendar.same_day_after_years(day, count)
    assert count == 0 or (same > day) == (count > 0 and day < date.max)
    assert count <= 0 or calendar.last_day_of_years(day, count) >= day
    assert count <= 0 or calendar.age_reached_on(day, count) >= day
    for text in ("01-01", "02-29", "12-31"):
        assert calendar.last_month_day(text, day) <= day <= calendar.next_month_day(text, day)
    assert calendar.business_days_after(day, 3) >= day


def test_beyond_the_calendar_stands_its_last_day() -> None:
    assert calendar.month_end_after(date(9999, 9, 30), 3) == calendar.FAR_FUTURE
    assert calendar.month_end_after(date(9999, 10, 1), 3) == calendar.FAR_FUTURE
    assert calendar.last_day_of_years(date(9999, 12, 31), 5) == calendar.FAR_FUTURE
    assert calendar.days_after(date(9999, 12, 30), 1) == calendar.days_after(date.max, 1) == date.max
    assert calendar.month_end_after(date(1, 1, 5), -1) == date(1, 1, 31)


@pytest.mark.parametrize(
    ("birth", "age", "reached"),
    [
        (date(1956, 11, 2), 70, date(2026, 11, 1)),
        (date(1956, 11, 1), 70, date(2026, 10, 31)),  # born on the 1st: the month before counts
        (date(1956, 10, 31), 70, date(2026, 10, 30)),
        (date(1957, 1, 1), 70, date(2026, 12, 31)),
        (date(1952, 2, 28), 75, date(2027, 2, 27)),
        (date(1952, 2, 29), 75, date(2027, 2, 28)),  # no 29 February in 2027
        (date(1952, 3, 1), 75, date(2027, 2, 28)),
        (date(1956, 2, 28), 72, date(2028, 2, 27)),
        (date(1956, 2, 29), 72, date(2028, 2, 28)),  # 2028 has one
        (date(1956, 3, 1), 72, date(2028, 2, 29)),
        (date(2020, 4, 1), 6, date(2026, 3, 31)),  # goes to school a year before who is born a day later
        (date(2020, 4, 2), 6, date(2026, 4, 1)),
    ],
)
def test_an_age_is_reached_on_the_day_before_the_birthday(birth: date, age: int, reached: date) -> None:
    assert calendar.age_reached_on(birth, age) == reached


@pytest.mark.parametrize(
    ("start", "years", "last"),
    [
        (date(2025, 12, 1), 5, date(2030, 11, 30)),
        (date(2025, 12, 2), 5, date(2030, 12, 1)),
        (date(2024, 2, 28), 2, date(2026, 2, 27)),
        (date(2024, 2, 29), 2, date(2026, 2, 28)),  # 民法143条: the month's last day, not the day before it
        (date(2024, 3, 1), 2, date(2026, 2, 28)),
        (date(2024, 2, 29), 4, date(2028, 2, 28)),
        (date(2025, 1, 1), 1, date(2025, 12, 31)),
    ],
)
def test_last_day_of_years(start: date, years: int, last: date) -> None:
    assert calendar.last_day_of_years(start, years) == last


@given(DAYS, st.integers(1, 120))
def test_a_period_of_years_has_365_or_366_days_a_year(start: date, years: int) -> None:
    length = (calendar.last_day_of_years(start, years) - start).days + 1
    assert 365 * years <= length <= 366 * years


@pytest.mark.parametrize(
    ("day", "months", "end"),
    [
        (date(2026, 11, 30), 3, date(2027, 2, 28)),
        (date(2027, 11, 1), 3, date(2028, 2, 29)),
        (date(2026, 12, 31), 1, date(2027, 1, 31)),
        (date(2026, 1, 15), -1, date(2025, 12, 31)),
        (date(2026, 1, 15), 0, date(2026, 1, 31)),
    ],
)
def test_month_ends_after_months(day: date, months: int, end: date) -> None:
    assert calendar.month_end_after(day, months) == end


@given(DAYS)
def test_a_month_from_start_to_end(day: date) -> None:
    start, end = calendar.month_start(day), calendar.month_end(day)
    assert start <= day <= end
    assert (start - timedelta(days=1)).month != day.month != (end + timedelta(days=1)).month
    assert calendar.month_end_after(day, 0) == end


@pytest.mark.parametrize(
    ("text", "day", "next_one", "last_one"),
    [
        ("07-31", date(2026, 7, 30), date(2026, 7, 31), date(2025, 7, 31)),
        ("07-31", date(2026, 7, 31), date(2026, 7, 31), date(2026, 7, 31)),
        ("07-31", date(2026, 8, 1), date(2027, 7, 31), date(2026, 7, 31)),
        ("02-29", date(2027, 2, 28), date(2027, 2, 28), date(2027, 2, 28)),
        ("02-29", date(2028, 2, 28), date(2028, 2, 29), date(2027, 2, 28)),
    ],
)
def test_a_day_of_the_year(text: str, day: date, next_one: date, last_one: date) -> None:
    assert calendar.next_month_day(text, day) == next_one
    assert calendar.last_month_day(text, day) == last_one


def test_business_days_over_new_year() -> None:
    shut = [date(2026, 12, 26) + timedelta(days=n) for n in range(2)]  # a weekend
    shut += [date(2026, 12, 29) + timedelta(days=n) for n in range(6)]  # 29 December to 3 January
    assert not any(calendar.is_business_day(day) for day in shut)
    assert calendar.is_business_day(date(2026, 12, 28))
    assert calendar.is_business_day(date(2027, 1, 4))
    assert calendar.business_days_after(date(2026, 12, 25), 1) == date(2026, 12, 28)
    assert calendar.business_days_after(date(2026, 12, 25), 2) == date(2027, 1, 4)
    assert calendar.business_days_after(date(2026, 12, 28), 4) == date(2027, 1, 7)
    assert calendar.business_days_after(date(2026, 12, 31), 0) == date(2026, 12, 31)


@pytest.mark.parametrize("holiday", [date(2026, 11, 3), date(2026, 11, 23), date(2026, 5, 6), date(2026, 9, 22)])
def test_national_holidays_with_the_days_between_them(holiday: date) -> None:
    assert not calendar.is_business_day(holiday)


@given(DAYS.filter(lambda d: d < date(2090, 1, 1)), st.integers(1, 20))
def test_a_business_day_comes_after(day: date, count: int) -> None:
    later = calendar.business_days_after(day, count)
    assert calendar.is_business_day(later)
    between = [day + timedelta(days=n) for n in range(1, (later - day).days + 1)]
    assert sum(calendar.is_business_day(d) for d in between) == count


def test_months() -> None:
    assert calendar.parse_month("2026-11") == date(2026, 11, 1)
    for text in ("2026-13", "2026-0", "2026/11", "202611", "2026-1", "", "２０２６-11-01"):
        with pytest.raises(ValueError):
            calendar.parse_month(text)


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("20261125", "2026-11-25"),
        ("2026-11-25", "2026-11-25"),
        ("2026/11/5", "2026-11-05"),
        ("R8.11.25", "2026-11-25"),
        ("令和8年11月25日", "2026-11-25"),
        ("0001-01-01", "0001-01-01"),
        ("2026111", "2026111"),
        ("202611-1", "202611-1"),
        ("2026-02-29", "2026-02-29"),
        ("２０２６１１２５", "2026-11-25"),
        ("١٢٣٤١١١١", "١٢٣٤١١١١"),
        ("", ""),
        ("x", "x"),
    ],
)
def test_a_day_as_clerks_write_it_and_nothing_guessed(text: str, kept: str) -> None:
    assert calendar.iso_text(text) == kept
