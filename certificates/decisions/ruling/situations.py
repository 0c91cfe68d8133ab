"""What covers are judged by on a day, and what is known of each: read for all of them at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Protocol, TypeVar

from certificates.decisions import reading
from certificates.decisions.reading import Read
from certificates.models import ComingFace, Run
from certificates.models.runs import informed_through_of
from certificates.rules import monthly
from certificates.rules.facts import MemberFacts
from certificates.rules.law import Law, law_on
from certificates.rules.monthly import Days
from core.calendar import month_end_after
from members.models import Insurer
from members.policy import Policy
from members.services import policy_on, society


@dataclass(frozen=True, slots=True)
class Terms:
    """What every cover of the society is judged by on a day; ``informed_through`` as in ``Ruling``."""

    society: Insurer
    policy: Policy
    law: Law
    days: Days
    informed_through: date | None

    @property
    def on(self) -> date:
        return self.days.decided_on


def terms_on(on: date) -> Terms:
    """The terms of a day, with the 基準日 of the newest month.

    Raises:
        Refused: no policy is in force.
    """
    insurer = society()
    newest = Run.objects.filter(insurer=insurer, decisions__isnull=False).order_by("-month").first()
    as_of = newest.as_of if newest is not None else month_end_after(on, -1)
    days = monthly.days_of_run(as_of=as_of, decided_on=on)
    return Terms(insurer, policy_on(insurer, on), law_on(on), days, informed_through_of(newest, on))


@dataclass(frozen=True, slots=True)
class Situation:
    """What is known of one cover: as read, and the faces that are still to come, in the order of their days."""

    read: Read
    ahead: Sequence[ComingFace]

    @property
    def facts(self) -> MemberFacts:
        return self.read.facts

    def face_on(self, day: date) -> ComingFace | None:
        """The face to come that holds on the day, where it is another than the register's of now."""
        return next((one for one in reversed(self.ahead) if one.from_day <= day), None)

    def facts_from(self, day: date | None) -> MemberFacts:
        """The facts with the birth date that is filed for a day to come: the next certificate's days go by it."""
        coming = None if day is None else self.face_on(day)
        born = None if coming is None else coming.face.get("birth_date")
        return self.facts if born is None else replace(self.facts, birth_date=date.fromisoformat(born))


def situations(at: Terms, members: Iterable[int]) -> dict[int, Situation]:
    """What is known of these covers on the day, by member id."""
    ids = list(members)
    ahead: dict[int, list[ComingFace]] = defaultdict(list)
    for face in ComingFace.objects.filter(member__in=ids).order_by("from_day", "filing_id"):
        ahead[face.member_id].append(face)
    with reading.stream(at.society.pk, at.on, members=ids) as covers:
        return {read.member_id: Situation(read, ahead[read.member_id]) for read in covers}


class Asked(Protocol):
    """Whatever is ruled on about a cover."""

    @property
    def member_id(self) -> int: ...


AnyAsked = TypeVar("AnyAsked", bound=Asked)


def rounds(asked: Iterable[AnyAsked]) -> Iterator[list[AnyAsked]]:
    """In turn, so that each names a cover once: what is ruled first is known to what is ruled on the cover next."""
    left = list(asked)
    while left:
        first: dict[int, AnyAsked] = {}
        for one in left:
            first.setdefault(one.member_id, one)
        yield list(first.values())
        left = [one for one in left if first[one.member_id] is not one]
