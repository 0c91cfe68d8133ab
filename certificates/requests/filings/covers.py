"""Begins and ends spells of cover, for one person or a family, and lets what is open go along."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection
from django.db.models import F, Q

from certificates.models import Application, Deregistration, Filing, Inquiry
from certificates.requests.filings import finding, papers
from certificates.requests.filings.case import Case
from certificates.rules.validity import turns_75_day
from core.calendar import days_after
from core.text import identifier_key
from members.models import Establishment, Insurer, Member, Person

OVERLAPS_NUMBER = (
    "同じ記号・番号・枝番に、期間の重なる資格があります。前の資格の喪失を届け出るか、番号を確認してください。"
)
SAME_KEY = (
    "同じ記号・番号・枝番・資格取得日の資格がすでに登録されています（取り消されたものを含みます）。"
    "番号を確認してください。"
)
OVERLAPS_PERSON = "この方には期間の重なる別の資格があります。先にその資格の喪失（扶養から外れる届）を届け出てください。"
TOO_OLD = "資格取得日に{law.late_elderly_age}歳以上のため加入できません（後期高齢者医療の対象です）。生年月日を確認してください。"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a cover stands: insurer number, employer, 記号・番号."""

    insurer: Insurer
    establishment: Establishment
    symbol: str
    number: str


def overlaps(found: Q, since: date, *, ending: Collection[int] = ()) -> bool:
    """Whether a cover that runs on from ``since`` would meet one of these; ``ending`` are ended by the same filing."""
    running = Q(lost_on__isnull=True) | (Q(lost_on__gt=since) & Q(lost_on__gt=F("acquired_on")))
    covers = Member.objects.filter(found & running)
    return (covers.exclude(pk__in=list(ending)) if ending else covers).exists()


# Of the covers under one number: does it run past the day, does it begin on that very day.
_HOLDERS = """
    SELECT (lost_on IS NULL OR lost_on > greatest(acquired_on, %(day)s)) AND NOT id = ANY(%(ending)s),
        acquired_on = %(day)s
    FROM members_member
    WHERE insurer_id = %(insurer)s AND symbol_key = %(symbol)s AND number_key = %(number)s
        AND branch_key = %(branch)s
"""


def check_number(case: Case, place: Place, branch_number: str, since: date, *, ending: Collection[int] = ()) -> None:
    """Refuses a number that another cover holds."""
    asked = {
        "insurer": place.insurer.pk,
        "symbol": identifier_key(place.symbol),
        "number": identifier_key(place.number),
        "branch": identifier_key(branch_number),
        "day": since,
        "ending": list(ending),
    }
    with connection.cursor() as cursor:
        cursor.execute(_HOLDERS, asked)
        holders = cursor.fetchall()
    if any(overlapping for overlapping, _ in holders):
        case.refuse(OVERLAPS_NUMBER)
    elif any(same_day for _, same_day in holders):
        case.refuse(SAME_KEY)


def check_person(case: Case, person: Person, since: date, *, ending: Collection[int] = ()) -> None:
    """Refuses a second cover at a time, and one after the 75th birthday."""
    if overlaps(Q(person=person), since, ending=ending):
        case.refuse(OVERLAPS_PERSON)
    check_age(case, person.birth_date, resident=person.resident, since=since)


def check_age(case: Case, birth_date: date, *, resident: bool, since: date) -> None:
    """Refuses a cover that would begin after the last day by age. Source: rules.md §3."""
    if birth_date > since:
        case.refuse("生年月日が異動日より後です。生年月日と異動日を確認してください。", "birth_date")
    elif resident and turns_75_day(birth_date, case.law) < since:
        case.refuse(case.law.fill(TOO_OLD), "birth_date")


def new_cover(
    case: Case, place: Place, person: Person, *, branch_number: str, insured: Member | None, **fields: Any
) -> Member:
    """Begins a cover on the filing's day."""
    member = Member.objects.create(
        person=person,
        insurer=place.insurer,
        establishment=place.establishment,
        symbol=place.symbol,
        number=place.number,
        branch_number=branch_number,
        symbol_key=identifier_key(place.symbol),
        number_key=identifier_key(place.number),
        branch_key=identifier_key(branch_number),
        kind=Member.Kind.DEPENDENT if insured else Member.Kind.INSURED,
        insured=insured,
        acquired_on=case.effective_on,
        **fields,
    )
    case.changed(member, "資格取得日・認定日", None, case.effective_on)
    return member


def end_covers(case: Case, covers: Iterable[Member], lost_on: date) -> list[int]:
    """Ends covers on a day; one that began later becomes empty. Answers those that changed."""
    by_day: dict[date, list[int]] = {}
    for member in covers:
        day = max(lost_on, member.acquired_on)
        if member.lost_on == day:
            continue
        case.changed(member, "資格喪失日", member.lost_on, day)
        member.lost_on = day
        by_day.setdefault(day, []).append(member.pk)
    for day, ids in by_day.items():
        Member.objects.filter(pk__in=ids).update(lost_on=day)
    ended = [pk for ids in by_day.values() for pk in ids]
    if ended:
        case.follows("covers_ended", ended, lost_on=lost_on)
    return ended


def family_going_along(case: Case, insured: Member, since: date) -> list[Member]:
    """Dependents whose cover runs until the insured person's ended, and who may be covered on.

    Left out: who was removed or died by a filing of their own, and who reached 75.
    """
    # Of an ended cover those who ended on that very day; of a running one those who run on.
    after = days_after(insured.lost_on, -1) if insured.lost_on else since
    gone = Filing.objects.filter(member__insured=insured, status="applied", kind__in=("death", "dependent_removed"))
    left = set(gone.values_list("member_id", flat=True))
    found = []
    for one in finding.dependents(insured, after=after):
        over = one.person.resident and turns_75_day(one.person.birth_date, case.law) < since
        empty = one.lost_on is not None and one.lost_on <= one.acquired_on
        if one.pk not in left and not over and not empty:
            found.append(one)
    return found


def carry_over(case: Case, old: Member, new: Member) -> None:
    """What is open of the person goes along to the new cover: 解除, applications, inquiries.

    The マイナ保険証 status and the flags are the person's and need nothing. Source: rules.md §3.
    """
    moved: dict[str, list[int]] = {}
    for model, states in (
        (Deregistration, ("received", "granted")),
        (Application, ("received", "incomplete")),
        (Inquiry, ("open", "asked")),
    ):
        open_ones = model.objects.filter(member=old, status__in=states)
        ids = list(open_ones.values_list("pk", flat=True))
        if ids:
            model.objects.filter(pk__in=ids).update(member=new)
            moved[model._meta.model_name or ""] = sorted(ids)
    if moved:
        case.follows("requests_moved", [new.pk], **moved)


def ended_members(covers: Iterable[Member], on: date) -> tuple[list[int], list[int]]:
    """Ids of covers that have ended by ``on``, and of those that run on for now."""
    over: list[int] = []
    running: list[int] = []
    for member in covers:
        (over if member.lost_on is not None and member.lost_on <= on else running).append(member.pk)
    return over, running


def withdraw_after_loss(case: Case, covers: Collection[Member], duty: papers.Duty) -> None:
    """Papers of covers that end; who is covered for some days yet and lost a paper is decided anew."""
    without = papers.withdraw(case, [member.pk for member in covers], duty)
    _, running = ended_members(covers, case.on)
    papers.decide_anew(case, without & set(running), replaced=without)
