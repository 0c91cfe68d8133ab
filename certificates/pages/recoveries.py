"""Duties to take a paper back: by when, through whom, how often reminded, how it ended."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from django.contrib import admin
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from unfold.decorators import display

from certificates import recovery as recovering
from certificates.lifecycle import RECOVERY
from certificates.models import ElderlyBeneficiaryCertificate, EligibilityCertificate, Recovery
from certificates.pages.base import SEARCH_HELP
from certificates.pages.papers import certificate_condition, elderly_condition
from certificates.recovery.duties import paper_of
from certificates.recovery.scanning import CHANNELS
from core import clock
from core.assigning import Cases
from core.calendar import month_start, wareki_month
from core.models import Clerk, Event
from core.roles import APPROVE, EDIT
from core.web import EMPTY, Deed, Done, OfficeForm, day_html, link_to, table_html
from core.web.assigning import AssignedAdmin, holder_panel
from core.web.forms import ReasonForm, choice_field
from core.web.scan import Scanned, scan_field, scan_page


class ChannelForm(OfficeForm):
    channel = choice_field("返ってきた経路", list(CHANNELS.items()))


class ScanForm(ChannelForm):
    code = scan_field("発行番号", "証の発行番号を読み取るか、入力して改行キーを押すと記録します。")


def _scanned(told: dict[str, Any], by: Clerk) -> Scanned:
    scan = recovering.recover_by_serial(told["code"], by=by, on=clock.today(), channel=told["channel"])
    return Scanned(told["code"], scan.sentence, True, odd=scan.result != "recovered")


def rate_words(on: date) -> str:
    """How much of what had to come back from last month on, and from the first of this one, has come back."""
    return f"{_rate_of(month_start(on) - timedelta(days=1))}　{_rate_of(on)}"


def _rate_of(on: date) -> str:
    opened, back = recovering.rate_of_all(on)
    if not opened:
        return f"{wareki_month(on)}に始まった回収はありません。"
    return f"{wareki_month(on)}に始まった回収 {opened:,}件のうち {back:,}件が返ってきました（回収率 {100 * back / opened:.1f}％）。"


def _closed(recovery: Recovery, clerk: Clerk) -> str:
    return "" if recovery.status != "closed" else RECOVERY.why_not(recovery.status, "close")


def _recovered(recovery: Recovery, told: Mapping[str, Any], by: Clerk, on: date) -> Done:
    scan = recovering.recover_by_serial(paper_of(recovery).serial, by=by, on=on, channel=told["channel"])
    return Done(scan.sentence, recovery)


def _lost(recovery: Recovery, told: Mapping[str, Any], by: Clerk, on: date) -> Done:
    recovering.report_lost(paper_of(recovery), by=by, on=on)
    return Done("滅失届を受け付け、回収を終えました。", recovery)


def _give_up(recovery: Recovery, told: Mapping[str, Any], by: Clerk, on: date) -> Done:
    recovering.give_up(recovery, reason=told["reason"], by=by, on=on)
    return Done("回収不能として、回収を終えました。", recovery)


STEPS = (
    Deed(
        name="recovered",
        label="回収した",
        permission=EDIT,
        blocked=_closed,
        act=_recovered,
        form=ChannelForm,
        effects=lambda r, clerk: ("証は「回収済み」となり、この回収は終わります。",),
    ),
    Deed(
        name="lost",
        label="滅失届を受ける",
        permission=EDIT,
        blocked=_closed,
        act=_lost,
        effects=lambda r, clerk: ("証は「滅失」となり、この回収は終わります。",),
    ),
    Deed(
        name="give-up",
        label="回収不能とする",
        permission=APPROVE,
        blocked=_closed,
        act=_give_up,
        form=ReasonForm,
        effects=lambda r, clerk: (
            f"これまでの督促は{r.reminders}回です。",
            "証は「回収不能」となり、以後は督促しません。元に戻せません。",
        ),
    ),
)


def recovery_condition(term: str) -> Q:
    certificates = EligibilityCertificate.objects.filter(certificate_condition(term))
    elderly = ElderlyBeneficiaryCertificate.objects.filter(elderly_condition(term))
    return Q(certificate__in=certificates) | Q(elderly_certificate__in=elderly)


@admin.register(Recovery)
class RecoveryAdmin(AssignedAdmin):
    cases = Cases(Recovery, lambda: Recovery.objects.filter(status="open"), EDIT)
    panels = (holder_panel,)
    list_display = (
        "serial",
        "cover_number",
        "name",
        "cause",
        "return_to",
        "due_on",
        "reminders",
        "reminded_on",
        "status",
    )
    list_filter = ("status", "cause", "return_to", "outcome", "reminders")
    related = ("certificate__member__person", "elderly_certificate__member__person", "closed_by")
    ordering = ("-status", "due_on", "pk")
    steps = STEPS
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("paper_link", "cover_link"),
                    ("cause", "status"),
                    ("opened_on", "due_on"),
                    ("return_to", "reminders"),
                    ("outcome", "closed_on"),
                    "closed_by",
                )
            },
        ),
        ("督促", {"fields": ("ladder",)}),
    )
    badges = {"status": {"open": "warning"}}
    search_by = staticmethod(recovery_condition)
    search_help_text = "発行番号、" + SEARCH_HELP
    empty_hint = "回収するものはありません。資格喪失や差替えがあると、ここに出ます。"

    list_before_template = "admin/list_top.html"
    further_links: list[tuple[str, str]] = []
    """Names of pages of the floors above and what leads there, beside the page for scanning."""

    def get_urls(self) -> list[URLPattern]:
        scan = path("scan/", self.admin_site.admin_view(self.scan), name="certificates_recovery_scan")
        return [scan, *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        links = [(reverse("admin:certificates_recovery_scan"), "返ってきた証を読み取る")]
        links += [(reverse(name), words) for name, words in self.further_links]
        told = {"list_links": links, "list_said": rate_words(clock.today())}
        return super().changelist_view(request, {**told, **(extra_context or {})})

    def scan(self, request: HttpRequest) -> HttpResponse:
        """A pile of papers that came back, one scan after the other."""
        return scan_page(
            request,
            self,
            title="返ってきた証を読み取る",
            form_class=ScanForm,
            act=_scanned,
            remembered=("channel",),
            about="同じ経路で返ってきた証を続けて読み取れます。読み取った証は「回収済み」となり、その回収は終わります。",
            links=[(reverse("admin:certificates_recovery_changelist"), "回収の一覧")],
        )

    def heading(self, document: Recovery) -> str:
        return f"発行番号 {paper_of(document).serial}"

    @display(description="発行番号")
    def serial(self, recovery: Recovery) -> str:
        return paper_of(recovery).serial

    @display(description="証")
    def paper_link(self, recovery: Recovery) -> str:
        paper = paper_of(recovery)
        return link_to(paper, f"{paper._meta.verbose_name} {paper.serial}")

    @display(description="記号・番号・枝番")
    def cover_number(self, recovery: Recovery) -> str:
        return str(paper_of(recovery).member)

    @display(description="記号・番号・枝番")
    def cover_link(self, recovery: Recovery) -> str:
        return link_to(paper_of(recovery).member)

    @display(description="氏名")
    def name(self, recovery: Recovery) -> str:
        return paper_of(recovery).member.person.name

    @display(description="お願いと督促の記録")
    def ladder(self, recovery: Recovery) -> str:
        """Each rung climbed, from the log."""
        sent = Event.objects.filter(subject=Recovery._meta.label, subject_id=recovery.pk, verb="remind")
        said = [("返納のお願い", day_html(recovery.requested_on))] if recovery.requested_on else []
        said += [(f"督促 {event.note.get('step', '')}回目", day_html(event.on)) for event in sent.order_by("seq")]
        return table_html(said, head=("文書", "送った日")) if said else EMPTY
