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

from certificates.gaps import Waiting
from certificates.models import Run
from core import clock
from core.admin import day_html, instant_html
from core.calendar import wareki_month
from core.errors import Refused
from core.models import Clerk, Job
from kenpo import daily
from kenpo.desk import home_calendar, home_charts, month_line
from kenpo.desk.home_queues import queues
from kenpo.desk.month import current_month, line_of
from kenpo.desk.month_figures import HAS_DECISIONS
from members.services import society

TITLE = "はじめの画面"


@dataclass(frozen=True, slots=True)
class Without:
    """How many had no usable route when the daily job last looked; ``known`` is false before it ever has.

    ``waiting``: by what they wait for, each with the board's address; ``stale``: it did not look today.
    """

    known: bool
    total: int = 0
    waiting: tuple[tuple[str, int, str], ...] = ()
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
    done = {stage.title: stage.done for stage in line["stages"]}
    decided = Run.objects.filter(insurer=insurer, status__in=HAS_DECISIONS).order_by("-month").first()
    figures = Job.objects.filter(key=daily.key_of(insurer)).first()
    return {
        **context, **line, "insurer": insurer, "today": day_html(on), "month_words": wareki_month(month),
        "month_url": f"{reverse('month')}?month={month:%Y-%m}",
        "deadlines": home_calendar.deadlines(month, on, received=done["受付"], sent=done["発送"]),
        "weeks": home_calendar.weeks(month, on), "month_notes": home_calendar.notes(month),
        "without": without(figures, on), "gaps_url": reverse("gaps"),
        "waiting": queues(on, decided, figures.outcome.get("unprintable") if figures else None),
        "charts": [home_charts.registration(), home_charts.expiring(on), home_charts.issues()],
        "statistics_url": reverse("statistics"),
    }  # fmt: skip


def without(job: Job | None, on: date) -> Without:
    """The figure that the daily job keeps."""
    if job is None or "gaps" not in job.outcome:
        return Without(False)
    told, day = job.outcome, date.fromisoformat(job.outcome["on"])
    waiting = tuple(
        (Waiting[name.upper()].value, count, _board(Waiting[name.upper()], on))
        for name, count in told["gaps_waiting"].items()
    )
    at = instant_html(job.ended_at) if job.state == Job.State.DONE else ""
    return Without(True, told["gaps"], waiting, day_html(day), at, day < on)


def _board(waiting: Waiting, on: date) -> str:
    return f"{reverse('gaps')}?{urlencode({'on': on.isoformat(), 'waiting': waiting.value})}"
