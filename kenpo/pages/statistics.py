"""The pages of 月報, 交付決裁書 and 資格確認書交付簿, each also as PDF and as a spreadsheet."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import islice
from typing import Any, cast

from django.contrib import admin
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.http import content_disposition_header, urlencode

from certificates.models import EligibilityCertificate, Run
from core import clock, scratch
from core.calendar import month_end, parse_month, read_day, wareki_month
from core.errors import Refused
from core.models import Clerk
from core.plausible import OFFICE
from core.transitions import record
from core.web import day_html
from kenpo.reports import Report, Table, decision_sheet, register, register_size, report
from kenpo.reports.paper import shown, write_pdf
from kenpo.reports.sheets import write_xlsx
from members.models import Insurer
from members.services import society

SHOWN = 200
MOST_LINES = 20_000
"""More than this is made by the command, not while a browser waits."""
_FORMS = {
    "pdf": (write_pdf, "application/pdf"),
    "xlsx": (write_xlsx, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
}
_LINKS = (("statistics", "月報"), ("decision_sheet", "交付決裁書"), ("register", "資格確認書交付簿"))


@dataclass(frozen=True, slots=True)
class Shown:
    """A table as the page shows it: its first lines, and whether there are more."""

    table: Table
    lines: list[list[tuple[str, bool]]]
    more: bool


def statistics_page(request: HttpRequest) -> HttpResponse:
    """The month's figures."""
    insurer, refused = _society(request, "statistics")
    if insurer is None:
        return refused
    month = _month(request)
    made = report(insurer, month, made_on=clock.today())
    if (answer := _download(request, made, None, 0)) is not None:
        return answer
    return _page(request, "statistics", made, month=month, query={"month": f"{month:%Y-%m}"})


def decision_page(request: HttpRequest) -> HttpResponse:
    """What a month's approver decides on."""
    insurer, refused = _society(request, "decision_sheet")
    if insurer is None:
        return refused
    month = _month(request)
    run = Run.objects.select_related("insurer").filter(insurer=insurer, month=month).first()
    if run is None:
        why = [f"{wareki_month(month)}の月次判定はまだありません。判定を行うと、決裁書ができます。"]
        return _page(request, "decision_sheet", None, month=month, refusals=why)
    made = decision_sheet(run, made_on=clock.today())
    lines = run.certificates.exclude(status="voided").count()
    if (answer := _download(request, made, run, lines)) is not None:
        return answer
    return _page(request, "decision_sheet", made, month=month, query={"month": f"{month:%Y-%m}"}, lines=lines)


def register_page(request: HttpRequest) -> HttpResponse:
    """What was issued from one day to another."""
    insurer, refused = _society(request, "register")
    if insurer is None:
        return refused
    month = _month(request)
    days = {"from": month, "to": month_end(month)}
    try:
        days.update({name: read_day(request.GET[name]) for name in days if request.GET.get(name)})
    except ValueError:
        why = ["日付は「令和8年11月1日」や「2026-11-01」のように入れてください。"]
        return _page(request, "register", None, days=days, refusals=why)
    first, last = days["from"], days["to"]
    if not all(OFFICE.holds(day, clock.today()) for day in (first, last)):
        return _page(request, "register", None, days=days, refusals=[OFFICE.words(clock.today())])
    if first > last:
        return _page(request, "register", None, days=days, refusals=["終わりの日は始めの日以後にしてください。"])
    made, lines = register(insurer, first, last, made_on=clock.today()), register_size(first, last)
    if (answer := _download(request, made, insurer, lines)) is not None:
        return answer
    query = {"from": first.isoformat(), "to": last.isoformat()}
    return _page(request, "register", made, days=days, query=query, lines=lines)


def _society(request: HttpRequest, name: str) -> tuple[Insurer | None, HttpResponse]:
    try:
        return society(), HttpResponse()
    except Refused:
        why = ["加入者がまだ取り込まれていません。取込みを管理者に頼んでください。"]
        return None, _page(request, name, None, refusals=why)


def _month(request: HttpRequest) -> date:
    """The month asked for, else the newest run's, else this one."""
    try:
        return parse_month(request.GET.get("month", ""))
    except ValueError:
        newest: date | None = Run.objects.order_by("-month").values_list("month", flat=True).first()
        return newest or clock.today().replace(day=1)


def _page(
    request: HttpRequest,
    name: str,
    made: Report | None,
    *,
    query: dict[str, str] | None = None,
    month: date | None = None,
    **more: Any,
) -> HttpResponse:
    title = made.title if made else dict(_LINKS)[name]
    asked = urlencode(query or {})
    lines = more.get("lines", 0)
    context = {
        **admin.site.each_context(request),
        "title": title,
        "content_title": title,
        "name": name,
        "report": made,
        "shown": [_shown(table) for table in made.tables] if made else [],
        "made_on": day_html(clock.today()),
        "months": _months(month) if month else [],
        "most": MOST_LINES,
        "too_many": lines > MOST_LINES,
        "links": [(reverse(each), words, each == name) for each, words in _LINKS],
        "pdf": f"?{asked}&form=pdf",
        "xlsx": f"?{asked}&form=xlsx",
        **more,
    }
    if "days" in more:
        context["days"] = {key: day.isoformat() for key, day in more["days"].items()}
    return TemplateResponse(request, "kenpo/statistics.html", context)


def _months(chosen: date) -> list[tuple[str, str, bool]]:
    known = {*Run.objects.order_by("-month").values_list("month", flat=True)[:12], chosen}
    return [(f"{month:%Y-%m}", wareki_month(month), month == chosen) for month in sorted(known, reverse=True)]


def _shown(table: Table) -> Shown:
    rows: Iterator[Any] = iter(table.rows)
    lines = [
        [(shown(cell), column.number) for column, cell in zip(table.columns, row, strict=True)]
        for row in islice(rows, SHOWN + 1)
    ]
    if isinstance(rows, Generator):
        rows.close()  # it reads through a cursor, which nobody needs any more
    return Shown(table, lines[:SHOWN], len(lines) > SHOWN)


def _download(request: HttpRequest, made: Report, about: models.Model | None, lines: int) -> HttpResponse | None:
    """The file asked for; the log says who took one with names. None when a page is asked for, or it is too long."""
    form = request.GET.get("form", "")
    if form not in _FORMS or lines > MOST_LINES:
        return None
    write, content_type = _FORMS[form]
    with scratch.folder() as folder:
        path = folder / "report"
        write(made, path)
        data = path.read_bytes()
    if about is not None:
        clerk = cast(Clerk, request.user)
        note = {"kind": EligibilityCertificate._meta.label, "rows": lines}
        record("export_table", about._meta.label, [about.pk], by=clerk, on=clock.today(), note=note)
    headers = {
        "Content-Disposition": content_disposition_header(True, f"{made.title}.{form}"),
        "Cache-Control": "no-store",
    }
    return HttpResponse(data, content_type=content_type, headers=headers)
