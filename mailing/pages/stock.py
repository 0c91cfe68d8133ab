"""Pages of blank paper: lots, what is left of each form, and the ledger with its running balance."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from datetime import date
from typing import Any, cast

from django import forms
from django.contrib import admin
from django.db.models import Q, QuerySet, Sum
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from unfold.decorators import display
from unfold.widgets import UnfoldAdminTextInputWidget

from core import clock
from core.errors import BadInput, Refused
from core.models import Clerk
from core.roles import DISPATCH
from core.web import EMPTY, Deed, Done, OfficeForm, ReadOnlyAdmin, ReadOnlyTable, link_to
from core.web.forms import choice_field, day_field, put_mistakes, text_field
from core.web.html import page_url
from mailing.models import PaperLot, PaperMovement
from mailing.printing import stock

KINDS = [(str(kind), kind.label) for kind in stock.BY_HAND]
CSV_COLUMNS = ("on", "lot", "kind", "sheets", "left", "dispatch", "serial", "reason", "clerk")


def number_field(label: str, help_text: str = "") -> forms.IntegerField:
    """A whole number; full-width digits are read as well."""
    widget = UnfoldAdminTextInputWidget(attrs={"autocomplete": "off", "inputmode": "numeric"})
    return forms.IntegerField(
        label=label, help_text=help_text, widget=widget, error_messages={"invalid": "数字で入れてください。"}
    )


class LotForm(OfficeForm):
    form = choice_field("用紙・同封物", PaperLot.Form.choices)
    name = text_field("ロット", help_text="箱や納品書の番号など、あとで見分けられる名前。")
    sheets = number_field("枚数")
    received_on = day_field("受入日")
    supplier = text_field("納入元", required=False)
    first_number = text_field("最初の管理番号", required=False, help_text="用紙に管理番号が刷ってあるときだけ。")
    last_number = text_field("最後の管理番号", required=False)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.initial.setdefault("received_on", self.on)


class MoveForm(OfficeForm):
    kind = choice_field("区分", KINDS)
    sheets = number_field("枚数")
    reason = text_field("理由", required=False, help_text="使用のほかは必ず書いてください。")


class CountForm(OfficeForm):
    sheets = number_field("数えた枚数", "帳簿との差が棚卸差になります。")
    reason = text_field("差があるときの理由", required=False)


def _move(lot: PaperLot, told: Mapping[str, Any], by: Clerk, on: date) -> Done:
    stock.move(lot, told["kind"], told["sheets"], reason=told["reason"], by=by, on=on)
    return Done("用紙の受払を記録しました。", lot)


def _count(lot: PaperLot, told: Mapping[str, Any], by: Clerk, on: date) -> Done:
    made = stock.count(lot, told["sheets"], reason=told["reason"], by=by, on=on)
    if made is None:
        return Done("帳簿と合っています。棚卸差はありません。", lot)
    return Done(f"棚卸差 {made.sheets:+,}枚を記録しました。", lot)


class MovementTable(ReadOnlyTable):
    model = PaperMovement
    fields = ("on", "kind", "moved", "dispatch_link", "serial", "reason", "by")
    related = ("dispatch", "by")
    ordering = ("pk",)
    wide = ("reason",)
    per_page = 100

    @display(description="増減")
    def moved(self, movement: PaperMovement) -> str:
        return f"{movement.sheets:+,}枚"

    @display(description="発送")
    def dispatch_link(self, movement: PaperMovement) -> str:
        return link_to(movement.dispatch)


@admin.register(PaperLot)
class PaperLotAdmin(ReadOnlyAdmin):
    list_display = ("name", "form", "received_on", "left", "supplier", "numbers")
    list_filter = ("form", "received_on")
    ordering = ("-received_on", "-pk")
    inlines = [MovementTable]
    steps = (
        Deed(
            name="move",
            label="使用・書損などを記録する",
            permission=DISPATCH,
            act=_move,
            form=MoveForm,
            button="記録する",
            effects=lambda lot, clerk: (
                f"このロットの残りは {_left(lot):,}枚です。",
                "印刷で使った枚数は、印刷したときに自動で記録します。",
                "記録は直せません。間違えたときは、棚卸差で合わせてください。",
            ),
        ),
        Deed(
            name="count",
            label="棚卸をする",
            permission=DISPATCH,
            act=_count,
            form=CountForm,
            button="記録する",
            effects=lambda lot, clerk: (f"帳簿の残りは {_left(lot):,}枚です。",),
        ),
    )
    fieldsets = ((None, {"fields": (("name", "form"), ("received_on", "supplier"), ("numbers", "left"))}),)
    list_before_template = "admin/mailing/stock_top.html"
    search_by = staticmethod(lambda term: Q(name__contains=term.strip()) | Q(supplier__contains=term.strip()))
    search_help_text = "ロット、納入元"
    empty_hint = (
        "用紙のロットがありません。「受け入れる」で記録すると、その用紙は印刷のたびに自動で減り、足りなければ印刷の前に知らせます。"
        "記録しない用紙は数えません。"
    )

    def heading(self, document: PaperLot) -> str:
        return f"{document.get_form_display()} {document.name}"

    def get_queryset(self, request: HttpRequest) -> QuerySet[PaperLot]:
        return super().get_queryset(request).annotate(sheets_left=Sum("movements__sheets", default=0))

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("receive/", view(self.receive), name="mailing_paperlot_receive"),
            path("ledger/<slug:form>/", view(self.ledger), name="mailing_paperlot_ledger"),
            path("ledger/<slug:form>.csv", view(self.ledger_csv), name="mailing_paperlot_ledger_csv"),
            *super().get_urls(),
        ]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        links = [(reverse("admin:mailing_paperlot_receive"), "受け入れる")]
        context = {"list_links": links, "balances": stock.balances(), **(extra_context or {})}
        return super().changelist_view(request, context)

    @display(description="残り")
    def left(self, lot: Any) -> str:
        return f"{lot.sheets_left:,}枚"

    @display(description="管理番号")
    def numbers(self, lot: PaperLot) -> str:
        return f"{lot.first_number}～{lot.last_number}" if lot.first_number or lot.last_number else EMPTY

    def receive(self, request: HttpRequest) -> HttpResponse:
        """A delivery of paper."""
        clerk, on = cast(Clerk, request.user), clock.today()
        form = LotForm(request.POST or None, document=None, on=on)
        refusals: tuple[str, ...] = ()
        if request.method == "POST" and form.is_valid():
            try:
                lot = stock.receive_lot(**form.cleaned_data, by=clerk, on=on)
            except BadInput as bad:
                put_mistakes(form, bad)
            except Refused as refused:
                refusals = refused.reasons
            else:
                self.message_user(request, "受入を記録しました。")
                return HttpResponseRedirect(page_url(lot))
        return self._page(request, "admin/mailing/paper_receive.html", "用紙を受け入れる", form=form, refusals=refusals)

    def ledger(self, request: HttpRequest, form: str) -> HttpResponse:
        """Every movement of a form with the running balance."""
        label = _form_label(form)
        return self._page(
            request,
            "admin/mailing/paper_ledger.html",
            f"受払簿　{label}",
            lines=stock.ledger(form),
            csv_url=reverse("admin:mailing_paperlot_ledger_csv", args=[form]),
        )

    def ledger_csv(self, request: HttpRequest, form: str) -> HttpResponse:
        """The same as CSV."""
        _form_label(form)
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(CSV_COLUMNS)
        for line in stock.ledger(form):
            m = line.movement
            writer.writerow(
                (
                    m.on.isoformat(),
                    m.lot.name,
                    m.kind,
                    m.sheets,
                    line.left,
                    m.dispatch_id or "",
                    m.serial,
                    m.reason,
                    m.by.username,
                )
            )
        headers = {"Content-Disposition": f'attachment; filename="paper-{form}.csv"'}
        return HttpResponse(text.getvalue(), content_type="text/csv; charset=utf-8", headers=headers)

    def _page(self, request: HttpRequest, template: str, title: str, **context: Any) -> HttpResponse:
        shown = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": title,
            "content_title": title,
            "back": reverse("admin:mailing_paperlot_changelist"),
            **context,
        }
        return TemplateResponse(request, template, shown)


def _left(lot: Any) -> int:
    return lot.sheets_left


def _form_label(form: str) -> str:
    if form not in PaperLot.Form.values:
        raise Http404
    return PaperLot.Form(form).label
