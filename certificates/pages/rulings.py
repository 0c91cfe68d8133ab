"""Decisions about one person between two months, with the sentence replayed; a second clerk approves them here."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.apps import apps
from django.contrib import admin
from django.http import HttpRequest
from django.template.loader import render_to_string
from unfold.decorators import display

from certificates.decisions import ruling as rulings
from certificates.decisions.afterwards import explained
from certificates.lifecycle import CERTIFICATE
from certificates.models import Ruling
from certificates.pages.base import KINDS, OUTCOME_BADGES, OfMember, Reasoned, period_html
from certificates.pages.papers import CertificateTable
from core.models import Clerk
from core.roles import APPROVE
from core.web import EMPTY, Deed, Done, ReadOnlyTable, link_to, table_html
from members.policy_words import described

# What a ruling's ``request`` names, as ``application:3``; a filing rules on several covers.
REQUESTS = ("application", "deregistration", "decision", "filing", "eligibilitycertificate")


def _blocked(ruling: Ruling, clerk: Clerk) -> str:
    if not ruling.certificates.filter(status="proposed").exists():
        return "この判定で承認を待つ資格確認書はありません。発送の状況は、加入者の画面で確かめられます。"
    if ruling.ruled_by_id == clerk.pk:
        return "個別判定をした担当者は承認できません。別の担当者が承認してください。"
    return ""


def _approve(ruling: Ruling, told: Mapping[str, Any], by: Clerk, on: date) -> Done:
    count = rulings.approve(ruling, by=by, on=on)
    return Done(f"資格確認書{count}枚を承認しました。次は「発送」の一覧の「月次の外の分を封入する」です。", ruling)


def _effects(ruling: Ruling, clerk: Clerk) -> list[str]:
    waiting = ruling.certificates.filter(status="proposed").order_by("sequence")
    said = [
        f"資格確認書（{c.serial}）が「{CERTIFICATE.states['approved']}」となり、印刷できるようになります。"
        for c in waiting
    ]
    return [explained(ruling), *said]


APPROVE_RULING = Deed(
    name="approve", label="承認する", permission=APPROVE, blocked=_blocked, act=_approve, effects=_effects
)


def ruling_panel(request: HttpRequest, ruling: Ruling) -> str:
    """The sentence to be read out, replayed from the stored facts."""
    return render_to_string("admin/certificates/sentence.html", {"sentence": explained(ruling)})


@admin.register(Ruling)
class RulingAdmin(Reasoned, OfMember):
    list_display = ("decided_on", "cover_number", "name", "cause", "outcome", "told_reason", "valid_through")
    list_filter = ("outcome", "cause", "reason", "decided_on")
    related = ("member", "member__person", "ruled_by")
    ordering = ("-pk",)
    inlines = [CertificateTable]
    steps = (APPROVE_RULING,)
    panels = (ruling_panel,)
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("cover_link", "person_link"),
                    ("cause", "request_link"),
                    ("outcome", "told_reason"),
                    ("kind_words", "need_from"),
                    "period",
                    "next_period",
                    ("as_of", "decided_on", "issue_on"),
                    "ruled_by",
                )
            },
        ),
        ("適用した運用設定", {"fields": ("policy_table",), "classes": ["collapse"]}),
    )
    badges = {"outcome": OUTCOME_BADGES}
    empty_hint = "個別判定はまだありません。申請に交付を決めたとき、届出を反映したとき、確認中の方の回答が届いたときに、ここに出ます。"

    @display(description="もとの記録")
    def request_link(self, ruling: Ruling) -> str:
        parts: list[str] = ruling.request.split(":")
        kind, pk, *_ = [*parts, ""]
        if kind not in REQUESTS or not pk.isdecimal():
            return EMPTY
        model = apps.get_model("certificates", kind)
        found = model._default_manager.filter(pk=int(pk)).first()
        return link_to(found, f"{model._meta.verbose_name} {found}")

    @display(description="新規・更新")
    def kind_words(self, ruling: Ruling) -> str:
        return KINDS.get(ruling.kind, EMPTY)

    @display(description="有効期間")
    def period(self, ruling: Ruling) -> str:
        return period_html(ruling.effective_on, ruling.valid_through, ruling.limit)

    @display(description="続けて使うもう一枚")
    def next_period(self, ruling: Ruling) -> str:
        return period_html(ruling.then_effective_on, ruling.then_valid_through, ruling.then_limit)

    @display(description="設定")
    def policy_table(self, ruling: Ruling) -> str:
        return table_html(described(ruling.policy))


class RulingTable(Reasoned, ReadOnlyTable):
    model = Ruling
    fields = ("decided_on", "cause", "outcome", "told_reason", "valid_through", "open_page")
    ordering = ("-pk",)
    badges = {"outcome": OUTCOME_BADGES}
    only_if_any = True

    @display(description="説明")
    def open_page(self, ruling: Ruling) -> str:
        return link_to(ruling, "理由を見る")
