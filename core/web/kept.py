"""The line above a list that is kept: when it was counted, whether it is being counted, and the button to count anew."""

from __future__ import annotations

from datetime import date
from typing import Any

from core import jobs, surveys
from core.models import Survey
from core.web.html import day_html, instant_html, page_url


def kept(kind: str, on: date, survey: Survey | None) -> dict[str, Any]:
    """What ``admin/kept.html`` shows; ``on``: the day that the button counts."""
    job = jobs.waited_for(surveys.job_key(kind))
    return {
        "kind": kind,
        "on": on.isoformat(),
        "day": day_html(survey.on if survey else on),
        "survey": survey,
        "at": instant_html(survey.at) if survey else "",
        "job_url": page_url(job) if job else "",
        "stale": survey is not None and survey.on < on,
    }
