"""A clerk's table checked and taken in as background work: thousands of rows outlast a request."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.utils import timezone

from core import jobs
from core.background import begin, does
from core.models import Clerk, Job
from kenpo.intake.tables import checking
from kenpo.intake.tables.kinds import Kind


def ask_check(name: str, kind: Kind, *, by: Clerk, on: date) -> Job:
    """Asks for a file that was handed in to be read and rehearsed."""
    order = {"table": name, "kind": kind.code, "on": on.isoformat()}
    return begin(f"table_check {name}", by=by, order=order)


def ask_take(name: str, kind: Kind, *, take_good: bool, by: Clerk, on: date) -> Job:
    """Asks for a checked file to be taken in."""
    order = {"table": name, "kind": kind.code, "on": on.isoformat(), "take_good": take_good}
    return begin(f"table_take {name}", by=by, order=order)


def takes(job: Job) -> bool:
    """Whether the job takes the file in, not only checks it."""
    return "take_good" in job.order


def asked_of(name: str, by: Clerk) -> Job | None:
    """The last thing this clerk asked for with that file."""
    keys = [f"table_check {name}", f"table_take {name}"]
    return Job.objects.filter(key__in=keys, actor=by).order_by("-started_at").first()


@does("table_check")
def check(asked: Mapping[str, Any], by: Clerk) -> None:
    """Reads and rehearses."""
    name = asked["table"]
    with jobs.claim(f"table_check {name}", by=by) as job:
        counts = checking.check(name, by=by, on=date.fromisoformat(asked["on"]), now=timezone.now())
        job.outcome = counts


@does("table_take")
def take(asked: Mapping[str, Any], by: Clerk) -> None:
    """Takes in what was shown."""
    name, on = asked["table"], date.fromisoformat(asked["on"])
    with jobs.claim(f"table_take {name}", by=by) as job:
        job.outcome = checking.confirm(name, take_good=asked["take_good"], by=by, on=on, now=timezone.now())
