"""Until when: the last day of cover, and the 有効期限 of a certificate with the limit that set it.

Pure. Source: rules.md §3, §5.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Protocol

from certificates.rules.codes import Limit
from certificates.rules.law import Law
from core.calendar import (
    FAR_FUTURE,
    age_reached_on,
    days_after,
    last_day_of_years,
    last_month_day,
    month_end,
    month_end_after,
    next_month_day,
    wareki,
)
from core.errors import Refused
from members.policy import Policy


class Cover(Protocol):
    """What the end of a spell of cover depends on; an insured person's or a dependent's."""

    @property
    def coverage_kind(self) -> str: ...
    @property
    def acquired_on(self) -> date: ...
    @property
    def lost_on(self) -> date | None: ...
    @property
    def birth_date(self) -> date: ...
    @property
    def resident(self) -> bool: ...


class DependentCover(Cover, Protocol):
    """A cover that may hang on an insured person's."""

    @property
    def insured(self) -> Cover | None: ...


@dataclass(frozen=True, slots=True)
class Validity:
    """A certificate's period, both days inclusive, and which limit decided its end."""

    effective_on: date
    valid_through: date
    limit: Limit


def turns_70_day(birth_date: date, law: Law) -> date:
    """Last day of the month in which age 70 is reached: from the next day on the share is decided anew."""
    return month_end(age_reached_on(birth_date, law.elderly_age))


def turns_75_day(birth_date: date, law: Law) -> date:
    """Last day of cover by age: the day before the 75th birthday."""
    return age_reached_on(birth_date, law.late_elderly_age)


def own_last_day(cover: Cover, law: Law) -> date:
    """Last day of a cover by its own facts: loss, age 75 while resident, end of 任意継続."""
    last = FAR_FUTURE if cover.lost_on is None else days_after(cover.lost_on, -1)
    if cover.resident:
        last = min(last, turns_75_day(cover.birth_date, law))
    if cover.coverage_kind == "voluntary":
        last = min(last, last_day_of_years(cover.acquired_on, law.voluntary_years))
    return last


def last_day_of_cover(member: DependentCover, law: Law) -> date:
    """Last day on which the member is covered (inclusive; ``FAR_FUTURE`` when no end is in sight).

    The two-year term is the insured person's: a dependent's own days do not make one.
    Source: rules.md §3.
    """
    if member.insured is None:
        return own_last_day(member, law)
    last = FAR_FUTURE if member.lost_on is None else days_after(member.lost_on, -1)
    if member.resident:
        last = min(last, turns_75_day(member.birth_date, law))
    return min(last, own_last_day(member.insured, law))


def short_term_end(effective_on: date, months: int) -> date:
    """Last day of ``months`` months from a day, rounded to that month's end."""
    same_month = month_end_after(effective_on, months)
    if effective_on.day > 1:
        return same_month
    # A period from the 1st ends with the last day of the month before.
    return month_end_after(same_month, -1)


def scheme_end(effective_on: date, policy: Policy) -> date:
    """有効期限 by the society's scheme.

    Raises:
        Refused: a ``fixed`` scheme has no date left.
    """
    if policy.expiry_scheme == "fixed":
        earliest = days_after(effective_on, policy.minimum_days)
        left = [day for day in policy.expiry_dates if day >= earliest]
        if not left:
            raise Refused(
                f"運用設定の「有効期限の一覧」に、{wareki(earliest)}以降の日がありません。"
                "運用設定に次の有効期限を加えてください。"
            )
        return left[0]
    end = last_day_of_years(effective_on, policy.expiry_years)
    return end if policy.expiry_scheme == "years" else last_month_day(policy.expiry_day, end)


def validity(
    member: DependentCover,
    effective_on: date,
    *,
    policy: Policy,
    law: Law,
    short_term_through: date | None = None,
    next_certificate_on: date | None = None,
) -> Validity:
    """The period of a certificate effective on a day: the earliest limit wins, on a tie the upper line.

    ``short_term_through``: last day of a short-term ground, kept by its successors. ``next_certificate_on``: first day
    of the next live certificate that is posted already.
    Raises:
        Refused: a ``fixed`` scheme has no date left.
    Source: rules.md §5.
    """
    limits: list[tuple[Limit, date]] = []
    if short_term_through is not None:
        limits.append((Limit.SHORT_TERM, short_term_through))
    limits.append((Limit.SCHEME, scheme_end(effective_on, policy)))
    limits.append((Limit.LAW_MAXIMUM, last_day_of_years(effective_on, law.certificate_max_years)))
    if policy.share_on_face:
        turns_70 = turns_70_day(member.birth_date, law)
        if turns_70 >= effective_on:
            limits.append((Limit.TURNS_70, turns_70))
        elif policy.share_review_day:
            limits.append((Limit.SHARE_REVIEW, next_month_day(policy.share_review_day, effective_on)))
    if member.resident:
        limits.append((Limit.TURNS_75, turns_75_day(member.birth_date, law)))
    if member.insured is None and member.coverage_kind == "voluntary":
        limits.append((Limit.VOLUNTARY_TERM, last_day_of_years(member.acquired_on, law.voluntary_years)))
    if member.insured is not None:
        limits.append((Limit.INSURED_PERSON, own_last_day(member.insured, law)))
    if member.lost_on is not None:
        limits.append((Limit.COVERAGE_END, days_after(member.lost_on, -1)))
    if next_certificate_on is not None:
        limits.append((Limit.NEXT_CERTIFICATE, days_after(next_certificate_on, -1)))
    limit, day = min(limits, key=lambda entry: entry[1])
    return Validity(effective_on, day, limit)
