"""What every working day does by itself: settle open cases, end what the calendar ends."""

from __future__ import annotations

from datetime import date
from typing import Any

from certificates import applications, ruling
from certificates.ending import close_what_ended
from core import jobs
from members.services import society


def run_day(on: date) -> dict[str, Any]:
    """Settles open decisions, finishes applications whose paper is posted, closes what ended before ``on``.

    May run any number of times a day.

    Raises:
        core.errors.Refused: another process is doing it now, or nothing has been loaded yet.
    """
    insurer = society()
    with jobs.claim(f"daily:{insurer.number}") as job:
        job.outcome = {
            "on": on.isoformat(),
            **ruling.settle(insurer, on=on),
            "applications_done": applications.finish_sent(on),
            "ended": close_what_ended(on),
        }
        return dict(job.outcome)
