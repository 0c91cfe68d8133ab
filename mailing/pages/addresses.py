"""The queue of addresses that the post may not find, for clerks to look at before a run."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from core import clock, surveys
from core.errors import Refused
from core.web.kept import kept
from mailing.addresses.odd_addresses import odd_addresses
from mailing.addresses.postcodes import ODDITIES
from members.services import society

SHOWN = 200
TITLE = "郵便番号を確かめる住所"


def addresses_page(request: HttpRequest) -> HttpResponse:
    """What is odd, counted by kind, with the first lines of the kind that was chosen as they stand now."""
    context: dict[str, Any] = {
        **admin.site.each_context(request),
        "title": TITLE,
        "content_title": TITLE,
        "shown": SHOWN,
    }
    try:
        insurer, on = society(), clock.today()
    except Refused as refusal:
        return TemplateResponse(request, "mailing/addresses.html", {**context, "refusal": str(refusal)})
    survey = surveys.newest("addresses", on)
    context["kept"] = kept("addresses", on, survey)
    if survey is not None:
        wanted = request.GET.get("oddity", "")
        found = survey.lines.filter(group=wanted) if wanted else survey.lines.all()
        ids = list(found.values_list("subject_id", flat=True)[:SHOWN])
        with odd_addresses(insurer, on, ids) as now:
            lines = [odd for odd in now if wanted in ("", odd.oddity)]
        total = sum(survey.counts.values())
        choices = [
            (code, text, survey.counts[code], f"?{urlencode({'oddity': code})}")
            for code, text in ODDITIES.items()
            if code in survey.counts
        ]
        context |= {
            "total": total,
            "choices": choices,
            "wanted": wanted,
            "lines": lines,
            "mended": len(ids) - len(lines),
            "matching": survey.counts.get(wanted, 0) if wanted else total,
        }
    return TemplateResponse(request, "mailing/addresses.html", context)
