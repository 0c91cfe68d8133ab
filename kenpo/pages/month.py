"""The month's page: the line of stages with the one button that comes next, and where a month begins.

A month that has been run is the page of its ``Run``; before that there is only the line, at the month's own address.
"""

from __future__ import annotations

from datetime import date
from typing import Any, cast

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import reverse

from certificates.decisions.services import HAS_DECISIONS
from certificates.models import EligibilityCertificate, Run
from core import clock
from core.calendar import month_end_after, month_start, parse_month, wareki_month
from core.errors import BadInput, Refused
from core.models import Clerk, Job
from core.roles import RUN
from core.web import attach_panel, attach_steps, list_url
from core.web.forms import put_mistakes
from core.web.html import page_url
from core.web.steps import NOT_NOW, NOT_YOURS, Step
from core.web.words import job_title
from exchange.lifecycle import WAITING
from exchange.models import ExchangeFile
from kenpo.month.month import Order, check_without_file
from kenpo.month.work import month_key
from kenpo.pages import month_deeds as deeds
from kenpo.pages import month_figures, month_jobs, month_line, month_review
from kenpo.pages.corrections import CHANGES
from kenpo.pages.month_line import At, Button, Month, Stage
from members.models import Insurer
from members.services import society

_ON_RUN = {
    **dict.fromkeys((At.MATCHING, At.GATES, At.APPLYING, At.DECISION), deeds.RESUME),
    At.APPROVAL: deeds.APPROVED,
    At.NOTICES: deeds.DRAFT,
    At.ENCLOSING: deeds.ASSEMBLE,
    At.PRINTING: deeds.PRINT,
    At.PROOF: deeds.PRINT,
    At.CLOSING: deeds.CLOSE,
}
WITHOUT_FILE = "月次ファイルなしで判定する"
_JOBS = ("approve {run}", "draft_notices {month}", "assemble {run}", "print_month {run}")


def current_month() -> date:
    """The month of today: no file of another month takes its place."""
    return month_start(clock.today())


def other_months(month: date) -> str:
    """The months other than the one shown whose files wait, in one line; empty when there are none."""
    waiting = ExchangeFile.objects.filter(kind="monthly", status__in=WAITING, as_of__isnull=False)
    days = waiting.order_by("as_of").values_list("as_of", flat=True).distinct()
    months = [first for day in days if (first := month_start(month_end_after(day, 1))) != month]
    if not months:
        return ""
    return f"ほかの月のファイルもあります：{'、'.join(map(wareki_month, months))}。"


def panel(request: HttpRequest, run: Run) -> str:
    """The line of stages, above everything else on the run's page."""
    month = month_line.read(run.insurer, run.month, run)
    return render_to_string("admin/month/line.html", line_of(month, cast(Clerk, request.user)))


def figures_panel(request: HttpRequest, run: Run) -> str:
    """This month's figures beside last month's, once there are any."""
    if run.status not in HAS_DECISIONS:
        return ""
    last = month_figures.before(run)
    context = {"last": last, "totals": month_figures.totals(run, last)}
    return render_to_string("admin/month/totals.html", context)


def line_of(month: Month, clerk: Clerk) -> dict[str, Any]:
    """The stages, the dispatches, and the one button that comes next, for ``admin/month/line.html``."""
    stages = month_line.stages(month)
    lines = month_line.dispatch_lines(month, clerk)
    following = next((stage for stage in stages if not stage.done), None)
    if following is not None:
        following.button = _button(following, month, lines, clerk)
        following.instead = _instead(following, month, clerk)
    job = _under_way(month)
    return {
        "stages": stages,
        "lines": lines,
        "next": following,
        "job": job,
        "job_url": page_url(job) if job else "",
        "job_title": job_title(job.key) if job else "",
    }


def _button(stage: Stage, month: Month, lines: list[month_line.Line], clerk: Clerk) -> Button:
    if stage.at is At.RECEIPT:
        why = "" if clerk.can(RUN) else f"ファイルの受付は{clerk.get_role_display()}の権限ではできません。"
        return Button("ファイルを受け付ける", reverse("month_receive"), why)
    if month.run is None:
        why = "" if clerk.can(RUN) else f"月次判定は{clerk.get_role_display()}の権限ではできません。"
        return Button("月次判定を行う", month_line.start_url(month.month), why)
    if stage.at in (At.PULLING, At.SEALING, At.POSTING):
        line = month_line.first_waiting(lines)
        assert line is not None and line.step is not None  # a stage that is not done has a dispatch that waits
        return Button(f"{line.dispatch}：{line.step.label}", line.url, line.why_not)
    step: Step = deeds.FORCED if stage.held else _ON_RUN[stage.at]
    return Button(step.label, step.url(month.run), step.why_not(month.run, clerk))


def _instead(stage: Stage, month: Month, clerk: Clerk) -> Button | None:
    """The way without the month's file, from the day on which it is open and for whom it is."""
    if stage.at is not At.RECEIPT or not clerk.can(RUN) or _not_without_file(month.insurer, month.month, clock.today()):
        return None
    return Button(WITHOUT_FILE, f"{reverse('month_without_file')}?month={month.month:%Y-%m}", "")


