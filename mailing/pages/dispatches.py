"""Page of dispatches: what leaves together, how far it is, in which files, and what is pulled back."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Count, IntegerField, OuterRef, Q, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from unfold.decorators import display

from core import clock
from core.text import identifier_key
from core.web import EMPTY, ReadOnlyAdmin, ReadOnlyTable, day_html, label_html, link_to, month_html, table_html
from mailing.models import Dispatch, EnclosedRequest, Enclosure, Envelope, PrintedFile, Pull
from mailing.pages.day import LABEL as DAY_LABEL
from mailing.pages.day import day_page
from mailing.papers import kinds
from mailing.papers.kinds.rows import document_in, document_is
from mailing.planning.leaving import REASONS
from mailing.proof.report import report_html
from members.search import members


def dispatch_condition(term: str) -> Q:
    """Dispatches with an envelope of that number, or with paper of that serial or cover in one."""
    key = identifier_key(term)
    # What serves for no days bears a 管理番号, which is not looked for here.
    issued = document_in(Q(serial=key.replace("-", "")), kinds.with_days())
    held = Enclosure.objects.filter(issued | document_is(member__in=members(term)))
    return Q(pk__in=held.values("envelope__dispatch_id")) | Q(
        pk__in=Envelope.objects.filter(code=key).values("dispatch_id")
    )


class PrintedFileTable(ReadOnlyTable):
    model = PrintedFile
    fields = ("file_name", "kind", "page_count", "fingerprint")

    @display(description="ファイル名")
    def file_name(self, file: PrintedFile) -> str:
        return format_html("<code>{}</code>", file.name)

    @display(description="ページ数")
    def page_count(self, file: PrintedFile) -> str:
        return f"{file.pages:,}" if file.pages else EMPTY

    @display(description="ハッシュ")
    def fingerprint(self, file: PrintedFile) -> str:
        return format_html('<code title="{}">{}…</code>', file.sha256, file.sha256[:12])


@admin.register(Dispatch)
class DispatchAdmin(ReadOnlyAdmin):
    list_display = (
        "title",
        "run_month",
        "kind",
        "channel",
        "to_safe_address",
        "envelope_count",
        "status",
        "planned_day",
        "printed_on",
        "sent_on",
    )
    list_filter = ("status", "kind", "channel", "run")
    related = ("insurer", "run", "assembled_by", "printed_by", "sealed_by", "sent_by")
    inlines = [PrintedFileTable]
    ordering = ("-pk",)
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("title", "status"),
                    ("insurer",),
                    ("run", "kind", "form_words"),
                    ("channel", "to_safe_address"),
                    ("assembled_on", "assembled_by", "planned_day"),
                    ("printed_on", "printed_by"),
                    ("sealed_by", "sent_on", "sent_by"),
                )
            },
        ),
        ("件数", {"fields": ("count_table",)}),
        ("照合", {"fields": ("proof_report",)}),
        ("引き抜くもの", {"fields": ("pull_table",)}),
    )
    badges = {
        "status": {
            "assembled": "info",
            "printed": "info",
            "proved": "info",
            "sealed": "warning",
            "sent": "success",
            "cancelled": "danger",
        }
    }
    search_by = staticmethod(dispatch_condition)
    search_help_text = "封筒番号、発行番号、記号・番号・枝番、カナ、氏名"
    empty_hint = "まだ発送がありません。「今月の仕事」で月次判定を承認し、封入を計画すると、ここに出ます。"

    list_before_template = "admin/list_top.html"

    def get_urls(self) -> list[URLPattern]:
        day = path("day/", self.admin_site.admin_view(self.day), name="mailing_dispatch_day")
        return [day, *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        links = [(reverse("admin:mailing_dispatch_day"), DAY_LABEL)]
        return super().changelist_view(request, {"list_links": links, **(extra_context or {})})

    def day(self, request: HttpRequest) -> HttpResponse:
        """What was decided outside the month, into envelopes of today."""
        return day_page(request, self)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Dispatch]:
        envelopes = (
            Envelope.objects.filter(dispatch=OuterRef("pk"), bundle_position__gt=0)
            .order_by()
            .values("dispatch")
            .annotate(count=Count("pk"))
            .values("count")
        )
        return super().get_queryset(request).annotate(envelope_total=Subquery(envelopes, output_field=IntegerField()))

    @display(description="発送", ordering="pk")
    def title(self, dispatch: Dispatch) -> str:
        return str(dispatch)

    @display(description="月", ordering="run__month")
    def run_month(self, dispatch: Dispatch) -> str:
        return EMPTY if dispatch.run is None else month_html(dispatch.run.month)

    @display(description="発送予定日", ordering="planned_on")
    def planned_day(self, dispatch: Dispatch) -> str:
        said = day_html(dispatch.planned_on)
        if dispatch.late_on(clock.today()):
            return format_html("{} {}", said, label_html("過ぎています", "warning"))
        return said

    @display(description="様式")
    def form_words(self, dispatch: Dispatch) -> str:
        return kinds.named(dispatch.kind).form_words(dispatch.form)

    @display(description="封筒")
    def envelope_count(self, dispatch: Dispatch) -> str:
        return f"{dispatch.envelope_total or 0:,}通"

    @display(description="件数")
    def count_table(self, dispatch: Dispatch) -> str:
        held = Enclosure.objects.filter(envelope__dispatch=dispatch)
        left = Pull.objects.filter(enclosure__envelope__dispatch=dispatch)
        pulled = left.filter(before_printing=False)
        asked = EnclosedRequest.objects.filter(enclosure__envelope__dispatch=dispatch, active=True)
        return table_html(
            [
                ("封筒", self.envelope_count(dispatch)),
                ("同封物", f"{held.count():,}点"),
                *([("返納のお願いを同封した証", f"{count:,}点")] if (count := asked.count()) else []),
                ("印刷の前に封筒から外したもの", f"{left.filter(before_printing=True).count():,}点"),
                ("引抜き", f"{pulled.count():,}点"),
                ("引き抜いて確かめたもの", f"{pulled.filter(confirmed_at__isnull=False).count():,}点"),
            ]
        )

    @display(description="最後の照合")
    def proof_report(self, dispatch: Dispatch) -> str:
        return report_html(dispatch)

    @display(description="封筒と理由")
    def pull_table(self, dispatch: Dispatch) -> str:
        found = Pull.objects.filter(enclosure__envelope__dispatch=dispatch).select_related(
            "enclosure__envelope", *(f"enclosure__{column}__member" for column in kinds.columns())
        )
        rows = [
            (
                format_html(
                    "{}（{}）{}　{}",
                    pull.enclosure.envelope.code,
                    "印刷していません" if pull.before_printing else f"{pull.enclosure.envelope.bundle_position}番目",
                    pull.enclosure.document.member,
                    link_to(pull.enclosure.document),
                ),
                "・".join(REASONS.get(code, code) for code in pull.reasons) or EMPTY,
            )
            for pull in found.order_by("enclosure__envelope__position", "enclosure__position")[:200]
        ]
        return table_html(rows, head=("封筒と書類", "理由"))
