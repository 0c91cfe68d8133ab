"""The board of people without a route: the kept list of a day, each line as it stands now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib import admin, messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.http import urlencode

from certificates.decisions.gaps import Standing, Waiting
from certificates.rules.answer import Answer
from core import clock, surveys
from core.errors import Refused
from core.models import Survey
from core.plausible import OFFICE
from core.web import day_html
from core.web.kept import kept
from kenpo.pages.gap_steps import NextStep, next_steps
from kenpo.people.answers import answers
from kenpo.people.board import standings
from members.models import Insurer, Member
from members.services import society

TITLE = "今日使える手段がない人"
PER_PAGE = 100


@dataclass(frozen=True, slots=True)
class Line:
    """One person on the board, with the cover's page; ``waiting``: for what now, or why no longer.

    ``turn``: whose turn it is; ``step``: the page that ends it; ``said``: the office's answer for the day.
    """

    member: Member
    waiting: str
    by: str
    closed: bool
    said: str
    turn: str = ""
    step: NextStep | None = None


def gaps_board(request: HttpRequest) -> HttpResponse:
    """Who is covered and has no usable route in hand, why, and by when it closes: the day asked for, else the newest."""
    on = _day(request)
    context: dict[str, Any] = {**admin.site.each_context(request), "title": TITLE, "content_title": TITLE}
    try:
        insurer = society()
    except Refused as refusal:
        return TemplateResponse(request, "kenpo/gaps.html", {**context, "refusal": str(refusal)})
    survey = surveys.on_day("gaps", on) if on else surveys.newest("gaps", clock.today())
    context |= {"on_iso": (on or clock.today()).isoformat(), "kept": kept("gaps", on or clock.today(), survey)}
    if survey is not None:
        asked = request.GET.get("waiting", "")
        group = Waiting.of(asked) if asked in set(Waiting) else None
        total = sum(survey.counts.values())
        found = survey.lines.filter(**({"group": group} if group else {})).values_list("subject_id", flat=True)
        paginator = Paginator(found, PER_PAGE)
        paginator.count = survey.counts.get(group, 0) if group else total  # kept: nothing to count
        page = paginator.get_page(request.GET.get("p"))
        context |= {
            "total": total,
            "at_work": at_work(survey),
            "page": page,
            "wanted": group,
            "lines": _lines(insurer, survey.on, list(page)),
            "choices": [(each, survey.counts[each], _query(on, each)) for each in Waiting if survey.counts.get(each)],
            "all_query": _query(on, ""),
            "page_query": _query(on, group or ""),
        }
    return TemplateResponse(request, "kenpo/gaps.html", context)


def at_work(survey: Survey) -> int:
    """How many of the survey want somebody's work: all but those whom only the post keeps waiting."""
    return sum(n for name, n in survey.counts.items() if name != Waiting.DELIVERY)


def _lines(insurer: Insurer, on: date, ids: list[int]) -> list[Line]:
    """Looked at again for that day, so that nobody is sent after a person whose gap has closed since."""
    named = Member.objects.select_related("person", "establishment").in_bulk(ids)
    now = standings(insurer, on, list(named))
    said = answers(insurer, list(named.values()), on)
    steps = next_steps([standing.gap for standing in now.values() if standing.gap is not None], named)
    return [_line(named[each], now.get(each), said.get(each), steps.get(each)) for each in ids if each in named]


def _line(member: Member, standing: Standing | None, answer: Answer | None, step: NextStep | None) -> Line:
    said = answer.sentence if answer is not None else ""
    if standing is not None and standing.gap is not None:
        gap = standing.gap
        return Line(member, gap.waiting.label, day_html(gap.by), False, said, gap.waiting.turn, step)
    closed = "使える手段があります" if standing is not None and standing.routes else "資格がありません"
    return Line(member, closed, day_html(None), True, said)


def _day(request: HttpRequest) -> date | None:
    """The day asked for; none where no day is asked for, or one that the office cannot work on, which is said."""
    try:
        on = date.fromisoformat(request.GET.get("on", ""))
    except ValueError:
        return None
    if OFFICE.holds(on, clock.today()):
        return on
    messages.error(request, f"その日の一覧はありません。{OFFICE.words(clock.today())}")
    return None


def _query(on: date | None, waiting: str) -> str:
    asked = {"on": on.isoformat()} if on else {}
    return "?" + urlencode({**asked, "waiting": waiting} if waiting else asked)
