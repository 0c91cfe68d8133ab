"""A family's story on one page, by day; prints well."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any

from django.db import models
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from certificates.decisions.afterwards import Topic
from certificates.decisions.timeline import Entry, family_of, timeline
from core import clock
from core.web import Step, day_html, label_html
from core.web.steps import step_page
from members.models import Member, Person

BADGES = {
    Topic.COVER: "info",
    Topic.PAPER: "success",
    Topic.REQUEST: "warning",
    Topic.FILING: "warning",
    Topic.RECOVERY: "danger",
    Topic.DEADLINE: "danger",
}
TEMPLATE = "admin/certificates/timeline.html"


@dataclass(frozen=True, slots=True)
class Relative:
    """One person of the family with every cover."""

    person: Person
    covers: list[Member]

    @property
    def born(self) -> str:
        return day_html(self.person.birth_date)


@dataclass(frozen=True, slots=True)
class Day:
    """What happened on one day, by cover; ``coming`` when it is still ahead, ``first`` for the first such day."""

    on: date
    covers: list[tuple[Member, list[tuple[str, str]]]]
    coming: bool
    first: bool

    @property
    def said(self) -> str:
        return day_html(self.on)


@dataclass(frozen=True, kw_only=True)
class TimelineStep(Step):
    """On a person's page the timeline itself, on a member's page the way to it."""

    def url(self, document: models.Model) -> str:
        person = document.person_id if isinstance(document, Member) else document.pk
        return reverse("admin:members_person_timeline", args=[person])

    def respond(self, request: HttpRequest, page: Any, document: Any) -> HttpResponse:
        person = document.person if isinstance(document, Member) else document
        on = clock.today()
        covers = family_of(person)
        return step_page(
            request,
            page,
            document,
            self,
            template=TEMPLATE,
            relatives=_relatives(covers),
            days=_days(timeline(covers, on=on), on),
            today=day_html(on),
        )


def _relatives(covers: Iterable[Member]) -> list[Relative]:
    found: dict[int, Relative] = {}
    for cover in covers:
        found.setdefault(cover.person_id, Relative(cover.person, [])).covers.append(cover)
    return list(found.values())


def _days(entries: list[Entry], today: date) -> list[Day]:
    days: list[Day] = []
    for on, found in groupby(entries, key=lambda entry: entry.on):
        covers = [
            (member, [(label_html(e.topic.label, BADGES.get(e.topic, "")), e.text) for e in lines])
            for member, lines in groupby(found, key=lambda entry: entry.member)
        ]
        coming = on > today
        days.append(Day(on, covers, coming, coming and not (days and days[-1].coming)))
    return days


TIMELINE = TimelineStep(name="timeline", label="家族の経過")
