"""What a clerk at the telephone reads about a person: the household, why a month decided so, paper, post and requests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, cast

from django.contrib import admin
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.html import format_html
from unfold.decorators import display

from certificates.decisions.services import Answer, why
from certificates.models import Application, Decision, Filing, Inquiry, Recovery
from certificates.recovery.duties import place_words
from certificates.requests.filings import Kind
from certificates.rules import answer
from core import clock
from core.calendar import parse_month, wareki_month
from core.errors import Refused
from core.models import Clerk
from core.web import EMPTY, ReadOnlyTable, attach, attach_lead, attach_panel, day_html, label_html, link_to
from core.web.steps import stands
from exchange.models import ExchangeFile
from kenpo.pages.household import household
from kenpo.pages.papers import enclosures_of, papers_of, post_of
from kenpo.people.answers import answer_of
from members.models import Member, MynaStatus, Person
from members.pages import MYNA_BADGES
from members.services import municipal, society

TEMPLATE, LEAD = "kenpo/person.html", "kenpo/person_answer.html"


@dataclass(frozen=True, slots=True)
class Month:
    """A month with a decision about the person: what it says, and whether it is the one explained below."""

    query: str
    name: str
    outcome: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class Request:
    """Something that was asked for or filed, or a paper that has to come back."""

    on: str
    what: str
    status: str
    link: str


def answer_lead(request: HttpRequest, person: Person) -> str:
    """What the office says of the person today; nothing where that cannot be told."""
    on = clock.today()
    said = answer_today(_covers(person), on)
    return render_to_string(LEAD, {"today": day_html(on), "said": said}) if said is not None else ""


def _covers(person: Person) -> list[Member]:
    """The person's covers, the newest first."""
    return list(Member.objects.filter(person=person).select_related("person").order_by("-acquired_on", "-pk"))


def person_panel(request: HttpRequest, person: Person) -> str:
    """Everything above the person's own fields."""
    on, clerk = clock.today(), cast(Clerk, request.user)
    columns, rows = household(person, on)
    covers = _covers(person)
    decisions = _decisions(covers)
    month = _month(request, decisions)
    enclosures = enclosures_of(person)
    steps = stands(admin.site.get_model_admin(Member).steps, covers[0], clerk) if covers else []
    return render_to_string(
        TEMPLATE,
        {
            "today": day_html(on),
            "columns": columns,
            "rows": rows,
            "months": _months(decisions, month),
            "answers": _answers(decisions, month),
            "explained": f"{wareki_month(month)}の判定の説明" if month else "",
            "papers": papers_of(person, enclosures),
            "post": post_of(enclosures),
            "recoveries": _recoveries(covers),
            "requests": _requests(person, covers),
            "cover": covers[0] if covers else None,
            "steps": steps,
            "blocked_steps": [stand for stand in steps if stand.why_not],
        },
        request=request,
    )


def _decisions(covers: Sequence[Member]) -> list[Decision]:
    """Every monthly decision about the person's covers, the newest month first."""
    found = Decision.objects.filter(member__in=covers).select_related("run", "member__person")
    return list(found.defer("facts").order_by("-run__month", "-member__acquired_on"))


def _month(request: HttpRequest, decisions: Sequence[Decision]) -> date | None:
    """The month asked for where it has a decision about the person, else the newest."""
    known = [decision.run.month for decision in decisions]
    try:
        wanted = parse_month(request.GET.get("month", ""))
    except ValueError:
        wanted = None
    return wanted if wanted in known else next(iter(known), None)


def _months(decisions: Sequence[Decision], chosen: date | None) -> list[Month]:
    months: dict[date, str] = {}
    for decision in decisions:
        months.setdefault(decision.run.month, decision.get_outcome_display())
    return [
        Month(f"?month={month:%Y-%m}#why", wareki_month(month), outcome, month == chosen)
        for month, outcome in months.items()
    ]


def _answers(decisions: Sequence[Decision], month: date | None) -> list[Answer]:
    """Why the month decided so about each of the person's covers."""
    found = [decision for decision in decisions if decision.run.month == month]
    return list(why([decision.member for decision in found], found[0].run)) if found else []


def answer_today(covers: Sequence[Member], on: date) -> answer.Answer | None:
    """What is said of the person today; nothing where no cover is known or no settings are in force."""
    if not covers:
        return None
    try:
        return answer_of(society(), covers, on)[1]
    except Refused:
        return None


def _recoveries(covers: Sequence[Member]) -> list[Request]:
    every = Recovery.objects.order_by()
    duties = (
        every.filter(certificate__member__in=covers)
        .values("pk")
        .union(every.filter(elderly_certificate__member__in=covers).values("pk"))
    )
    ours = municipal()
    found = Recovery.objects.filter(pk__in=duties).select_related("certificate", "elderly_certificate")
    return [
        Request(
            day_html(duty.opened_on),
            format_html(
                "{}（{}）、{}までに{}へ",
                (duty.certificate or duty.elderly_certificate).serial,
                duty.get_cause_display(),
                day_html(duty.due_on),
                place_words(duty.return_to, municipal=ours),
            ),
            label_html(
                duty.get_outcome_display() or duty.get_status_display(), "danger" if duty.status == "open" else ""
            ),
            link_to(duty, "開く"),
        )
        for duty in found.order_by("-opened_on", "-pk")
    ]


def _requests(person: Person, covers: Sequence[Member]) -> list[Request]:
    """Applications, inquiries and filings, the newest first."""
    found: list[tuple[date, Any, str]] = []
    for application in Application.objects.filter(member__in=covers):
        what = f"{application.get_kind_display()}の申請（{application.get_ground_display()}）"
        found.append((application.received_on, application, what))
    for inquiry in Inquiry.objects.filter(person=person):
        found.append((inquiry.opened_on, inquiry, "支払基金への個別照会"))
    for filing in Filing.objects.filter(member__in=covers):
        found.append((filing.received_on, filing, f"届出（{Kind(filing.kind).label}）"))
    found.sort(key=lambda one: one[0], reverse=True)
    return [
        Request(day_html(day), what, label_html(document.get_status_display()), link_to(document, "開く"))
        for day, document, what in found
    ]


class FundRowTable(ReadOnlyTable):
    """What the fund said of the person, each with the file and the line it stands on."""

    model = MynaStatus
    verbose_name_plural = "基金のファイルの行（マイナ保険証の状態の履歴）"
    fields = ("as_of", "state", "registered_on", "e_certificate_expires_on", "returned_on", "source", "place")
    ordering = ("-as_of", "-id")
    badges = {"state": MYNA_BADGES}

    @display(description="ファイルの行")
    def place(self, status: MynaStatus) -> str:
        if not (status.file_id and status.line_no):
            return EMPTY
        return link_to(ExchangeFile(pk=status.file_id), f"ファイル{status.file_id}の{status.line_no}行目")


attach_lead(Person, answer_lead)
attach_panel(Person, person_panel)
attach(Person, FundRowTable)
