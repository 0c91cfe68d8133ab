"""Which cover, family, employer and human being a filing speaks of. Reads only."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db import connection
from django.db.models import QuerySet

from certificates.requests.filings.case import Case
from certificates.requests.filings.fields import NUMBER_INDEX
from certificates.rules.filing_kinds import Kind
from certificates.rules.law import Law
from certificates.rules.validity import last_day_of_cover
from core.calendar import days_after
from core.text import identifier_key
from members.models import Establishment, IndividualNumber, Insurer, Member, Person

# On an insured person's row: the dependents, once they are read; a filing changes these rows and no others.
DEPENDENTS = "_dependents_read"
RELATED = ("person", "insurer__main", "establishment", "insured__person")
NO_COVER = "この記号・番号・枝番の加入者は見つかりません。届書と台帳の記号・番号・枝番を比べてください。"


@dataclass(frozen=True, slots=True)
class Number:
    """A cover's number as filed; compared by ``identifier_key``."""

    insurer: Insurer
    symbol: str
    number: str
    branch_number: str = ""

    def covers(self, *, any_branch: bool = False) -> QuerySet[Member]:
        """Every cover that stands, or stood, under the number."""
        found = Member.objects.filter(
            insurer=self.insurer, symbol_key=identifier_key(self.symbol), number_key=identifier_key(self.number)
        )
        return found if any_branch else found.filter(branch_key=identifier_key(self.branch_number))


def cover_under(number: Number, *, kind: Kind, day: date, among: Iterable[Member] | None = None) -> Member | None:
    """The cover a filing means: of several in turn under one number the one that holds the day.

    Where none holds it, the last one begun by then. A 被扶養者追加 means the insured person whatever the branch.
    ``among``: the covers under the number, where they are at hand.
    Source: interfaces.md (one number used for two covers in turn).
    """
    if kind.day.before:
        day = days_after(day, -1)
    if among is None:
        among = number.covers(any_branch=True).select_related(*RELATED)
    branch = identifier_key(number.branch_number)
    meant = [
        member
        for member in among
        if (member.kind == Member.Kind.INSURED if kind == Kind.DEPENDENT_ADDED else member.branch_key == branch)
    ]
    return max(meant, key=lambda member: _fit(member, day), default=None)


def _fit(member: Member, day: date) -> tuple[bool, bool, date, int]:
    begun = member.acquired_on <= day
    # An annulled cover holds the one day it was filed for.
    last = max(days_after(member.lost_on, -1), member.acquired_on) if member.lost_on else date.max
    return begun and day <= last, begun, member.acquired_on, member.pk


def covers_once_under(number: Number) -> set[int]:
    """Ids of covers that had the number before a filing gave them another one."""
    # The history keeps each row as it was before a change.
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT pgh_obj_id FROM members_memberhistory"
            " WHERE insurer_id = %s AND symbol_key = %s AND number_key = %s AND branch_key = %s",
            [
                number.insurer.pk,
                identifier_key(number.symbol),
                identifier_key(number.number),
                identifier_key(number.branch_number),
            ],
        )
        return {row[0] for row in cursor.fetchall()}


def dependents(insured: Member, *, after: date | None = None) -> list[Member]:
    """The insured person's dependents; ``after`` leaves out those whose cover ended by that day."""
    if insured.kind != Member.Kind.INSURED:
        return []
    found: list[Member] | None = getattr(insured, DEPENDENTS, None)
    if found is None:
        found = list(
            Member.objects.filter(insured=insured)
            .select_related("person", "insurer", "establishment")
            .order_by("branch_key", "acquired_on", "pk")
        )
        setattr(insured, DEPENDENTS, found)
    return [one for one in found if after is None or one.lost_on is None or one.lost_on > after]


# A face carries the person's own name, and the insured person's or that of the household's head.
_FACES = """
    SELECT m.id FROM members_member m
    WHERE m.person_id = ANY(%(persons)s) AND (m.lost_on IS NULL OR m.lost_on > %(on)s)
    UNION
    SELECT d.id FROM members_member i JOIN members_member d ON i.id IN (d.insured_id, d.head_id)
    WHERE i.person_id = ANY(%(persons)s) AND (d.lost_on IS NULL OR d.lost_on > %(on)s)
"""


def faces_of(persons: Iterable[int], *, on: date) -> list[int]:
    """Ids of the covers, not ended by ``on``, on whose face these persons stand: their own, and their dependents'."""
    with connection.cursor() as cursor:
        cursor.execute(_FACES, {"persons": list(persons), "on": on})
        return sorted(row[0] for row in cursor.fetchall())


def last_day(member: Member, law: Law) -> date:
    """The last day of a cover by loss, age, term or the insured person."""
    return last_day_of_cover(_AsCover(member), law)


class _AsCover:
    """A ``Member`` row as the rules read a cover."""

    def __init__(self, member: Member) -> None:
        self.coverage_kind: str = member.coverage_kind
        self.acquired_on: date = member.acquired_on
        self.lost_on: date | None = member.lost_on
        self.birth_date: date = member.person.birth_date
        self.resident: bool = member.person.resident
        self.insured: _AsCover | None = _AsCover(member.insured) if member.insured else None


def insurer_of(case: Case, name: str = "insurer_number") -> Insurer | None:
    """The insurer number that a value names, of this society; refuses another. Absent: the cover's, else the main one."""
    number = case.value(name)
    if number is None:
        return case.member.insurer if case.member else case.society
    found = case.register.insurer(number)
    if found is None:
        whose = "保険者" if case.policy.municipal else "組合"
        case.refuse(f"この{whose}の保険者番号ではありません。届書の保険者番号を確認してください。", name)
    return found


def establishment_of(case: Case, insurer: Insurer, name: str = "new_establishment_code") -> Establishment | None:
    """The employer that a value names. Refuses an unknown one."""
    found = case.register.establishment(insurer, case.value(name, ""))
    if found is None:
        case.refuse("この事業所コードは登録されていません。事業所を取り込んでから届け出てください。", name)
    return found


def known_person(case: Case) -> Person | None:
    """The human being already on record whom the filing means, by number, key or an earlier cover.

    Two that disagree are refused: one of the values is another person's. Source: rules.md §3.
    """
    found = {
        person.pk: person for person in (_by_number(case), _by_key(case), _by_former_cover(case)) if person is not None
    }
    if len(found) > 1:
        case.refuse(
            "個人番号・取込キー・前の記号番号が別々の方を指しています。どれが正しいか本人に確認してください。",
            "individual_number",
        )
        return None
    return next(iter(found.values()), None)


def holder_of_number(index: str) -> Person | None:
    """Whose 個人番号 has this fingerprint."""
    row = IndividualNumber.objects.filter(blind_index=index).select_related("person").first()
    return row.person if row else None


def _by_number(case: Case) -> Person | None:
    index = case.value(NUMBER_INDEX)
    return holder_of_number(index) if index else None


def _by_key(case: Case) -> Person | None:
    key = case.value("person_key")
    return Person.objects.filter(load_key=key).first() if key else None


def _by_former_cover(case: Case) -> Person | None:
    if not case.value("former_number"):
        return None
    insurer = insurer_of(case, "former_insurer_number")
    if insurer is None:
        return None
    number = Number(
        insurer, case.value("former_symbol", ""), case.value("former_number"), case.value("former_branch_number", "")
    )
    member = cover_under(number, kind=Kind.REHIRE, day=case.effective_on)
    if member is None:
        case.refuse("前の記号・番号・枝番の加入者は見つかりません。届書で確認してください。")
        return None
    return member.person
