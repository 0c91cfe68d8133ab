"""Page of what is held: each paper with its reason, whose turn it is, and the page that clears it."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from unfold.decorators import display

from certificates.pages.base import OfMember
from certificates.requests.filings import Kind
from core.web import EMPTY, page_url
from mailing.envelopes import ADDRESS_MISSING, HOLD_TURNS, HOLDS, PROTECTED
from mailing.models import HeldPaper
from mailing.papers import kinds
from mailing.planning import holding
from members.pages.unprintable import RECORD


def next_step(row: HeldPaper) -> tuple[str, str]:
    """The page that clears the hold, and what is done there."""
    filing = reverse("admin:members_member_filing", args=[row.member_id])
    match row.reason:
        case reason if reason == PROTECTED:
            return f"{filing}?kind={Kind.ADDRESS.value}", "安全な送付先を入れる"
        case reason if reason == ADDRESS_MISSING:
            return f"{filing}?kind={Kind.ADDRESS.value}", "送付先を入れる"
        case "missing_glyph":
            return reverse("admin:members_person_unprintable"), "印字する字形を決める"
        case "damaged":
            return reverse("admin:members_person_damaged"), "登録の文字を確かめる"
        case "does_not_fit":
            return RECORD.url(row.member.person), "印字する形を短くする"
        case "head_left" | "share_missing":
            return page_url(row.member), "台帳の世帯主・負担割合を確かめる"
    return page_url(holding.document_of(row)), "書類を見る"


@admin.register(HeldPaper)
class HeldPaperAdmin(OfMember):
    list_display = ("cover_number", "name", "paper", "reason", "step_link", "turn", "since", "found")
    list_filter = ("reason",)
    related = ("member__person", *kinds.columns())
    ordering = ("since", "pk")
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("cover_link", "person_link"),
                    ("paper", "since"),
                    ("reason", "turn"),
                    "why",
                    "found",
                    "step_link",
                )
            },
        ),
    )
    empty_hint = "保留の書類はありません。封入を計画したときに入れられなかった書類が、理由とともにここに出ます。"

    def get_queryset(self, request: HttpRequest) -> QuerySet[HeldPaper]:
        return super().get_queryset(request).filter(pk__in=holding.held().values("pk"))

    @display(description="書類")
    def paper(self, row: HeldPaper) -> str:
        return kinds.of_row(row).label

    @display(description="手番")
    def turn(self, row: HeldPaper) -> str:
        return HOLD_TURNS[row.reason]

    @display(description="理由")
    def why(self, row: HeldPaper) -> str:
        return HOLDS[row.reason]

    @display(description="見つかったところ")
    def found(self, row: HeldPaper) -> str:
        return "、".join(row.places) or EMPTY

    @display(description="次にすること")
    def step_link(self, row: HeldPaper) -> Any:
        url, label = next_step(row)
        return format_html('<a class="text-primary-700 underline dark:text-primary-500" href="{}">{}</a>', url, label)
