"""利用登録解除 and 個別照会: taken in, accepted, answered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from django.contrib import admin
from django.db import transaction
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from unfold.decorators import display

from certificates.decisions import ruling
from certificates.lifecycle import DEREGISTRATION, INQUIRY
from certificates.models import Deregistration, EligibilityCertificate, Inquiry, Ruling, Via
from certificates.pages.applications import INQUIRE, links
from certificates.pages.base import OfMember
from certificates.requests import deregistration as deregistrations
from certificates.requests import inquiries
from certificates.requests.via import set_ways
from certificates.rules.facts import USABLE_STATES
from certificates.rules.law import law_on_or_after
from core import clock
from core.calendar import wareki
from core.models import Clerk, Event
from core.plausible import MYNA
from core.roles import EDIT
from core.web import EMPTY, Deed, Done, OfficeForm, ReadOnlyTable, day_html, lifecycle_deed, link_to
from core.web.forms import choice_field, day_field
from members.models import Member, MynaStatus
from members.search import people
from members.services import society

UNCUT = "1"
STILL_REGISTERED = "最後の日を過ぎた後の基金のデータでも、マイナ保険証は登録のままです。「個別照会を起こす」で、支払基金に確かめてください。"
STATES = [(state, MynaStatus.State(state).label) for state in USABLE_STATES]


class IntakeForm(OfficeForm):
    received_on = day_field("受付日")
    via = choice_field("受付方法", Via.choices)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.initial.update(received_on=self.on, via=Via.MAIL.value)
        set_ways(self)


class AnswerForm(OfficeForm):
    """What the fund answered; names as in the file of answers."""

    registration = choice_field("利用登録の状態", STATES)
    as_of = day_field("回答の基準日")
    registered_on = day_field("利用登録日", required=False, window=MYNA)
    expires_on = day_field("電子証明書の有効期限", required=False, window=MYNA)
    returned_on = day_field("返納日", required=False, window=MYNA)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.initial["as_of"] = self.on


def _receive(member: Member, told: Mapping[str, Any], by: Clerk, on: date) -> Done:
    made = deregistrations.receive(member, received_on=told["received_on"], via=told["via"], by=by, on=on)
    return Done("利用登録解除の申請を受け付けました。次に、別の担当者が申請を認めてください。", made)


RECEIVE = Deed(
    name="deregistration",
    label="利用登録解除を受け付ける",
    permission=EDIT,
    act=_receive,
    form=IntakeForm,
    button="受け付ける",
    effects=lambda member, clerk: (
        "マイナンバーカードの保険証利用をやめる申請として記録します（理由は問いません）。",
        "申請を認めると資格確認書の交付が決まり、支払基金への依頼ファイルに載ります。",
        f"利用登録は、支払基金が受け付けた月の{law_on_or_after(clock.today()).deregistered}に解除されます。",
    ),
)


def _accepted_on(request: Deregistration) -> date | None:
    said = Event.objects.filter(subject=Deregistration._meta.label, subject_id=request.pk, verb="accept")
    return said.values_list("on", flat=True).first()


def _not_to_accept(request: Deregistration, clerk: Clerk) -> str:
    if request.status != "received":
        return f"利用登録解除は「{request.get_status_display()}」のため、「申請を認める」はできません（「受付」のときにできます）。"
    if _accepted_on(request) is not None:
        return "この申請はすでに認めています。資格確認書の承認は個別判定の画面で行ってください。"
    return ""


def _accept(request: Deregistration, told: Mapping[str, Any], by: Clerk, on: date) -> Done:
    made = deregistrations.accept(request, by=by, on=on)
    if made is None:
        return Done("申請を認めました。有効な資格確認書があるため、新たな交付はありません。", request)
    if made.certificates.filter(status="proposed").exists():
        return Done("申請を認めました。資格確認書は、別の担当者が個別判定の画面で承認してください。", request)
    return Done("申請を認め、資格確認書を承認しました。次は「発送」の一覧の「月次の外の分を封入する」です。", request)


def _accept_effects(request: Deregistration, clerk: Clerk) -> list[str]:
    return [
        "資格確認書の交付を決めます。期限が十分に残っている資格確認書があるときは、新しくは作りません。",
        "次に作る支払基金への依頼ファイルに載ります。渡したあとは取り下げられません。",
    ]


def _withdraw(request: Deregistration, told: Mapping[str, Any], by: Clerk, on: date) -> Done:
    deregistrations.withdraw(request, reason=told["reason"], by=by, on=on)
    return Done("取下げを受けました。発送前の資格確認書は無効にしました。", request)


def _not_to_chase(request: Deregistration, clerk: Clerk) -> str:
    if request not in deregistrations.to_chase(clock.today()):
        return "最後の日を過ぎた後の基金のデータで、まだ登録のままの方にだけ使います。"
    return INQUIRE.blocked(request, clerk)


class UncutFilter(admin.SimpleListFilter):
    """Those to chase: the fund's data of after the last day still say that the card is registered."""

    title = "解除の反映"
    parameter_name = "uncut"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(UNCUT, "基金でまだ登録のまま")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() != UNCUT:
            return queryset
        return queryset.filter(pk__in=[one.pk for one in deregistrations.to_chase(clock.today())])


