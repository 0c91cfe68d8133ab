"""The month in 営業日: by when the file comes and the paper leaves, how many working days are left, or that it is late."""

from __future__ import annotations

from calendar import Calendar
from dataclasses import dataclass
from datetime import date, timedelta

from core.calendar import business_days_after, is_business_day, month_end

FILE_DAY = 5
PEAK_MONTH = 4
YEAR_END = "12月29日から1月3日までは休みです。12月の発送は12月28日までに済ませます。"
PEAK = "4月は入社と異動でいちばん忙しい月です。届出を受けた日のうちに入れると、判定に間に合います。"


@dataclass(frozen=True, slots=True)
class Deadline:
    """One of the month's two last days, and whether it is kept."""

    title: str
    day: date
    done: bool
    on: date

    @property
    def late(self) -> bool:
        return not self.done and self.on > self.day

    @property
    def words(self) -> str:
        """How it stands, in words."""
        if self.done:
            return "済みました"
        if self.on == self.day:
            return "今日までです"
        days = working_days(min(self.on, self.day), max(self.on, self.day))
        return f"{days}営業日 遅れています" if self.late else f"あと{days}営業日です"


@dataclass(frozen=True, slots=True)
class Day:
    """One day of the month's sheet; ``marks`` are the words in it."""

    day: date
    closed: bool
    today: bool
    marks: tuple[str, ...]


def working_days(first: date, last: date) -> int:
    """Business days after ``first`` up to and including ``last``."""
    days = (last - first).days
    return sum(is_business_day(first + timedelta(days=ahead)) for ahead in range(1, days + 1))


def file_due(month: date) -> date:
    """By when the fund's file is there: the 5th, or the next business day."""
    return business_days_after(month.replace(day=FILE_DAY - 1), 1)


def dispatch_due(month: date) -> date:
    """By when the month's paper leaves: its last business day."""
    day = month_end(month)
    while not is_business_day(day):
        day -= timedelta(days=1)
    return day


def deadlines(month: date, on: date, *, received: bool, sent: bool) -> list[Deadline]:
    """The month's last days as they stand on ``on``."""
    return [
        Deadline("支払基金のファイルの受付", file_due(month), received, on),
        Deadline("発送", dispatch_due(month), sent, on),
    ]


def weeks(month: date, on: date) -> list[list[Day | None]]:
    """The month's sheet from Sunday to Saturday; none for days of other months."""
    marks = {file_due(month): ("受付期限",)}
    marks[dispatch_due(month)] = (*marks.get(dispatch_due(month), ()), "発送期限")
    return [
        [
            Day(day, not is_business_day(day), day == on, marks.get(day, ())) if day.month == month.month else None
            for day in week
        ]
        for week in Calendar(firstweekday=6).monthdatescalendar(month.year, month.month)
    ]


def notes(month: date) -> list[str]:
    """What is particular about this month of the year."""
    return [YEAR_END] * (month.month in (12, 1)) + [PEAK] * (month.month == PEAK_MONTH)
