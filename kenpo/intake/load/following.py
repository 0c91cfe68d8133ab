"""What a load does to paper: the same as a filing that says it. Source: rules.md §4 "A face that becomes wrong", §9.

What changed is read from the history that this transaction wrote; only who holds paper, or lost the right to be looked
up, is then dealt with one by one.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from typing import Any

from certificates.decisions.coming import RIGHT_FACE_SQL
from certificates.lifecycle import LIVE_STATES
from certificates.requests.filings import ahead, finding, income, papers
from certificates.requests.filings.case import Case
from certificates.requests.filings.papers import Cause, Duty
from certificates.requests.filings.register import Register
from certificates.rules.filing_kinds import Kind
from certificates.rules.law import law_on
from core.models import Event
from core.transitions import lock_chain
from members.models import Insurer, Member
from members.querysets import FACE_KEY_SQL, PEOPLE_JOINS
from members.services import policy_on


@dataclass
class LoadCase(Case):
    """The load as the consequences of filings read it."""

    @property
    def reason(self) -> str:
        return "台帳の取込み"


def mark(cursor: Any) -> tuple[int, int]:
    """Where the histories of covers and persons stand before anything is merged."""
    cursor.execute(
        "SELECT (SELECT coalesce(max(pgh_id), 0) FROM members_memberhistory),"
        " (SELECT coalesce(max(pgh_id), 0) FROM members_personhistory)"
    )
    covers, persons = cursor.fetchone()
    return covers, persons


# The rows as they were before this load. Another's change in the meantime has another moment.
_CHANGED = """
    CREATE TEMP VIEW load_was AS
    SELECT * FROM members_memberhistory WHERE pgh_id > {covers} AND pgh_created_at = now();
    CREATE TEMP VIEW load_person_was AS
    SELECT * FROM members_personhistory WHERE pgh_id > {persons} AND pgh_created_at = now();
"""
_PAPERED = """
    (EXISTS (SELECT FROM certificates_eligibilitycertificate c
        WHERE c.member_id = m.id AND c.status = ANY(%(live)s) AND c.valid_through >= %(on)s)
    OR EXISTS (SELECT FROM certificates_elderlybeneficiarycertificate c
        WHERE c.member_id = m.id AND c.status = ANY(%(live)s) AND c.valid_through >= %(on)s))
"""
# A family ends with the insured person, whatever its own rows say.
_ENDED = f"""
    SELECT m.id, least(m.lost_on, i.lost_on) AS since, m.acquired_on, m.kind, i.lost_on IS NOT NULL AS along
    FROM members_member m LEFT JOIN members_member i ON i.id = m.insured_id
    LEFT JOIN load_was w ON w.pgh_obj_id = m.id LEFT JOIN load_was iw ON iw.pgh_obj_id = i.id
    WHERE (w.pgh_id IS NOT NULL OR iw.pgh_id IS NOT NULL)
        AND least(m.lost_on, i.lost_on) < coalesce(least(
            CASE WHEN w.pgh_id IS NULL THEN m.lost_on ELSE w.lost_on END,
            CASE WHEN iw.pgh_id IS NULL THEN i.lost_on ELSE iw.lost_on END), 'infinity')
        AND {_PAPERED} ORDER BY m.id
"""
_RUN_ON = """
    SELECT m.id, m.lost_on FROM members_member m JOIN load_was w ON w.pgh_obj_id = m.id
    WHERE w.lost_on < coalesce(m.lost_on, 'infinity') ORDER BY m.id
"""
_FACES = f"""
    SELECT DISTINCT ON (m.id) m.id, c.face_key, {FACE_KEY_SQL}
    FROM members_member m {PEOPLE_JOINS}
    JOIN certificates_eligibilitycertificate c ON c.member_id = m.id
        AND c.status = ANY(%(live)s) AND c.valid_through >= %(on)s
    WHERE (m.id IN (SELECT pgh_obj_id FROM load_was) OR m.person_id IN (SELECT pgh_obj_id FROM load_person_was)
        OR mi.person_id IN (SELECT pgh_obj_id FROM load_person_was)
        OR m.head_id IN (SELECT h.id FROM members_member h JOIN load_person_was w ON w.pgh_obj_id = h.person_id))
        AND (m.lost_on IS NULL OR m.lost_on > %(on)s) AND NOT {RIGHT_FACE_SQL}
    ORDER BY m.id, c.id
"""
_PAID = """
    SELECT m.id, w.standard_monthly_remuneration_yen FROM members_member m JOIN load_was w ON w.pgh_obj_id = m.id
    WHERE m.kind = 'insured' AND (m.lost_on IS NULL OR m.lost_on > %(on)s)
        AND w.standard_monthly_remuneration_yen IS DISTINCT FROM m.standard_monthly_remuneration_yen ORDER BY m.id
"""
_STOPPED = """
    SELECT m.id FROM members_member m JOIN members_person p ON p.id = m.person_id
    JOIN load_person_was w ON w.pgh_obj_id = p.id
    WHERE m.acquired_on <= %(on)s AND (m.lost_on IS NULL OR m.lost_on > %(on)s)
        AND (p.nondisclosure AND NOT w.nondisclosure
            OR p.individual_number_state IN ('unregistered', 'mismatch')
                AND p.individual_number_state <> w.individual_number_state)
    ORDER BY m.id
