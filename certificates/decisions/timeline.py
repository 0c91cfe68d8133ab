"""A family's story in one list: cover, decisions, papers, requests, recoveries, by day.

What a clerk reads when somebody telephones. Source: architecture.md (fifth sentence).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from django.db import models
from django.db.models import Q

from certificates.decisions.afterwards import PAPERS, Topic, everything
from certificates.lifecycle import LIVE_STATES
from certificates.models import Decision
from certificates.rules.law import law_on, law_on_or_after
from certificates.rules.validity import last_day_of_cover
from core.calendar import FAR_FUTURE, days_after, wareki, wareki_month
from core.text import tenths
from members.models import Member, Person, ShareRelief

_ORDER = {topic: place for place, topic in enumerate(Topic)}


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that happened to one cover."""

    on: date
    member: Member
    topic: Topic
    text: str


def family_of(person: Person) -> list[Member]:
    """Every cover of the person and of those who were ever in one household with the person."""
    own = Member.objects.filter(person=person)
    heads = {m.household_id for m in own}
    relatives = Member.objects.filter(Q(pk__in=heads) | Q(insured__in=heads) | Q(head__in=heads)).values("person")
    found = Member.objects.filter(person__in=relatives).select_related("person", "insured__person", "insurer")
    return list(found.order_by("acquired_on", "branch_number", "pk"))


def timeline(members: list[Member], *, on: date) -> list[Entry]:
    """All entries of these covers, oldest first."""
    entries = [entry for member in members for entry in _of(member, on)]
    return sorted(
        entries, key=lambda e: (e.on, e.member.acquired_on, e.member.branch_number, e.member.pk, _ORDER[e.topic])
    )


def _of(member: Member, on: date) -> Iterator[Entry]:
    yield from _cover(member, on)
    for decision in Decision.objects.filter(member=member).exclude(outcome="not_covered").select_related("run"):
        text = f"{wareki_month(decision.run.month)}の判定：{decision.get_outcome_display()}（{decision.told}）"
        yield Entry(decision.run.decided_on, member, Topic.DECISION, text)
    for model in PAPERS:
        yield from _issued(member, model, on)
    for told in everything(member):
        yield Entry(told.on, member, told.topic, told.text)


def _issued(member: Member, model: type[models.Model], on: date) -> Iterator[Entry]:
    """Each paper on its 交付日, and what is still to come of it: its end, the day it has to be back."""
    name, covered_through = model._meta.verbose_name, last_day_of_cover(_Cover.of(member), law_on(on))
    for paper in model._default_manager.filter(member=member).exclude(status="voided"):
        period = f"{wareki(paper.effective_on)}から{wareki(paper.valid_through)}まで"
        yield Entry(paper.issued_on, member, Topic.PAPER, f"{name}（{paper.serial}）を交付：{period}")
        duties = list(paper.recoveries.exclude(status="closed"))
        wrong_on = [duty.opened_on for duty in duties if duty.status == "planned"]
        last = min(paper.valid_through, covered_through, *(days_after(day, -1) for day in wrong_on))
        if paper.status in LIVE_STATES and last >= on:
            yield Entry(last, member, Topic.DEADLINE, f"{name}（{paper.serial}）はこの日まで使えます。")
        for duty in (duty for duty in duties if duty.due_on >= on):
            yield Entry(duty.due_on, member, Topic.DEADLINE, f"{name}（{paper.serial}）の返納期限です。")


def _cover(member: Member, on: date) -> Iterator[Entry]:
    kind = f"{member.get_kind_display()}・{member.get_coverage_kind_display()}"
    yield Entry(member.acquired_on, member, Topic.COVER, f"資格を取得（{kind}）")
    last = last_day_of_cover(_Cover.of(member), law_on(on))
    if last != FAR_FUTURE:
        word = "資格が終わりました" if last < on else "資格が終わる予定です"
        topic = Topic.COVER if last < on else Topic.DEADLINE
        yield Entry(last, member, topic, f"この日で{word}。")
    for relief in ShareRelief.objects.filter(member=member):
        share = tenths(law_on_or_after(relief.valid_from).copayment_elderly_percent)
        said = f"基準収入額の適用により負担割合が{share}になりました。"
        yield Entry(relief.valid_from, member, Topic.FILING, said)


@dataclass(frozen=True, slots=True)
class _Cover:
    """A cover as the rule about its last day reads it."""

    coverage_kind: str
    acquired_on: date
    lost_on: date | None
    birth_date: date
    resident: bool
    insured: _Cover | None

    @staticmethod
    def of(member: Member) -> _Cover:
        person = member.person
        return _Cover(
            member.coverage_kind,
            member.acquired_on,
            member.lost_on,
            person.birth_date,
            person.resident,
            _Cover.of(member.insured) if member.insured is not None else None,
        )
