"""The month's run, each decision with its explanation, and the newest of them on a member's page."""

from __future__ import annotations

from django.contrib import admin
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.html import format_html, format_html_join
from unfold.decorators import display

from certificates.decisions.services import undecided, why
from certificates.models import Decision, EligibilityCertificate, Run
from certificates.pages.base import KINDS, NO_MONTH, OUTCOME_BADGES, OfMember, Reasoned, period_html
from certificates.rules.codes import Outcome, Reason, by_number
from core.assigning import Cases
from core.calendar import wareki_month
from core.roles import EDIT
from core.web import EMPTY, ReadOnlyAdmin, ReadOnlyTable, link_to, list_url, month_html, table_html
from core.web.assigning import AssignedAdmin, holder_panel
from members.models import Member
from members.policy_words import described

RUN_BADGES = {"held": "warning", "proposed": "warning", "approved": "success", "applied": "info", "decided": "info"}
PANEL = "admin/certificates/explanation.html"


def decision_panel(request: HttpRequest, decision: Decision) -> str:
    """Why it was decided so, and what happened since."""
    return render_to_string(PANEL, {"answer": next(why([decision.member], decision.run)), "title": "判定の説明"})


def newest_panel(request: HttpRequest, member: Member) -> str:
    """The newest month's answer about the cover, as read out at the telephone."""
    run = Run.objects.filter(insurer=member.insurer.society, decisions__isnull=False).order_by("-month").first()
    if run is None:
        return ""
    title = f"{wareki_month(run.month)}の判定の説明"
    return render_to_string(PANEL, {"answer": next(why([member], run)), "title": title})


@admin.register(Run)
class RunAdmin(ReadOnlyAdmin):
    list_display = ("month", "status", "as_of", "decided_on", "issued", "open_cases", "certificates", "insurer")
    list_filter = ("status",)
    related = ("insurer", "run_by", "approved_by", "forced_by")
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("month", "status"),
                    ("as_of", "decided_on", "issue_on"),
                    ("run_by", "approved_by"),
                    "held",
                    "forced",
                )
            },
        ),
        ("件数", {"fields": ("outcome_table", "documents")}),
        ("適用した運用設定", {"fields": ("policy_table",), "classes": ["collapse"]}),
    )
    badges = {"status": RUN_BADGES}
    empty_hint = NO_MONTH
    # The line of the month's stages and the one button that comes next stand before everything else.
    change_form_outer_before_template = "admin/month/top.html"

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
            for (outcome, reason), count in sorted(
                run.answers.items(), key=lambda answer: (answer[0][0], by_number(Reason(answer[0][1])))
            )
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


@admin.register(Decision)
class DecisionAdmin(Reasoned, AssignedAdmin, OfMember):
    cases = Cases(Decision, undecided, EDIT)
    list_display = ("cover_number", "name", "run_month", "outcome", "told_reason", "valid_through", "due_on")
    list_filter = ("outcome", "reason", "run")
    related = ("member", "member__person", "run")
    ordering = ("-run_id", "-member_id")  # as the one index on both, read backwards
    panels = (holder_panel, decision_panel)
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("cover_link", "person_link", "run"),
                    ("outcome", "told_reason"),
                    ("kind_words", "need_from"),
                    "period",
                    "next_period",
                    ("due_on", "recover"),
                )
            },
        ),
    )
    badges = {"outcome": OUTCOME_BADGES}
    empty_hint = NO_MONTH

    def heading(self, document: Decision) -> str:
        return f"{super().heading(document)} {wareki_month(document.run.month)}"

    @display(description="月", ordering="run__month")
    def run_month(self, decision: Decision) -> str:
        return month_html(decision.run.month)

    @display(description="新規・更新")
    def kind_words(self, decision: Decision) -> str:
        return KINDS.get(decision.kind, EMPTY)

    @display(description="有効期間")
    def period(self, decision: Decision) -> str:
        return period_html(decision.effective_on, decision.valid_through, decision.limit)

    @display(description="続けて使うもう一枚")
    def next_period(self, decision: Decision) -> str:
        return period_html(decision.then_effective_on, decision.then_valid_through, decision.then_limit)


class DecisionTable(Reasoned, ReadOnlyTable):
    model = Decision
    verbose_name_plural = "月ごとの判定"
    fields = ("run_month", "outcome", "told_reason", "valid_through", "due_on", "open_page")
    related = ("run",)
    ordering = ("-run__month",)
    badges = {"outcome": OUTCOME_BADGES}

    @display(description="月")
    def run_month(self, decision: Decision) -> str:
        return month_html(decision.run.month)

    @display(description="説明")
    def open_page(self, decision: Decision) -> str:
        return link_to(decision, "理由を見る")
