"""Page of the 資格情報のお知らせ; what the log calls each letter, and the buttons that print one."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import Q
from unfold.decorators import display

from core.text import identifier_key, tenths
from core.web import EMPTY, ReadOnlyAdmin, attach_steps, link_to
from core.web.words import learn
from members.functions import NumberOrder
from members.search import members
from notices.letters import registry
from notices.models import EligibilityNotice

learn("letter", {kind.code: kind.logged or kind.label for kind in registry.every()})
for _kind in registry.every():
    for _model, _step in _kind.steps.items():
        attach_steps(_model, _step)


def notice_condition(term: str) -> Q:
    return Q(serial=identifier_key(term).replace("-", "")) | Q(member__in=members(term))


@admin.register(EligibilityNotice)
class NoticeAdmin(ReadOnlyAdmin):
    list_display = ("serial", "cover_number", "name", "cause", "sheet", "status", "issued_on", "sent_on")
    list_filter = ("status", "cause", "run")
    related = ("member", "member__person", "run", "leader", "addressed_to")
    ordering = ("-pk",)
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("serial", "status", "sheet"),
                    ("cover_link", "person_link", "run"),
                    ("cause", "issued_on"),
                    ("addressed_to_link", "share", "last_four"),
                    ("sent_on", "arrives_on"),
                )
            },
        ),
    )
    badges = {"status": {"drafted": "info", "printed": "info", "sent": "success", "returned": "danger"}}
    search_by = staticmethod(notice_condition)
    search_help_text = "管理番号、記号・番号・枝番、カナ、氏名"
    empty_hint = "まだお知らせがありません。「今月の仕事」で月次判定を承認し、お知らせを作成すると、ここに出ます。"

    @display(description="記号・番号・枝番", ordering=NumberOrder.of("member__"))
    def cover_number(self, notice: EligibilityNotice) -> str:
        return str(notice.member)

    @display(description="一部負担金の割合")
    def share(self, notice: EligibilityNotice) -> str:
        return EMPTY if notice.copayment_percent is None else tenths(notice.copayment_percent)

    @display(description="氏名", ordering="member__person__name_kana_key")
    def name(self, notice: EligibilityNotice) -> str:
        return notice.member.person.name

    @display(description="記号・番号・枝番")
    def cover_link(self, notice: EligibilityNotice) -> str:
        return link_to(notice.member)

    @display(description="氏名")
    def person_link(self, notice: EligibilityNotice) -> str:
        return link_to(notice.member.person)

    @display(description="用紙の管理番号", ordering="leader__serial")
    def sheet(self, notice: EligibilityNotice) -> str:
        return (notice.leader or notice).serial

    @display(description="あて名の加入者")
    def addressed_to_link(self, notice: EligibilityNotice) -> str:
        return link_to(notice.addressed_to or notice.member)
