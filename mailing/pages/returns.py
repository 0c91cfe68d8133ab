"""Pages of returned mail: taken in by scan, then sent again, handed over, or ended."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.contrib import admin
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from unfold.decorators import display

from core import clock
from core.assigning import Cases
from core.errors import Refused
from core.models import Clerk
from core.roles import DISPATCH
from core.web import EMPTY, Deed, Done, OfficeForm, Step, day_html, label_html, link_to, table_html
from core.web.assigning import AssignedAdmin, holder_panel
from core.web.forms import ReasonForm, choice_field, day_field, text_field
from core.web.scan import Scanned, scan_field, scan_page
from core.web.steps import step_page
from mailing.models import Enclosure, Envelope, ReturnedMail
from mailing.pages.envelopes import envelope_condition
from mailing.papers import kinds
from mailing.post import resends, returns
from mailing.post.tracking import shown

Resolution = ReturnedMail.Resolution
HANDED = [(str(way), way.label) for way in (Resolution.ESTABLISHMENT, Resolution.COUNTER)]


class ScanForm(OfficeForm):
    reason = choice_field("返戻の理由", ReturnedMail.Reason.choices)
    returned_on = day_field("戻った日")
    code = scan_field("封筒番号か発行番号", "読み取るか、入力して改行キーを押すと記録します。")

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.initial.setdefault("returned_on", self.on)


class SendForm(OfficeForm):
    postal_code = text_field("新しい郵便番号", required=False)
    address = text_field(
        "新しい住所",
        required=False,
        help_text="登録の住所へ再送するときは空のままにします。入れた住所は、今日からの送付先として登録します。",
    )
    day = day_field("再送する日")

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.initial.setdefault("day", self.on)


class HandForm(OfficeForm):
    channel = choice_field("渡した相手", HANDED)
    day = day_field("渡した日")

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.initial.setdefault("day", self.on)


def _closed(returned: ReturnedMail, clerk: Clerk) -> str:
    if returned.resolved_on is None:
        return ""
    return f"この返戻は「{returned.get_resolution_display()}」として終わっています。"


def _send(returned: ReturnedMail, told: Mapping[str, Any], by: Clerk, on: date) -> Done:
    made = returns.send_again(returned, postal_code=told["postal_code"], address=told["address"], by=by, on=told["day"])
    return Done(
        f"再送を記録しました（封筒番号 {made.code}）。宛名用紙を印刷して入れ直してください。{_letter_out(returned)}",
        returned,
    )


def _hand(returned: ReturnedMail, told: Mapping[str, Any], by: Clerk, on: date) -> Done:
    returns.hand_over(returned, told["channel"], by=by, on=told["day"])
    return Done(f"渡したことを記録しました。{_letter_out(returned)}", returned)


def _letter_out(returned: ReturnedMail) -> str:
    """That the letter in a returned envelope does not go again: its day has passed, and it is written anew."""
    if not returns.held_request(returned.envelope):
        return ""
    return "同封していた返納のお願いは抜いて裁断してください。あらためて「返納のお願いと督促」に出ます。"


def _end(returned: ReturnedMail, told: Mapping[str, Any], by: Clerk, on: date) -> Done:
    returns.end_papers(returned, reason=told["reason"], by=by, on=on)
    return Done("証などを終えました。戻った書類は裁断してください。", returned)


class ShowSheet(Step):
    """The address sheet of the resend, as made."""

    def respond(self, request: HttpRequest, page: Any, document: Any) -> HttpResponse:
        try:
            data = resends.sheet(document.resend)
        except Refused as refused:
            return step_page(request, page, document, self, refusals=refused.reasons, status=409)
        return pdf_response(data, f"resend-{document.resend.code}.pdf")


def pdf_response(data: bytes, name: str) -> HttpResponse:
    """A PDF to look at; no copy is kept on the way."""
    return HttpResponse(
        data,
        content_type="application/pdf",
        headers={"Content-Disposition": f'inline; filename="{name}"', "Cache-Control": "no-store"},
    )


def _no_sheet(returned: ReturnedMail, clerk: Clerk) -> str:
    return "" if hasattr(returned, "resend") else "宛名用紙はまだありません。「再送する」を行うと作られます。"


STEPS = (
    Deed(
        name="send-again",
        label="再送する",
        permission=DISPATCH,
        blocked=_closed,
        act=_send,
        form=SendForm,
        effects=lambda returned, clerk: (
            "戻った証やお知らせを、同じ番号のまま再送します。印刷し直すことはありません。",
            "新しい封筒番号の宛名用紙を作ります。",
            "資格・氏名・負担割合などが変わっているときは再送できません。",
        ),
    ),
    Deed(
        name="hand-over",
        label="渡したことを記録する",
        permission=DISPATCH,
        blocked=_closed,
        act=_hand,
        form=HandForm,
        effects=lambda returned, clerk: (
            "戻った証やお知らせは「発送済み」に戻ります。窓口なら渡した日から手元にあるものとします。",
        ),
    ),
    Deed(
        name="end",
        label="再送しないで終える",
        permission=DISPATCH,
        blocked=_closed,
        act=_end,
        form=ReasonForm,
        effects=lambda returned, clerk: (
            "戻った資格確認書・高齢受給者証は「回収済み」、お知らせは「無効」となります。元に戻せません。",
            "資格があり、ほかに使える手段のない方には、次の月次判定で新しく交付されます。",
        ),
    ),
    ShowSheet(name="sheet", label="再送の宛名用紙を見る", blocked=_no_sheet),
)


def returned_condition(term: str) -> Q:
    return Q(envelope__in=Envelope.objects.filter(envelope_condition(term)))


@admin.register(ReturnedMail)
class ReturnedMailAdmin(AssignedAdmin):
    cases = Cases(ReturnedMail, returns.waiting, DISPATCH)
    panels = (holder_panel,)
    list_display = ("title", "code", "cover", "reason", "returned_on", "state", "resolved_on")
    list_filter = ("resolution", "reason", "returned_on")
    related = ("envelope__dispatch", "envelope__insured__person", "received_by", "resolved_by", "resend")
    ordering = ("-pk",)
    steps = STEPS
    list_before_template = "admin/list_top.html"
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("title", "state"),
                    ("envelope_link", "dispatch_link"),
                    ("reason", "returned_on", "received_by"),
                    ("resolved_on", "resolved_by"),
                )
            },
        ),
        ("戻った書類", {"fields": ("papers",)}),
        ("再送", {"fields": ("sent_again",)}),
    )
    search_by = staticmethod(returned_condition)
    search_help_text = "封筒番号、発行番号、記号・番号・枝番、カナ、氏名"
    empty_hint = "返戻はありません。戻った封筒は「返戻を読み取る」で受けてください。"

    def get_urls(self) -> list[URLPattern]:
        scan = path("scan/", self.admin_site.admin_view(self.scan), name="mailing_returnedmail_scan")
        return [scan, *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        links = [(reverse("admin:mailing_returnedmail_scan"), "返戻を読み取る")]
        return super().changelist_view(request, {"list_links": links, **(extra_context or {})})

    def scan(self, request: HttpRequest) -> HttpResponse:
        """A pile of returned mail, one scan after the other."""
        return scan_page(
            request,
            self,
            title="返戻を読み取る",
            form_class=ScanForm,
            act=_scanned,
            remembered=("reason", "returned_on"),
            about="同じ理由の封筒を続けて読み取れます。封筒の中の証とお知らせは、すべて「返戻中」になります。",
            links=[(reverse("admin:mailing_returnedmail_changelist"), "返戻の一覧")],
        )

    @display(description="返戻", ordering="pk")
    def title(self, returned: ReturnedMail) -> str:
        return str(returned)

    @display(description="封筒番号", ordering="envelope__code")
    def code(self, returned: ReturnedMail) -> str:
        return returned.envelope.code

    @display(description="世帯（記号・番号）")
    def cover(self, returned: ReturnedMail) -> str:
        return str(returned.envelope.insured)

    @display(description="対応", ordering="resolution")
    def state(self, returned: ReturnedMail) -> str:
        if returned.resolved_on is None:
            return label_html("対応待ち", "warning")
        return label_html(returned.get_resolution_display(), "success")

    @display(description="封筒")
    def envelope_link(self, returned: ReturnedMail) -> str:
        return link_to(returned.envelope)

    @display(description="発送")
    def dispatch_link(self, returned: ReturnedMail) -> str:
        return link_to(returned.envelope.dispatch)

    @display(description="証とお知らせ")
    def papers(self, returned: ReturnedMail) -> str:
        enclosed = Enclosure.objects.filter(envelope=returned.envelope_id, active=True)
        documents: list[Any] = [one.document for one in enclosed.select_related(*kinds.columns())]
        rows = [(link_to(document), document.get_status_display()) for document in documents]
        return table_html(rows, head=("番号", "今の状態"))

    @display(description="再送の記録")
    def sent_again(self, returned: ReturnedMail) -> str:
        made = getattr(returned, "resend", None)
        if made is None:
            return EMPTY
        number = getattr(made, "tracking", None)
        return table_html(
            [
                ("封筒番号", made.code),
                ("再送した日", day_html(made.sent_on)),
                ("到着見込み", day_html(made.arrives_on)),
                ("あて先", f"〒{made.postal_code} {made.address}" if made.postal_code else made.address),
                ("引受番号", link_to(number, shown(number.number)) if number else EMPTY),
            ]
        )


def _scanned(told: dict[str, Any], by: Clerk) -> Scanned:
    on = told["returned_on"]
    if on > clock.today():
        return Scanned(told["code"], "戻った日は今日までの日を入れてください。", False)
    receipt = returns.receive(told["code"], reason=told["reason"], by=by, on=on)
    return Scanned(told["code"], receipt.sentence, True, odd=receipt.result == "already")
