"""The few facts about a cover that a notice depends on: until when it lasts, and the share on a day. Pure.

Source: rules.md §3, §6.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from certificates.rules.copayment import Told, copayment_percent, share_from
from certificates.rules.law import law_on
from certificates.rules.validity import last_day_of_cover
from members.querysets import MUNICIPAL_SQL

Reliefs = tuple[tuple[date, date | None], ...]
"""Periods of 基準収入額適用: from, through (inclusive; ``None``: open)."""


class Cover(NamedTuple):
    """A cover as the rule about its last day reads it."""

    coverage_kind: str
    acquired_on: date
    lost_on: date | None
    birth_date: date
    resident: bool
    insured: Cover | None = None

    def holds_on(self, day: date) -> bool:
        """Whether the person is covered on a day."""
        return self.acquired_on <= day <= last_day_of_cover(self, law_on(day))


class _Insured(NamedTuple):
    """The insured person, as the rule about the share reads it."""

    birth_date: date
    standard_monthly_remuneration_yen: int | None
    relieved: bool


@dataclass(frozen=True, slots=True)
class ShareFacts:
    """What a person's share depends on; those of pay are the insured person's. ``told``: in a municipal scheme."""

    birth_date: date
    insured_birth_date: date
    remuneration_yen: int | None
    reliefs: Reliefs
    told: Told | None = None

    def percent_on(self, day: date) -> int | None:
        """The share as a notice of that day shows it; ``None`` before the ages in which it is shown, or not told."""
        law = law_on(day)
        if day < share_from(self.birth_date, law):
            return None
        if self.told is not None:
            return self.told.on(self.birth_date, day, law)
        relieved = any(first <= day and (last is None or day <= last) for first, last in self.reliefs)
        insured = _Insured(self.insured_birth_date, self.remuneration_yen, relieved)
        return copayment_percent(self.birth_date, insured, on=day, law=law)


SHARE_COLUMNS = f"""
    p.birth_date, coalesce(ip.birth_date, p.birth_date),
    CASE WHEN mi.id IS NULL THEN m.standard_monthly_remuneration_yen
         ELSE mi.standard_monthly_remuneration_yen END,
    (SELECT array_agg(r.valid_from ORDER BY r.id) FROM members_sharerelief r
     WHERE r.member_id = coalesce(m.insured_id, m.id)),
    (SELECT array_agg(r.valid_through ORDER BY r.id) FROM members_sharerelief r
     WHERE r.member_id = coalesce(m.insured_id, m.id)),
    {MUNICIPAL_SQL}, m.copayment_percent
"""
COVER_COLUMNS = """
    m.coverage_kind, m.acquired_on, m.lost_on, p.birth_date, p.resident,
    mi.coverage_kind, mi.acquired_on, mi.lost_on, ip.birth_date, ip.resident
"""


def share_facts(
    birth_date: date,
    insured_birth_date: date,
    remuneration_yen: int | None,
    relief_from: list[date] | None,
    relief_through: list[date | None] | None,
    municipal: bool,
    told_percent: int | None,
) -> ShareFacts:
    """The facts from the row of ``SHARE_COLUMNS``."""
    reliefs = tuple(zip(relief_from or (), relief_through or (), strict=True))
    told = Told(told_percent) if municipal else None
    return ShareFacts(birth_date, insured_birth_date, remuneration_yen, reliefs, told)


def cover(
    coverage_kind: str, acquired_on: date, lost_on: date | None, birth_date: date, resident: bool, *insured: object
) -> Cover:
    """The cover from the row of ``COVER_COLUMNS``."""
    head = Cover(*insured) if insured[0] else None  # type: ignore[arg-type]
    return Cover(coverage_kind, acquired_on, lost_on, birth_date, resident, head)
