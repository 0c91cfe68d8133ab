"""What is done with a dispatch, in order: print, prove, pull, seal, send. Giving it up stands with the papers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, cast

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseRedirect

from core import clock
from core.background import begin, does
from core.errors import Refused
from core.models import Clerk, Event
from core.paper.book import DUPLEX_LABELS, SIMPLEX
from core.roles import DISPATCH
from core.transitions import record
from core.web import Deed, Done, OfficeForm, Step
from core.web.forms import day_field
from core.web.html import page_url
from core.web.steps import step_page
from mailing.bundling import imposing, pulls, reprint, sending
from mailing.lifecycle import DISPATCH as LIFECYCLE
from mailing.models import Dispatch, PrintedFile
from mailing.pages.imposing import IMPOSE
from mailing.pages.papers import APPROVE_REPRINTS
from mailing.papers import files, kinds
from mailing.printing.printing import print_dispatch
from mailing.proof import prove_dispatch

NOT_PRINTED = "まだ印刷していません。"


def _status(verb: str) -> Callable[[Dispatch, Clerk], str]:
    """Why the transition does not work from the dispatch's present status."""

    def why_not(dispatch: Dispatch, clerk: Clerk) -> str:
        if dispatch.status in LIFECYCLE.by_verb[verb].sources:
            return ""
        return LIFECYCLE.why_not(dispatch.status, verb)

    return why_not


@does("print_dispatch")
def _print_now(asked: Mapping[str, Any], by: Clerk) -> None:
    dispatch = Dispatch.objects.get(pk=asked["dispatch"])
    print_dispatch(dispatch, by=by, on=date.fromisoformat(asked["on"]))


@does("prove_dispatch")
def _prove_now(asked: Mapping[str, Any], by: Clerk) -> None:
    prove_dispatch(Dispatch.objects.get(pk=asked["dispatch"]), by=by)


def _begin(kind: str) -> Callable[[Dispatch, Mapping[str, Any], Clerk, date], Done]:
    def act(dispatch: Dispatch, told: Mapping[str, Any], by: Clerk, on: date) -> Done:
        order = {"dispatch": dispatch.pk, "on": on.isoformat()}
        return Done("受け付けました。", begin(f"{kind} {dispatch.pk}", by=by, order=order))

    return act


def _not_to_print(dispatch: Dispatch, clerk: Clerk) -> str:
    """An interrupted print is taken up again until every file is recorded."""
    if dispatch.status == "printed" and not dispatch.files.filter(kind=PrintedFile.Kind.MANIFEST).exists():
        return ""
    return _status("print")(dispatch, clerk)


PRINT = Deed(
    name="print",
    label="印刷する",
    permission=DISPATCH,
    blocked=_not_to_print,
    act=_begin("print_dispatch"),
    effects=lambda dispatch, clerk: (
        f"封筒 {dispatch.counts.get('envelopes', 0):,}通、書類 {dispatch.counts.get('sheets', 0):,}枚の印刷ファイルを作ります。",
        "証とお知らせは「印刷済み」となり、番号は二度と別の紙に使われません。",
        "用紙の受払を記録しているときは、使う枚数を引きます。足りなければ印刷しません。",
    ),
)
PROVE = Deed(
    name="prove",
    label="照合する",
    permission=DISPATCH,
    act=_begin("prove_dispatch"),
    blocked=lambda dispatch, clerk: "" if dispatch.status == "proved" else _status("prove")(dispatch, clerk),
    effects=lambda dispatch, clerk: (
        "印刷ファイルを全ページ読み直し、いまのデータと一枚ずつ比べます。",
        "違いが一つでもあれば照合済みにせず、違う場所をすべて示します。",
    ),
)


def _seal(dispatch: Dispatch, told: Mapping[str, Any], by: Clerk, on: date) -> Done:
    sending.seal(dispatch, by=by, on=on)
    return Done("封緘を記録しました。投函したら「発送する」で日を記録してください。", dispatch)


SEAL = Deed(
    name="seal",
    label="封緘する",
    permission=DISPATCH,
    blocked=_status("seal"),
    act=_seal,
    effects=lambda dispatch, clerk: (
        "引き抜くものが残っていないか、印刷ファイルが照合したときのままか、枚数が合うかを確かめてから封緘済みにします。",
        "封緘したあとは、この発送を取り消せません。",
    ),
)


class DayForm(OfficeForm):
    """The day of posting."""

    day = day_field("発送日", help_text="郵便局などへ渡した日。")

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.initial.setdefault("day", self.on)

    def clean_day(self) -> date:
        day: date = self.cleaned_data["day"]
        if day > self.on:
            self.add_error("day", "発送日は今日までの日を入れてください。")
        return day


def _send(dispatch: Dispatch, told: Mapping[str, Any], by: Clerk, on: date) -> Done:
    answer = sending.send(dispatch, by=by, on=told["day"])
    return Done(f"発送を記録しました（{answer.get('sent', 0):,}枚）。", dispatch)


SEND = Deed(
    name="send",
    label="発送する",
    permission=DISPATCH,
    blocked=_status("send"),
    act=_send,
    form=DayForm,
    effects=lambda dispatch, clerk: (
        f"封筒 {dispatch.counts.get('envelopes', 0):,}通が「発送済み」となり、到着見込みの日を記録します。",
        "記録したあとは取り消せません。",
    ),
)


