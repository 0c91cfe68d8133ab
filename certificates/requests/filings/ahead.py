"""A change of the face that is known ahead, within one cover: ruled on when it is received, in force on its day.

What will stand on the faces from the day on is found by rehearsing the filing as ``preview`` does, kept as ``ComingFace``, and
whoever holds paper that reaches the day gets another for it: the old one is right until the day before, and its duty
is planned. Every step may be repeated: only what is not seen to yet is done. Source: rules.md §4 "Between two runs".
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.db.models import Q

from certificates.decisions.coming import RIGHT_FACE_SQL, Face, faces
from certificates.decisions.granting import asked_anew, granted_among
from certificates.lifecycle import LIVE_STATES
from certificates.models import ComingFace, EligibilityCertificate, Filing, Recovery, Ruling
from certificates.recovery import begin_duties
from certificates.requests.filings import papers
from certificates.requests.filings.case import Case, Change
from certificates.requests.filings.opening import CLASHES, case_of_filing, check, concerned, fresh, standing
from certificates.requests.filings.papers import Cause, Duty, Held
from certificates.requests.filings.table import HANDLERS
from certificates.rules.filing_kinds import Kind
from certificates.rules.validity import turns_70_day
from core.errors import Refused
from core.models import Clerk
from core.transitions import advance_many, lock_chain
from members.querysets import PEOPLE_JOINS

FACES = [str(kind) for kind, handler in HANDLERS.items() if handler.changes_face]


@dataclass
class Seen:
    """What one filing will change on its day or why it could not, and what was done about it today; as in ``Case``."""

    changes: list[Change] = field(default_factory=list)
    consequences: list[dict[str, Any]] = field(default_factory=list)
    refusals: tuple[str, ...] = ()


def receive(filings: Iterable[Filing], *, by: Clerk | None, on: date) -> None:
    """Rules on what these filings, just received, change on a face from a day to come; they keep what followed.

    Raises:
        Refused: no settings are in force on the day, or their fixed dates have run out.
    """
    waiting = [filing for filing in filings if filing.kind in FACES and filing.effective_on > on]
    for filing in waiting:
        filing.consequences = foresee([filing], by=by, on=on)[filing.pk].consequences
        filing.save(update_fields=["consequences"])


def look_ahead(*, on: date, by: Clerk | None = None) -> dict[str, int]:
    """Sees to every filing that waits (daily, any number of times): who got paper, or joined, since it was received.

    What can no longer come about as things stand is taken back. Answers how many wait and how many papers were made.

    Raises:
        Refused: as ``receive``.
    """
    waiting = Filing.objects.filter(status="received", kind__in=FACES)
    counts, done = {"waiting": 0, "proposed": 0}, set[int]()
    for filing in waiting.filter(Q(effective_on__gt=on) | Q(coming_faces__isnull=False)).distinct().order_by("pk"):
        if filing.pk not in done:
            with transaction.atomic():
                seen = foresee([filing], by=by, on=on)
            done |= seen.keys()
            made = [one for each in seen.values() for one in each.consequences if one["code"] == "ruled"]
            counts["proposed"] += sum(len(one["certificates"]) for one in made)
    return counts | {"waiting": len(done)}


def take_effect(case: Case, filing: Filing | None) -> None:
    """The filing's own act, now: what was made ahead for it counts, and others that wait are seen to anew.

    ``filing``: None in a rehearsal; of one that is not stored yet the caller sees to the others (``look_ahead``). Within
    the caller's transaction. Raises Refused as the act does.
    """
    fresh_one = filing is not None and filing._state.adding
    released = _release(filing) if filing is not None and not fresh_one else None
    case.foreseen = released or frozenset()
    HANDLERS[case.kind].act(case)
    if released is not None:
        begin_duties(case.on)
    if not fresh_one and ComingFace.objects.exists():
        covers = concerned(case)
        rows = ComingFace.objects.all() if covers is None else ComingFace.objects.filter(member__in=covers)
        others = Filing.objects.filter(pk__in=rows.values("filing"))
        for seen in foresee(others, by=case.by, on=case.on).values():
            case.consequences += seen.consequences


def _release(filing: Filing) -> frozenset[int] | None:
    """The register is about to say it itself: the papers made ahead, whose faces are compared like others from now on."""
    rows = ComingFace.objects.filter(filing=filing)
    if not rows.exists():
        return None
    made = EligibilityCertificate.objects.filter(coming__in=rows)
    ids = frozenset(made.filter(status__in=LIVE_STATES).values_list("pk", flat=True))
    made.update(coming=None)
    rows.delete()
    return ids


def forget(filing: Filing, *, by: Clerk | None, on: date) -> None:
    """The filing will not come about: its papers are void or come back, and the former ones go on.

    Within the caller's transaction. Raises Refused as ``receive``.
    """
    members = set(ComingFace.objects.filter(filing=filing).values_list("member_id", flat=True))
    if not members:
        return
    case = _case(filing, by=by, on=on)
    others = Filing.objects.filter(coming_faces__member__in=members).exclude(pk=filing.pk).distinct()
    listed = list(others)
    dropped = _keep([filing], {filing.pk: {}}, {filing.pk: case})[filing.pk]
    foresee(listed, by=by, on=on)
    held = EligibilityCertificate.objects.filter(member__in=dropped, status__in=LIVE_STATES, valid_through__gte=on)
    bare = dropped.keys() - set(held.values_list("member_id", flat=True))
    _rule(case, {member: dropped[member] for member in bare}, {})


def foresee(filings: Iterable[Filing], *, by: Clerk | None, on: date) -> Mapping[int, Seen]:
    """Makes what these filings (and others that wait about the same covers) will do on their days ready today.

    Answers what was seen and done, by filing; a repeat finds everything there. Within the caller's transaction.

    Raises:
        Refused: as ``receive``.
    """
    lock_chain()
    waiting, rehearsed = _together({filing.pk: filing for filing in filings}, on)
    cases = {filing.pk: _case(filing, by=by, on=on) for filing in waiting}
    wanted = _differing({pk: one.faces for pk, one in rehearsed.items()})
    dropped = _keep(waiting, wanted, cases)
    for filing in waiting:
        if filing.effective_on > on:
            _replace(filing, cases[filing.pk], dropped[filing.pk])
    return {
        filing.pk: Seen(rehearsed[filing.pk].changes, cases[filing.pk].consequences, rehearsed[filing.pk].refusals)
        for filing in waiting
    }


def _case(filing: Filing, *, by: Clerk | None, on: date) -> Case:
    return case_of_filing(filing, fresh(filing.member), standing(on), on=on, by=by)


@dataclass
class _Rehearsed:
    """The faces as they will be after a filing, by cover, and the changes it notes; or why it is refused."""

    faces: dict[int, Face] = field(default_factory=dict)
    changes: list[Change] = field(default_factory=list)
    refusals: tuple[str, ...] = ()


class _Undo(Exception):  # noqa: N818 - ends the rehearsal, nothing went wrong
    pass


def _together(known: dict[int, Filing], on: date) -> tuple[list[Filing], dict[int, _Rehearsed]]:
    """These filings with all that wait about the same covers, in the order of their days, and what they do together."""
    while True:
        waiting = sorted(known.values(), key=lambda filing: (filing.effective_on, filing.pk))
        rehearsed = _rehearse(waiting, on)
        rows = ComingFace.objects.filter(filing__in=known).values("member")
        covers = {member for one in rehearsed.values() for member in one.faces}
        same = Q(coming_faces__member__in=covers) | Q(coming_faces__member__in=rows)
        others = Filing.objects.filter(same, status="received").exclude(pk__in=known).distinct()
        more = {filing.pk: filing for filing in others}
        if not more:
            return waiting, rehearsed
        known = known | more


def _rehearse(waiting: Iterable[Filing], on: date) -> dict[int, _Rehearsed]:
    """Applies the filings one after another and takes all of it back. One that is refused as things stand changes nothing."""
    found: dict[int, _Rehearsed] = {}
    try:
        with transaction.atomic():
            for filing in waiting:
                found[filing.pk] = _tried(filing, on)
            raise _Undo
    except _Undo:
        return found


def _tried(filing: Filing, on: date) -> _Rehearsed:
    case = case_of_filing(filing, fresh(filing.member), standing(on), on=max(on, filing.effective_on), by=None)
    case.coming = set()
    check(case)
    if case.refusals:
        return _Rehearsed(refusals=tuple(case.refusals))
    try:
        with transaction.atomic():
            HANDLERS[Kind(filing.kind)].act(case)
    except Refused as refused:
        return _Rehearsed(refusals=tuple(refused.reasons))
    except IntegrityError:
        return _Rehearsed(refusals=(CLASHES,))
    return _Rehearsed(faces(case.coming), case.changes)


# By filing and cover the face as it will be, and what of it the register of now does not say.
Wanted = Mapping[int, Mapping[int, tuple[Face, dict[str, Any]]]]


def _differing(after: Mapping[int, Mapping[int, Face]]) -> Wanted:
    """The coming faces without those that the register has already."""
    now = faces({member for each in after.values() for member in each})
    return {
        pk: {
            member: (face, beside)
            for member, face in each.items()
            if member in now and (beside := face.beside(now[member]))
        }
        for pk, each in after.items()
    }


def _keep(waiting: Collection[Filing], wanted: Wanted, cases: Mapping[int, Case]) -> dict[int, dict[int, list[int]]]:
    """Stores the coming faces; papers made for one that is another by now are withdrawn. Answers those by filing and cover."""
    dropped: dict[int, dict[int, list[int]]] = {}
    for filing in waiting:
        known = {row.member_id: row for row in ComingFace.objects.filter(filing=filing)}
        faces_of = wanted[filing.pk]
        gone = [row for member, row in known.items() if member not in faces_of]
        other = [row for member, row in known.items() if member in faces_of and not _same(row, *faces_of[member])]
        dropped[filing.pk] = _drop(cases[filing.pk], [*gone, *other])
        _lift(cases[filing.pk], gone)
        ComingFace.objects.filter(pk__in=[row.pk for row in gone]).delete()
        for row in other:
            face, row.face = faces_of[row.member_id]
            row.face_key = face.key
        ComingFace.objects.bulk_update(other, ["face_key", "face"])
        ComingFace.objects.bulk_create(
            ComingFace(filing=filing, member_id=member, from_day=filing.effective_on, face_key=face.key, face=beside)
            for member, (face, beside) in faces_of.items()
            if member not in known
        )
    return dropped


def _same(row: ComingFace, face: Face, beside: dict[str, Any]) -> bool:
    return face.same_as(row.face_key, row.face, beside)


def _drop(case: Case, rows: Collection[ComingFace]) -> dict[int, list[int]]:
    """Withdraws the papers made for these faces: void before the post, due back after it; answers them by cover."""
    if not rows:
        return {}
    made = EligibilityCertificate.objects.filter(coming__in=rows)
    columns = ("pk", "member_id", "status", "effective_on", "valid_through")
    held = [
        Held("certificate", *row) for row in made.filter(status__in=LIVE_STATES).order_by("pk").values_list(*columns)
    ]
    made.update(coming=None)
    duty = Duty(Cause.FACE_CHANGED, case.on, supersede=True)
    papers.withdraw_papers(case, EligibilityCertificate, "certificate", held, duty)
    found: dict[int, list[int]] = {}
    for one in held:
        found.setdefault(one.member, []).append(one.pk)
    return found


def _lift(case: Case, gone: Collection[ComingFace]) -> None:
    """The former papers of these covers are right beyond the day, unless another filing says so as well."""
    for day in {row.from_day for row in gone}:
        members = [row.member_id for row in gone if row.from_day == day]
        others = ComingFace.objects.filter(member__in=members, from_day=day).exclude(pk__in=[row.pk for row in gone])
        duties = Recovery.objects.filter(
            certificate__member__in=members, cause=Cause.FACE_CHANGED, status="planned", opened_on=day
        ).exclude(certificate__member__in=others.values("member"))
        lifted = advance_many(
            duties,
            "close",
            by=case.by,
            on=case.on,
            reason=case.reason,
            note={"filing": case.request},
            closed_on=case.on,
            closed_by=case.by,
            outcome=Recovery.Outcome.LIFTED.value,
        )
        if lifted:
            case.follows("duties_lifted", lifted, paper="certificate")


# Papers that reach the day with the face of before it, and that nothing takes back by then. Of two filings for one day the
# later one has what both say.
_REACHING = f"""
SELECT c.id, c.member_id, c.status, c.effective_on, c.valid_through, p.birth_date
FROM certificates_comingface f
JOIN certificates_eligibilitycertificate c ON c.member_id = f.member_id
JOIN members_member m ON m.id = c.member_id {PEOPLE_JOINS}
LEFT JOIN certificates_comingface own ON own.id = c.coming_id
WHERE f.filing_id = %(filing)s AND c.status = ANY(%(live)s) AND c.valid_through >= f.from_day AND {RIGHT_FACE_SQL}
    AND (own.id IS NULL OR (own.from_day, own.filing_id) < (f.from_day, f.filing_id))
    AND NOT EXISTS (SELECT 1 FROM certificates_recovery r WHERE r.certificate_id = c.id AND r.status <> 'closed'
                    AND r.opened_on <= f.from_day)
    AND NOT EXISTS (SELECT 1 FROM certificates_comingface g
                    WHERE g.member_id = f.member_id AND g.from_day = f.from_day AND g.filing_id > f.filing_id)