def _under_way(month: Month) -> Job | None:
    keys = [month_key(month.insurer, month.month)]
    if month.run is not None:
        keys += [key.format(run=month.run.pk, month=f"{month.month:%Y-%m}") for key in _JOBS]
    return Job.objects.filter(key__in=keys, state__in=(Job.State.WAITING, Job.State.RUNNING)).first()


def month_page(request: HttpRequest) -> HttpResponse:
    """The month asked for, or the one that is worked on: its run's page, or before there is one its line alone."""
    context = _page(request, "今月の仕事")
    try:
        insurer, month = society(), _asked_month(request)
    except Refused:  # nothing is loaded yet: the page says whom to ask
        return TemplateResponse(request, "admin/month/page.html", context)
    run = Run.objects.filter(insurer=insurer, month=month).first()
    if run is not None:
        return HttpResponseRedirect(page_url(run))
    unfinished = Run.objects.filter(insurer=insurer).exclude(status="closed").order_by("month")
    title = f"{wareki_month(month)}の仕事"
    context.update(
        line_of(month_line.read(insurer, month, None), cast(Clerk, request.user)),
        title=title,
        content_title=title,
        unfinished=[(page_url(run), wareki_month(run.month), run.get_status_display()) for run in unfinished],
        files_url=list_url(ExchangeFile),
        runs_url=list_url(Run),
    )
    return TemplateResponse(request, "admin/month/page.html", context)


def start_page(request: HttpRequest) -> HttpResponse:
    """Begins the decision of a month that has not been run."""
    return _start(request, "月次判定を行う", deeds.DaysForm, deeds.RUN_EFFECTS)


def without_file_page(request: HttpRequest) -> HttpResponse:
    """Begins it without the month's file, with a reason; before its day the page says from when on."""
    return _start(request, WITHOUT_FILE, deeds.WithoutFileForm, deeds.WITHOUT_FILE_EFFECTS)


def _start(request: HttpRequest, title: str, form_of: type[deeds.DaysForm], effects: tuple[str, ...]) -> HttpResponse:
    clerk, on = cast(Clerk, request.user), clock.today()
    context = _page(request, title)
    if not clerk.can(RUN):
        why = f"月次判定は{clerk.get_role_display()}の権限ではできません。"
        return TemplateResponse(request, "admin/month/start.html", {**context, "refusals": [why]}, status=NOT_YOURS)
    try:
        insurer, month = society(), _asked_month(request)
    except Refused:
        return HttpResponseRedirect(reverse("month"))
    form = form_of(request.POST if request.method == "POST" else None, document=None, on=on)
    context.update(about=wareki_month(month), back=f"{reverse('month')}?month={month:%Y-%m}")
    if form_of is deeds.WithoutFileForm and (reasons := _not_without_file(insurer, month, on)):
        refused = {**context, "refusals": reasons}
        return TemplateResponse(request, "admin/month/start.html", refused, status=NOT_NOW)
    if request.method == "POST" and form.is_valid():
        told = form.cleaned_data
        order = Order(month, told["decided_on"], told["issue_on"], without_file=told.get("reason"))
        try:
            if order.without_file is not None:
                check_without_file(insurer, order)
            job = deeds.begin_run(insurer, order, clerk)
        except BadInput as bad:
            put_mistakes(form, bad)
        except Refused as refused:
            context["refusals"] = refused.reasons
        else:
            messages.success(request, deeds.ASKED)
            return HttpResponseRedirect(page_url(job))
    context.update(form=form, effects=effects)
    return TemplateResponse(request, "admin/month/start.html", context)


def _not_without_file(insurer: Insurer, month: date, on: date) -> list[str]:
    """Why the month may not be decided without its file today, in the page's words; empty where it may."""
    run = Run.objects.filter(insurer=insurer, month=month).first()
    if run is not None and run.status not in ("open", "held"):
        return [f"この月の判定は「{run.get_status_display()}」まで済んでいます。"]
    order = Order(month, on, on, without_file=WITHOUT_FILE)
    try:
        order.check()
        check_without_file(insurer, order, usual_way="「月次判定を行う」から進めてください。")
    except BadInput as bad:
        return [str(mistake) for mistake in bad.mistakes]
    except Refused as refused:
        return list(refused.reasons)
    return []


def _asked_month(request: HttpRequest) -> date:
    try:
        return parse_month(request.GET.get("month", ""))
    except ValueError:
        return current_month()


def _page(request: HttpRequest, title: str) -> dict[str, Any]:
    return {**admin.site.each_context(request), "title": title, "content_title": title}


attach_panel(Run, panel)
attach_panel(Run, figures_panel)
attach_steps(
    Run,
    deeds.APPROVED,
    month_review.PROPOSALS,
    month_review.SAMPLES,
    month_review.DIFFERENCE,
    deeds.FORCED,
    deeds.RESUME,
    deeds.DRAFT,
    deeds.ASSEMBLE,
    deeds.PRINT,
    deeds.CLOSE,
)
attach_steps(EligibilityCertificate, deeds.HOLD, deeds.AGAIN)
attach_steps(ExchangeFile, CHANGES, deeds.ACCEPT, deeds.REJECT)
progress = month_jobs.progress
__all__ = ["current_month", "month_page", "other_months", "progress", "start_page", "without_file_page"]
