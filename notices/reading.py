"""What stands on each notice and on each sheet according to the database now, and what has changed since drafting."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date
from typing import Any

from django.db import connection

from certificates.decisions.told_shares import missing
from core import crypto
from members.policy import Policy
from members.querysets import HEAD_PERSON_SQL, MUNICIPAL_SQL, head_name_sql, name_sql
from notices.covers import COVER_COLUMNS, SHARE_COLUMNS, cover, share_facts
from notices.face import Face, HouseholdFace, NoticeFace
from notices.keys import HAS_DIGITS_SQL, NOTICE_JOINS, OWN_FACE_KEY_SQL, PHONE_SQL

_FACES = f"""
SELECT n.id, coalesce(n.leader_id, n.id), n.serial, n.issued_on, m.symbol, m.number, m.branch_number,
    {name_sql("p")}, p.name_kana, m.acquired_on, i.number, i.name, {PHONE_SQL}, m.fund_registered_on,
    CASE WHEN n.addressed_to_id IS NULL THEN '' ELSE coalesce({name_sql("ip")}, {head_name_sql()}, '') END,
    CASE WHEN n.last_four AND {HAS_DIGITS_SQL} THEN num.sealed END, {SHARE_COLUMNS}
FROM notices_eligibilitynotice n
JOIN members_member m ON m.id = n.member_id {NOTICE_JOINS}
WHERE {{which}}
ORDER BY n.id
"""
_CHANGED = f"""
SELECT coalesce(n.leader_id, n.id), n.face_key <> {OWN_FACE_KEY_SQL}, n.issued_on, n.copayment_percent, {SHARE_COLUMNS}
FROM notices_eligibilitynotice n
JOIN members_member m ON m.id = n.member_id {NOTICE_JOINS}
WHERE coalesce(n.leader_id, n.id) = ANY(%s)
"""
# A sheet with others, or one to the insured person, shows a protected person to the family.
_STALE = f"""
SELECT coalesce(n.leader_id, n.id), n.id, n.status,
    (n.addressed_to_id IS NOT NULL OR n.leader_id IS NOT NULL
     OR EXISTS (SELECT 1 FROM notices_eligibilitynotice f WHERE f.leader_id = n.id))
    AND (p.nondisclosure OR p.address_protected OR coalesce((SELECT head.nondisclosure OR head.address_protected
        FROM members_person head WHERE head.id = {HEAD_PERSON_SQL}), false)),
    {COVER_COLUMNS}
FROM notices_eligibilitynotice n
JOIN members_member m ON m.id = n.member_id {NOTICE_JOINS}
WHERE coalesce(n.leader_id, n.id) = ANY(%s)
"""


def faces(ids: Sequence[int], policy: Policy) -> dict[int, NoticeFace]:
    """What stands on each notice for its own member, as the database says now."""
    rows = _rows(_FACES.format(which="n.id = ANY(%s)"), ids)
    return {row[0]: _face(row, policy) for row in rows}


def sheets(leaders: Sequence[int], policy: Policy) -> dict[int, Face]:
    """What stands on each sheet, by the notice that leads it, as the database says now."""
    together: dict[int, list[NoticeFace]] = {}
    for row in _rows(_FACES.format(which="coalesce(n.leader_id, n.id) = ANY(%s)"), leaders):
        together.setdefault(row[1], []).append(_face(row, policy))
    return {leader: _sheet(people) for leader, people in together.items()}


def _sheet(people: Sequence[NoticeFace]) -> Face:
    first = people[0]
    if len(people) == 1:
        return first
    return HouseholdFace(first.serial, first.issued_on, first.addressee or first.name, tuple(people))


def _rows(query: str, ids: Collection[int]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, [list(ids)])
        return cursor.fetchall()


def _face(row: tuple[Any, ...], policy: Policy) -> NoticeFace:
    (
        _,
        _,
        serial,
        issued_on,
        symbol,
        number,
        branch_number,
        name,
        name_kana,
        acquired_on,
        insurer_number,
        insurer_name,
        phone,
        registered_on,
        addressee,
        sealed,
        *share,
    ) = row
    facts = share_facts(*share)
    return NoticeFace(
        serial,
        issued_on,
        symbol,
        number,
        branch_number,
        name,
        name_kana,
        facts.birth_date,
        acquired_on,
        insurer_number,
        insurer_name,
        phone,
        facts.percent_on(issued_on),
        registered_on,
        policy.notice_on_share_change,
        _last_four(sealed),
        addressee,
        policy.municipal,
    )


def _last_four(sealed: Any) -> str:
    """The end of a 個人番号, opened for the moment of drawing or proving and kept nowhere."""
    return "" if sealed is None else crypto.decrypt(bytes(sealed)).decode("ascii")[-4:]


_SHARES = f"""
SELECT coalesce(n.leader_id, n.id), n.issued_on, p.birth_date, m.copayment_percent
FROM notices_eligibilitynotice n
JOIN members_member m ON m.id = n.member_id JOIN members_person p ON p.id = m.person_id
WHERE coalesce(n.leader_id, n.id) = ANY(%s) AND {MUNICIPAL_SQL}
"""


def without_told_share(leaders: Sequence[int]) -> set[int]:
    """The sheets on which a share would stand that a municipality has not told."""
    return missing(_rows(_SHARES, leaders))


def changed(leaders: Collection[int]) -> set[int]:
    """The sheets, of those given, on which something differs from the day they were drafted."""
    return {
        leader
        for leader, face_changed, issued_on, percent, *share in _rows(_CHANGED, leaders)
        if face_changed or share_facts(*share).percent_on(issued_on) != percent
    }


def stale(leaders: Collection[int], *, on: date) -> dict[str, set[int]]:
    """Drafted sheets that may no longer go out as they are, by reason: ``ended``, ``protected``, ``changed``.

    Somebody on the sheet has no cover on ``on``, is protected and would be seen by the family, was taken off it, or
    what stands there has changed.
    Source: rules.md §10.
    """
    found: dict[str, set[int]] = {"ended": set(), "protected": set(), "changed": changed(leaders)}
    for leader, _, status, seen, *facts in _rows(_STALE, leaders):
        if not cover(*facts).holds_on(on):
            found["ended"].add(leader)
        elif seen:
            found["protected"].add(leader)
        elif status == "voided":
            found["changed"].add(leader)
    return found
