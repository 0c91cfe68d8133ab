"""Pages of envelopes and their 引受番号: entered by hand, by scan, or by file."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, cast
from urllib.parse import quote

from django import forms
from django.contrib import admin
from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from unfold.decorators import display
from unfold.widgets import UnfoldAdminFileFieldWidget, UnfoldBooleanSwitchWidget

from core import clock, scratch
from core.errors import BadInput, Refused
from core.models import Clerk
from core.roles import DISPATCH
from core.text import identifier_key
from core.web import EMPTY, Deed, Done, OfficeForm, ReadOnlyAdmin, day_html, link_to, table_html
from core.web.forms import ReasonForm, choice_field, day_field, text_field
from core.web.scan import Scanned, scan_field, scan_page
from mailing.models import Enclosure, Envelope, ReturnedMail, Tracking
from mailing.papers import kinds
from mailing.papers.kinds.rows import document_in
from mailing.post import tracking
from mailing.post.tracking import shown
from mailing.printing.intake import ROWS_TOLD
from members.search import members
from members.services import municipal


def envelope_condition(term: str) -> Q:
    """Envelopes of that number or 引受番号, or with paper of that serial or cover in them."""
    key = identifier_key(term)
    plain, number, covers = key.replace("-", ""), tracking.read_number(term), members(term)
    held = Enclosure.objects.filter(document_in(Q(serial=plain) | Q(member__in=covers)))
    found = Q(code=key) | Q(returns__resend__code=key) | Q(pk__in=held.values("envelope"))
    if number:
        mine = Tracking.objects.filter(number=number)
        found |= Q(pk__in=mine.values("envelope")) | Q(returns__resend__in=mine.values("resend"))
    return Q(pk__in=Envelope.objects.filter(found).values("pk"))


class NumberForm(OfficeForm):
    tracking_number = text_field("引受番号", help_text="受領証のとおりに（ハイフンはあってもなくても構いません）。")


class DayForm(OfficeForm):
    delivered_on = day_field("配達済みの日")

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.initial.setdefault("delivered_on", self.on)


class PairForm(OfficeForm):
    code = scan_field("番号", "封筒番号、引受番号の順に読み取ります。改行キーで進みます。")


class FileForm(OfficeForm):
    what = choice_field(
        "ファイルの内容", [("numbers", "引受番号（封筒番号と引受番号）"), ("deliveries", "配達（引受番号と配達の日）")]
    )
    file = forms.FileField(
        label="ファイル",
        help_text="表計算ソフトの「CSV UTF-8」の形で保存したもの。",
        widget=UnfoldAdminFileFieldWidget(),
    )
    take_good = forms.BooleanField(
        label="正しい行だけを取り込む",
        required=False,
        widget=UnfoldBooleanSwitchWidget(),
        help_text="入れないときは、誤りが一行でもあれば何も取り込みません。",
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["file"].error_messages["required"] = "ファイルを選んでください。"
        self.fields["file"].error_messages["empty"] = "ファイルが空です。"


def _entered(code: str, number: str, by: Clerk, on: date) -> tuple[str, bool]:
    """What is said after one number was recorded, and whether it is odd. Raises BadInput: it was not."""
    (verdict,) = tracking.enter([(code, number)], by=by, on=on)
    if verdict.mistake is not None:
        raise BadInput(verdict.mistake)
    if verdict.already:
        return "すでに記録しています。", False
    return verdict.warning or "引受番号を記録しました。", bool(verdict.warning)


def _number(envelope: Envelope, told: Mapping[str, Any], by: Clerk, on: date) -> Done:
    said, _ = _entered(envelope.code, told["tracking_number"], by, on)
    return Done(said, envelope)


def _delivered(number: Tracking, told: Mapping[str, Any], by: Clerk, on: date) -> Done:
    (verdict,) = tracking.deliver([(number.number, told["delivered_on"].isoformat())], by=by, on=on)
    if verdict.mistake is not None:
        raise BadInput(verdict.mistake)
    return Done("配達済みと記録しました。", number)


def _withdrawn(number: Tracking, told: Mapping[str, Any], by: Clerk, on: date) -> Done:
    there = number.envelope or number.dispatch
    tracking.withdraw(number, reason=told["reason"], by=by, on=on)
    return Done("引受番号の記録を取り消しました。正しい番号を記録してください。", there)


def _delivery_taken_back(number: Tracking, told: Mapping[str, Any], by: Clerk, on: date) -> Done:
    tracking.take_back_delivery(number, reason=told["reason"], by=by, on=on)
    return Done("配達の記録を取り消しました。正しい日が分かったら、記録し直してください。", number)


def _numbered(envelopes: QuerySet[Envelope]) -> QuerySet[Envelope]:
    """The envelopes, each with its own number or its bundle's."""
    mine = Tracking.objects.filter(
        Q(envelope=OuterRef("pk")) | Q(dispatch=OuterRef("dispatch"), establishment=OuterRef("establishment"))
    )
    columns = {f"tracked_{name}": Subquery(mine.values(name)[:1]) for name in ("pk", "number", "delivered_on")}
    return envelopes.annotate(**columns)


