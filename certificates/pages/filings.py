"""Filings: what was told, what it did; applied, turned down or taken back on their page."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.html import format_html_join
from unfold.decorators import display

from certificates.lifecycle import FILING, LIVE_STATES
from certificates.models import Filing, Ruling
from certificates.pages.base import OfMember
from certificates.requests import filings
from certificates.requests.filings import Kind
from certificates.requests.filings.case import NotYet
from certificates.requests.filings.fields import FIELDS, NUMBER_INDEX
from certificates.rules.filing_days import named_days
from core import clock
from core.models import Clerk
from core.web import EMPTY, Done, ReadOnlyTable, day_html, lifecycle_deed, link_to, table_html
from members.functions import NumberOrder

BADGES = {"received": "warning", "applied": "success", "refused": "danger"}


def kind_words(kind: str) -> str:
    return Kind(kind).label if kind in set(Kind) else EMPTY


def _apply(filing: Filing, told: Mapping[str, Any], by: Clerk, on: date) -> Done:
    filings.apply(filing, by=by, on=on)
    return Done("届出の内容を反映しました。", filing)


def _not_yet(filing: Filing, clerk: Clerk) -> str:
    """Why a filing that waits for its day cannot be applied now; empty where it can."""
    return str(NotYet(filing.effective_on)) if filing.effective_on > clock.today() else ""


def _refuse(filing: Filing, told: Mapping[str, Any], by: Clerk, on: date) -> Done:
    filings.refuse(filing, reason=told["reason"], by=by, on=on)
    return Done("届出を受理しないこととしました。", filing)


def _withdraw(filing: Filing, told: Mapping[str, Any], by: Clerk, on: date) -> Done:
    filings.withdraw(filing, reason=told["reason"], by=by, on=on)
    return Done("届出の取下げを受けました。", filing)


def _taken_back(filing: Filing) -> tuple[str, ...]:
    """What becomes of the papers that were made ahead for the filing."""
    if not filing.coming_faces.filter(certificates__status__in=LIVE_STATES).exists():
        return ()
    return (
        "この届出のために先に用意した資格確認書は、発送の前なら無効にし、発送した後なら回収します。"
        "今お使いの資格確認書は、そのまま使えます。",
    )


STEPS = (
    lifecycle_deed(
        FILING,
        "apply",
        _apply,
        blocked=_not_yet,
        effects=lambda filing, clerk: (
            "届出の内容で加入者の記録を改め、発送前の資格確認書の無効、回収、新しい交付の判定まで、まとめて行います。",
            "行ったことは、この届出の「影響」に残ります。",
        ),
    ),
    lifecycle_deed(
        FILING,
        "refuse",
        _refuse,
        effects=lambda filing, clerk: ("届出は「不受理」となり、加入者の記録は変わりません。", *_taken_back(filing)),
    ),
    lifecycle_deed(
        FILING,
        "withdraw",
        _withdraw,
        effects=lambda filing, clerk: ("届出は「取下げ」となり、加入者の記録は変わりません。", *_taken_back(filing)),
    ),
)


class KindFilter(admin.SimpleListFilter):
    title = "届出の種類"
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return Kind.choices()

    def queryset(self, request: HttpRequest, queryset: QuerySet[Filing]) -> QuerySet[Filing]:
        return queryset.filter(kind=self.value()) if self.value() else queryset


@admin.register(Filing)
class FilingAdmin(OfMember):
    list_display = ("received_on", "kind_label", "cover_number", "name", "effective_on", "status", "applied_on")
    list_filter = ("status", KindFilter, "received_via", "effective_on")
    related = ("member", "member__person", "received_by")
    ordering = ("-pk",)
    steps = STEPS
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("kind_label", "status"),
                    ("cover_link", "person_link"),
                    ("effective_on", "applied_on"),
                    ("received_on", "received_via", "received_by"),
                )
            },
        ),
        ("届出の内容", {"fields": ("told",)}),
        ("影響", {"fields": ("followed", "rulings")}),
    )
    badges = {"status": BADGES}
    empty_hint = (
        "届出はまだありません。加入者の画面で「届出を受け付ける」を押すか、"
        "「表の取込み・書出し」で届出の表を取り込むと、ここに出ます。"
    )

    def heading(self, document: Filing) -> str:
        who = f"{document.member} {document.member.person.name}" if document.member else "全体"
        return f"{kind_words(document.kind)} {who}"

    @display(description="届出の種類", ordering="kind")
    def kind_label(self, filing: Filing) -> str:
        return kind_words(filing.kind)

    @display(description="記号・番号・枝番", ordering=NumberOrder.of("member__"))
    def cover_number(self, filing: Filing) -> str:
        return str(filing.member) if filing.member else EMPTY

    @display(description="氏名", ordering="member__person__name_kana_key")
    def name(self, filing: Filing) -> str:
        return filing.member.person.name if filing.member else EMPTY

    @display(description="氏名")
    def person_link(self, filing: Filing) -> str:
        return link_to(filing.member and filing.member.person)

    @display(description="内容")
    def told(self, filing: Filing) -> str:
        """Every value under its Japanese name; of a 個人番号 only that it was told."""
        kind = Kind(filing.kind)
        rows = [(label, day_html(day)) for label, day in named_days(kind, filing.data, filing.effective_on)]
        rows += [(FIELDS[name].label, _value(name, text)) for name, text in filing.data.items() if name in FIELDS]
        if NUMBER_INDEX in filing.data:
            rows.append(("個人番号", "届け出あり"))
        return table_html(rows)

    @display(description="届出による影響")
    def followed(self, filing: Filing) -> str:
        said = [(filings.described(one),) for one in filing.consequences]
        return format_html_join("", "<p>{}</p>", said) or EMPTY

    @display(description="個別判定")
    def rulings(self, filing: Filing) -> str:
        mine = Q(request=f"filing:{filing.pk}") | Q(request__startswith=f"filing:{filing.pk}:")
        made = Ruling.objects.filter(mine).select_related("member").order_by("pk")
        return format_html_join("、", "{}", ((link_to(r, f"{r.member} の判定の説明"),) for r in made[:20])) or EMPTY


def _value(name: str, text: str) -> Any:
    if FIELDS[name].type == "day":
        return day_html(date.fromisoformat(text))
    return dict(FIELDS[name].choices).get(text, text)


class FilingTable(ReadOnlyTable):
    model = Filing
    fields = ("received_on", "kind_label", "effective_on", "status", "open_page")
    ordering = ("-pk",)
    badges = {"status": BADGES}
    only_if_any = True
    kind_label = FilingAdmin.kind_label

    @display(description="届出")
    def open_page(self, filing: Filing) -> str:
        return link_to(filing, "開く")
