"""Page of the fund's files: what came, what became of its rows, and which rows want a clerk."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from unfold.decorators import display

from core.assigning import Cases
from core.roles import EDIT
from core.web import EMPTY, ReadOnlyAdmin, ReadOnlyTable, link_to, table_html
from core.web.assigning import AssignedAdmin, holder_panel
from exchange.incoming import newest_monthly, not_taken
from exchange.models import ExchangeFile, ExchangeRow
from exchange.pages.outgoing import OutgoingFileAdmin
from exchange.rules.codes import RowOutcome

__all__ = ["ExchangeFileAdmin", "ExchangeRowAdmin", "OutgoingFileAdmin"]

PER_PAGE = 50
_BADGES = {"rejected": "danger", "conflict": "danger", "unmatched": "warning", "applied": "success"}


class QueuedRowTable(ReadOnlyTable):
    model = ExchangeRow
    verbose_name_plural = "確認の要る行"
    fields = ("line", "outcome", "column", "said", "numbers", "name_kana", "birth_date", "member_link")
    related = ("member",)
    ordering = ("line_no",)
    per_page = PER_PAGE
    wide = ("said",)
    badges = {"outcome": _BADGES}

    def get_queryset(self, request: HttpRequest) -> QuerySet[ExchangeRow]:
        return super().get_queryset(request) & not_taken()

    @display(description="行")
    def line(self, row: ExchangeRow) -> str:
        return f"{row.line_no:,}行目"

    @display(description="理由")
    def said(self, row: ExchangeRow) -> str:
        return row.get_reason_display() or EMPTY

    @display(description="記号・番号・枝番")
    def numbers(self, row: ExchangeRow) -> str:
        return "-".join(part for part in (row.symbol, row.number, row.branch_number) if part) or EMPTY

    @display(description="加入者")
    def member_link(self, row: ExchangeRow) -> str:
        return link_to(row.member)


def _waiting_rows() -> QuerySet[ExchangeRow]:
    """The rows of the newest month that were not taken."""
    return not_taken().filter(file__in=newest_monthly().values("pk"))


@admin.register(ExchangeRow)
class ExchangeRowAdmin(AssignedAdmin):
    """The rows that were not taken, to be looked at one by one; a corrected file or the next month's ends them."""

    cases = Cases(ExchangeRow, _waiting_rows, EDIT)
    list_display = ("line", "outcome", "column", "said", "numbers", "name_kana", "birth_date", "member_link")
    list_filter = ("outcome", "file")
    related = ("file", "member")
    ordering = ("-file_id", "line_no")
    panels = (holder_panel,)
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("file", "line"),
                    ("outcome", "column"),
                    "said",
                    "others",
                    ("numbers", "name_kana"),
                    ("birth_date", "sex"),
                    "member_link",
                )
            },
        ),
    )
    badges = {"outcome": _BADGES}
    empty_hint = "受け付けたファイルに、加入者と食い違う行や読めない行はありません。"

    line = QueuedRowTable.line
    said = QueuedRowTable.said
    numbers = QueuedRowTable.numbers
    member_link = QueuedRowTable.member_link

    @display(description="同じ方のほかの行")
    def others(self, row: ExchangeRow) -> str:
        """Every other line of the same day's files that names the person, with what it says."""
        if row.person_id is None:
            return EMPTY
        beside = ExchangeRow.objects.filter(person=row.person_id, file__as_of=row.file.as_of, file__kind=row.file.kind)
        told = beside.exclude(pk=row.pk).exclude(file__status="rejected").select_related("file", "member")
        lines = [
            (link_to(other), f"{other.member or EMPTY}　{other.get_reason_display() or other.get_outcome_display()}")
            for other in told.order_by("file", "line_no")
        ]
        return table_html(lines) if lines else EMPTY

    def get_queryset(self, request: HttpRequest) -> QuerySet[ExchangeRow]:
        found = super().get_queryset(request)
        listed = request.resolver_match is not None and request.resolver_match.url_name.endswith("_changelist")
        return found.filter(pk__in=not_taken().values("pk")) if listed else found

    def heading(self, document: ExchangeRow) -> str:
        return str(document)


class OddRowTable(ReadOnlyTable):
    model = ExchangeRow
    verbose_name_plural = "気になる点のある行（反映はしています）"
    fields = ("line", "odd", "numbers", "name_kana", "birth_date")
    ordering = ("line_no",)
    per_page = PER_PAGE
    wide = ("odd",)

    line = QueuedRowTable.line
    numbers = QueuedRowTable.numbers

    def get_queryset(self, request: HttpRequest) -> QuerySet[ExchangeRow]:
        return super().get_queryset(request).exclude(odd="")


@admin.register(ExchangeFile)
class ExchangeFileAdmin(ReadOnlyAdmin):
    list_display = ("title", "kind", "as_of", "insurer", "correction", "lines", "status", "received_at", "received_by")
    list_filter = ("status", "kind")
    related = ("insurer", "received_by")
    inlines = [QueuedRowTable, OddRowTable]
    ordering = ("-pk",)
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("title", "status"),
                    ("kind", "insurer"),
                    ("as_of", "created_on"),
                    ("received_at", "received_by"),
                    "correction_words",
                    "why_not",
                )
            },
        ),
        ("行の件数", {"fields": ("lines", "outcome_table", "missing")}),
        ("ファイルのハッシュ", {"fields": ("fingerprint",), "classes": ["collapse"]}),
    )
    badges = {
        "status": {"applied": "success", "rejected": "danger", "held": "warning", "staged": "info", "matched": "info"}
    }
    empty_hint = "まだファイルがありません。支払基金から届いた月次ファイルを「今月の仕事」で受け付けてください。"

    @display(description="ファイル", ordering="pk")
    def title(self, file: ExchangeFile) -> str:
        return str(file)

    @display(description="訂正")
    def correction_words(self, file: ExchangeFile) -> str:
        """Whether it takes the place of an applied file, and for how many people it says something else."""
        return f"訂正のファイル（変わる人 {file.changes.count():,}人）" if file.correction else EMPTY

    @display(description="行数", ordering="row_count")
    def lines(self, file: ExchangeFile) -> str:
        return EMPTY if file.row_count is None else f"{file.row_count:,}行"

    @display(description="受け付けない理由")
    def why_not(self, file: ExchangeFile) -> str:
        return file.message or EMPTY

    @display(description="結果ごとの行数")
    def outcome_table(self, file: ExchangeFile) -> str:
        found = file.outcomes
        return table_html((each.label, f"{found[each]:,}行") for each in RowOutcome if each in found)

    @display(description="ファイルに載っていない人")
    def missing(self, file: ExchangeFile) -> str:
        count = file.counts.get("missing")
        return EMPTY if count is None else f"{count:,}人"

    @display(description="ハッシュ")
    def fingerprint(self, file: ExchangeFile) -> str:
        return format_html("<code>{}</code>", file.sha256)
