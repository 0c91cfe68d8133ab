"""Reads every member's facts as of a day in one streamed query (the database's side of ``facts``)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection, transaction

from certificates.facts import FundRow, HeldCard, HeldCertificate, InsuredCover, MemberFacts
from certificates.lifecycle import LIVE_STATES
from core.text import number_order
from members.querysets import FACE_KEY_SQL, PEOPLE_JOINS

BATCH = 5_000

# One row per cover. A live certificate belongs to the cover, is not past its end, and carries the face
# that would be printed today (domain.md §4). Aggregates are joined, not looked up per row.
_SELECT = f"""
WITH newest AS (
    SELECT DISTINCT ON (person_id) person_id, state, as_of, source, registered_on,
           e_certificate_expires_on, file_id, line_no
    FROM members_mynastatus WHERE as_of <= %(day)s {{of_people}}
    ORDER BY person_id, as_of DESC, id DESC
), requests AS (
    SELECT person_id, array_agg(accepted_on ORDER BY accepted_on) AS accepted
    FROM certificates_deregistration
    WHERE status IN ('granted', 'done') AND accepted_on <= %(day)s {{of_people}}
    GROUP BY person_id
), granted AS (
    SELECT DISTINCT member_id FROM certificates_eligibilitycertificate
    WHERE (basis = 'application' OR ground = 'assistance_renewal') AND status <> 'voided' {{of_members}}
), cards AS (
    SELECT member_id, jsonb_agg(jsonb_build_array(issued_on, valid_through) ORDER BY issued_on) AS cards
    FROM certificates_legacycard WHERE status = 'valid' {{of_members}} GROUP BY member_id
), held AS (
    SELECT c.member_id, jsonb_agg(
        jsonb_build_array(c.id, c.effective_on, c.valid_through, c.status, c.arrives_on) ORDER BY c.id
    ) AS held
    FROM certificates_eligibilitycertificate c
    JOIN members_member m ON m.id = c.member_id {PEOPLE_JOINS}
    WHERE c.status = ANY(%(live)s) AND c.valid_through >= %(day)s AND c.face_key = {FACE_KEY_SQL}
        {{of_members}}
    GROUP BY c.member_id
)
SELECT m.id, m.kind, m.coverage_kind, m.acquired_on, m.lost_on, p.birth_date, p.resident,
    p.individual_number_state, p.nondisclosure, p.needs_assistance, m.fund_registered_on,
    mi.coverage_kind, mi.acquired_on, mi.lost_on, ip.birth_date, ip.resident,
    newest.state, newest.as_of, newest.source, newest.registered_on, newest.e_certificate_expires_on,
    newest.file_id, newest.line_no, requests.accepted, granted.member_id, cards.cards::text, held.held::text,
    i.number, m.symbol, m.number, m.branch_number, m.establishment_id
FROM members_member m {PEOPLE_JOINS}
LEFT JOIN newest ON newest.person_id = m.person_id
LEFT JOIN requests ON requests.person_id = m.person_id
LEFT JOIN granted ON granted.member_id = m.id
LEFT JOIN cards ON cards.member_id = m.id
LEFT JOIN held ON held.member_id = m.id
WHERE (i.id = %(insurer)s OR i.main_id = %(insurer)s) {{of_covers}}
"""

# Limits every part of the query when only some covers are asked for.
_EVERYONE = {"of_people": "", "of_members": "", "of_covers": ""}
_SOME = {
    "of_people": "AND person_id IN (SELECT person_id FROM members_member WHERE id = ANY(%(members)s))",
    "of_members": "AND member_id = ANY(%(members)s)",
    "of_covers": "AND m.id = ANY(%(members)s)",
}

# Order of every list: insurer, symbol, number, branch by code point (contracts.md).
ORDER = (
    ' ORDER BY i.number, m.symbol COLLATE "C", m.number COLLATE "C", m.branch_number COLLATE "C",'
    " m.acquired_on, m.id"
)


@dataclass(frozen=True, slots=True)
class Read:
    """One cover: its id, how it is numbered, and its facts."""

    member_id: int
    insurer_number: str
    symbol: str
    number: str
    branch_number: str
    establishment_id: int
    facts: MemberFacts


def place(read: Read) -> tuple[str, str, date, int]:
    """Where a cover stands in the lists that people read: numbers as numbers."""
    order = number_order(read.symbol, read.number, read.branch_number)
    return read.insurer_number, order, read.facts.acquired_on, read.member_id


@contextmanager
def stream(
    insurer_id: int, day: date, *, members: list[int] | None = None, ordered: bool = False
) -> Iterator[Iterator[Read]]:
    """Streams the facts of a society's covers as of ``day``, in batches, through a server-side cursor.

    ``members`` limits it to some covers; ``ordered`` sorts by insurer, symbol, number, branch.
    """
    query, params = _query(insurer_id, day, members, ordered)
    with transaction.atomic():
        connection.ensure_connection()
        with connection.connection.cursor(name="kenpo_facts") as cursor:
            cursor.itersize = BATCH
            cursor.execute(query, params)
            yield (_read(row) for row in cursor)


def facts_of(insurer_id: int, day: date, members: list[int]) -> dict[int, MemberFacts]:
    """The facts of some covers as of ``day``, by member id."""
    with stream(insurer_id, day, members=members) as covers:
        return {read.member_id: read.facts for read in covers}


def _query(
    insurer_id: int, day: date, members: list[int] | None, ordered: bool
) -> tuple[str, dict[str, Any]]:
    query = _SELECT.format(**(_EVERYONE if members is None else _SOME))
    if ordered:
        query += ORDER
    return query, {"day": day, "live": list(LIVE_STATES), "insurer": insurer_id, "members": members}


def _read(row: tuple[Any, ...]) -> Read:
    (
        member_id, kind, coverage_kind, acquired_on, lost_on, birth_date, resident, number_state,
        nondisclosure, needs_assistance, fund_registered_on, i_kind, i_acquired_on, i_lost_on, i_birth_date,
        i_resident, state, row_as_of, source, registered_on, expires_on, file_id, line_no, accepted, granted,
        cards, held, insurer_number, symbol, number, branch_number,
        establishment_id,
    ) = row  # fmt: skip
    insured = InsuredCover(i_kind, i_acquired_on, i_lost_on, i_birth_date, i_resident) if i_kind else None
    fund_row = (
        FundRow(state, row_as_of, source, registered_on, expires_on, file_id, line_no) if state else None
    )
    facts = MemberFacts(
        acquired_on, birth_date, kind, coverage_kind, lost_on, resident, insured, number_state, nondisclosure,
        needs_assistance, granted is not None, fund_registered_on, fund_row, tuple(accepted or ()),
        _held(held) if held else (), _cards(cards) if cards else (),
    )  # fmt: skip
    return Read(member_id, insurer_number, symbol, number, branch_number, establishment_id, facts)


def _held(held: str) -> tuple[HeldCertificate, ...]:
    day = date.fromisoformat
    return tuple(
        HeldCertificate(i, day(e), day(v), s, day(a) if a else None) for i, e, v, s, a in json.loads(held)
    )


def _cards(cards: str) -> tuple[HeldCard, ...]:
    day = date.fromisoformat
    return tuple(HeldCard(day(issued), day(last) if last else None) for issued, last in json.loads(cards))
