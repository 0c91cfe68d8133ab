"""The first page: this month's line with the one button that comes next, who has no route, what waits, and the charts.

Its queries do not grow with the society: what only a look at everybody tells is counted by the daily job.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, cast

from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import urlencode

from certificates.decisions.gaps import Waiting
from certificates.decisions.services import HAS_DECISIONS
from certificates.models import Run
from core import clock, surveys
from core.calendar import wareki_month
from core.errors import Refused
from core.models import Clerk, Survey
from core.web import day_html, instant_html
from kenpo import deadlines
from kenpo.month.daily import late_since
from kenpo.pages import home_charts, month_line
from kenpo.pages.gaps import at_work
from kenpo.pages.home_queues import queues
from kenpo.pages.month import current_month, line_of, other_months
from kenpo.pages.month_line import At
from members.services import society

TITLE = "はじめの画面"


@dataclass(frozen=True, slots=True)
class Without:
    """How many had no usable route when it was last counted; ``known`` is false before it ever was.

    ``total`` are those who want work; ``delivery``: how many beside them wait for the post alone, with the board's
    address. ``waiting``: by what they wait for, each with the board's address; ``stale``: it was not counted today.
    """

    known: bool
    total: int = 0
    waiting: tuple[tuple[str, int, str], ...] = ()
    delivery: tuple[int, str] = (0, "")
    day: str = ""
    at: str = ""
    stale: bool = False


def dashboard(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """What the first page shows; before anything is loaded it says only that."""
    context = {**context, "title": TITLE, "content_title": TITLE}
    try:
        insurer = society()
    except Refused:
        return context
    on, month = clock.today(), current_month()
    run = Run.objects.select_related("insurer").filter(insurer=insurer, month=month).first()
    line = line_of(month_line.read(insurer, month, run), cast(Clerk, request.user))
    done = {stage.at: stage.done for stage in line["stages"]}
    decided = Run.objects.filter(insurer=insurer, status__in=HAS_DECISIONS).order_by("-month").first()
    counted = surveys.newest_of(("gaps", "unprintable", "damaged", "overlaps", "running_out"), on)
    return {
        **context,
        **line,
        "insurer": insurer,
        "today": day_html(on),
        "month_words": wareki_month(month),
        "other_months": other_months(month),
        "daily_late": late_since(insurer, on),
        "month_url": f"{reverse('month')}?month={month:%Y-%m}",
        "deadlines": deadlines.deadlines(month, on, received=done[At.RECEIPT], sent=done[At.POSTING]),
        "weeks": deadlines.weeks(month, on),
        "month_notes": deadlines.notes(month),
        "without": without(counted.get("gaps"), on),
        "gaps_url": reverse("gaps"),
        "waiting": queues(on, decided, counted, cast(Clerk, request.user)),
        "charts": [home_charts.registration(), home_charts.expiring(counted.get("running_out")), home_charts.issues()],
        "statistics_url": reverse("statistics"),
    }


def without(survey: Survey | None, on: date) -> Without:
    """The figure that is kept."""
    if survey is None:
        return Without(False)
    waiting = tuple(
        (each.label, survey.counts[each], _board(each)) for each in Waiting if each.wants_work and each in survey.counts
    )
    post = Waiting.DELIVERY
    delivery = (survey.counts.get(post, 0), _board(post))
    return Without(
        True, at_work(survey), waiting, delivery, day_html(survey.on), instant_html(survey.at), survey.on < on
    )


def _board(waiting: Waiting) -> str:
    return f"{reverse('gaps')}?{urlencode({'waiting': waiting.value})}"
