"""Long steps as background work: each takes its order, and claims its key while it lasts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from certificates.decisions.services import approve_month
from certificates.models import Run
from core import jobs
from core.background import does
from core.errors import Refused
from core.models import Clerk
from kenpo.month.month import Order, run_month
from mailing.models import Dispatch
from mailing.planning.days import DayLimit
from mailing.services import assemble, print_dispatch, prove_dispatch
from members.models import Insurer
from notices.letters.reminder.printing import print_reminders
from notices.letters.request.printing import print_requests
from notices.services import draft

Asked = Mapping[str, Any]
_day = date.fromisoformat


def month_key(insurer: Insurer, month: date) -> str:
    """The key under which ``run_month`` runs a month."""
    return f"month:{insurer.number}:{month:%Y-%m}"


def _run(asked: Asked) -> Run:
    return Run.objects.select_related("insurer").get(pk=asked["run"])


@does("month")
def run(asked: Asked, by: Clerk) -> None:
    """From the files to proposals."""
    month, decided_on, issue_on = (_day(asked[name]) for name in ("month", "decided_on", "issue_on"))
    force_reason, without_file = asked.get("force_reason"), asked.get("without_file")
    order = Order(month, decided_on, issue_on, force_reason=force_reason, without_file=without_file)
    run_month(order, by=by)


@does("approve")
def approve(asked: Asked, by: Clerk) -> None:
    """Every proposal that was not held back."""
    mine = _run(asked)
    with jobs.claim(f"approve {mine.pk}", by=by) as job:
        job.outcome = {"certificates": approve_month(mine, by=by, on=_day(asked["on"]))}


@does("draft_notices")
def draft_notices(asked: Asked, by: Clerk) -> None:
    """The month's 資格情報のお知らせ."""
    draft(_run(asked), by=by, on=_day(asked["on"]))


@does("assemble")
def plan(asked: Asked, by: Clerk) -> None:
    """Envelopes and dispatches."""
    limit = DayLimit(asked["per_day"], _day(asked["first"])) if asked.get("per_day") else None
    assemble(_run(asked), by=by, on=_day(asked["on"]), limit=limit)


@does("print_month")
def print_month(asked: Asked, by: Clerk) -> None:
    """Prints and proves every dispatch of the month that is not; one that is refused does not keep the others.

    Raises:
        Refused: some were refused; every reason is named with its dispatch.
    """
    mine, reasons, done = _run(asked), [], 0
    with jobs.claim(f"print_month {mine.pk}", by=by) as job:
        waiting = list(Dispatch.objects.filter(run=mine, status__in=("assembled", "printed")).order_by("pk"))
        for dispatch in waiting:
            try:
                jobs.step(job, "print", {"dispatch": dispatch.pk, "dispatches": done, "of": len(waiting)})
                print_dispatch(dispatch, by=by, on=_day(asked["on"]))
                jobs.step(job, "prove")
                prove_dispatch(dispatch, by=by)
                done += 1
            except Refused as refused:
                reasons += [f"{dispatch}：{reason}" for reason in refused.reasons]
        job.outcome = {"dispatches": done, "of": len(waiting)}
        if reasons:
            raise Refused(reasons)


@does("request")
def request(asked: Asked, by: Clerk) -> None:
    """返納のお願い of the day."""
    print_requests(_day(asked["on"]), by=by)


@does("remind")
def remind(asked: Asked, by: Clerk) -> None:
    """督促状 of the day."""
    print_reminders(_day(asked["on"]), by=by)
