"""Drafting 資格情報のお知らせ for a month's new members, and reading what stands on them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from django.db import connection, transaction

from certificates.copayment import copayment_percent, share_from
from certificates.law import Law, law_on
from certificates.lifecycle import LIVE_STATES
from certificates.models import Run
from certificates.validity import last_day_of_cover
from core.calendar import month_end_after
from core.errors import Refused
from core.models import Clerk
from core.roles import DISPATCH
from core.transitions import lock_chain, record
from members.policy import Policy
from members.querysets import FACE_KEY_SQL, PEOPLE_JOINS
from members.services import policy_on
from notices.face import NoticeFace
from notices.models import EligibilityNotice

BATCH = 2_000
APPROVED = ("approved", "closed")

# New in the national system since the month before; the society's second number belongs to it.
_NEW_MEMBERS = f"""
SELECT m.id, {FACE_KEY_SQL}, m.coverage_kind, m.acquired_on, m.lost_on, p.birth_date, p.resident,
    mi.coverage_kind, mi.acquired_on, mi.lost_on, ip.birth_date, ip.resident
FROM members_member m {PEOPLE_JOINS}
WHERE (i.id = %(insurer)s OR i.main_id = %(insurer)s)
  AND coalesce(m.fund_registered_on, m.acquired_on) > %(after)s
  AND coalesce(m.fund_registered_on, m.acquired_on) <= %(as_of)s
  AND NOT EXISTS (SELECT 1 FROM notices_eligibilitynotice n
                  WHERE n.run_id = %(run)s AND n.member_id = m.id AND n.cause = 'new_member')
"""
_SCOPES: Mapping[str, str] = {
    "everyone": "",
    "without_certificate": """
  AND NOT EXISTS (SELECT 1 FROM certificates_eligibilitycertificate c
                  WHERE c.member_id = m.id AND c.status = ANY(%(live)s) AND c.valid_through >= %(day)s)
""",
    "registered_only": """
  AND 'registered' = (SELECT s.state FROM members_mynastatus s WHERE s.person_id = m.person_id
                      AND s.as_of <= %(day)s ORDER BY s.as_of DESC, s.id DESC LIMIT 1)
""",
}
_ORDER = ' ORDER BY i.number, m.symbol COLLATE "C", m.number COLLATE "C", m.branch_number COLLATE "C", m.id'


class _Cover(NamedTuple):
    """A cover as the rule about its last day reads it."""

    coverage_kind: str
    acquired_on: date
    lost_on: date | None
    birth_date: date
    resident: bool
    insured: _Cover | None = None


class _Share(NamedTuple):
    """The insured person, as the rule about the share reads it."""

    birth_date: date
    standard_monthly_remuneration_yen: int | None
    relieved: bool


def draft(run: Run, *, by: Clerk, on: date) -> int:
    """Drafts the notices of the run's new members; answers how many the run has.

    A repeat adds only who was not there before. The policy's ``notice_scope`` says who gets one.

    Raises:
        Refused: the month is not approved yet, or the clerk may not.
    Source: domain.md §7; policy ``notice_scope`` §12.
    """
    if not by.can(DISPATCH):
        raise Refused(f"「お知らせを作成する」は{by.get_role_display()}の権限ではできません。")
    if run.status not in APPROVED:
        raise Refused(
            "この月はまだ承認されていません。`manage.py approve_month` で承認してから作成してください。"
        )
    policy = policy_on(run.insurer, run.decided_on)
    with transaction.atomic():
        # One writer at a time draws serials; the event chain's lock is needed anyway.
        lock_chain()
        _insert(run, _new_members(run, policy), by=by, on=on)
    return EligibilityNotice.objects.filter(run=run).exclude(status="voided").count()


def _previous_as_of(run: Run) -> date:
    before = Run.objects.filter(insurer_id=run.insurer_id, month__lt=run.month).order_by("-month")
    found = before.values_list("as_of", flat=True).first()
    return found or month_end_after(run.as_of, -1)


def _new_members(run: Run, policy: Policy) -> list[tuple[int, str]]:
    """Id and face key of every new member of the scope who is still covered on the day of the run."""
    params = {
        "insurer": run.insurer_id, "run": run.pk, "after": _previous_as_of(run), "as_of": run.as_of,
        "day": run.decided_on, "live": list(LIVE_STATES),
    }  # fmt: skip
    law = law_on(run.decided_on)
    with connection.cursor() as cursor:
        cursor.execute(_NEW_MEMBERS + _SCOPES[policy.notice_scope] + _ORDER, params)
        rows = cursor.fetchall()
    found = []
    for member_id, face_key, *cover in rows:
        insured = _Cover(*cover[5:]) if cover[5] else None
        own = _Cover(*cover[:5], insured)
        if own.acquired_on <= run.decided_on <= last_day_of_cover(own, law):
            found.append((member_id, face_key))
    return found


def serial(value: int) -> str:
    """The number on a notice: N, ten digits and a check digit; a certificate's has no letter."""
    digits = f"{value:010d}"
    doubled = [int(d) * (2 if place % 2 == 0 else 1) for place, d in enumerate(reversed(digits))]
    return f"N{digits}{-sum(v // 10 + v % 10 for v in doubled) % 10}"