ORDER BY c.id
"""


def _replace(filing: Filing, case: Case, dropped: Mapping[int, list[int]]) -> None:
    """Plans the duties of what reaches the day, and rules on whose it is; of ``dropped`` papers as well."""
    with connection.cursor() as cursor:
        cursor.execute(_REACHING, {"filing": filing.pk, "live": list(LIVE_STATES)})
        rows = cursor.fetchall()
    day = filing.effective_on
    held = [Held("certificate", *row) for *row, born in rows if not _ends_at_70(row[3], born, day, case)]
    taken = {member: list(ids) for member, ids in dropped.items()}
    for one in held:
        taken.setdefault(one.member, []).append(one.pk)
    if not taken:
        return
    duty = Duty(Cause.FACE_CHANGED, day, supersede=True)
    papers.withdraw_papers(case, EligibilityCertificate, "certificate", held, duty)
    has = EligibilityCertificate.objects.filter(coming__filing=filing, status__in=LIVE_STATES, member__in=taken)
    for member in set(has.values_list("member_id", flat=True)):
        del taken[member]
    first = dict[int, date]()
    began = EligibilityCertificate.objects.filter(pk__in=[pk for ids in taken.values() for pk in ids])
    for member, effective_on in began.values_list("member_id", "effective_on"):
        first[member] = min(effective_on, first.get(member, effective_on))
    _rule(case, taken, {member: max(day, first[member]) for member in taken})
    papers.put_off(case)


def _ends_at_70(effective_on: date, born: date, day: date, case: Case) -> bool:
    """Whether the paper is not right on the day anyhow, as it shows no share."""
    return case.policy.share_on_face and effective_on <= turns_70_day(born, case.law) < day


def _rule(case: Case, taken: Mapping[int, list[int]], from_days: Mapping[int, date]) -> None:
    """Rules on each cover under the newest of the papers that it loses."""
    grants = granted_among([pk for ids in taken.values() for pk in ids])
    papers.rule_on(
        case,
        [
            asked_anew(
                member,
                grants.get(member),
                cause=Ruling.Cause.FILING,
                request=f"{case.request}:{max(ids)}",
                on=case.on,
                from_day=from_days.get(member),
            )
            for member, ids in sorted(taken.items())
        ],
    )
