"""What the pages of rights share: rows that belong to one cover, badges, days from–to."""

from __future__ import annotations

from typing import Any

from django.db.models import Q
from django.utils.html import format_html
from unfold.decorators import display

from certificates.rules.codes import Limit
from core.web import EMPTY, ReadOnlyAdmin, day_html, link_to
from members.functions import NumberOrder
from members.search import members

SEARCH_HELP = "記号・番号・枝番、カナ、氏名"
NO_MONTH = "まだ月次判定がありません。「今月の仕事」で支払基金の月次ファイルを受け付け、判定を行うと、ここに出ます。"
KINDS = {"new": "新規", "renewal": "更新", "": EMPTY}
OUTCOME_BADGES = {"issue": "success", "wait": "warning", "review": "danger", "not_needed": "info"}
CERTIFICATE_BADGES = {
    "proposed": "warning",
    "approved": "info",
    "printed": "info",
    "sent": "success",
    "returned": "danger",
    "lost": "danger",
    "unrecoverable": "danger",
}


def member_condition(term: str) -> Q:
    return Q(member__in=members(term))


class OfMember(ReadOnlyAdmin):
    """A list whose rows each belong to one cover: found and shown by its number and name."""

    related: tuple[str, ...] = ("member", "member__person")
    search_by = staticmethod(member_condition)
    search_help_text = SEARCH_HELP

    def heading(self, document: Any) -> str:
        return f"{document.member} {document.member.person.name}"

    @display(description="記号・番号・枝番", ordering=NumberOrder.of("member__"))
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


class Reasoned:
    """The reason of a decision in the words that are true of the person, in lists and on the page."""

    @display(description="理由", ordering="reason")
    def told_reason(self, row: Any) -> str:
        return row.told


def period_html(effective_on: Any, valid_through: Any, limit: str) -> str:
    """A certificate's days, and what ends it."""
    if effective_on is None:
        return EMPTY
    return format_html("{}から{}まで（{}）", day_html(effective_on), day_html(valid_through), Limit(limit).label)
