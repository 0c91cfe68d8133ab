"""The month as a line of stages: how far each is, how many, who, when, and the one button that comes next."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import Count, Q
from django.urls import reverse

from certificates.decisions.holding import held_back
from certificates.models import Run
from certificates.rules.codes import Code
from core.errors import Refused
from core.models import Event, Job
from core.web import EMPTY, day_html
from core.web.html import instant_html
from core.web.steps import Step
from exchange.lifecycle import WAITING
from exchange.models import ExchangeFile
from kenpo.month.month import Order, files_of_month
from mailing.envelopes import HOLDS
from mailing.models import Dispatch, Pull
from mailing.pages.dispatch_steps import next_step, pulls_confirmed
from mailing.planning import holding
from members.models import Insurer
from notices.models import EligibilityNotice

WORDS = {"done": "済み", "now": "次はここ", "held": "止まっています", "todo": "まだ"}
_AFTER_GATES = ("applied", "decided", "proposed", "approved", "closed")


class At(Code):
    """A stage of the month."""

    RECEIPT = "receipt", "受付"
    MATCHING = "matching", "突合"
    GATES = "gates", "確認"
    APPLYING = "applying", "反映"
    DECISION = "decision", "判定"
    APPROVAL = "approval", "承認"
    NOTICES = "notices", "お知らせ"
    ENCLOSING = "enclosing", "封入"
    PRINTING = "printing", "印刷"
    PROOF = "proof", "照合"
    PULLING = "pulling", "引抜き"
    SEALING = "sealing", "封緘"
    POSTING = "posting", "発送"
    CLOSING = "closing", "締め"


_FURTHER = {
    At.PRINTING: ("printed", "proved", "sealed", "sent"),
    At.PROOF: ("proved", "sealed", "sent"),
    At.SEALING: ("sealed", "sent"),
    At.POSTING: ("sent",),
}


@dataclass(frozen=True, slots=True)
class Button:
    """The one thing to do next: its words, its address, and why it does not work now (empty when it does)."""

    label: str
    url: str
    why_not: str = ""


@dataclass(slots=True)
class Stage:
    """One stage. ``done`` is decided here; which stage is next follows from the order."""

    at: At
    done: bool
    count: str = ""
    event: Event | None = None
    notes: list[str] = field(default_factory=list)
    held: bool = False
    state: str = "todo"
    button: Button | None = None
    instead: Button | None = None
    who: str = EMPTY
    when: str = EMPTY

    @property
    def title(self) -> str:
        return self.at.label

    @property
    def words(self) -> str:
        return WORDS[self.state]


@dataclass(frozen=True, slots=True)
class Month:
    """Everything of one month that the line is made of, read in a fixed number of queries."""

    insurer: Insurer
    month: date
    run: Run | None
    files: Sequence[ExchangeFile]
    dispatches: Sequence[Dispatch]
    events: Mapping[tuple[str, str], Event]
    jobs: Mapping[str, Job]
    notices: int
    pulls: Mapping[str, int]
    confirmed: set[int]
    approved: int
    enclosable: int
    held_back: int
    held: Mapping[str, int]


def read(insurer: Insurer, month: date, run: Run | None) -> Month:
    """The month as it stands."""
    as_of = Order(month, month, month).as_of
    files = list(
        ExchangeFile.objects.filter(kind="monthly", as_of=as_of)
        .exclude(status__in=("received", "rejected", "corrected"))
        .exclude(correction=True, status__in=WAITING)
        .select_related("insurer", "received_by")
        .order_by("insurer__number")
    )
    dispatches = list(Dispatch.objects.filter(run=run).exclude(status="cancelled").order_by("pk")) if run else []
    ids = [dispatch.pk for dispatch in dispatches]
    papers = (
        run.certificates.aggregate(
            approved=Count("pk", filter=~Q(status__in=("proposed", "voided"))),
            waiting=Count("pk", filter=Q(status="approved")),
        )
        if run
        else {"approved": 0, "waiting": 0}
    )
    return Month(
        insurer,
        month,
        run,
        files,
        dispatches,
        _events({ExchangeFile: [f.pk for f in files], Run: [run.pk] if run else [], Dispatch: ids}),
        _jobs(month, run),
        EligibilityNotice.objects.filter(run=run).exclude(status="voided").count() if run else 0,
        Pull.objects.filter(enclosure__envelope__dispatch__in=ids, before_printing=False).aggregate(
            found=Count("pk"), out=Count("pk", filter=Q(confirmed_at__isnull=False))
        ),
        pulls_confirmed(ids),
        papers["approved"],
        papers["waiting"],
        held_back(run).count() if run else 0,
        dict(holding.held_of(run).order_by().values_list("reason").annotate(Count("pk"))) if run else {},
    )


def _events(subjects: Mapping[Any, list[int]]) -> dict[tuple[str, str], Event]:
    """The newest event of each verb about these documents, by model and verb."""
    wanted = Q(pk__in=[])
    for model, ids in subjects.items():
        wanted |= Q(subject=model._meta.label, subject_id__in=ids)
    found = Event.objects.filter(wanted).order_by("subject", "verb", "-seq").distinct("subject", "verb")
    return {(event.subject, event.verb): event for event in found.select_related("actor")}


def _jobs(month: date, run: Run | None) -> dict[str, Job]:
    if run is None:
        return {}
    keys = {"draft": f"draft_notices {month:%Y-%m}", "assemble": f"assemble {run.pk}"}
    found = {job.key: job for job in Job.objects.filter(key__in=keys.values()).select_related("actor")}
    return {name: found[key] for name, key in keys.items() if key in found}


def stages(month: Month) -> list[Stage]:
    """The stages in order; the first that is not done is next, or held."""
    made = [*_files(month), *_deciding(month), *_enclosing(month), *_posting(month)]
    last = Stage(At.CLOSING, month.run is not None and month.run.status == "closed", event=_of(month, Run, "close"))
    made.append(last)
    first = next((stage for stage in made if not stage.done), None)
    for stage in made:
        stage.state = "done" if stage.done else "todo"
        if stage is first:
            stage.state = "held" if stage.held else "now"
        if stage.event is not None and stage.state == "done":
            stage.who = stage.event.actor.username if stage.event.actor else "自動処理"
            stage.when = instant_html(stage.event.at)
    return made


def _of(month: Month, model: Any, verb: str) -> Event | None:
    return month.events.get((model._meta.label, verb))


def _files(month: Month) -> list[Stage]:
    files, run = month.files, month.run
    rows = sum(file.row_count or 0 for file in files)
    received = Stage(
        At.RECEIPT,
        bool(files) or _without_file(run),
        f"{rows:,}行（{len(files)}ファイル）" if files else "",
        _of(month, ExchangeFile, "restage") or _of(month, ExchangeFile, "stage"),
    )
    if run is None or run.status in ("open", "held"):
        try:
            files_of_month(month.insurer, Order(month.month, month.month, month.month))
        except Refused as missing:
            received.done, received.notes = False, list(missing.reasons)
    matched = Stage(
        At.MATCHING,
        (bool(files) or _without_file(run)) and all(f.status not in ("staged",) for f in files),
        event=_of(month, ExchangeFile, "match"),
    )
    if run is not None and _without_file(run):
        received.notes = [f"月次ファイルが届かないまま判定しました：{run.without_file_reason}"]
    if matched.done and files:
        counted = Counter[str]()
        for file in files:
            counted.update({key: value for key, value in file.counts.items() if isinstance(value, int)})
        odd = {"該当者なし": counted["unmatched"], "食い違い": counted["conflict"], "読めない行": counted["rejected"]}
        matched.count = "、".join(f"{name} {count:,}行" for name, count in odd.items() if count) or "すべて加入者と一致"
    return [received, matched]


def _without_file(run: Run | None) -> bool:
    return run is not None and bool(run.without_file_reason) and run.status in _AFTER_GATES


def _deciding(month: Month) -> list[Stage]:
    run = month.run
    status = run.status if run else ""
    gates = Stage(At.GATES, status in _AFTER_GATES, held=status == "held", event=_of(month, Run, "apply"))
    applied = Stage(At.APPLYING, status in _AFTER_GATES, event=_of(month, Run, "apply"))
    decided = Stage(
        At.DECISION, status in ("decided", "proposed", "approved", "closed"), event=_of(month, Run, "decide")
    )
    approved = Stage(At.APPROVAL, status in ("approved", "closed"), event=_of(month, Run, "approve"))
    if run is not None:
        gates.notes = list(run.held_reasons) if status == "held" else []
        if run.forced_by_id:
            gates.count = "理由を書いて続けました"
        elif gates.done:
            gates.count = "前月との差は目安の内です"
        if applied.done:
            changed = sum(file.counts.get("applied", 0) for file in month.files)
            applied.count = f"変わった行 {changed:,}行"
        if decided.done:
            decided.count = f"{sum(run.counts.get('outcomes', {}).values()):,}人"
            proposed = run.counts.get("certificates", 0)
            approved.count = f"資格確認書 {month.approved if approved.done else proposed:,}枚"
            if month.held_back:
                approved.count += f"、止めた人 {month.held_back:,}人"
    return [gates, applied, decided, approved]


def _enclosing(month: Month) -> list[Stage]:
    approved = month.run is not None and month.run.status in ("approved", "closed")
    drafted, planned = month.jobs.get("draft"), month.jobs.get("assemble")
    notices = Stage(At.NOTICES, approved and _done(drafted), f"{month.notices:,}枚" if month.notices else "")
    enclosed = Stage(At.ENCLOSING, approved and _done(planned))
    if month.dispatches:
        envelopes = sum(d.counts.get("envelopes", 0) for d in month.dispatches)
        enclosed.count = f"封筒 {envelopes:,}通（発送 {len(month.dispatches):,}件）"
    elif enclosed.done:
        enclosed.count = "送るものはありません"
    if enclosed.done and month.held:
        reasons = "、".join(f"{HOLDS[reason]}（{count:,}枚）" for reason, count in sorted(month.held.items()))
        enclosed.notes = [f"保留：{reasons}。理由を直してから、もう一度「封入を計画する」を行うと入ります。"]
    for stage, job in ((notices, drafted), (enclosed, planned)):
        if stage.done and job is not None:
            stage.who, stage.when = (job.actor.username if job.actor else "自動処理", instant_html(job.ended_at))
    return [notices, enclosed]


def _done(job: Job | None) -> bool:
    return job is not None and job.state == Job.State.DONE


def _posting(month: Month) -> list[Stage]:
    """The stages that every dispatch goes through; a stage is done when the last dispatch is through."""
    whole, planned = len(month.dispatches), _done(month.jobs.get("assemble"))
    verbs = {At.PRINTING: "print", At.PROOF: "prove", At.PULLING: "confirm", At.SEALING: "seal", At.POSTING: "send"}
    made = []
    for at, verb in verbs.items():
        if at is At.PULLING:
            through = sum(d.status in ("sealed", "sent") or d.pk in month.confirmed for d in month.dispatches)
        else:
            through = sum(d.status in _FURTHER[at] for d in month.dispatches)
        stage = Stage(at, planned and through == whole, event=_of(month, Dispatch, verb))
        stage.count = f"{through:,} / {whole:,}件" if whole else ""
        if at is At.PULLING and month.pulls.get("found"):
            stage.count += f"、引き抜いた {month.pulls['out']:,} / {month.pulls['found']:,}枚"
        made.append(stage)
    return made


@dataclass(frozen=True, slots=True)
class Line:
    """One dispatch in the month's table, with its own next step."""

    dispatch: Dispatch
    planned: str
    step: Step | None
    url: str
    why_not: str


def dispatch_lines(month: Month, may: Any) -> list[Line]:
    """Every dispatch of the month with what comes next for it; ``may`` is the clerk who looks."""
    lines = []
    for dispatch in month.dispatches:
        step = next_step(dispatch, pulls_done=dispatch.pk in month.confirmed)
        lines.append(
            Line(
                dispatch,
                day_html(dispatch.planned_on),
                step,
                step.url(dispatch) if step else "",
                step.not_yours(may) if step else "",
            )
        )
    return lines


def first_waiting(lines: Iterable[Line]) -> Line | None:
    """The dispatch that is least far, the earliest first; none when all are sent."""
    order = list(Dispatch.lifecycle.states)
    waiting = [line for line in lines if line.step is not None]
    return min(waiting, key=lambda line: order.index(line.dispatch.status), default=None)


def start_url(month: date) -> str:
    """Where the month's decision is begun."""
    return f"{reverse('month_run')}?month={month:%Y-%m}"
