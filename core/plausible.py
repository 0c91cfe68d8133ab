"""Which days a column can hold: outside its window a day is a slip of the pen or a filler, and its row is refused.

Pure: told the day of today. Every door asks here, so that what one refuses no other takes. Source: rules.md §3.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from core.calendar import same_day_after_years, wareki


@dataclass(frozen=True, slots=True)
class Window:
    """From ``first`` to ``last``, both inclusive; a number is that many years after today."""

    first: date
    last: date | int

    def until(self, today: date) -> date:
        """Its last day."""
        return same_day_after_years(today, self.last)[0] if isinstance(self.last, int) else self.last

    def holds(self, day: date, today: date) -> bool:
        return self.first <= day <= self.until(today)

    def words(self, today: date) -> str:
        """What to enter instead."""
        return f"{wareki(self.first)}から{wareki(self.until(today))}までの日を入れてください。"

    def check(self, day: date, today: date) -> None:
        """Raises ValueError, with ``words``: the day lies outside."""
        if not self.holds(day, today):
            raise ValueError(self.words(today))


USUAL_BIRTH = date(1900, 1, 1)
"""Whoever is born before it is loaded, and listed."""

BIRTH = Window(date(1868, 1, 25), 0)  # 明治元年, the first day of an era that the papers can name
COVER = Window(date(1922, 1, 1), 10)  # 健康保険法 of 大正11年
MYNA = Window(date(2016, 1, 1), 11)  # マイナンバーカード since 平成28年; its 電子証明書 runs five years, the card ten
OFFICE = Window(date(2000, 1, 1), 10)  # what the office and the fund do
SETTINGS = Window(date(2000, 1, 1), date(2099, 12, 31))  # policies are read without a day of today
_WINDOWS = {
    "birth_date": BIRTH,
    **dict.fromkeys(
        ("acquired_on", "lost_on", "effective_on", "issued_on", "valid_through", "fund_registered_on"), COVER
    ),
    **dict.fromkeys(("registered_on", "e_certificate_expires_on", "expires_on", "returned_on"), MYNA),
}


def window(column: str) -> Window:
    """The window of a column by its name in the files; ``OFFICE`` for any that is not named here."""
    return _WINDOWS.get(column, OFFICE)