class PullList(Step):
    """What has to come out of the bundle, by place; and, once it is out, that it is."""

    def respond(self, request: HttpRequest, page: Any, document: Dispatch) -> HttpResponse:
        clerk, on = cast(Clerk, request.user), clock.today()
        refusals: tuple[str, ...] = ()
        if request.method == "POST":
            try:
                return self._confirm(request, document, clerk, on)
            except Refused as refused:
                refusals = refused.reasons
        rows = pulls.pull_list(document, on=on)
        return step_page(
            request,
            page,
            document,
            self,
            template="admin/mailing/pull_list.html",
            rows=rows,
            waiting=[row for row in rows if not row.confirmed],
            refusals=refusals,
            may_confirm=clerk.can(DISPATCH) and document.status in pulls.OPEN,
        )

    def _confirm(self, request: HttpRequest, document: Dispatch, clerk: Clerk, on: date) -> HttpResponse:
        before = dict(document.files.values_list("name", "sha256"))
        rows = pulls.confirm(document, by=clerk, on=on)
        now = document.files.order_by("name")
        pulled = sum(row.confirmed and not row.before_printing for row in rows)
        record("confirm", Dispatch._meta.label, [document.pk], by=clerk, on=on, note={"pulled": pulled})
        messages.success(request, "引抜きを確かめたことを記録しました。")
        if drawn := dict.fromkeys(f.get_kind_display() for f in now if f.sha256 != before.get(f.name)):
            messages.warning(
                request, f"作り直したもの：{'、'.join(drawn)}。印刷し直して、封筒の中のものと差し替えてください。"
            )
        if waiting := reprint.waiting_of(document):
            messages.info(
                request,
                f"まだ必要な {waiting:,}枚は作り直しました。別の担当者が「{APPROVE_REPRINTS.label}」で承認してください。",
            )
        return HttpResponseRedirect(page_url(document))


def pulls_confirmed(dispatches: list[int]) -> set[int]:
    """The dispatches whose pull list a clerk has gone through since they were printed last."""
    done = Event.objects.filter(subject=Dispatch._meta.label, subject_id__in=dispatches, verb="confirm")
    return set(done.values_list("subject_id", flat=True))


PULLS = PullList(
    name="pulls",
    label="引抜きの一覧",
    blocked=lambda dispatch, clerk: NOT_PRINTED if dispatch.status in ("assembled", "cancelled") else "",
)


def _sides(dispatch: Dispatch, file: PrintedFile) -> str:
    """On which sides a file is printed and over which edge the paper is turned; empty for the manifest."""
    if file.kind == PrintedFile.Kind.MANIFEST:
        return ""
    documents = kinds.find(file.kind)
    return DUPLEX_LABELS[documents.duplex(dispatch.form) if documents else SIMPLEX]


class PrintedFiles(Step):
    """The files for the printer, to be opened one by one; the log says who did. Cards on A4 sheets stand below."""

    def respond(self, request: HttpRequest, page: Any, document: Dispatch) -> HttpResponse:
        kept, sheets = list(document.files.order_by("pk")), imposing.to_print(document)
        known = {file.name: (files.folder(document), file.sha256, file.pk) for file in kept}
        known |= {name: (imposing.folder(document), sha256, name) for name, sha256 in sheets.items()}
        name, refusal = request.GET.get("name", ""), ""
        if name in known:
            folder, sha256, noted = known[name]
            if files.sha256(folder / name) == sha256:
                clerk = cast(Clerk, request.user)
                record(
                    "open_file", Dispatch._meta.label, [document.pk], by=clerk, on=clock.today(), note={"file": noted}
                )
                response = FileResponse((folder / name).open("rb"), filename=f"dispatch-{document.pk}-{name}")
                response["Cache-Control"] = "no-store"
                return response
            refusal = (
                "このファイルは、なくなっているか、作ったときから変わっています。もう一度「A4に面付けする」で作ってください。"
                if name in sheets
                else "このファイルは、なくなっているか、印刷したときから変わっています。もう一度印刷してください。"
            )
        return step_page(
            request,
            page,
            document,
            self,
            template="admin/mailing/printed_files.html",
            sheets=sheets,
            files=[(file, _sides(document, file)) for file in kept],
            stale=not sheets and document.status == "proved" and imposing.last(document) is not None,
            refusals=[refusal] if refusal else [],
            status=409 if refusal else 200,
        )


FILES = PrintedFiles(
    name="files",
    label="印刷ファイルを開く",
    permission=DISPATCH,
    blocked=lambda dispatch, clerk: "" if dispatch.files.exists() else NOT_PRINTED,
)


STEPS = (PRINT, FILES, PROVE, IMPOSE, PULLS, SEAL, SEND)


def next_step(dispatch: Dispatch, *, pulls_done: bool) -> Step | None:
    """The one thing to do next with a dispatch; none when it is sent or given up."""
    waiting = SEAL if pulls_done else PULLS
    return {"assembled": PRINT, "printed": PROVE, "proved": waiting, "sealed": SEND}.get(dispatch.status)
