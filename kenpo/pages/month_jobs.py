"""A job as it goes: a panel on its page that moves, the few figures the panel asks for, and where its result stands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db import models
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html

from certificates.lifecycle import RUN_MONTH
from certificates.models import Run
from core import jobs
from core.jobs import Standing
from core.models import Job
from core.web import attach_panel, heading_link
from core.web.words import NOT_KNOWN, job_results, learn, step_title
from kenpo.month.month import STEPS
from mailing.lifecycle import DISPATCH
from mailing.models import Dispatch
from mailing.services import what_holds
from members.models import PolicyDraft

ENDED = (Job.State.DONE, Job.State.REFUSED, Job.State.FAILED)
MOVING = (Standing.WAITING, Standing.RUNNING)
ALERTS = (Standing.FORGOTTEN, Standing.STOPPED)


def about(job: Job) -> models.Model | None:
    """The document a job was about, where its result stands."""
    asked = job.order
    if "run" in asked:
        return Run.objects.filter(pk=asked["run"]).first()
    if "dispatch" in asked:
        return Dispatch.objects.filter(pk=asked["dispatch"]).first()
    if "draft" in asked:
        return PolicyDraft.objects.filter(pk=asked["draft"]).first()
    if "month" in asked:
        return Run.objects.filter(month=asked["month"]).first()
    if job.key.startswith("assemble_day ") and (made := job.outcome.get("dispatches")):
        return Dispatch.objects.filter(pk=max(made)).first()
    return None


def _result(job: Job) -> str:
    if table := job.order.get("table"):
        url = reverse("table_check", args=[table])
        return format_html('<a class="text-primary-700 underline" href="{}">取り込む表</a>', url)
    if job.key in ("request", "remind"):
        url = reverse("recovery_letters")
        return format_html('<a class="text-primary-700 underline" href="{}">返納のお願いと督促</a>', url)
    return heading_link(found) if (found := about(job)) is not None else ""


@dataclass(frozen=True, slots=True)
class Part:
    """One step of the month's run in the panel's line; ``state`` is done, now or todo."""

    code: str
    title: str
    state: str

    @property
    def words(self) -> str:
        return {"done": "済み", "now": "いま", "todo": "これから"}[self.state]


def parts(job: Job) -> list[Part]:
    """The steps of a month's run, as far as they are; nothing for other jobs."""
    if not job.key.startswith("month:"):
        return []
    at = STEPS.index(job.step) if job.step in STEPS else -1
    done = len(STEPS) if job.state == Job.State.DONE else at
    live = job.state in (Job.State.RUNNING, Job.State.WAITING)
    return [
        Part(code, step_title(code), "done" if place < done else "now" if place == at and live else "todo")
        for place, code in enumerate(STEPS)
    ]


def state_words(job: Job, at: Standing) -> str:
    """One sentence about where the job is."""
    if at is Standing.RUNNING:
        seconds = max(0, int((timezone.now() - job.started_at).total_seconds()))
        since = f"{seconds // 60}分{seconds % 60:02d}秒" if seconds >= 60 else f"{seconds}秒"
        doing = f"いま：{step_title(job.step)}" if job.step else "始めました"
        done = "".join(f"、{line}" for line in job_results(job.key, job.outcome)) if "of" in job.outcome else ""
        return f"{doing}{done}（{since}たちました）"
    return {
        Standing.WAITING: job.message or "順番を待っています。",
        Standing.FORGOTTEN: "始まらないまま、時間がたちました。元の画面から、もう一度行ってください。",
        Standing.STOPPED: "処理をしていたプログラムが止まっています。元の画面からもう一度行うと、続きから進みます。",
        Standing.DONE: "終わりました。",
        Standing.REFUSED: "止まりました。理由を確かめてください。",
        Standing.FAILED: "途中で失敗しました。終わった段階の記録は残っています。もう一度行うと、続きから進みます。",
    }[at]


def _left(job: Job) -> list[str]:
    """What a print that failed for no foreseen reason has left behind."""
    if jobs.foreseen(job) or not job.key.startswith("print_"):
        return []
    asked = job.order
    dispatches = Dispatch.objects.filter(pk=asked.get("dispatch"))
    if "run" in asked:
        dispatches = Dispatch.objects.filter(run=asked["run"])
    return [said for dispatch in dispatches.order_by("pk") if (said := what_holds(dispatch))]


def progress(request: HttpRequest, pk: int) -> HttpResponse:
    """The figures that the panel asks for every second."""
    job = get_object_or_404(Job, pk=pk)
    at = jobs.standing(job)
    answer = {
        "state": job.state,
        "ended": at not in MOVING,
        "said": state_words(job, at),
        "parts": {part.code: [part.state, part.words] for part in parts(job)},
    }
    response = JsonResponse(answer)
    response["Cache-Control"] = "no-store"
    return response


def panel(request: HttpRequest, job: Job, *, linked: bool = True) -> str:
    """The job in words; it moves by itself while the job is under way. ``linked``: with the way to its result."""
    at = jobs.standing(job)
    context: dict[str, Any] = {
        "job": job,
        "moving": at in MOVING,
        "ended": job.state in ENDED,
        "alert": at in ALERTS,
        "said": state_words(job, at),
        "parts": parts(job),
        "results": job_results(job.key, job.outcome) if linked and job.state in ENDED else [],
        "reasons": [*jobs.foreseen(job), *_left(job)] if job.state in (Job.State.REFUSED, Job.State.FAILED) else [],
        "failure": "" if job.state != Job.State.FAILED or jobs.foreseen(job) else job.message,
        "not_known": NOT_KNOWN,
        "result": _result(job) if linked else "",
        "done": job.state == Job.State.DONE,
        "url": reverse("job_progress", args=[job.pk]),
    }
    return render_to_string("admin/month/job.html", context)


attach_panel(Job, panel)
learn("status", {**RUN_MONTH.states, **DISPATCH.states})
