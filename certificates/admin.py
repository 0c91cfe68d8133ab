"""Pages of rights: the month's run, each decision with its explanation, certificates, cards, recovery."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html, format_html_join
from unfold.decorators import display

from certificates.codes import Detail, Limit, Outcome, Reason
from certificates.models import (
    Decision,
    Deregistration,
    EligibilityCertificate,
    LegacyCard,
    Recovery,
    Run,
)  # fmt: skip
from certificates.services import why
from core.admin import (
    EMPTY,
    ReadOnlyAdmin,
    ReadOnlyTable,
    attach,
    day_html,
    link_to,
    list_url,
    month_html,
    table_html,
)  # fmt: skip
from core.calendar import wareki_month
from core.text import identifier_key
from members.models import Member, Person
from members.policy_words import described
from members.search import members, people

SEARCH_HELP = "記号・番号・枝番、カナ、氏名"
NO_MONTH = (
    "まだ月次判定がありません。支払基金の月次ファイルを受け付け（<code>manage.py receive ファイル</code>）、"
    "判定を行うと（<code>manage.py run_month 年-月</code>）、ここに出ます。"
)
KINDS = {"new": "新規", "renewal": "更新", "": EMPTY}
RUN_BADGES = {
    "held": "warning", "proposed": "warning", "approved": "success", "applied": "info", "decided": "info",
}  # fmt: skip
OUTCOME_BADGES = {"issue": "success", "wait": "warning", "review": "danger", "not_needed": "info"}
CERTIFICATE_BADGES = {
    "proposed": "warning", "approved": "info", "printed": "info", "sent": "success", "returned": "danger",
    "lost": "danger", "unrecoverable": "danger",
}  # fmt: skip


def member_condition(term: str) -> Q:
    return Q(member__in=members(term))


class OfMember(ReadOnlyAdmin):
    """A list whose rows each belong to one cover: found and shown by its number and name."""

    related: tuple[str, ...] = ("member", "member__person")
    search_by = staticmethod(member_condition)
    search_help_text = SEARCH_HELP

    def heading(self, document: Any) -> str:
        return f"{document.member} {document.member.person.name}"

    @display(description="記号・番号・枝番", ordering="member__symbol_key")
    def cover_number(self, row: Any) -> str:
        return str(row.member)

    @display(description="氏名", ordering="member__person__name_kana_key")
    def name(self, row: Any) -> str:
        return row.member.person.name

    @display(description="記号・番号・枝番")
    def cover_link(self, row: Any) -> str:
        return link_to(row.member)

    @display(description="氏名")
    def person_link(self, row: Any) -> str:
        return link_to(row.member.person)


@admin.register(Run)
class RunAdmin(ReadOnlyAdmin):
    list_display = (
        "month",
        "status",
        "as_of",
        "decided_on",
        "issued",
        "open_cases",
        "certificates",
        "insurer",
    )
    list_filter = ("status",)
    related = ("insurer", "run_by", "approved_by", "forced_by")
    fieldsets = (
        (None, {"fields": (
            ("month", "status"), ("as_of", "decided_on", "issue_on"), ("run_by", "approved_by"), "held", "forced",
        )}),
        ("件数", {"fields": ("outcome_table", "documents")}),
        ("適用した運用設定", {"fields": ("policy_table",)}),
    )  # fmt: skip
    badges = {"status": RUN_BADGES}
    empty_hint = NO_MONTH

    def heading(self, document: Run) -> str:
        return wareki_month(document.month)

    @display(description="交付する人")
    def issued(self, run: Run) -> str:
        return _people(run.counts.get("outcomes", {}).get("issue"))

    @display(description="確認中の人")
    def open_cases(self, run: Run) -> str:
        outcomes = run.counts.get("outcomes", {})
        return _people(outcomes.get("wait", 0) + outcomes.get("review", 0) if outcomes else None)

    @display(description="資格確認書")
    def certificates(self, run: Run) -> str:
        count = run.counts.get("certificates")
        return EMPTY if count is None else f"{count:,}枚"

    @display(description="止めた理由")
    def held(self, run: Run) -> str:
        return format_html_join("", "<p>{}</p>", ((reason,) for reason in run.held_reasons)) or EMPTY

    @display(description="続行")
    def forced(self, run: Run) -> str:
        return f"{run.forced_by.username}：{run.force_reason}" if run.forced_by else EMPTY

    @display(description="判定と理由ごとの人数")
    def outcome_table(self, run: Run) -> str:
        found = (
            run.decisions.values_list("outcome", "reason")
            .annotate(people=Count("pk"))
            .order_by("outcome", "reason")
        )
        return table_html(
            (
                format_html(
                    '<a class="text-primary-700 underline" href="{}">{}：{}</a>',
                    list_url(Decision, run__id__exact=run.pk, outcome__exact=outcome, reason__exact=reason),
                    Outcome(outcome).label,
                    Reason(reason).label,
                ),
                _people(count),
            )
            for outcome, reason, count in found
        )

    @display(description="資格確認書と回収")
    def documents(self, run: Run) -> str:
        return format_html(
            '<a class="text-primary-700 underline" href="{}">資格確認書 {}</a>、回収 {}',
            list_url(EligibilityCertificate, run__id__exact=run.pk),
            self.certificates(run),
            _people(run.counts.get("recoveries", 0)),
        )

    @display(description="設定")
    def policy_table(self, run: Run) -> str:
        return table_html(described(run.policy))


def _people(count: int | None) -> str:
    return EMPTY if count is None else f"{count:,}人"


def _period(effective_on: Any, valid_through: Any, limit: str) -> str:
    if effective_on is None:
        return EMPTY
    return format_html(
        "{}から{}まで（{}）", day_html(effective_on), day_html(valid_through), Limit(limit).label
    )


@admin.register(Decision)
class DecisionAdmin(OfMember):
    list_display = ("cover_number", "name", "run_month", "outcome", "reason", "valid_through", "due_on")
    list_filter = ("outcome", "reason", "run")
    related = ("member", "member__person", "run")
    ordering = ("-run_id", "member_id")
    change_form_before_template = "admin/certificates/explanation.html"
    fieldsets = (
        (None, {"fields": (
            ("cover_link", "person_link", "run"), ("outcome", "reason", "detail_words"), ("kind_words", "need_from"),
            "period", "next_period", ("due_on", "recover"),
        )}),
    )  # fmt: skip
    badges = {"outcome": OUTCOME_BADGES}
    empty_hint = NO_MONTH

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        decision = self.get_object(request, object_id)
        answer = next(why([decision.member], decision.run)) if decision else None
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), "answer": answer})

    def heading(self, document: Decision) -> str:
        return f"{super().heading(document)} {wareki_month(document.run.month)}"

    @display(description="月", ordering="run__month")
    def run_month(self, decision: Decision) -> str:
        return month_html(decision.run.month)

    @display(description="詳細")
    def detail_words(self, decision: Decision) -> str:
        return Detail(decision.detail).label if decision.detail else EMPTY

    @display(description="新規・更新")
    def kind_words(self, decision: Decision) -> str:
        return KINDS.get(decision.kind, EMPTY)

    @display(description="有効期間")
    def period(self, decision: Decision) -> str:
        return _period(decision.effective_on, decision.valid_through, decision.limit)

    @display(description="続けて使うもう一枚")
    def next_period(self, decision: Decision) -> str:
        return _period(decision.then_effective_on, decision.then_valid_through, decision.then_limit)


class RecoveryTable(ReadOnlyTable):
    model = Recovery
    fields = ("cause", "opened_on", "due_on", "status")
    badges = {"status": {"open": "warning"}}


def certificate_condition(term: str) -> Q:
    return Q(serial=identifier_key(term).replace("-", "")) | member_condition(term)


@admin.register(EligibilityCertificate)
class CertificateAdmin(OfMember):
    list_display = (
        "serial",
        "cover_number",
        "name",
        "status",
        "basis",
        "ground",
        "effective_on",
        "valid_through",
    )
    list_filter = ("status", "basis", "ground", "limit", "run")
    related = ("member", "member__person", "run")
    inlines = [RecoveryTable]
    ordering = ("-pk",)
    fieldsets = (
        (None, {"fields": (
            ("serial", "status"), ("cover_link", "person_link", "run"), ("basis", "ground", "kind_words"),
            ("issued_on", "effective_on"), ("valid_through", "limit"), ("sent_on", "arrives_on"),
        )}),
    )  # fmt: skip
    badges = {"status": CERTIFICATE_BADGES}
    search_by = staticmethod(certificate_condition)
    search_help_text = "発行番号、" + SEARCH_HELP
    empty_hint = NO_MONTH

    def heading(self, document: EligibilityCertificate) -> str:
        return document.serial

    @display(description="新規・更新")
    def kind_words(self, certificate: EligibilityCertificate) -> str:
        return KINDS.get(certificate.kind, EMPTY)


@admin.register(LegacyCard)
class LegacyCardAdmin(OfMember):
    list_display = ("cover_number", "name", "issued_on", "valid_through", "status")
    list_filter = ("status",)
    ordering = ("-pk",)
    fieldsets = (
        (None, {"fields": (("cover_link", "person_link"), ("issued_on", "valid_through"), "status")}),
    )  # fmt: skip
    badges = {"status": {"valid": "info"}}
    empty_hint = "記録された健康保険証はありません。台帳を取り込むと、ここに出ます。"


def deregistration_condition(term: str) -> Q:
    return Q(person__in=people(term))


@admin.register(Deregistration)
class DeregistrationAdmin(OfMember):
    list_display = ("cover_number", "name", "accepted_on", "status")
    list_filter = ("status",)
    ordering = ("-pk",)
    fieldsets = ((None, {"fields": (("cover_link", "person_link"), ("accepted_on", "status"))}),)
    badges = {"status": {"received": "warning", "granted": "info", "done": "success"}}
    search_by = staticmethod(deregistration_condition)
    empty_hint = "利用登録解除の申請は、まだありません。"


def recovery_condition(term: str) -> Q:
    return Q(certificate__in=EligibilityCertificate.objects.filter(certificate_condition(term)))


@admin.register(Recovery)
class RecoveryAdmin(ReadOnlyAdmin):
    list_display = ("serial", "cover_number", "name", "cause", "opened_on", "due_on", "status")
    list_filter = ("status", "cause")
    related = ("certificate__member__person",)
    ordering = ("status", "due_on", "pk")
    fieldsets = (
        (None, {"fields": (("certificate", "cover_link"), ("cause", "status"), ("opened_on", "due_on"))}),
    )  # fmt: skip
    badges = {"status": {"open": "warning"}}
    search_by = staticmethod(recovery_condition)
    search_help_text = "発行番号、" + SEARCH_HELP
    empty_hint = "回収するものはありません。資格喪失や差替えがあると、ここに出ます。"

    def heading(self, document: Recovery) -> str:
        return f"発行番号 {document.certificate.serial}"

    @display(description="発行番号", ordering="certificate__serial")
    def serial(self, recovery: Recovery) -> str:
        return recovery.certificate.serial

    @display(description="記号・番号・枝番")
    def cover_number(self, recovery: Recovery) -> str:
        return str(recovery.certificate.member)

    @display(description="記号・番号・枝番")
    def cover_link(self, recovery: Recovery) -> str:
        return link_to(recovery.certificate.member)

    @display(description="氏名")
    def name(self, recovery: Recovery) -> str:
        return recovery.certificate.member.person.name


class DecisionTable(ReadOnlyTable):
    model = Decision
    verbose_name_plural = "月ごとの判定"
    fields = ("run_month", "outcome", "reason", "valid_through", "due_on", "open_page")
    related = ("run",)
    ordering = ("-run__month",)
    badges = {"outcome": OUTCOME_BADGES}

    @display(description="月")
    def run_month(self, decision: Decision) -> str:
        return month_html(decision.run.month)

    @display(description="説明")
    def open_page(self, decision: Decision) -> str:
        return link_to(decision, "理由を見る")


class CertificateTable(ReadOnlyTable):
    model = EligibilityCertificate
    verbose_name_plural = "資格確認書"
    fields = ("serial_link", "status", "basis", "ground", "effective_on", "valid_through", "limit")
    ordering = ("-effective_on", "-pk")
    badges = {"status": CERTIFICATE_BADGES}

    @display(description="発行番号")
    def serial_link(self, certificate: EligibilityCertificate) -> str:
        return link_to(certificate)


class LegacyCardTable(ReadOnlyTable):
    model = LegacyCard
    fields = ("issued_on", "valid_through", "status")


class DeregistrationTable(ReadOnlyTable):
    model = Deregistration
    fields = ("accepted_on", "status")


attach(Member, DecisionTable, CertificateTable, LegacyCardTable)
attach(Person, DeregistrationTable)
