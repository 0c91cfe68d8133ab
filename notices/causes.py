"""Who is due a 資格情報のお知らせ, and why: the month's causes, the first round, and people named one by one.

Each question is one set-based query; what only the rules know (end of cover, share) is asked of them per row.
Source: rules.md §7, §12.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection

from certificates.decisions.ruling import still_open
from certificates.lifecycle import LIVE_STATES
from certificates.models import Run
from certificates.requests.inquiries.known import confirmed
from certificates.rules.facts import USABLE_STATES
from certificates.rules.law import law_on
from core.calendar import month_end_after
from core.text import number_order
from members.models import Insurer
from members.policy import Policy
from members.querysets import HEAD_PERSON_SQL, HOUSEHOLD_SQL, address_sql, name_sql, newest_first_sql
from notices.covers import COVER_COLUMNS, SHARE_COLUMNS, Cover, ShareFacts, cover, share_facts
from notices.keys import NAME_KEY_SQL, NOTICE_JOINS, face_key_sql
from notices.models import EligibilityNotice

Cause = EligibilityNotice.Cause
MONTHLY = (Cause.NEW_MEMBER, Cause.NAME_OR_NUMBER_CHANGE, Cause.SHARE_CHANGE)
"""The causes that the month looks for, the one that counts where several hold first."""


def _known_sql(day: str, confirmed: str) -> str:
    """Whether the fund was known by a day to have the person under this cover: it said when, or a usable row names the
    person. Rows are kept when they differ, so the monthly file of ``confirmed`` speaks through an older one.

    Source: rules.md §7.
    """
    return f"""coalesce(m.fund_registered_on <= {day} OR (
        SELECT k.state = ANY(ARRAY{list(USABLE_STATES)}) AND greatest(k.as_of, {confirmed}::date) >= m.acquired_on
        FROM members_mynastatus k WHERE k.person_id = m.person_id AND k.as_of <= {day}
        ORDER BY {newest_first_sql("k")} LIMIT 1), false)"""


# The newest notice of each cover that was not made void. Addresses are looked up for the few who are found only.
_SELECT = f"""
WITH last AS (
    SELECT DISTINCT ON (member_id) member_id, status, name_key, copayment_percent, issued_on
    FROM notices_eligibilitynotice WHERE status <> 'voided' ORDER BY member_id, id DESC
)
SELECT m.id, {HOUSEHOLD_SQL}, m.insurer_id, {NAME_KEY_SQL},
    {face_key_sql("%(last_four)s", "false")}, {face_key_sql("%(last_four)s", "true")},
    p.nondisclosure OR p.address_protected OR coalesce((SELECT head.nondisclosure OR head.address_protected
        FROM members_person head WHERE head.id = {HEAD_PERSON_SQL}), false),
    m.coverage_kind IN ('voluntary', 'special_retired')
        OR coalesce(mi.coverage_kind IN ('voluntary', 'special_retired'), false),
    coalesce(m.insured_id, m.head_id) IS NOT NULL AND mail.address IS NOT NULL AND (mail.postal_code, mail.address) IS DISTINCT FROM
        CASE WHEN imail.address IS NULL THEN (ihome.postal_code, ihome.address)
             ELSE (imail.postal_code, imail.address) END,
    i.number, m.symbol, m.number, m.branch_number, {name_sql("p")}, p.name_kana, m.head_name <> '',
    {_known_sql("%(on)s", "%(confirmed)s")}, {{since}}, last.issued_on, last.copayment_percent, {COVER_COLUMNS}, {SHARE_COLUMNS}
