"""What runs out when: certificates and マイナ保険証 by the month of their last usable day."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date

from certificates import reading
from certificates.gaps import covered
from certificates.law import law_on
from certificates.rules import certificate_last_day, myna
from core.calendar import month_end_after, month_start
from members.models import Insurer
from members.services import policy_on


@dataclass(frozen=True, slots=True)
class MonthAhead:
    """How many covered members' certificates and マイナ保険証 have their last day in ``month``."""

    month: date
    certificates: int
    myna: int


def forecast(insurer: Insurer, on: date, months: int) -> list[MonthAhead]:
    """The coming ``months`` months from that of ``on``."""
    policy, law = policy_on(insurer, on), law_on(on)
    certificates: Counter[date] = Counter()
    cards: Counter[date] = Counter()
    with reading.stream(insurer.pk, on) as covers:
        for read in covers:
            if not covered(read.facts, on, law):
                continue
            last_days = [
                certificate_last_day(held, read.facts.birth_date, policy, law)
                for held in read.facts.certificates
            ]
            if last_days:
                certificates[month_start(max(last_days))] += 1
            if (last := myna(read.facts, law).last_day) is not None:
                cards[month_start(last)] += 1
    starts = [month_start(month_end_after(on, ahead)) for ahead in range(months)]
    return [MonthAhead(start, certificates[start], cards[start]) for start in starts]
