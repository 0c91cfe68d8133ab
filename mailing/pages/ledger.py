"""The page of 帳尻: every sum by kind, month, insurer number and dispatch, and a word where one does not close."""

from __future__ import annotations

from datetime import date
from itertools import groupby

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from core.calendar import parse_month, wareki_month
from mailing.post.ledger import SCOPES, Line, ledger, months

TITLE = "発送の帳尻"


def ledger_page(request: HttpRequest) -> HttpResponse:
    """The sums of one month, or of all."""
    known = months()
    wanted = _wanted(request, known)
    lines = ledger(wanted)
    context = {
        **admin.site.each_context(request),
        "title": TITLE,
        "content_title": TITLE,
        "groups": [(SCOPES[scope], list(group)) for scope, group in groupby(lines, key=_scope)],
        "broken": sum(not line.closes for line in lines),
        "wanted": wanted,
        "months": [(f"{month:%Y-%m}", wareki_month(month), month == wanted) for month in known],
    }
    return TemplateResponse(request, "admin/mailing/ledger.html", context)


def _scope(line: Line) -> str:
    return line.scope


def _wanted(request: HttpRequest, known: list[date]) -> date | None:
    """The month asked for; the newest when nothing is asked; none for all of them."""
    if "month" not in request.GET:
        return known[0] if known else None
    try:
        return parse_month(request.GET["month"])
    except ValueError:
        return None
