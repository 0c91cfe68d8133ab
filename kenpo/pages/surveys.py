"""The button that counts a kept list anew."""

from __future__ import annotations

from datetime import date
from typing import Final, cast

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_POST

from core import clock
from core.models import Clerk, Job
from core.plausible import OFFICE
from kenpo.month import surveys

_PAGES: Final = {
    "gaps": "gaps",
    "addresses": "addresses",
    "unprintable": "admin:members_person_unprintable",
    "damaged": "admin:members_person_damaged",
    "overlaps": "admin:members_person_overlaps",
}


@require_POST
def survey_view(request: HttpRequest, kind: str) -> HttpResponse:
    """Has the list counted for a day, by the worker where there is one, and goes back to it."""
    if kind not in _PAGES:
        raise Http404
    try:
        on = date.fromisoformat(request.POST.get("on", ""))
        OFFICE.check(on, clock.today())
    except ValueError:
        on = clock.today()
    job = surveys.ask(kind, on, by=cast(Clerk, request.user))
    if job.state == Job.State.DONE:
        messages.success(request, "数え直しました。")
    elif job.state in (Job.State.REFUSED, Job.State.FAILED):
        messages.error(request, f"数えられませんでした。{job.message}")
    else:
        messages.info(request, "数え始めました。終わると一覧が新しくなります。しばらくしてから開き直してください。")
    day = "" if on == clock.today() else f"?{urlencode({'on': on.isoformat()})}"
    return HttpResponseRedirect(reverse(_PAGES[kind]) + day)
