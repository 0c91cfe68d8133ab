"""Days as the law and the office count them: ages, month ends, 和暦, business days.

Pure: no clock is read here; every function is told the day. Whatever day a record holds, nothing here ends a page or a
month: beyond the calendar's ends an answer is its last or first day.
"""

from __future__ import annotations

import re
import unicodedata
from calendar import isleap, monthrange
from datetime import date

import jpholiday

ERAS: tuple[tuple[date, str], ...] = (
    (date(2019, 5, 1), "令和"),
    (date(1989, 1, 8), "平成"),
    (date(1926, 12, 25), "昭和"),
    (date(1912, 7, 30), "大正"),
    (date(1868, 1, 25), "明治"),
)
FAR_FUTURE = date(9999, 12, 31)
MONTH_YEARS = range(2000, 2100)
_LETTERS = {"令和": "R", "平成": "H", "昭和": "S", "大正": "T", "明治": "M"}
_WESTERN = re.compile(r"([0-9]{4})[-/.年]([0-9]{1,2})[-/.月]([0-9]{1,2})日?|([0-9]{4})([0-9]{2})([0-9]{2})")
_ERA = re.compile(r"(令和|平成|昭和|大正|明治|[RHSTM])([0-9]{1,2}|元)[-/.年]([0-9]{1,2})[-/.月]([0-9]{1,2})日?")


def wareki(day: date) -> str:
    """The day in the Japanese era calendar, e.g. ``令和8年11月6日``; the first year is 元年.

    Before the Meiji era, where only a slip of the pen can be, the ISO form.
    """
    era = _era(day)
    return f"{era}{day.month}月{day.day}日" if era else day.isoformat()


def wareki_month(day: date) -> str:
    """Era year and month of the day, e.g. ``令和8年11月``; the ISO form before the Meiji era."""
    era = _era(day)
    return f"{era}{day.month}月" if era else day.isoformat()[:7]


def _era(day: date) -> str:
    for start, name in ERAS:
        if day >= start:
            year = day.year - start.year + 1
            return f"{name}{'元' if year == 1 else year}年"
    return ""


def read_day(text: str) -> date:
    """A day as a clerk types it from the paper: 令和8年11月10日, R8.11.10, 2026-11-10, 20261110; any width.

    Raises:
        ValueError: no such day, or not of that era (平成32年).
    """
    plain = re.sub(r"\s", "", unicodedata.normalize("NFKC", text)).upper()
    if found := _WESTERN.fullmatch(plain):
        return date(*(int(part) for part in found.groups() if part))
    found = _ERA.fullmatch(plain)
    if found is None:
        raise ValueError(text)
    start, name = next((start, name) for start, name in ERAS if found[1] in (name, _LETTERS[name]))
    year = 1 if found[2] == "元" else int(found[2])
    day = date(start.year + year - 1, int(found[3]), int(found[4]))
    if not wareki(day).startswith(name):
        raise ValueError(text)
    return day


def iso_text(text: str) -> str:
    """A day as clerks write it, as YYYY-MM-DD; a text that is none stays as it is, for whoever checks it to refuse."""
    try:
        return read_day(text).isoformat()
    except ValueError:
        return text


def month_start(day: date) -> date:
    """First day of the month of ``day``."""
    return day.replace(day=1)


def month_end(day: date) -> date:
    """Last day of the month of ``day``."""
    return day.replace(day=monthrange(day.year, day.month)[1])


def days_after(day: date, days: int) -> date:
    """The day ``days`` after ``day`` (negative: before)."""
    return date.fromordinal(min(max(day.toordinal() + days, date.min.toordinal()), date.max.toordinal()))


def month_end_after(day: date, months: int) -> date:
    """Last day of the month ``months`` after the month of ``day`` (negative: before)."""
    index = day.year * 12 + day.month - 1 + months
    year, month = index // 12, index % 12 + 1
    if not date.min.year <= year <= date.max.year:
        return FAR_FUTURE if months > 0 else month_end(date.min)
    return date(year, month, monthrange(year, month)[1])