FROM members_member m {NOTICE_JOINS}
LEFT JOIN last ON last.member_id = m.id
LEFT JOIN {address_sql("p.id", "mailing")} mail ON true
LEFT JOIN {address_sql(HEAD_PERSON_SQL, "mailing")} imail ON true
LEFT JOIN {address_sql(HEAD_PERSON_SQL, "residence")} ihome ON true
WHERE (i.id = %(insurer)s OR i.main_id = %(insurer)s) {{which}} {{scope}}
ORDER BY m.id
"""
_NOT_YET = """AND NOT EXISTS (SELECT 1 FROM notices_eligibilitynotice n WHERE n.member_id = m.id
    AND n.run_id = %(run)s AND n.cause = ANY(%(monthly)s))"""
_JOINED = "coalesce(m.fund_registered_on, m.acquired_on)"
# In the month in which they were new they were put off: open then, or not known to be registered.
_PUT_OFF = f"""{_JOINED} > %(opened)s AND EXISTS (
    SELECT 1 FROM (SELECT id, as_of FROM certificates_run WHERE insurer_id = %(insurer)s AND as_of >= {_JOINED}
                   ORDER BY as_of LIMIT 1) new_in
    WHERE NOT {_known_sql("new_in.as_of", "new_in.as_of")}
       OR EXISTS (SELECT 1 FROM certificates_decision w
                  WHERE w.run_id = new_in.id AND w.member_id = m.id AND w.outcome IN ('wait', 'review')))"""
# New in the national system since the month before, or put off before; whoever has a notice of this cover is not new.
_NEW = f"""{_NOT_YET} AND last.member_id IS NULL
    AND {_JOINED} <= %(as_of)s AND ({_JOINED} > %(after)s OR ({_PUT_OFF}))"""
_RENAMED = f"""{_NOT_YET} AND last.status IN ('sent', 'returned') AND last.name_key <> {NAME_KEY_SQL}"""
# Everybody near the age; whose share it is the rule tells.
_ELDERLY = f"""{_NOT_YET} AND coalesce(last.status IN ('sent', 'returned'), true)
    AND p.birth_date < %(on)s - make_interval(years => %(elderly_age)s - 1)"""
_FIRST_ROUND = """AND NOT EXISTS (SELECT 1 FROM notices_eligibilitynotice n WHERE n.member_id = m.id
    AND n.cause = 'first_round')"""
_NAMED = "AND m.id = ANY(%(members)s)"
# The last month in which the person was not open: until then nobody was put off.
_SINCE = """(SELECT max(r.decided_on) FROM certificates_decision w JOIN certificates_run r ON r.id = w.run_id
    WHERE w.member_id = m.id AND w.outcome NOT IN ('wait', 'review') AND r.decided_on < %(day)s)"""
_SCOPES: Mapping[str, str] = {
    "everyone": "",
    "without_certificate": """
  AND NOT EXISTS (SELECT 1 FROM certificates_eligibilitycertificate c
                  WHERE c.member_id = m.id AND c.status = ANY(%(live)s) AND c.valid_through >= %(day)s)
""",
    "registered_only": f"""
  AND 'registered' = (SELECT ms.state FROM members_mynastatus ms WHERE ms.person_id = m.person_id
                      AND ms.as_of <= %(day)s ORDER BY {newest_first_sql("ms")} LIMIT 1)
""",
}


@dataclass(frozen=True, slots=True)
class Due:
    """Somebody who gets a notice. ``alone``: on a sheet of the person's own, whatever the unit is.

    ``own_key``, ``household_key``: fingerprint of the sheet addressed to the person, or to the insured person.
    ``numbers``: 保険者番号・記号・番号・枝番; ``names``: as printed, and kana. ``known``: whether
    the registration is known, which a notice says is done. ``head_outside``: the 世帯主 is nobody covered here.
    """

    member_id: int
    household_id: int
    insurer_id: int
    name_key: str
    own_key: str
    household_key: str
    alone: bool
    percent: int | None
    cover: Cover
    numbers: tuple[str, ...]
    names: tuple[str, str]
    known: bool
    head_outside: bool = False

    @property
    def place(self) -> tuple[str, str]:
        """Where the person stands in lists that people read: numbers as numbers."""
        insurer, *own = self.numbers
        return insurer, number_order(*own)


@dataclass(frozen=True, slots=True)
class Asking:
    """What a question about people is asked under: the day the paper is issued, its digits, and its way."""

    insurer_id: int
    on: date
    last_four: bool
    channel: str


def monthly(run: Run, policy: Policy, *, on: date) -> dict[str, list[Due]]:
    """Everyone whom the month owes a notice, by cause; nobody stands under two.

    New members once the fund has registered them; whoever's name or number differs from the last notice sent;
    whoever's share differs from it, where the policy tells of that. Covered on the day of the run, and in the
    policy's scope.
    """
    asking = Asking(run.insurer_id, on, last_four(policy, Cause.NEW_MEMBER), policy.notice_channel)
    before = Run.objects.filter(insurer_id=run.insurer_id, month__lt=run.month).order_by("-month").first()
    params = {
        "run": run.pk,
        "monthly": list(MONTHLY),
        "as_of": run.as_of,
        "day": run.decided_on,
        "live": list(LIVE_STATES),
        "after": before.as_of if before else month_end_after(run.as_of, -1),
        "opened": _opened(run),
    }
    scope = _SCOPES[policy.notice_scope]
    earlier = before.decided_on if before else month_end_after(run.decided_on, -1)
    found = {
        Cause.NEW_MEMBER: list(_due(asking, _NEW, scope, params)),
        Cause.NAME_OR_NUMBER_CHANGE: list(_due(asking, _RENAMED, scope, params)),
        Cause.SHARE_CHANGE: [],
    }
    if policy.notice_on_share_change:
        found[Cause.SHARE_CHANGE] = list(_due(asking, _ELDERLY, scope, params, earlier=earlier))
    seen = set(open_ones(run.insurer, policy, on=on))
    answer: dict[str, list[Due]] = {}
    for cause in MONTHLY:
        people = [due for due in found[cause] if due.known and due.cover.holds_on(run.decided_on)]
        answer[cause] = [due for due in people if due.member_id not in seen]
        seen.update(due.member_id for due in people)
    return answer


def _opened(run: Run) -> date:
    """The day after which the society's first month looked for new members."""
    first = Run.objects.filter(insurer_id=run.insurer_id).order_by("as_of").values_list("as_of", flat=True)[0]
    return month_end_after(first, -1)