def _insert(run: Run, members: Sequence[tuple[int, str]], *, by: Clerk, on: date) -> None:
    newest = EligibilityNotice.objects.order_by("-serial").values_list("serial", flat=True).first()
    start = int(newest[1:11]) + 1 if newest else 1
    notices = [
        EligibilityNotice(
            serial=serial(number), member_id=member_id, run=run, cause="new_member", issued_on=on,
            face_key=face_key,
        )
        for number, (member_id, face_key) in enumerate(members, start=start)
    ]  # fmt: skip
    made = EligibilityNotice.objects.bulk_create(notices, batch_size=BATCH)
    if made:
        ids = [notice.pk for notice in made]
        record("draft", EligibilityNotice._meta.label, ids, by=by, on=on, note={"run": run.pk})


_FACES = f"""
SELECT n.id, n.serial, n.issued_on, m.symbol, m.number, m.branch_number,
    coalesce(nullif(p.printed_name, ''), p.name), p.name_kana, p.birth_date, m.acquired_on,
    i.number, i.name, coalesce(nullif(i.phone, ''), s.phone, ''), m.fund_registered_on,
    coalesce(ip.birth_date, p.birth_date),
    CASE WHEN mi.id IS NULL THEN m.standard_monthly_remuneration_yen
         ELSE mi.standard_monthly_remuneration_yen END,
    EXISTS (SELECT 1 FROM members_sharerelief r WHERE r.member_id = coalesce(m.insured_id, m.id)
            AND r.valid_from <= n.issued_on AND (r.valid_through IS NULL OR r.valid_through >= n.issued_on))
FROM notices_eligibilitynotice n
JOIN members_member m ON m.id = n.member_id {PEOPLE_JOINS}
LEFT JOIN members_insurer s ON s.id = i.main_id
WHERE n.id = ANY(%s)
"""


def faces(ids: Sequence[int], policy: Policy) -> dict[int, NoticeFace]:
    """What stands on each notice, as the database says now."""
    with connection.cursor() as cursor:
        cursor.execute(_FACES, [list(ids)])
        rows = cursor.fetchall()
    return {row[0]: _face(row, policy, law_on(row[2])) for row in rows}


def _face(row: tuple[Any, ...], policy: Policy, law: Law) -> NoticeFace:
    (
        _, number, issued_on, symbol, member_number, branch_number, name, name_kana, birth_date, acquired_on,
        insurer_number, insurer_name, phone, registered_on, insured_birth_date, remuneration, relieved,
    ) = row  # fmt: skip
    share = None
    if issued_on >= share_from(birth_date, law):
        insured = _Share(insured_birth_date, remuneration, relieved)
        share = copayment_percent(birth_date, insured, on=issued_on, law=law)
    return NoticeFace(
        number, issued_on, symbol, member_number, branch_number, name, name_kana, birth_date, acquired_on,
        insurer_number, insurer_name, phone, share, registered_on, policy.notice_on_share_change,
    )  # fmt: skip
