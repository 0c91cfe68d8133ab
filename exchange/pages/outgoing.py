"""The pages of the files for the fund: made from the list, opened, handed over, taken in or given up on their own page."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, cast

from django import forms
from django.contrib import admin, messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from unfold.decorators import display
from unfold.widgets import UnfoldAdminTextareaWidget

from certificates.requests import deregistration as deregistrations
from certificates.rules.law import law_on_or_after
from core import clock
from core.errors import BadInput, Refused
from core.models import Clerk
from core.roles import EDIT
from core.transitions import record
from core.web import EMPTY, Done, OfficeForm, ReadOnlyAdmin, ReadOnlyTable, Step, link_to
from core.web.forms import day_field
from core.web.html import list_url
from core.web.steps import NOT_YOURS, lifecycle_deed
from exchange import outgoing, storage
from exchange.lifecycle import OUTGOING_FILE
from exchange.models import OutgoingFile, OutgoingRow
from exchange.outgoing.saying import refused_lines
from members.models import Insurer
from members.search import members

MAKE_LABEL = "依頼ファイルを作る"
MAKE_EFFECTS = (
    "まだ渡していない利用登録解除と個別照会を、種類と保険者番号ごとに一つのファイルにします。",
    "同じ依頼が二つのファイルに載ることはありません。もう一度行っても、増えるのは新しい依頼だけです。",
)


class OpenFile(Step):
    """The file as it is handed over; the log says who took it."""

    def respond(self, request: HttpRequest, page: Any, document: OutgoingFile) -> HttpResponse:
        data = b"".join(storage.read(document.path, document.sha256))
        clerk = cast(Clerk, request.user)
        record("open_file", OutgoingFile._meta.label, [document.pk], by=clerk, on=clock.today(), note={})
        return HttpResponse(
            data,
            content_type="text/csv",
            headers={"Content-Disposition": f'attachment; filename="{document.name}"', "Cache-Control": "no-store"},
        )


class HandForm(OfficeForm):
    """The day on which the file was handed over."""

    day = day_field("渡した日")

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.initial.setdefault("day", self.on)

    def clean_day(self) -> date:
        day: date = self.cleaned_data["day"]
        if day > self.on:
            raise forms.ValidationError("渡した日は今日までの日を入れてください。")
        return day


class IntakeForm(OfficeForm):
    """What the fund said of the file."""

    accepted_on = day_field("基金の受付日")
    refused = forms.CharField(
        label="基金が受け付けなかった行",
        required=False,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 4}),
        help_text="なければ空のままにします。一行に一つ、「3=該当者なし」のように行の番号と理由を書いてください。",
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.initial.setdefault("accepted_on", self.on)

    def clean_refused(self) -> dict[int, str]:
        try:
            return refused_lines(self.cleaned_data["refused"].splitlines())
        except BadInput as bad:
            raise forms.ValidationError([mistake.expected for mistake in bad.mistakes]) from None


def _send(file: OutgoingFile, told: Mapping[str, Any], by: Clerk, on: date) -> Done:
    outgoing.send(file, by=by, on=told["day"])
    return Done(
        "基金へ渡したことを記録しました。基金の受付が届いたら「基金の受付を記録する」で記録してください。", file
    )


def _acknowledge(file: OutgoingFile, told: Mapping[str, Any], by: Clerk, on: date) -> Done:
    outgoing.acknowledge(file, by=by, on=on, accepted_on=told["accepted_on"], refused=told["refused"])
    left = len(told["refused"])
    said = f"受け付けられなかった {left}件は、理由とともに記録しました。" if left else ""
    return Done(f"基金の受付を記録しました。{said}", file)


def _cancel(file: OutgoingFile, told: Mapping[str, Any], by: Clerk, on: date) -> Done:
    outgoing.cancel(file, reason=told["reason"], by=by, on=on)
    return Done("ファイルを取り消しました。載っていた依頼は、次に作るファイルに載ります。", file)


STEPS = (
    OpenFile(name="open", label="ファイルを保存する", permission=EDIT),
    lifecycle_deed(
        OUTGOING_FILE,
        "send",
        _send,
        form=HandForm,
        effects=lambda file, clerk: (
            f"{file.row_count:,}件の依頼を、基金へ渡したものとします。渡した利用登録解除は取り下げられなくなります。",
        ),
    ),
    lifecycle_deed(
        OUTGOING_FILE,
        "acknowledge",
        _acknowledge,
        form=IntakeForm,
        effects=lambda file, clerk: (
            law_on_or_after(clock.today()).fill(
                "利用登録解除は、受付日の{law.deregistered}に解除されるものとして月次ファイルで確かめます。"
            ),
            "個別照会は、回答を待ちます。記録したあとは変えられません。",
        ),
    ),
    lifecycle_deed(
        OUTGOING_FILE,
        "cancel",
        _cancel,
        effects=lambda file, clerk: (
            "載っていた依頼は、次に作るファイルに載ります。基金が受け付けたあとは取り消せません。",
        ),
    ),
)


class OutgoingRowTable(ReadOnlyTable):
    """The requests of a file, each with its own page."""

    model = OutgoingRow
    fields = ("line_no", "member", "name", "request", "refusal", "released")
    related = ("member__person", "deregistration", "inquiry")
    wide = ("refusal",)
    per_page = 100

    @display(description="氏名")
    def name(self, row: OutgoingRow) -> str:
        return row.member.person.name

    @display(description="依頼")
    def request(self, row: OutgoingRow) -> str:
        asked = row.deregistration or row.inquiry
        return link_to(asked, str(asked._meta.verbose_name)) if asked else EMPTY


@admin.register(OutgoingFile)
class OutgoingFileAdmin(ReadOnlyAdmin):
    """Files of requests for the fund: made, handed over, taken in or refused line by line."""

    list_display = ("title", "kind", "created_on", "row_count", "sent_on", "accepted_on", "status")
    list_filter = ("status", "kind", "created_on")
    list_before_template = "admin/list_top.html"
    related = ("insurer", "made_by")
    inlines = [OutgoingRowTable]
    steps = STEPS
    ordering = ("-pk",)
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("title", "status"),
                    ("kind", "insurer"),
                    ("created_on", "made_by"),
                    ("sent_on", "accepted_on"),
                    "next_step",
                )
            },
        ),
        ("照合", {"fields": (("row_count", "control_total"), "fingerprint")}),
    )
    badges = {"status": {"made": "warning", "sent": "info", "acknowledged": "success", "cancelled": "danger"}}
    search_by = staticmethod(lambda term: Q(pk__in=OutgoingRow.objects.filter(member__in=members(term)).values("file")))
    search_help_text = "記号・番号・枝番、カナ、氏名"
    empty_hint = (
        "基金への依頼ファイルはまだありません。利用登録解除の申請を認めるか個別照会を起こしたら、"
        f"「{MAKE_LABEL}」で作ってください。"
    )

    def get_urls(self) -> list[URLPattern]:
        make = path("make/", self.admin_site.admin_view(self.make), name="exchange_outgoingfile_make")
        return [make, *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        links = [(reverse("admin:exchange_outgoingfile_make"), MAKE_LABEL)]
        return super().changelist_view(request, {"list_links": links, **(extra_context or {})})

    def make(self, request: HttpRequest) -> HttpResponse:
        """What is going to be asked; then the files of it."""
        clerk, on = cast(Clerk, request.user), clock.today()
        context: dict[str, Any] = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": MAKE_LABEL,
            "content_title": MAKE_LABEL,
            "step": {"label": MAKE_LABEL},
            "back": list_url(OutgoingFile),
            "about": "基金への依頼ファイルの一覧",
            "button": "作る",
        }
        if not clerk.can(EDIT):
            why = f"「{MAKE_LABEL}」は{clerk.get_role_display()}の権限ではできません。"
            return TemplateResponse(request, "admin/step.html", {**context, "refusals": [why]}, status=NOT_YOURS)
        if request.method == "POST":
            try:
                return self._made(request, clerk, on)
            except Refused as refused:
                context["refusals"] = refused.reasons
        context |= {"form": OfficeForm(document=None, on=on), "effects": [*MAKE_EFFECTS, *_not_accepted()]}
        return TemplateResponse(request, "admin/step.html", context)

    def _made(self, request: HttpRequest, clerk: Clerk, on: date) -> HttpResponse:
        files = [file for kind in OutgoingFile.Kind.values for file in outgoing.make_all(kind, by=clerk, on=on)]
        waiting = [file for file in files if file.status == "made"]
        if waiting:
            messages.success(
                request, f"基金へ渡すファイルは {len(waiting)}件です。開いて保存し、渡したら記録してください。"
            )
        else:
            messages.info(request, "基金へ依頼するものはありません。")
        return HttpResponseRedirect(list_url(OutgoingFile))

    @display(description="ファイル", ordering="pk")
    def title(self, file: OutgoingFile) -> str:
        return str(file)

    @display(description="次にすること")
    def next_step(self, file: OutgoingFile) -> str:
        said = {
            "made": "ファイルを保存して基金へ渡し、「基金へ渡したと記録する」で渡した日を記録してください。",
            "sent": "基金の受付が届いたら、「基金の受付を記録する」で記録してください。",
        }
        return said.get(file.status, EMPTY)

    @display(description="ハッシュ")
    def fingerprint(self, file: OutgoingFile) -> str:
        return format_html("<code>{}</code>", file.sha256)


def _not_accepted() -> list[str]:
    """Requests that stand still because nobody has accepted them."""
    left = sum(deregistrations.not_accepted(insurer).count() for insurer in Insurer.objects.all())
    return [f"受付のままの利用登録解除が {left}件あります。先に認めると、このファイルに載ります。"] if left else []
