"""From the database to requests: from which day a paper is wrong, and what its holder shows from then on."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Q

from certificates.decisions import reading as facts_reading
from certificates.lifecycle import LIVE_STATES
from certificates.models import ElderlyBeneficiaryCertificate, EligibilityCertificate, Recovery
from certificates.recovery import first_day_without_cover
from certificates.recovery.duties import Paper, paper_of
from certificates.rules import monthly
from certificates.rules.law import law_on
from core.calendar import FAR_FUTURE
from members.models import Member
from members.services import policy_on, society
from notices.letters.content import Addressee
from notices.letters.reading import NO_ADDRESS, Held, bereaved, paper_due, recipients, to_the_bereaved
from notices.letters.request.letter import RequestFace

NO_LONGER_USABLE = (
    "マイナ保険証を使えることを、いまの記録で確かめられません。返していただく必要があるかを確認してください。"
)
_ENDED = ("loss", "death", "removed")


@dataclass(frozen=True, slots=True)
class _Known:
    """What is known of the people on the day: their newer papers by kind, and how long the マイナ保険証 of each serves.

    ``usable`` holds, by person, the covers with the day through which the マイナ保険証 can be used in them.
    """

    newer: Mapping[tuple[type[Paper], int], Sequence[Paper]]
    usable: Mapping[int, Sequence[tuple[Member, date | None]]]


def request_faces(recoveries: Sequence[Recovery], on: date) -> tuple[list[RequestFace], list[Held]]:
    """One letter per household, cause, place, days and what is used next; and the duties nobody can be asked about."""
    papers = {recovery.pk: paper_of(recovery) for recovery in recoveries}
    by_member = recipients({paper.member_id for paper in papers.values()}, on)
    known = _known({paper.member.person_id for paper in papers.values()}, on)
    days = return_days(on)
    letters: dict[tuple[object, ...], RequestFace] = {}
    held = []
    for recovery in recoveries:
        recipient = by_member[papers[recovery.pk].member_id]
        since, then = _from_then_on(recovery, known, on)
        if recipient.addressee is None:
            held.append(Held(recovery.pk, NO_ADDRESS))
            continue
        if recovery.cause == Recovery.Cause.REGISTRATION and then != "myna":
            held.append(Held(recovery.pk, NO_LONGER_USABLE))
            continue
        until = _until(recovery, since, on, days)
        gone = bereaved(recovery, recipient)
        key = (recipient.household, recovery.cause, recovery.return_to, until, since, then, gone)
        if key not in letters:
            to = recipient.addressee
            letters[key] = RequestFace(
                recovery.cause,
                recovery.return_to,
                to_the_bereaved(to) if gone else to,
                recipient.sender,
                on,
                until,
                since,
                then,
                recipient.establishment,
                (),
            )
        letters[key] = letters[key].with_paper(paper_due(recovery, recipient))
    return list(letters.values()), held


@dataclass(frozen=True, slots=True)
class Enclosed:
    """A duty that is asked for in the envelope (by its number) of its replacement: ``to`` whom, with the days as printed."""

    envelope_id: int
    code: str
    to: str
    recovery: Recovery
    since: date
    until: date


def return_days(on: date) -> timedelta:
    """How long people are given to hand a paper back, by the settings of the day."""
    return timedelta(policy_on(society(), on).return_days)


def days_with_replacement(
    recovery: Recovery, effective_on: date, *, on: date, arrives_on: date, days: timedelta
) -> tuple[date, date]:
    """From which day the replacement serves instead, and by when the old paper is asked back: not before it has come.

    ``days``: see ``return_days``.
    """
    since = max(effective_on, recovery.opened_on)
    until = max(_until(recovery, since, on, days), arrives_on + days)
    return since, min(until, paper_of(recovery).valid_through)


def enclosed_faces(asked: Sequence[Enclosed], on: date) -> dict[int, list[RequestFace]]:
    """By envelope its requests, one for each cause, place and days. The envelope bears the
    address; its number ties the letter to it."""
    by_member = recipients({paper_of(one.recovery).member_id for one in asked}, on)
    letters: dict[int, dict[tuple[object, ...], RequestFace]] = {}
    for one in asked:
        recovery = one.recovery
        recipient = by_member[paper_of(recovery).member_id]
        mine = letters.setdefault(one.envelope_id, {})
        key = (recovery.cause, recovery.return_to, one.since, one.until)
        face = mine.get(key) or RequestFace(
            recovery.cause,
            recovery.return_to,
            Addressee("", "", one.to, second_line=f"封筒番号 {one.code}"),
            recipient.sender,
            on,
            one.until,
            one.since,
            "enclosed",
            recipient.establishment,
            (),
        )
        mine[key] = face.with_paper(paper_due(recovery, recipient))
    return {envelope: list(faces.values()) for envelope, faces in letters.items()}


def _until(recovery: Recovery, since: date | None, on: date, days: timedelta) -> date:
    """Nobody is asked for a paper while it is still good, nor by a day that is past."""
    first = max(on, since or on)
    return recovery.due_on if recovery.due_on > first else first + days


def _from_then_on(recovery: Recovery, known: _Known, on: date) -> tuple[date | None, str]:
    """The first day on which the paper cannot be used, and what its holder shows from then on (see ``RequestFace``)."""
    paper = paper_of(recovery)
    others = known.newer.get((type(paper), paper.member.person_id), ())
    newer = [one for one in others if one.pk > paper.pk]
    since = _since(recovery, paper, newer, on)
    day = max(since or on, on)
    serving = [one for one in newer if one.valid_through >= day]
    if recovery.cause != Recovery.Cause.REGISTRATION and serving:
        return since, "posted" if any(one.status == "sent" for one in serving) else "coming"
    if any(
        one.status == "sent" and one.pk < paper.pk and one.effective_on <= day <= one.valid_through for one in others
    ):
        return since, "former"  # it was made ahead for a change that does not come: the former one serves on
    covered = [
        last
        for cover, last in known.usable.get(paper.member.person_id, ())
        if cover.acquired_on <= day < first_day_without_cover(cover, on)
    ]
    if not covered:
        return since, ""
    if any(last is not None and last >= day for last in covered):
        return since, "myna"
    # Beside a 高齢受給者証 the people show what they showed before.
    return since, "asking" if isinstance(paper, EligibilityCertificate) else ""


def _since(recovery: Recovery, paper: Paper, newer: Iterable[Paper], on: date) -> date | None:
    if recovery.cause == Recovery.Cause.REGISTRATION:
        return None
    if recovery.cause == Recovery.Cause.ANNULLED:
        return paper.member.acquired_on
    if recovery.cause in _ENDED:
        ended = first_day_without_cover(paper.member, on)
        return ended if ended < FAR_FUTURE else recovery.opened_on
    return min((one.effective_on for one in newer), default=recovery.opened_on)


def _known(person_ids: Collection[int], on: date) -> _Known:
    newer: dict[tuple[type[Paper], int], list[Paper]] = {}
    for model in (EligibilityCertificate, ElderlyBeneficiaryCertificate):
        wanted_back = Q(recoveries__status="open")
        live = model.objects.filter(member__person__in=person_ids, status__in=LIVE_STATES).exclude(wanted_back)
        for paper in live.select_related("member").order_by("pk"):
            newer.setdefault((model, paper.member.person_id), []).append(paper)
    covers = Member.objects.filter(person__in=person_ids).select_related("person", "insured__person")
    by_id = {cover.pk: cover for cover in covers.order_by("pk")}
    law = law_on(on)
    usable: dict[int, list[tuple[Member, date | None]]] = {}
    for member_id, facts in facts_reading.facts_of(society().pk, on, list(by_id)).items():
        cover = by_id[member_id]
        usable.setdefault(cover.person_id, []).append((cover, monthly.myna(facts, law, on=on).last_day))
    return _Known(newer, usable)
