"""What one invention is told: how many, which seed, which month; and the days that follow from the month."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random

from certificates.rules.law import Law, first_day, law_on
from core.calendar import days_after, month_end_after, wareki_month
from core.errors import BadInput
from members.policy import Policy, build
from tools.invent.presets import Society, society

FIRST_MONTH = date(2025, 1, 1)  # the first whole month without 健康保険証
LAST_MONTH = date(2099, 12, 1)
_FIRST_LAW = law_on(first_day())
LEGACY_STOPPED_ON = days_after(_FIRST_LAW.legacy_card_last_issue, 1)
LEGACY_LAST_DAY = _FIRST_LAW.legacy_card_last_day


@dataclass(frozen=True)
class World:
    """The frame of one invention. ``month`` is its first day; ``as_ofs`` the files' 基準日, oldest first."""

    members: int
    seed: int
    month: date
    preset: str
    society: Society
    policy: Policy
    as_ofs: tuple[date, date, date]
    _streams: dict[str, Random] = field(default_factory=dict)
    _days: dict[tuple[int, int], date] = field(default_factory=dict)

    @property
    def as_of(self) -> date:
        """基準日 of the newest file: the last day of the month before."""
        return self.as_ofs[2]

    @property
    def law(self) -> Law:
        """The law on the day of the newest file."""
        return law_on(self.as_of)

    def day(self, months: int, day: int) -> date:
        """The ``day``-th of the month ``months`` after the month asked for; 31 is that month's last."""
        known = self._days.get((months, day))
        if known is None:
            end = month_end_after(self.month, months)
            known = self._days[months, day] = end.replace(day=min(day, end.day))
        return known

    def stream(self, purpose: str) -> Random:
        """The random stream of one purpose: the same in every process, untouched by the other purposes."""
        if purpose not in self._streams:
            self._streams[purpose] = Random(f"kenpo/{self.seed}/{purpose}")
        return self._streams[purpose]


def frame(*, members: int, seed: int, month: date, preset: str) -> World:
    """The world of these arguments.

    Raises:
        BadInput: no members, a month outside the time this system serves, an unknown preset.
    """
    if members < 1:
        raise BadInput(f"加入者数は 1 以上にしてください（指定：{members}）。")
    month = month.replace(day=1)
    if not FIRST_MONTH <= month <= LAST_MONTH:
        raise BadInput(
            f"月は {wareki_month(FIRST_MONTH)}から{wareki_month(LAST_MONTH)}までにしてください（指定：{wareki_month(month)}）。"
        )
    chosen = society(preset)
    return World(
        members=members,
        seed=seed,
        month=month,
        preset=preset,
        society=chosen,
        policy=build(preset, {}),
        as_ofs=(month_end_after(month, -3), month_end_after(month, -2), month - timedelta(days=1)),
    )