@admin.register(Envelope)
class EnvelopeAdmin(ReadOnlyAdmin):
    list_display = ("code", "dispatch", "cover", "establishment", "bundle_position", "number", "delivered")
    list_filter = ("dispatch__status", "dispatch__channel")
    related = ("dispatch", "establishment", "insured__person", "person__person")
    ordering = ("-dispatch", "position")

    steps = (
        Deed(
            name="number",
            label="引受番号を記録する",
            permission=DISPATCH,
            act=_number,
            form=NumberForm,
            effects=lambda envelope, clerk: (
                "事業所経由の封筒では、事業所の束の番号になります。"
                if envelope.establishment_id
                else "この封筒の番号になります。",
            ),
        ),
    )
    list_before_template = "admin/list_top.html"

    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("code", "dispatch"),
                    ("insured", "person"),
                    ("establishment", "position", "bundle_position"),
                    ("postal_code", "address", "recipient"),
                    ("number", "delivered"),
                )
            },
        ),
        ("同封物", {"fields": ("papers",)}),
        ("返戻", {"fields": ("returned",)}),
    )
    search_by = staticmethod(envelope_condition)
    search_help_text = "封筒番号、引受番号、発行番号、記号・番号・枝番、カナ、氏名"
    empty_hint = "まだ封筒がありません。「今月の仕事」で封入を計画すると、ここに出ます。"

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        """A municipal scheme has no employers."""
        return [name for name in super().get_list_display(request) if not (name == "establishment" and municipal())]

    def get_list_filter(self, request: HttpRequest) -> list[Any]:
        return [name for name in self.list_filter if not (name == "dispatch__channel" and municipal())]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Envelope]:
        return _numbered(super().get_queryset(request))

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        return super().changelist_view(request, {"list_links": links(), **(extra_context or {})})

    @display(description="世帯（記号・番号）")
    def cover(self, envelope: Envelope) -> str:
        return str(envelope.insured)

    @display(description="引受番号")
    def number(self, envelope: Any) -> str:
        if envelope.tracked_pk is None:
            return EMPTY
        return link_to(Tracking(pk=envelope.tracked_pk), shown(envelope.tracked_number))

    @display(description="配達済み")
    def delivered(self, envelope: Any) -> str:
        return day_html(envelope.tracked_delivered_on)

    @display(description="証とお知らせ")
    def papers(self, envelope: Envelope) -> str:
        enclosed = Enclosure.objects.filter(envelope=envelope).order_by("position")
        held = enclosed.select_related(*kinds.columns())
        rows = [
            (link_to(one.document), one.document.get_status_display() + ("" if one.active else "（封筒から除いた）"))
            for one in held
        ]
        return table_html(rows, head=("番号", "今の状態"))

    @display(description="返戻の記録")
    def returned(self, envelope: Envelope) -> str:
        found = ReturnedMail.objects.filter(envelope=envelope).order_by("-pk")
        return table_html(
            [
                (link_to(one), f"{one.get_reason_display()}　{one.get_resolution_display() or '対応待ち'}")
                for one in found
            ]
        )


def links() -> list[tuple[str, str]]:
    """The pages on which numbers are taken in."""
    return [
        (reverse("admin:mailing_tracking_scan"), "引受番号を読み取る"),
        (reverse("admin:mailing_tracking_file"), "ファイルで取り込む"),
    ]


