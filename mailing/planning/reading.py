"""Reads what waits to be enclosed, with everything that decides its way, in one query per kind."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection

from certificates.models import Run
from mailing.envelopes import Paper, PostalAddress
from mailing.papers import kinds
from mailing.papers.kinds import DocumentKind
from members.models import Insurer
from members.querysets import HEAD_LEFT_SQL, HEAD_PERSON_SQL, HOUSEHOLD_SQL, PEOPLE_JOINS, address_sql, name_sql

PROTECTED_SQL = "(p.nondisclosure OR p.address_protected)"
# The cover has ended by the day: the member's own, or with the insured person's.
ENDED_SQL = "(m.lost_on <= %(on)s OR coalesce(mi.lost_on <= %(on)s, false))"

# Aliases of PEOPLE_JOINS, d the document, and head who stands for the household where that is another person.
_SELECT = f"""
SELECT d.id, m.id, {HOUSEHOLD_SQL} AS household_id, e.id, e.code,
    m.symbol, m.number, m.branch_number,
    m.coverage_kind IN ('voluntary', 'special_retired')
        OR coalesce(mi.coverage_kind IN ('voluntary', 'special_retired'), false) AS always_home,
    {PROTECTED_SQL} AS protected,
    coalesce(head.nondisclosure OR head.address_protected, false) AS household_protected,
    {name_sql("p")} AS name, {name_sql("head")} AS head_name, m.head_name AS head_outside, {HEAD_LEFT_SQL} AS head_left,
    safe.postal_code, safe.address, mail.postal_code, mail.address, home.postal_code, home.address,
    imail.postal_code, imail.address, ihome.postal_code, ihome.address,
    coalesce({ENDED_SQL}, false) AS ended, {{kind.changed_sql}} AS face_changed,
    {{kind.sequence_sql}}, {{kind.expired_sql}}, {{kind.sealed_sql}}, {{kind.mass_sql}}
FROM {{kind.table}} d
JOIN members_member m ON m.id = d.member_id {PEOPLE_JOINS}
JOIN members_establishment e ON e.id = coalesce(mi.establishment_id, m.establishment_id)
LEFT JOIN members_person head ON head.id = {HEAD_PERSON_SQL}
LEFT JOIN {address_sql("p.id", "safe")} safe ON true
LEFT JOIN {address_sql("p.id", "mailing")} mail ON true
LEFT JOIN {address_sql("p.id", "residence")} home ON true
LEFT JOIN {address_sql("head.id", "mailing")} imail ON true
LEFT JOIN {address_sql("head.id", "residence")} ihome ON true
WHERE {{scope}} AND d.status = %(status)s AND {{kind.alone_sql}}
  AND NOT EXISTS (SELECT 1 FROM mailing_enclosure x WHERE x.{{kind.column}}_id = d.id AND x.active)
ORDER BY d.id
"""
_SCOPE = (
    "(d.run_id = ANY(%(runs)s) OR %(outside)s AND d.run_id IS NULL) AND (i.id = %(insurer)s OR i.main_id = %(insurer)s)"
)


@dataclass(frozen=True, slots=True)
class Round:
    """What is assembled together on a day: a run's paper, or without one what was decided outside the month.

    ``along``: paper of other months (None: of outside the months) that goes along under the same settings.
    """

    insurer: Insurer
    on: date
    run: Run | None = None
    along: tuple[Run | None, ...] = ()

    @property
    def sources(self) -> tuple[Run | None, ...]:
        """The months whose paper is assembled; None is what was decided outside the months."""
        return (self.run, *self.along)

    @property
    def decided_on(self) -> date:
        """The day whose settings count."""
        return self.on if self.run is None else self.run.decided_on


@dataclass(frozen=True, slots=True)
class Candidate:
    """A paper that may be enclosed, the name of the household's head for the list, and what speaks against it.

    ``head_left``: the head's cover has ended, and the municipality has named no other yet.
    """

    paper: Paper
    insured_name: str
    ended: bool
    face_changed: bool
    head_left: bool = False


def candidates(round_: Round, kind: DocumentKind, *, form: str) -> Iterator[Candidate]:
    """Documents of one kind that are ready (approved, or drafted) and in no envelope yet."""
    query = _SELECT.format(kind=kind, scope=_SCOPE)
    rank = kinds.every().index(kind)
    params = {
        "on": round_.on,
        "insurer": round_.insurer.pk,
        "status": kind.ready,
        "runs": [run.pk for run in round_.sources if run is not None],
        "outside": None in round_.sources,
    }
    with connection.cursor() as cursor:
        cursor.execute(query, params)
        rows = cursor.fetchall()
    return (_candidate(row, kind.kind, form, rank) for row in rows)


def _address(recipient: str, postal_code: str | None, address: str | None) -> PostalAddress | None:
    return PostalAddress(postal_code or "", address, recipient) if address else None


def _candidate(row: tuple[Any, ...], kind: str, form: str, rank: int) -> Candidate:
    (
        document_id,
        member_id,
        household_id,
        establishment_id,
        establishment_code,
        symbol,
        number,
        branch_number,
        always_home,
        protected,
        household_protected,
        name,
        head_name,
        head_outside,
        head_left,
        *addresses,
        ended,
        face_changed,
        sequence,
        expired,
        sealed,
        mass,
    ) = row
    safe, mail, home, insured_mail, insured_home = zip(addresses[::2], addresses[1::2], strict=True)
    head = head_outside or head_name or name
    person = _address(name, *mail) or _address(name, *home)
    head_mail, head_home = (mail, home) if head_name is None else (insured_mail, insured_home)
    household = _address(head, *head_mail) or _address(head, *head_home)
    # A dependent's dated mailing address counts as its own only where it differs from the household's.
    differs = household is None or mail != (household.postal_code, household.address)
    own = _address(name, *mail) if head_name is not None and differs else None
    paper = Paper(
        kind=kind,
        id=document_id,
        member_id=member_id,
        household_id=household_id,
        establishment_id=establishment_id,
        establishment_code=establishment_code,
        symbol=symbol,
        number=number,
        branch_number=branch_number,
        form=form,
        sequence=sequence,
        always_home=always_home,
        protected=protected,
        household_protected=household_protected,
        safe_address=_address(name, *safe),
        own_address=own,
        person_address=person,
        household_address=household,
        sealed=sealed,
        mass=mass,
        rank=rank,
    )
    return Candidate(paper, head, ended or expired, face_changed, head_left)
