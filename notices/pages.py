"""Page of the 資格情報のお知らせ; the 資格証明書 printed from a member's page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from django.contrib import admin
from django.db.models import Q
from django.http import FileResponse, HttpRequest, HttpResponse
from unfold.decorators import display

from core import clock
from core.calendar import wareki
from core.errors import Refused
from core.models import Clerk
from core.roles import EDIT
from core.text import identifier_key, tenths
from core.web import EMPTY, OfficeForm, ReadOnlyAdmin, Step, attach_steps, link_to
from core.web.steps import step_page
from core.web.words import learn
from members.functions import NumberOrder
from members.models import Member
from members.search import members
from notices.letters import service
from notices.letters.interim_reading import interim_face, why_not
from notices.letters.leaves import LETTERS
from notices.models import EligibilityNotice

learn("letter", {**LETTERS, "reminder": "督促状", "unregistered": "個人番号未提出者への督促"})


class InterimStep(Step):
    """Prints the sheet; the answer is the file itself, to be put on paper at once."""

    def respond(self, request: HttpRequest, page: Any, document: Any) -> HttpResponse:
        clerk, on = cast(Clerk, request.user), clock.today()
        refusals: Sequence[str] = ()
        if request.method == "POST":
            try:
                path = service.print_interim(document, by=clerk, on=on)
            except Refused as refused:
                refusals = refused.reasons
            else:
                return FileResponse(path.open("rb"), content_type="application/pdf", filename=path.name)
        through = wareki(interim_face(document, on).valid_through)
        return step_page(
            request,
            page,
            document,
            self,
            form=OfficeForm(document=document, on=on),
            refusals=refusals,
            effects=(
                f"今日から{through}まで使える資格証明書（A4）を1枚印刷します。画面に出る書面を印刷して、窓口で渡してください。",
                "資格確認書が届いたら返すか捨てるよう、お伝えください。印刷したことは記録に残ります。",
                "資格確認書の代わりの手段としては数えません。判定や申請の手続きは、そのまま続けてください。",
            ),
            button="印刷する",
        )


attach_steps(
    Member,
    InterimStep(
        name="interim",
        label="資格証明書を印刷する",
        permission=EDIT,
        blocked=lambda member, clerk: why_not(member, clock.today()),
    ),
)


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
