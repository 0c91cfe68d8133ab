"""任意記載事項 on a 資格確認書: whom an item fits, until when it stands, and in what words. Source: rules.md §7."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date

from certificates.rules.copayment import share_from
from certificates.rules.law import Law
from core.calendar import days_after, wareki
from members.optional_item import LimitCategory, OptionalItem, SpecificDisease

Item = OptionalItem.Item
UNDER_70 = frozenset({LimitCategory.A, LimitCategory.I, LimitCategory.U, LimitCategory.E, LimitCategory.O})
CATEGORIES_BY_AGE = "{law.elderly_age}歳未満の方はア～オ、{law.elderly_age}歳になる月の翌月からは現役並みⅢ～低所得Ⅰ"


@dataclass(frozen=True, slots=True)
class Wished:
    """One wish that is not taken back; days inclusive, ``valid_through`` absent where no end was told."""

    item: str
    value: str
    limit_yen: int | None
    valid_from: date
    valid_through: date | None

    @property
    def label(self) -> str:
        """The item's value in words."""
        codes = LimitCategory if self.item == Item.LIMIT_CATEGORY else SpecificDisease
        return str(codes(self.value).label)

    def fits(self, birth_date: date, day: date, law: Law) -> bool:
        """Whether the law knows such a value for somebody of that age on ``day``.

        The higher limit of 特定疾病 is for the kidney's treatment under 70 alone.
        """
        elderly = day >= share_from(birth_date, law)
        if self.item == Item.LIMIT_CATEGORY:
            return (self.value in UNDER_70) is not elderly
        if self.limit_yen == law.specific_disease_high_yen:
            return self.value == SpecificDisease.KIDNEY and not elderly
        return self.limit_yen == law.specific_disease_yen

    def last_day(self, birth_date: date, law: Law) -> date | None:
        """The last day it holds: as told, and what is for those under 70 no longer than that."""
        days = [self.valid_through] if self.valid_through else []
        turns = share_from(birth_date, law)
        if self.fits(birth_date, days_after(turns, -1), law) and not self.fits(birth_date, turns, law):
            days.append(days_after(turns, -1))
        return min(days, default=None)

    def words(self, last: date | None) -> str:
        """The item as it is read: value, limit, first day, and ``last`` where one is given; no blank to break a line at."""
        limit = f"限度額{self.limit_yen:,}円、" if self.limit_yen else ""
        until = f"、{wareki(last)}まで" if last else ""
        return f"{self.label}（{limit}発効期日：{wareki(self.valid_from)}{until}）"


def printed(wished: Wished, birth_date: date, *, from_day: date, valid_through: date, law: Law) -> str:
    """What stands on a certificate that is good ``from_day``–``valid_through``; empty where the item has ended by then.

    An end is printed where the certificate lasts longer, so that the face stays true after it.
    """
    last = wished.last_day(birth_date, law)
    if (last is not None and last < from_day) or not wished.fits(birth_date, from_day, law):
        return ""
    return wished.words(last if last is not None and last < valid_through else None)


def wished_of(row: OptionalItem) -> Wished:
    """A row that is no withdrawal."""
    return Wished(row.item, row.value, row.limit_yen, row.valid_from, row.valid_through)


def from_json(items: str | None) -> list[Wished]:
    """The wishes as the join of ``members.querysets`` gives them."""
    day = date.fromisoformat
    return [
        Wished(item, value, limit_yen, day(since), day(through) if through else None)
        for item, (value, limit_yen, since, through) in json.loads(items or "{}").items()
    ]