def deregistration_condition(term: str) -> Q:
    return Q(person__in=people(term))


@admin.register(Deregistration)
class DeregistrationAdmin(OfMember):
    list_display = ("cover_number", "name", "received_on", "accepted_on", "status")
    list_filter = ("status", UncutFilter, "received_on")
    ordering = ("-pk",)
    steps = (
        Deed(
            name="accept",
            label="申請を認める",
            permission=EDIT,
            blocked=_not_to_accept,
            act=_accept,
            effects=_accept_effects,
        ),
        lifecycle_deed(
            DEREGISTRATION,
            "withdraw",
            _withdraw,
            blocked=lambda request, clerk: deregistrations.not_to_withdraw(request),
            effects=lambda request, clerk: (
                "申請は「取下げ」となり、発送前の資格確認書があれば無効にします。元に戻せません。",
            ),
        ),
        replace(INQUIRE, blocked=_not_to_chase),
    )
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("cover_link", "person_link"),
                    ("status", "received_on"),
                    ("agreed_on", "accepted_on", "effect"),
                    "uncut",
                    ("ruling_link", "certificates"),
                )
            },
        ),
    )
    badges = {"status": {"received": "warning", "granted": "info", "done": "success", "refused": "danger"}}
    search_by = staticmethod(deregistration_condition)
    empty_hint = (
        "利用登録解除の申請はまだありません。加入者の画面で「利用登録解除を受け付ける」を押すと、ここに出ます。"
    )

    @display(description="申請を認めた日")
    def agreed_on(self, request: Deregistration) -> str:
        return day_html(_accepted_on(request))

    @display(description="マイナ保険証を使える最後の日")
    def effect(self, request: Deregistration) -> str:
        return day_html(request.accepted_on and deregistrations.effect_on(request.accepted_on))

    @display(description="解除の反映")
    def uncut(self, request: Deregistration) -> str:
        """What to do where the fund does not show the link cut though its last day has passed."""
        return STILL_REGISTERED if request in deregistrations.to_chase(clock.today()) else EMPTY

    @display(description="個別判定")
    def ruling_link(self, request: Deregistration) -> str:
        return link_to(Ruling.objects.filter(request=f"deregistration:{request.pk}").first(), "判定の説明を見る")

    @display(description="資格確認書")
    def certificates(self, request: Deregistration) -> str:
        return links(EligibilityCertificate.objects.filter(ruling__request=f"deregistration:{request.pk}"))


class DeregistrationTable(ReadOnlyTable):
    model = Deregistration
    fields = ("received_on", "accepted_on", "status", "open_page")
    ordering = ("-pk",)
    only_if_any = True

    @display(description="利用登録解除")
    def open_page(self, request: Deregistration) -> str:
        return link_to(request, "開く")


def _answer(inquiry: Inquiry, told: Mapping[str, Any], by: Clerk, on: date) -> Done:
    given = inquiries.Answer(
        told["registration"], told["as_of"], told["registered_on"], told["expires_on"], told["returned_on"]
    )
    with transaction.atomic():
        newest = inquiries.answer(inquiry, given, by=by, on=on)
        ruling.settle(society(), on=on)
    if not newest:
        return Done("回答を受けました。より新しい情報があるため、状態は変えていません。", inquiry)
    return Done("回答を受けました。確認中だった判定は、この内容で決め直しました。", inquiry)


@admin.register(Inquiry)
class InquiryAdmin(OfMember):
    list_display = ("cover_number", "name", "opened_on", "due_on", "asked_on", "answered_on", "status")
    list_filter = ("status", "due_on")
    related = ("member", "member__person", "decision__member__person", "decision__run")
    ordering = ("-pk",)
    steps = (
        lifecycle_deed(
            INQUIRY,
            "answer",
            _answer,
            form=AnswerForm,
            effects=lambda inquiry, clerk: (
                f"回答期限は{wareki(inquiry.due_on)}です。",
                "マイナ保険証の状態の履歴に加え、確認中の判定があればこの内容で決めます。",
                "すでにある情報より古い回答は、記録だけして状態は変えません。",
            ),
        ),
    )
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("cover_link", "person_link"),
                    ("status", "decision"),
                    ("opened_on", "due_on"),
                    ("asked_on", "answered_on"),
                    "settled",
                )
            },
        ),
    )
    badges = {"status": {"open": "warning", "asked": "info", "answered": "success"}}
    search_by = staticmethod(deregistration_condition)
    empty_hint = (
        "個別照会はまだありません。月次判定で確認中になった方や、「個別照会を起こす」を押した方が、ここに出ます。"
    )

    @display(description="決まった判定")
    def settled(self, inquiry: Inquiry) -> str:
        if inquiry.decision_id is None:
            return EMPTY
        made = Ruling.objects.filter(request=f"decision:{inquiry.decision_id}", member=inquiry.member_id)
        return link_to(made.first(), "判定の説明を見る")