def same_day_after_years(day: date, years: int) -> tuple[date, bool]:
    """The same day ``years`` on, and whether that month has it (29 February may not)."""
    year = day.year + years
    if not date.min.year <= year <= date.max.year:
        return FAR_FUTURE if years > 0 else date.min, False
    if day.month == 2 and day.day == 29 and not isleap(year):
        return date(year, 2, 28), False
    return day.replace(year=year), True


def last_day_of_years(start: date, years: int) -> date:
    """Last day of a period of ``years`` years that begins on ``start``.

    The day before the same day; where that month lacks the day, the month's last day.
    Source: 民法143条; rules.md §3.
    """
    same, exists = same_day_after_years(start, years)
    return days_after(same, -1) if exists else same


def last_day_of_years_sql(start: str, years: str) -> str:
    """``last_day_of_years`` in SQL; ``start`` is a column, ``years`` a parameter."""
    same = f"({start} + make_interval(years => {years}))::date"
    clamped = f"to_char({start}, 'MMDD') = '0229' AND to_char({same}, 'MMDD') <> '0229'"
    return f"({same} - CASE WHEN {clamped} THEN 0 ELSE 1 END)"


def age_reached_on(birth_date: date, age: int) -> date:
    """Day on which ``age`` is legally reached: the day before the birthday.

    Born on 29 February: 28 February, also in a common year.
    Source: 年齢計算ニ関スル法律; rules.md §3.
    """
    return last_day_of_years(birth_date, age)


def month_day(text: str, year: int) -> date:
    """``MM-DD`` in a year; 02-29 is the month's last day in a common year.

    Raises:
        ValueError: not a day of any year.
    """
    month, day = (int(part) for part in text.split("-"))
    if (month, day) == (2, 29) and not isleap(year):
        day = 28
    return date(year, month, day)


def next_month_day(text: str, on_or_after: date) -> date:
    """First ``MM-DD`` on or after a day."""
    this_year = month_day(text, on_or_after.year)
    if this_year >= on_or_after:
        return this_year
    return FAR_FUTURE if on_or_after.year == date.max.year else month_day(text, on_or_after.year + 1)


def last_month_day(text: str, on_or_before: date) -> date:
    """Last ``MM-DD`` on or before a day."""
    this_year = month_day(text, on_or_before.year)
    if this_year <= on_or_before:
        return this_year
    return date.min if on_or_before.year == date.min.year else month_day(text, on_or_before.year - 1)


def is_around_new_year(day: date) -> bool:
    """Whether the day is one of 12-29 to 01-03, on which the office rests."""
    return (day.month == 12 and day.day >= 29) or (day.month == 1 and day.day <= 3)


def is_business_day(day: date) -> bool:
    """Whether the office works: no weekend, no national holiday, not around New Year."""
    return not (day.weekday() >= 5 or jpholiday.is_holiday(day) or is_around_new_year(day))


def business_days_after(day: date, count: int) -> date:
    """The ``count``-th business day after ``day`` (``day`` itself when ``count`` is 0)."""
    while count > 0 and day < FAR_FUTURE:
        day = days_after(day, 1)
        if is_business_day(day):
            count -= 1
    return day


def parse_month(text: str) -> date:
    """First day of ``YYYY-MM``.

    Raises:
        ValueError: not a month that the office can work in.
    """
    year, dash, month = text.partition("-")
    shaped = dash and len(year) == 4 and len(month) == 2 and (year + month).isascii() and (year + month).isdigit()
    if not (shaped and int(year) in MONTH_YEARS and 1 <= int(month) <= 12):
        raise ValueError("月は YYYY-MM の形で、2000-01 から 2099-12 までを指定してください（例：2026-11）。")
    return date(int(year), int(month), 1)
