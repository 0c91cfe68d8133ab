"""法令の値: what the law gives as numbers and days, since when and from which text; and the days that are no business days."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import jpholiday
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from certificates.rules.law import table
from core import clock
from core.calendar import is_around_new_year, same_day_after_years, wareki
from core.web import day_html

TITLE = "法令の値"
_WEEKDAYS = "月火水木金土日"
YEAR_END = "年末年始の休み"


@dataclass(frozen=True, slots=True)
class Value:
    """One value in words; ``coming``: the next one and its day, empty for none."""

    label: str
    value: str
    since: str
    source: str
    coming: str
    past: list[str]


def values_on(day: date) -> list[Value]:
    """Every value of the law as it stands on a day."""
    law = table()
    found = []
    for key, label in law.labels.items():
        dated = law.values[key]
        begun = [each for each in dated if each.valid_from <= day]
        later = [each for each in dated if each.valid_from > day]
        now = begun[-1] if begun else None
        coming = f"{wareki(later[0].valid_from)}から {words(later[0].value)}" if later else ""
        past = [f"{wareki(each.valid_from)}から {words(each.value)}（{each.source}）" for each in begun[:-1]]
        found.append(
            Value(
                label,
                words(now.value) if now else "まだありません",
                day_html(now.valid_from) if now else "",
                now.source if now else later[0].source,
                coming,
                past,
            )
        )
    return found


def words(value: Any) -> str:
    """A value of the law as it is read."""
    if isinstance(value, date):
        return wareki(value)
    if isinstance(value, int):
        return f"{value:,}"
    month, dash, day = str(value).partition("-")
    return f"{int(month)}月{int(day)}日" if dash else month


def days_off(first: date) -> list[tuple[str, str, str]]:
    """Holidays and the days around New Year within a year from a day: day, weekday, name. Weekends go without saying."""
    last = same_day_after_years(first, 1)[0] - timedelta(days=1)
    named = {day: name for day, name in jpholiday.between(first, last)}
    for place in range((last - first).days + 1):
        day = first + timedelta(days=place)
        if is_around_new_year(day):
            named.setdefault(day, YEAR_END)
    return [(day_html(day), f"{_WEEKDAYS[day.weekday()]}曜日", named[day]) for day in sorted(named)]


def law_page(request: HttpRequest) -> HttpResponse:
    """The values in force today and the days off of the coming year; nothing here is changed on a page."""
    on = clock.today()
    context: dict[str, Any] = {
        **admin.site.each_context(request),
        "title": TITLE,
        "content_title": TITLE,
        "on": day_html(on),
        "values": values_on(on),
        "days_off": days_off(on),
    }
    return TemplateResponse(request, "kenpo/law.html", context)
