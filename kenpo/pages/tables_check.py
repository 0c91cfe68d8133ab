"""What a clerk's table would do, shown before it is taken in; while a worker reads or takes it, how far it is."""

from __future__ import annotations

import re
from datetime import date
from typing import Any, cast

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from core import clock, jobs
from core.calendar import wareki
from core.errors import Refused
from core.models import Clerk, Job
from core.web.html import list_url
from core.web.words import NOT_KNOWN
from kenpo.intake.tables import asked, checking, keeping, writing
from kenpo.intake.tables.columns import column
from kenpo.intake.tables.kinds import KINDS, Kind
from kenpo.pages import month_jobs

STOPPED = "途中で止まりました。何も取り込んでいません。もう一度、ファイルを選んでください。"
_CODE = re.compile(r"[A-Za-z_][\w./-]*\w", re.ASCII)


def set_apart(sentence: str) -> SafeString:
    """A service's sentence with the names of columns, values and forms set apart."""
    said = re.split(_CODE, sentence)
    codes = [*re.findall(_CODE, sentence), ""]
    parts = [format_html("<code>{}</code>", code) if code else "" for code in codes]
    return format_html_join("", "{}{}", zip(said, parts, strict=True))


def page_context(request: HttpRequest, title: str, **more: Any) -> dict[str, Any]:
    """What every page about tables begins with."""
    return {**admin.site.each_context(request), "title": title, "content_title": title, **more}


def refusals(job: Job) -> list[SafeString]:
    """Why a job ended without result, a sentence each; nothing for one that goes on or is done."""
    if job.state == Job.State.REFUSED:
        return [set_apart(reason) for reason in job.message.splitlines()]
    if job.state == Job.State.FAILED and (reasons := jobs.foreseen(job)):
        return [SafeString(STOPPED), *map(set_apart, reasons)]
    if job.state == Job.State.FAILED:
        return [format_html("{}{}<code>{}</code>", STOPPED, NOT_KNOWN, job.message)]
    return [SafeString(STOPPED)] if jobs.standing(job) in month_jobs.ALERTS else []


def check_page(request: HttpRequest, name: str) -> HttpResponse:
    """What the file would do, and the confirmation."""
    by, now = cast(Clerk, request.user), timezone.now()
    job = asked.asked_of(name, by)
    if request.method != "POST" and job is not None:
        kind = KINDS[job.order["kind"]]
        if job.state not in month_jobs.ENDED and jobs.under_way(job):
            return _shown_page(request, kind, {"job": month_jobs.panel(request, job, linked=False)})
        if job.state == Job.State.DONE and asked.takes(job):
            return _taken(request, kind, job.outcome)
        if refused := refusals(job):
            return _shown_page(request, kind, {"refusals": refused})
    try:
        told = keeping.kept(name, by=by, now=now)
        if "counts" not in told:
            raise Refused(checking.NOT_YET)
        kind = KINDS[told["kind"]]
        if request.method == "POST":
            good = request.POST.get("take") == "good"
            asked.ask_take(name, kind, take_good=good, by=by, on=clock.today())
            return HttpResponseRedirect(reverse("table_check", args=[name]))
    except Refused as refused:
        return _shown_page(request, None, {"refusals": refused.reasons})
    return _shown_page(request, kind, _preview(kind, name, told))


def _shown_page(request: HttpRequest, kind: Kind | None, more: dict[str, Any]) -> HttpResponse:
    back = reverse("table", args=[kind.code]) if kind else reverse("tables")
    context = page_context(request, "取り込む前の確認", kind=kind, back=back, **more)
    return TemplateResponse(request, "kenpo/tables_check.html", context)


def _taken(request: HttpRequest, kind: Kind, counts: dict[str, int]) -> HttpResponse:
    messages.success(
        request,
        f"{kind.label}の表を取り込みました。新規 {counts['created']:,}、変更 {counts['updated']:,}、"
        f"変わらない行 {counts['unchanged']:,}、取り込まなかった行 {counts['rejected']:,}。",
    )
    return HttpResponseRedirect(list_url(kind.model))


def _preview(kind: Kind, name: str, told: dict[str, Any]) -> dict[str, Any]:
    keys, changing = checking.key_columns(kind), told["counts"]["new"] + told["counts"]["update"]
    labels = {one.name: one.label.split("（")[0] for one in kind.columns}
    return {
        "told": told,
        "counts": told["counts"],
        "keys": [labels[key] for key in keys],
        "shown": [
            {
                **row,
                "changes": [(labels[name], _shown(name, old), _shown(name, new)) for name, old, new in row["changes"]],
            }
            for row in told["shown"]
        ],
        "changing": changing,
        "changing_said": f"{changing:,}",
        "said": {name: f"{count:,}" for name, count in told["counts"].items()},
        "bad": [
            {
                **row,
                "said": set_apart(row["reason"]),
                "names": [(name, column(name).label) for name in row["columns"].split("・") if name],
            }
            for row in told["bad"][: checking.SHOWN_MAX]
        ],
        "odd": [set_apart(said) for said in told["odd"]],
        "most": checking.SHOWN_MAX,
        "downloads": [
            (reverse("table_bad", args=[name, form]), words)
            for form, words in writing.FORMATS.items()
            if form != "cp932"
        ],
    }


def _shown(name: str, text: str) -> str:
    """A cell as it is read: codes and flags in words, days in the era calendar."""
    one = column(name)
    return _day(text) if one.form == "day" else dict(one.choices).get(text, text)


def _day(text: str) -> str:
    try:
        return wareki(date.fromisoformat(text))
    except ValueError:
        return text
