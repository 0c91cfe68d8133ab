"""Whom a corrected file changes: one line a person, from what to what, before and after a second clerk accepts it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse

from core.models import Clerk
from core.web import Step
from core.web.html import page_url
from core.web.steps import step_page
from exchange.models import CorrectionChange, ExchangeFile
from members.models import Member

PER_PAGE = 100


@dataclass(frozen=True, slots=True)
class Line:
    """One person: every cover's number, the name, and both states."""

    numbers: str
    name: str
    url: str
    was: str
    now: str


class Changes(Step):
    """The persons, a page at a time."""

    def respond(self, request: HttpRequest, page: Any, document: ExchangeFile) -> HttpResponse:
        found = CorrectionChange.objects.filter(file=document).select_related("person").order_by("pk")
        shown = Paginator(found, PER_PAGE).get_page(request.GET.get("p"))
        return step_page(
            request,
            page,
            document,
            self,
            template="admin/month/correction.html",
            shown=shown,
            lines=_lines(list(shown)),
            accepted=document.status == "applied",
        )


def _lines(changes: Sequence[CorrectionChange]) -> list[Line]:
    numbers: dict[int, list[str]] = {}
    people = [change.person_id for change in changes]
    for member in Member.objects.filter(person__in=people).order_by("acquired_on", "pk"):
        numbers.setdefault(member.person_id, []).append(str(member))
    return [
        Line(
            "、".join(numbers.get(change.person_id, [])),
            change.person.name,
            page_url(change.person),
            change.was,
            change.now,
        )
        for change in changes
    ]


def _not_a_correction(file: ExchangeFile, clerk: Clerk) -> str:
    return "" if file.correction else "訂正のファイルではありません。"


CHANGES = Changes(name="changes", label="訂正で変わる人を見る", blocked=_not_a_correction)