def open_ones(insurer: Insurer, policy: Policy, *, on: date) -> Collection[int]:
    """Covers that get no notice while they wait for an answer: it may give them a certificate, and the scope leaves its
    holders out.

    Source: rules.md §7.
    """
    return () if policy.notice_scope == "everyone" else still_open(insurer, on=on)


def first_round(insurer_id: int, policy: Policy, *, day: date, on: date) -> list[Due]:
    """Everyone covered on ``day`` and known to be registered who was not in the first mass round. It asks for no scope.

    Source: rules.md §12: it went to everyone at all insurers.
    """
    asking = Asking(insurer_id, on, last_four(policy, Cause.FIRST_ROUND), policy.mass_channel)
    return [due for due in _due(asking, _FIRST_ROUND, "", {}) if due.known and due.cover.holds_on(day)]


def named(asking: Asking, members: Sequence[int]) -> list[Due]:
    """These covers, if they last on the day, be the registration known or not."""
    found = _due(asking, _NAMED, "", {"members": list(members)})
    return [due for due in found if due.cover.holds_on(asking.on)]


def last_four(policy: Policy, cause: str) -> bool:
    """Whether notices of this cause carry the last four digits. Source: rules.md §12."""
    return policy.last_four_digits == "always" or (
        policy.last_four_digits == "first_round" and cause == Cause.FIRST_ROUND
    )


def _due(
    asking: Asking, which: str, scope: str, params: Mapping[str, Any], *, earlier: date | None = None
) -> Iterator[Due]:
    """The people of one question; with ``earlier`` only those whose share is another than the one last told."""
    query = _SELECT.format(which=which, scope=scope, since="NULL::date" if earlier is None else _SINCE)
    given = {
        "insurer": asking.insurer_id,
        "on": asking.on,
        "last_four": asking.last_four,
        "confirmed": confirmed(asking.on),
        "elderly_age": law_on(asking.on).elderly_age,
        **params,
    }
    with connection.cursor() as cursor:
        cursor.execute(query, given)
        rows = cursor.fetchall()
    for row in rows:
        (
            member_id,
            household_id,
            insurer_id,
            name_key,
            own_key,
            household_key,
            seen,
            always_home,
            apart,
            number,
            symbol,
            member_number,
            branch_number,
            name,
            name_kana,
            outside,
            known,
            since,
            last_issued_on,
            last_percent,
            *rest,
        ) = row
        facts = share_facts(*rest[10:])
        percent = facts.percent_on(asking.on)
        if earlier is not None and percent == _told(facts, last_percent, last_issued_on or since or earlier):
            continue
        home = always_home or asking.channel == "home"
        yield Due(
            member_id,
            household_id,
            insurer_id,
            name_key,
            own_key,
            household_key,
            seen or (home and apart),
            percent,
            cover(*rest[:10]),
            (number, symbol, member_number, branch_number),
            (name, name_kana),
            known,
            outside,
        )


def _told(facts: ShareFacts, last_percent: int | None, day: date) -> int | None:
    """The share the person was last told; where no notice says it, the one of that day by today's facts."""
    return facts.percent_on(day) if last_percent is None else last_percent
