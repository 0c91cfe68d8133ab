"""The queue of addresses that the post may not find, for clerks to look at before a run."""

from __future__ import annotations

from collections import Counter
from itertools import islice
from typing import Any
from urllib.parse import urlencode

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from core import clock
from core.errors import Refused
from mailing.odd_addresses import OddAddress, odd_addresses
from mailing.postcodes import ODDITIES
from members.services import society

SHOWN = 200
TITLE = "郵便番号を確かめる住所"


def addresses_page(request: HttpRequest) -> HttpResponse:
    """What is odd, counted by kind, with the first lines of the kind that was chosen."""
    context: dict[str, Any] = {
        **admin.site.each_context(request), "title": TITLE, "content_title": TITLE, "shown": SHOWN,
    }  # fmt: skip
    wanted = request.GET.get("oddity", "")
    counts: Counter[str] = Counter()
    lines: list[OddAddress] = []
    try:
        with odd_addresses(society(), clock.today()) as found:
            lines = list(islice(_counted(found, counts, wanted), SHOWN))
            for odd in found:
                counts[odd.oddity] += 1
    except Refused as refusal:
        context["refusal"] = str(refusal)
    choices = [
        (code, text, counts[code], f"?{urlencode({'oddity': code})}")
        for code, text in ODDITIES.items()
        if counts[code]
    ]
    matching = counts[wanted] if wanted else counts.total()
    context.update(total=counts.total(), choices=choices, wanted=wanted, lines=lines, matching=matching)
    return TemplateResponse(request, "mailing/addresses.html", context)


def _counted(found: Any, counts: Counter[str], wanted: str) -> Any:
    """The lines of the wanted kind; everything that passes is counted."""
    for odd in found:
        counts[odd.oddity] += 1
        if wanted in ("", odd.oddity):
            yield odd