@admin.register(Tracking)
class TrackingAdmin(ReadOnlyAdmin):
    list_display = ("printed_number", "dispatch", "stands_on", "entered_on", "delivered_on")
    list_filter = ("dispatch__status", "entered_on", "delivered_on")
    related = ("dispatch", "envelope", "establishment", "resend", "entered_by")
    ordering = ("-pk",)
    steps = (
        Deed(name="delivered", label="配達済みとする", permission=DISPATCH, act=_delivered, form=DayForm),
        Deed(
            name="undeliver",
            label="配達の記録を取り消す",
            permission=DISPATCH,
            act=_delivery_taken_back,
            form=ReasonForm,
            blocked=lambda number, clerk: "" if number.delivered_on else tracking.NOT_DELIVERED,
            effects=lambda number, clerk: (
                "封筒の中の証とお知らせの到着日は、見込みの日に戻ります（後から戻った封筒と事業所の束では変わりません）。",
                "取り消したことと理由は操作記録に残ります。",
            ),
        ),
        Deed(
            name="withdraw",
            label="番号を取り消す",
            permission=DISPATCH,
            act=_withdrawn,
            form=ReasonForm,
            effects=lambda number, clerk: ("番号の記録を消します。消したことと理由は操作記録に残ります。",),
        ),
    )
    list_before_template = "admin/list_top.html"
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("printed_number", "dispatch"),
                    ("stands_on", "digit"),
                    ("entered_on", "entered_by"),
                    "delivered_on",
                )
            },
        ),
    )
    search_by = staticmethod(
        lambda term: Q(number=tracking.read_number(term) or "-") | Q(envelope__code=identifier_key(term))
    )
    search_help_text = "引受番号、封筒番号"
    empty_hint = "まだ引受番号がありません。「引受番号を読み取る」か「ファイルで取り込む」で記録してください。"

    def heading(self, document: Tracking) -> str:
        return shown(document.number)

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("scan/", view(self.scan), name="mailing_tracking_scan"),
            path("file/", view(self.file), name="mailing_tracking_file"),
            *super().get_urls(),
        ]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        return super().changelist_view(request, {"list_links": links(), **(extra_context or {})})

    @display(description="引受番号", ordering="number")
    def printed_number(self, number: Tracking) -> str:
        return shown(number.number)

    @display(description="封筒か束")
    def stands_on(self, number: Tracking) -> str:
        if number.envelope is not None:
            return link_to(number.envelope)
        if number.resend is not None:
            return link_to(number.resend.returned, f"再送 {number.resend.code}")
        return f"{number.establishment}の束"

    @display(description="検証番号")
    def digit(self, number: Tracking) -> str:
        return "合っています" if tracking.check_digit_fits(number.number) else "合いません（控えと見比べてください）"

    def scan(self, request: HttpRequest) -> HttpResponse:
        """Envelope code and number in turn, with the scanner alone."""
        key = f"pending {request.path}"

        def act(told: dict[str, Any], by: Clerk) -> Scanned:
            said, request.session[key] = _one_scan(told["code"], request.session.get(key, ""), by)
            return said

        response = scan_page(
            request,
            self,
            title="引受番号を読み取る",
            form_class=PairForm,
            act=act,
            about="封筒番号と引受番号を交互に読み取ります。事業所経由の発送では、束の中のどれか一つの封筒番号を読み取ってください。",
            links=[(reverse("admin:mailing_tracking_changelist"), "引受番号の一覧")],
        )
        waiting = request.session.get(key, "")
        response.context_data["pending"] = (
            f"封筒 {waiting} の引受番号を読み取ってください。" if waiting else "封筒番号を読み取ってください。"
        )
        return response

    def file(self, request: HttpRequest) -> HttpResponse:
        """A file of numbers or deliveries: all rows, or the good ones with the bad ones handed back."""
        clerk, on = cast(Clerk, request.user), clock.today()
        form = FileForm(request.POST or None, files=request.FILES or None, document=None, on=on)
        context: dict[str, Any] = {}
        if request.method == "POST" and form.is_valid():
            try:
                context = _taken(form.cleaned_data, clerk, on)
            except BadInput as bad:
                context = {"refusals": [str(mistake) for mistake in bad.mistakes]}
            except Refused as refused:
                context = {"refusals": refused.reasons}
        title = "引受番号・配達をファイルで取り込む"
        shown_context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": title,
            "content_title": title,
            "form": form,
            "back": reverse("admin:mailing_tracking_changelist"),
            **context,
        }
        return TemplateResponse(request, "admin/mailing/tracking_file.html", shown_context)


def _one_scan(text: str, pending: str, by: Clerk) -> tuple[Scanned, str]:
    """What one scan says, and the envelope that waits for its number after it."""
    code = identifier_key(text)
    if code in tracking.places([code]):
        if pending and pending != code:
            return Scanned(
                code,
                f"封筒 {pending} の引受番号は記録していません。この封筒の引受番号を読み取ってください。",
                True,
                True,
            ), code
        return Scanned(code, "封筒番号です。続けて引受番号を読み取ってください。", True), code
    number = tracking.read_number(text)
    if not number:
        return Scanned(text, "封筒番号でも引受番号でもありません。もう一度読み取ってください。", False), pending
    if not pending:
        return Scanned(shown(number), "先に封筒番号を読み取ってください。", False), ""
    try:
        said, odd = _entered(pending, number, by, clock.today())
    except BadInput as bad:
        return Scanned(shown(number), f"封筒 {pending}：{bad.mistakes[0].expected}", False), ""
    return Scanned(shown(number), f"封筒 {pending}：{said}", True, odd), ""


def _taken(told: dict[str, Any], by: Clerk, on: date) -> dict[str, Any]:
    take = tracking.numbers_from_file if told["what"] == "numbers" else tracking.deliveries_from_file
    with scratch.folder() as folder:
        path = folder / "rows.csv"
        path.write_bytes(told["file"].read())
        taken = take(path, by=by, on=on, take_good=told["take_good"])
        rows = taken.errors_file.read_text(encoding="utf-8") if taken.errors_file else ""
    return {
        "taken": taken,
        "odd": taken.odd[:ROWS_TOLD],
        "errors": f"data:text/csv;charset=utf-8,{quote(rows)}" if rows else "",
    }
