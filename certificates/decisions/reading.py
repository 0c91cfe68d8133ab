"""Reads every member's facts as of a day in one streamed query (the database's side of ``facts``)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any

from psycopg.rows import namedtuple_row

from certificates.decisions.coming import NEXT_FACE_SQL, RIGHT_FACE_SQL
from certificates.lifecycle import LIVE_STATES
from certificates.rules.facts import FundRow, HeldCard, InsuredCover, MemberFacts, held_of
from core.streaming import streamed
from core.text import number_order
from members.functions import number_order_sql
from members.querysets import PEOPLE_JOINS, newest_first_sql

# One row per cover. A live certificate belongs to the cover, is not past its end, and carries the face
# that would be printed today, or one that is still to come; it is right through the day before the next one (rules.md
# §4). Aggregates are joined, not looked up per row. Nobody can tell the planner how many faces are right, so that is asked
# of what is gathered and not of what is read: taken for a handful, everybody is compared with each of them.
_SELECT = f"""
WITH newest AS (
    SELECT DISTINCT ON (person_id) person_id, id, state, as_of, source, registered_on,
           e_certificate_expires_on, file_id, line_no
    FROM members_mynastatus s WHERE as_of <= %(day)s {{of_people}}
    ORDER BY person_id, {newest_first_sql("s")}
), other AS (
    SELECT status_id, jsonb_agg(jsonb_build_array(file_id, line_no) ORDER BY file_id, line_no) AS lines
    FROM certificates_otherline GROUP BY status_id
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
        jsonb_build_array(c.id, c.effective_on, least(c.valid_through, next.day - 1), c.status, c.arrives_on, c.issued_on, c.ground,
            c.run_id IS NULL AND c.ruling_id IS NULL, known.registration) ORDER BY c.id
    ) FILTER (WHERE {RIGHT_FACE_SQL} AND (next.day IS NULL OR next.day > greatest(c.effective_on, %(day)s))) AS held
    FROM certificates_eligibilitycertificate c
    JOIN members_member m ON m.id = c.member_id {PEOPLE_JOINS}
    LEFT JOIN {NEXT_FACE_SQL} next ON true
    -- What was known of the card when the certificate was issued: the news since then calls it back (§4).
    LEFT JOIN LATERAL (
        SELECT jsonb_build_array(s.state = 'registered', s.registered_on, s.e_certificate_expires_on) AS registration
        FROM members_mynastatus s
        WHERE s.person_id = m.person_id AND coalesce(s.created_on, s.as_of) <= c.issued_on
        ORDER BY {newest_first_sql("s")} LIMIT 1
    ) known ON true
    WHERE c.status = ANY(%(live)s) AND c.valid_through >= %(day)s {{of_members}}
    GROUP BY c.member_id
)
SELECT m.id, m.kind, m.coverage_kind, m.acquired_on, m.lost_on, p.birth_date, p.resident,
    p.individual_number_state, p.nondisclosure, p.address_protected, p.needs_assistance, m.fund_registered_on,
    mi.coverage_kind AS insured_coverage_kind, mi.acquired_on AS insured_acquired_on, mi.lost_on AS insured_lost_on,
    ip.birth_date AS insured_birth_date, ip.resident AS insured_resident,
    newest.state, newest.as_of, newest.source, newest.registered_on, newest.e_certificate_expires_on,
    newest.file_id, newest.line_no, other.lines::text AS other_lines, requests.accepted, granted.member_id IS NOT NULL AS assisted,
    cards.cards::text AS cards, held.held::text AS held,
    i.number AS insurer_number, m.symbol, m.number, m.branch_number, m.establishment_id
FROM members_member m {PEOPLE_JOINS}
LEFT JOIN newest ON newest.person_id = m.person_id
LEFT JOIN other ON other.status_id = newest.id
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

# Order of what is exported: insurer, symbol, number, branch by code point (interfaces.md).
ORDER = (
    ' ORDER BY i.number, m.symbol COLLATE "C", m.number COLLATE "C", m.branch_number COLLATE "C", m.acquired_on, m.id'
)
# Order of what people read, and of the serials drawn for it; ``place`` says the same.
PLACE = f" ORDER BY i.number, {number_order_sql('m')}, m.acquired_on, m.id"


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

    ``members`` limits it to some covers; ``ordered`` sorts by insurer, symbol, number, branch, else they come by id.
    """
    query, params = _query(insurer_id, day, members, ordered)
    with streamed(query, params, row_factory=namedtuple_row) as rows:
        yield (_read(row) for row in rows)


def facts_of(insurer_id: int, day: date, members: list[int]) -> dict[int, MemberFacts]:
    """The facts of some covers as of ``day``, by member id."""
    with stream(insurer_id, day, members=members) as covers:
        return {read.member_id: read.facts for read in covers}


def _query(insurer_id: int, day: date, members: list[int] | None, ordered: bool) -> tuple[str, dict[str, Any]]:
    query = _SELECT.format(**(_EVERYONE if members is None else _SOME))
    # In one order or the other, so that what is written in the order of reading does not depend on a plan.
    query += ORDER if ordered else " ORDER BY m.id"
    return query, {"day": day, "live": list(LIVE_STATES), "insurer": insurer_id, "members": members}


def _read(row: Any) -> Read:
    facts = MemberFacts(
        acquired_on=row.acquired_on,
        birth_date=row.birth_date,
        kind=row.kind,
        coverage_kind=row.coverage_kind,
        lost_on=row.lost_on,
        resident=row.resident,
        insured=_insured(row),
        number_state=row.individual_number_state,
        nondisclosure=row.nondisclosure,
        address_protected=row.address_protected,
        needs_assistance=row.needs_assistance,
        assisted=row.assisted,
        fund_registered_on=row.fund_registered_on,
        row=_fund_row(row),
        deregistered_on=tuple(row.accepted or ()),
        certificates=tuple(held_of(held) for held in json.loads(row.held)) if row.held else (),
        cards=_cards(row.cards) if row.cards else (),
    )
    return Read(
        member_id=row.id,
        insurer_number=row.insurer_number,
        symbol=row.symbol,
        number=row.number,
        branch_number=row.branch_number,
        establishment_id=row.establishment_id,
        facts=facts,
    )


def _insured(row: Any) -> InsuredCover | None:
    if row.insured_coverage_kind is None:
        return None
    return InsuredCover(
        coverage_kind=row.insured_coverage_kind,
        acquired_on=row.insured_acquired_on,
        lost_on=row.insured_lost_on,
        birth_date=row.insured_birth_date,
        resident=row.insured_resident,
    )


def _fund_row(row: Any) -> FundRow | None:
    if row.state is None:
        return None
    return FundRow(
        state=row.state,
        as_of=row.as_of,
        source=row.source,
        registered_on=row.registered_on,
        expires_on=row.e_certificate_expires_on,
        file_id=row.file_id,
        line_no=row.line_no,
        other_lines=tuple((file, line) for file, line in json.loads(row.other_lines or "[]")),
    )


def _cards(cards: str) -> tuple[HeldCard, ...]:
    day = date.fromisoformat
    return tuple(HeldCard(day(issued), day(last) if last else None) for issued, last in json.loads(cards))