"""
# A share that is told for the first time stands on no paper yet; one that is not told any more says nothing new.
_SHARED = """
    SELECT m.id, w.copayment_percent FROM members_member m JOIN load_was w ON w.pgh_obj_id = m.id
    WHERE (m.lost_on IS NULL OR m.lost_on > %(on)s)
        AND w.copayment_percent <> m.copayment_percent ORDER BY m.id
"""
# The next cover of who lost paper with the former one: moved, re-hired, 任意継続.
_NEXT = """
    SELECT DISTINCT n.id FROM members_member m JOIN members_member n ON n.person_id = m.person_id AND n.id <> m.id
    WHERE m.id = ANY(%(members)s) AND n.acquired_on >= m.lost_on AND n.acquired_on <= %(on)s
        AND (n.lost_on IS NULL OR n.lost_on > %(on)s) ORDER BY 1
"""


def follow(cursor: Any, society: Insurer, marked: tuple[int, int], *, on: date) -> None:
    """Duties, supersession and new rulings for what this load changed; see the module.

    Raises:
        Refused: no settings are in force on the day, or their fixed dates have run out.
    """
    cursor.execute("DROP VIEW IF EXISTS pg_temp.load_was, pg_temp.load_person_was")
    cursor.execute(_CHANGED.format(covers=int(marked[0]), persons=int(marked[1])))
    found = _Found(cursor, on)
    if not found.anything:
        return
    lock_chain()
    earlier = Event.objects.filter(subject="members.Insurer", verb="load", on=on)
    sequence = earlier.count() + 1

    def case(kind: Kind, since: date, member: Member | None = None) -> LoadCase:
        request = f"load:{on.isoformat()}:{sequence}"
        at = (society, policy_on(society, on), law_on(on), Register(society))
        return LoadCase(kind, member, {}, since, on, on, None, request, *at)

    _losses(cursor, found, case, on)
    if found.run_on:
        again = case(Kind.LOSS_ANNULLED, on)
        papers.lift_duties(again, [member for member, lost_on in found.run_on if lost_on is None])
        for member, lost_on in found.run_on:
            if lost_on is not None:
                papers.redate_duties(again, [member], lost_on)
        papers.decide_anew(again, [member for member, lost_on in found.run_on if lost_on is None])
    if found.faces:
        before = {member: stored for member, stored, _ in found.faces}
        papers.faces_changed(case(Kind.NAME_CHANGE, on), before, {member: now for member, _, now in found.faces})
    for member, before_yen in found.paid:
        cover = Member.objects.select_related(*finding.RELATED).get(pk=member)
        income.pay_changed(case(Kind.REMUNERATION, on, cover), before_yen)
    for member, before_percent in found.shared:
        cover = Member.objects.select_related(*finding.RELATED).get(pk=member)
        income.share_told(case(Kind.REMUNERATION, on, cover), before_percent)
    papers.decide_anew(case(Kind.FLAGS, on), found.stopped)
    ahead.look_ahead(on=on)


class _Found:
    """What changed, by the consequence it has."""

    def __init__(self, cursor: Any, on: date) -> None:
        def asked(query: str) -> list[Any]:
            cursor.execute(query, {"on": on, "live": list(LIVE_STATES)})
            return list(cursor.fetchall())

        self.ended = asked(_ENDED)
        self.run_on = asked(_RUN_ON)
        self.faces = asked(_FACES)
        self.paid = asked(_PAID)
        self.shared = asked(_SHARED)
        self.stopped = [member for (member,) in asked(_STOPPED)]
        self.anything = any((self.ended, self.run_on, self.faces, self.paid, self.shared, self.stopped))


def _losses(cursor: Any, found: _Found, case: Any, on: date) -> None:
    """Papers of covers that ended come back; who goes on under another cover is decided anew there."""
    by_duty: dict[tuple[Kind, str, date], list[int]] = defaultdict(list)
    for member, since, acquired_on, kind, along in found.ended:
        if since <= acquired_on:
            by_duty[Kind.ACQUISITION_ANNULLED, Cause.ANNULLED, since].append(member)
        elif kind == Member.Kind.DEPENDENT and not along:
            by_duty[Kind.DEPENDENT_REMOVED, Cause.REMOVED, since].append(member)
        else:
            by_duty[Kind.LOSS, Cause.LOSS, since].append(member)
    without: set[int] = set()
    for (kind, cause, since), members in sorted(by_duty.items()):
        this = case(kind, since)
        lost = papers.withdraw(this, members, Duty(cause, since))
        if since > on:
            papers.decide_anew(this, lost, replaced=lost)
        without |= lost
    if without:
        cursor.execute(_NEXT, {"members": sorted(without), "on": on})
        onward = [member for (member,) in cursor.fetchall()]
        papers.decide_anew(case(Kind.LOSS, on), onward, replaced=onward)
