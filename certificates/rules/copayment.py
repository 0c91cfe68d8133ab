"""一部負担割合: the member's share of cost at the counter. Pure. Source: rules.md §6."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Protocol

from certificates.rules.law import Law
from certificates.rules.validity import turns_70_day
from core.calendar import age_reached_on, days_after, next_month_day


class InsuredShare(Protocol):
    """What an insured person's share depends on; ``relieved`` as of the day asked."""

    @property
    def birth_date(self) -> date: ...
    @property
    def standard_monthly_remuneration_yen(self) -> int | None: ...
    @property
    def relieved(self) -> bool: ...


@dataclass(frozen=True, slots=True)
class Told:
    """A share in a municipal scheme: ``percent`` from 70 on as the municipality told it, ``None`` where it has not."""

    percent: int | None = None

    def on(self, birth_date: date, day: date, law: Law) -> int | None:
        """The share on a day in percent; ``None`` where only the municipality knows it and has not told.

        Source: rules.md §6 (ages), §12 ``scheme``.
        """
        if day <= preschool_through(birth_date, law):
            return law.copayment_preschool_percent
        return law.copayment_percent if day < share_from(birth_date, law) else self.percent


def share_from(birth_date: date, law: Law) -> date:
    """First day on which the share is decided by income: after the month in which 70 is reached."""
    return days_after(turns_70_day(birth_date, law), 1)


def elderly_shares(law: Law) -> tuple[int, int]:
    """The shares that there are from that day on, in percent, the lower first."""
    return law.copayment_elderly_percent, law.copayment_elderly_high_percent


def preschool_through(birth_date: date, law: Law) -> date:
    """Last day under school age: the first 31 March on or after the day age 6 is reached."""
    return next_month_day(law.preschool_last_day, age_reached_on(birth_date, law.preschool_age))


def copayment_percent(birth_date: date, insured: InsuredShare, *, on: date, law: Law) -> int:
    """Share of cost the member pays at the counter on ``on``, in percent (20 or 30).

    ``insured`` is the insured person: the member's own facts, or for a dependent those of the insured
    person. From the month after 70 an insured person's share goes by 標準報酬月額 (relief counts); a
    dependent follows an insured person whose own share is so decided, else pays the lower one.
    Source: 健康保険法 74条・110条; rules.md §6.
    """
    if on <= preschool_through(birth_date, law):
        return law.copayment_preschool_percent
    if on < share_from(birth_date, law):
        return law.copayment_percent
    if on < share_from(insured.birth_date, law):
        return law.copayment_elderly_percent
    high = (insured.standard_monthly_remuneration_yen or 0) >= law.high_income_remuneration_yen
    if high and not insured.relieved:
        return law.copayment_elderly_high_percent
    return law.copayment_elderly_percent
