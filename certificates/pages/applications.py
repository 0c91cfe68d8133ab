"""Applications: taken in on a member's page, then judged by the policy and granted, refused or sent back on their own."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.contrib import admin
from django.utils.html import format_html_join
from unfold.decorators import display

from certificates.lifecycle import APPLICATION
from certificates.models import Application, EligibilityCertificate, Inquiry, Ruling, Via
from certificates.pages.base import OfMember
from certificates.requests import applications, inquiries
from certificates.requests.applications.intake import GROUNDS, ITEMS, Form
from certificates.requests.via import set_ways
from core import clock
from core.assigning import Cases
from core.lifecycle import Lifecycle
from core.models import Clerk
from core.roles import EDIT
from core.web import EMPTY, Deed, Done, OfficeForm, ReadOnlyTable, lifecycle_deed, link_to
from core.web.assigning import AssignedAdmin, holder_panel
from core.web.forms import choice_field, day_field, several_field, text_field
from members.damaged import damaged, waits
from members.models import Member
from members.services import municipal

GROUND_CHOICES = [
    (f"{kind.label}の事由", [(str(ground), ground.label) for ground in grounds]) for kind, grounds in GROUNDS.items()
]
BADGES = {"received": "warning", "incomplete": "warning", "granted": "info", "done": "success", "refused": "danger"}
# The verdict's codes, as the log keeps them; the applicant is told in whole sentences.
REFUSALS = {
    "certificate_in_hand": "有効な資格確認書がある",
    "returned_by_post": "返戻中の資格確認書がある",
    "myna_usable": "マイナ保険証が使える",
    "ground_not_accepted": "受け付けていない事由",
    "no_certificate": "交付の記録がない",
    "under_way": "発送の手続き中",
}
HEAD = "世帯主"
ASK_FIRST = (
    "交付しないと決める前に、支払基金へ個別照会をしてください。「個別照会を起こす」を押し、"
    "回答が届いてから、もう一度決めてください。"
)


class IntakeForm(OfficeForm):
    """The paper form. The ground says by itself whether it is a 交付 or a 再交付."""

    received_on = day_field("受付日")
    via = choice_field("受付方法", Via.choices)
    ground = choice_field("事由", GROUND_CHOICES)
    applicant = choice_field("申請者", Application.Applicant.choices)
    proxy_relationship = text_field(
        "代理人の続柄", required=False, help_text="申請者が代理人のとき、加入者から見た続柄。"
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.initial.setdefault("received_on", self.on)
        set_ways(self)
        self.initial.setdefault("applicant", Application.Applicant.INSURED.value)
        if municipal():
            # Everybody is insured in person; another person's application is the head's.
            self.fields["applicant"].choices = [
                (way, HEAD if way == Application.Applicant.INSURED else words)
                for way, words in Application.Applicant.choices
            ]


class ItemsForm(OfficeForm):
    items = several_field("足りないもの", list(ITEMS.items()))


def _kind_of(ground: str) -> str:
    return next(kind.value for kind, grounds in GROUNDS.items() if ground in grounds)


def _receive(member: Member, told: Mapping[str, Any], by: Clerk, on: date) -> Done:
    form = Form(
        _kind_of(told["ground"]),
        told["ground"],
        told["received_on"],
        told["via"],
        told["applicant"],
        told["proxy_relationship"],
    )
    application = applications.receive(member, form, on=on, by=by)
    return Done(
        "申請を受け付けました。足りないものがあれば返し、そろっていれば交付するかを決めてください。", application
    )


RECEIVE = Deed(
    name="application",
    label="申請を受け付ける",
    permission=EDIT,
    act=_receive,
    form=IntakeForm,
    button="受け付ける",
    effects=lambda member, clerk: (
        "資格確認書の交付・再交付の申請として記録します。交付するかどうかは、次の画面で決めます。",
        "別の担当者が交付を決めると、資格確認書はそのまま承認されます。",
        *(waits(one) for one in damaged(clock.today(), [member.pk])),
    ),
)


def open_inquiry(document: Any, told: Mapping[str, Any], by: Clerk, on: date) -> Done:
    """For a member, or for the member of a request."""
    inquiry = inquiries.open_for(member_of(document), by=by, on=on)
    return Done("個別照会を起こしました。支払基金への照会一覧に載ります。", inquiry)


def member_of(document: Any) -> Member:
    return document if isinstance(document, Member) else document.member


def _asked_already(document: Any, clerk: Clerk) -> str:
    asked = Inquiry.objects.filter(person=member_of(document).person_id, status__in=("open", "asked"))
    return "この方への個別照会は、すでに回答を待っています。" if asked.exists() else ""


INQUIRE = Deed(
    name="inquiry",
    label="個別照会を起こす",
    permission=EDIT,
    blocked=_asked_already,
    act=open_inquiry,
    effects=lambda document, clerk: (
        "支払基金へ、この方のマイナ保険証の状態を問い合わせる一覧に載せます。",
        "回答が届くと、確認中の判定はその内容で決まります。",
    ),
)


def _not_to_grant(application: Application, clerk: Clerk) -> str:
    verdict = applications.judge(application, on=clock.today())
    return "" if verdict.granted else f"運用設定では交付の対象ではありません。{verdict.text}"


def _not_to_refuse(application: Application, clerk: Clerk) -> str:
    verdict = applications.judge(application, on=clock.today())
    if verdict.granted:
        return "この申請は運用設定では交付の対象です。交付を決めてください。"
    return ASK_FIRST if verdict.ask_fund else ""


def _grant(application: Application, told: Mapping[str, Any], by: Clerk, on: date) -> Done:
    ruling = applications.grant(application, by=by, on=on)
    if ruling.certificates.filter(status="proposed").exists():
        return Done("交付を決めました。資格確認書は、別の担当者が個別判定の画面で承認してください。", application)
    return Done(
        "交付を決め、資格確認書を承認しました。次は「発送」の一覧の「月次の外の分を封入する」です。", application
    )


def _grant_effects(application: Application, clerk: Clerk) -> list[str]:
    said = [
        "資格確認書の交付を決めて発行番号を採り、月次を待たずに印刷・発送できるようにします。",
        "次の月次判定では、この方を手元に資格確認書がある方として扱います。",
    ]
    if application.kind == Application.Kind.REISSUE:
        said.append("いまの資格確認書は、滅失または差替え済みとなります。")
    if application.fee_yen:
        said.append(f"手数料は{application.fee_yen:,}円です。")
    if application.received_by_id in (None, clerk.pk):
        said.append("受け付けた担当者が決めるため、資格確認書の承認は別の担当者が行います。")
    return said


def _refuse(application: Application, told: Mapping[str, Any], by: Clerk, on: date) -> Done:
    applications.refuse(application, by=by, on=on)
    return Done("交付しないと決めました。文面は申請の記録に残り、通知書に印刷できます。", application)


def _send_back(application: Application, told: Mapping[str, Any], by: Clerk, on: date) -> Done:
    applications.send_back(application, told["items"], by=by, on=on)
    return Done("不備として返す記録をしました。補正が届いたら「不備の補正を受ける」を押してください。", application)


def _complete(application: Application, told: Mapping[str, Any], by: Clerk, on: date) -> Done:
    applications.complete(application, by=by, on=on)
    return Done("補正を受けました。交付するかどうかを決めてください。", application)


def _withdraw(application: Application, told: Mapping[str, Any], by: Clerk, on: date) -> Done:
    applications.withdraw(application, by=by, on=on)
    return Done("取下げを受けました。", application)


def _deed(verb: str, act: Any, *effects: str, lifecycle: Lifecycle = APPLICATION, **further: Any) -> Deed:
    if effects:
        further["effects"] = lambda document, clerk: effects
    return lifecycle_deed(lifecycle, verb, act, **further)


STEPS = (
    _deed("grant", _grant, blocked=_not_to_grant, effects=_grant_effects),
    _deed(
        "refuse",
        _refuse,
        "申請は「不交付」となります。上の文面が申請者への通知書に印刷されます。",
        "元に戻せません。事情が変わったときは、改めて申請を受け付けます。",
        blocked=_not_to_refuse,
        form=OfficeForm,  # the reason is the verdict's own
        quoted=lambda application: applications.judge(application, on=clock.today()).text,
    ),
    _deed(
        "send_back", _send_back, "申請は「不備返戻中」となり、選んだ項目が返戻の案内に印刷されます。", form=ItemsForm
    ),
    _deed("complete", _complete, "申請は「受付」に戻り、交付するかどうかを決められます。"),
    _deed("withdraw", _withdraw, "申請は「取下げ」となり、交付するかどうかは決めません。元に戻せません。"),
    INQUIRE,
)


@admin.register(Application)
class ApplicationAdmin(AssignedAdmin, OfMember):
    cases = Cases(Application, lambda: Application.objects.filter(status__in=("received", "incomplete")), EDIT)
    panels = (holder_panel,)
    list_display = ("received_on", "cover_number", "name", "kind", "ground", "received_via", "due_on", "status")
    list_filter = ("status", "kind", "ground", "received_via", "due_on")
    related = ("member", "member__person", "received_by")
    ordering = ("-pk",)
    steps = STEPS
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("cover_link", "person_link"),
                    ("status", "kind", "ground"),
                    ("received_on", "received_via", "received_by"),
                    ("applicant", "proxy_relationship"),
                    "missing",
                    ("fee", "due_on", "decided_on"),
                    "refusal_text",
                    ("ruling_link", "certificates"),
                )
            },
        ),
    )
    badges = {"status": BADGES}
    empty_hint = "申請はまだありません。加入者の画面で「申請を受け付ける」を押すと、ここに出ます。"

    @display(description="不備の項目")
    def missing(self, application: Application) -> str:
        return "、".join(ITEMS.get(item, EMPTY) for item in application.items_missing) or EMPTY

    @display(description="手数料")
    def fee(self, application: Application) -> str:
        return f"{application.fee_yen:,}円"

    @display(description="個別判定")
    def ruling_link(self, application: Application) -> str:
        ruling = Ruling.objects.filter(request=f"application:{application.pk}").first()
        return link_to(ruling, "判定の説明を見る")

    @display(description="資格確認書")
    def certificates(self, application: Application) -> str:
        made = EligibilityCertificate.objects.filter(ruling__request=f"application:{application.pk}")
        return links(made)


def links(documents: Any) -> str:
    """The documents' links in one line."""
    return format_html_join("、", "{}", ((link_to(document),) for document in documents)) or EMPTY


class ApplicationTable(ReadOnlyTable):
    model = Application
    fields = ("received_on", "kind", "ground", "due_on", "status", "open_page")
    ordering = ("-pk",)
    badges = {"status": BADGES}
    only_if_any = True

    @display(description="申請")
    def open_page(self, application: Application) -> str:
        return link_to(application, "開く")
