"""What runs out when: certificates, マイナ保険証, ages 70 and 75, 任意継続, by month and establishment."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from django.db import connection

from certificates.decisions import reading
from certificates.decisions.gaps import covered
from certificates.lifecycle import LIVE_STATES
from certificates.rules.facts import MemberFacts
from certificates.rules.law import Law, law_on
from certificates.rules.monthly import certificate_last_day, myna
from certificates.rules.validity import turns_70_day, turns_75_day
from core.calendar import last_day_of_years, month_end_after, month_start
from members.models import Establishment, Insurer
from members.policy import Policy
from members.services import policy_on

KINDS: dict[str, str] = {
    "certificates": "資格確認書の期限",
    "myna": "マイナ保険証の期限",
    "turns_70": "{law.elderly_age}歳",
    "turns_75": "{law.late_elderly_age}歳",
    "voluntary_ends": "任意継続の満了",
}
"""Each kind of last day, with its name for ``Law.fill``."""
EMPLOYERS_ONLY = ("voluntary_ends",)
"""Kinds that a scheme without employers does not have."""


@dataclass(frozen=True, slots=True)
class MonthAhead:
    """How many covered members have a last day of each kind (``KINDS``) in ``month``.

    ``by_establishment`` has the same counts per establishment code.
    """

    month: date
    counts: dict[str, int]
    by_establishment: dict[str, dict[str, int]]


def forecast(insurer: Insurer, on: date, months: int) -> list[MonthAhead]:
    """The coming ``months`` months from that of ``on``."""
    policy, law = policy_on(insurer, on), law_on(on)
    starts = [month_start(month_end_after(on, ahead)) for ahead in range(months)]
    until = month_end_after(on, months - 1)
    found: Counter[tuple[date, str, int]] = Counter()
    with reading.stream(insurer.pk, on) as covers:
        for read in covers:
            if covered(read.facts, on, law):
                for kind, day in _last_days(read.facts, on, policy, law):
                    if on <= day <= until:
                        found[month_start(day), kind, read.establishment_id] += 1
    codes = dict(Establishment.objects.values_list("pk", "code"))
    return [_month(start, found, codes) for start in starts]


def _last_days(facts: MemberFacts, on: date, policy: Policy, law: Law) -> Iterator[tuple[str, date]]:
    held = [certificate_last_day(h, facts.birth_date, policy, law) for h in facts.certificates]
    if held:
        yield "certificates", max(held)
    if (last := myna(facts, law, on=on).last_day) is not None:
        yield "myna", last
    yield "turns_70", turns_70_day(facts.birth_date, law)
    if facts.resident:
        yield "turns_75", turns_75_day(facts.birth_date, law)
    if facts.coverage_kind == "voluntary" and facts.insured is None:
        yield "voluntary_ends", last_day_of_years(facts.acquired_on, law.voluntary_years)


def _month(start: date, found: Counter[tuple[date, str, int]], codes: dict[int, str]) -> MonthAhead:
    counts = dict.fromkeys(KINDS, 0)
    establishments: dict[str, dict[str, int]] = {}
    for (month, kind, establishment), number in found.items():
        if month == start:
            counts[kind] += number
            establishments.setdefault(codes[establishment], dict.fromkeys(KINDS, 0))[kind] += number
    return MonthAhead(start, counts, dict(sorted(establishments.items())))


_RUNNING_OUT = """
SELECT date_trunc('month', held.last)::date, count(*)
FROM (
    SELECT member_id, max(valid_through) AS last FROM certificates_eligibilitycertificate
    WHERE status = ANY(%(live)s) AND valid_through >= %(on)s GROUP BY member_id
) held
JOIN members_member m ON m.id = held.member_id LEFT JOIN members_member mi ON mi.id = m.insured_id
WHERE held.last <= %(until)s AND m.acquired_on <= %(on)s
    AND (m.lost_on IS NULL OR m.lost_on > %(on)s) AND (mi.lost_on IS NULL OR mi.lost_on > %(on)s)
GROUP BY 1
"""


def running_out(on: date, months: int) -> dict[date, int]:
    """How many covered members' last certificate ends, as printed on it, in each of the coming ``months`` months.

    One query for a page that is opened often; ``forecast`` looks at everybody and also knows the days that no
    certificate says.
    """
    params = {"live": list(LIVE_STATES), "on": on, "until": month_end_after(on, months - 1)}
    with connection.cursor() as cursor:
        cursor.execute(_RUNNING_OUT, params)
        found: dict[date, int] = dict(cursor.fetchall())
    starts = [month_start(month_end_after(on, ahead)) for ahead in range(months)]
    return {start: found.get(start, 0) for start in starts}
