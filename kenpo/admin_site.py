"""The office's front: side menu and the files of requests.

Used by the UNFOLD setting through their dotted names.
"""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Q
from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse
from django.utils.html import format_html
from unfold.decorators import display

from core.admin import EMPTY, ReadOnlyAdmin, ReadOnlyTable, link_to
from exchange.models import OutgoingFile, OutgoingRow
from members.search import members

_MENU: tuple[tuple[str, tuple[tuple[str, str, str], ...]], ...] = (
    ("毎月の仕事", (
        ("支払基金のファイル", "inbox", "exchange_exchangefile"),
        ("基金への依頼ファイル", "outbox", "exchange_outgoingfile"),
        ("月次判定", "calendar_month", "certificates_run"),
        ("判定", "rule", "certificates_decision"),
        ("発送", "local_shipping", "mailing_dispatch"),
    )),
    ("発送のあと", (
        ("封筒", "stacked_email", "mailing_envelope"),
        ("引受番号", "barcode", "mailing_tracking"),
        ("返戻", "undo", "mailing_returnedmail"),
        ("用紙の受払", "inventory_2", "mailing_paperlot"),
    )),
    ("申請と届出", (
        ("申請", "assignment", "certificates_application"),
        ("届出", "edit_document", "certificates_filing"),
        ("利用登録解除", "link_off", "certificates_deregistration"),
        ("個別照会", "contact_support", "certificates_inquiry"),
        ("個別判定", "gavel", "certificates_ruling"),
        ("対応記録", "call", "certificates_contact"),
    )),
    ("証とお知らせ", (
        ("資格確認書", "badge", "certificates_eligibilitycertificate"),
        ("高齢受給者証", "elderly", "certificates_elderlybeneficiarycertificate"),
        ("お知らせ", "mail", "notices_eligibilitynotice"),
        ("健康保険証", "credit_card", "certificates_legacycard"),
        ("回収", "assignment_return", "certificates_recovery"),
    )),
    ("人", (
        ("加入者", "groups", "members_member"),
        ("人", "person", "members_person"),
        ("事業所", "apartment", "members_establishment"),
    )),
    ("組合", (
        ("保険者", "account_balance", "members_insurer"),
        ("運用設定", "tune", "policy"),
        ("文面", "article", "wording"),
        ("法令の値", "menu_book", "law"),
        ("担当者", "manage_accounts", "core_clerk"),
    )),
    ("記録", (
        ("操作記録", "history", "core_event"),
        ("処理", "progress_activity", "core_job"),
    )),
)  # fmt: skip


class OutgoingRowTable(ReadOnlyTable):
    """The requests of a file, each with its own page."""

    model = OutgoingRow
    fields = ("line_no", "member", "name", "request", "refusal", "released")
    related = ("member__person", "deregistration", "inquiry")
    wide = ("refusal",)
    per_page = 100

    @display(description="氏名")
    def name(self, row: OutgoingRow) -> str:
        return row.member.person.name

    @display(description="依頼")
    def request(self, row: OutgoingRow) -> str:
        asked = row.deregistration or row.inquiry
        return link_to(asked, str(asked._meta.verbose_name)) if asked else EMPTY


@admin.register(OutgoingFile)
class OutgoingFileAdmin(ReadOnlyAdmin):
    """Files of requests for the fund: made, handed over, taken in or refused line by line."""

    list_display = ("title", "kind", "created_on", "row_count", "sent_on", "accepted_on", "status")
    list_filter = ("status", "kind", "created_on")
    related = ("insurer", "made_by")
    inlines = [OutgoingRowTable]
    ordering = ("-pk",)
    fieldsets = (
        (None, {"fields": (
            ("title", "status"), ("kind", "insurer"), ("created_on", "made_by"), ("sent_on", "accepted_on"),
            "next_step",
        )}),
        ("照合", {"fields": (("row_count", "control_total"), "fingerprint")}),
    )  # fmt: skip
    badges = {"status": {"made": "warning", "sent": "info", "acknowledged": "success", "cancelled": "danger"}}
    search_by = staticmethod(
        lambda term: Q(pk__in=OutgoingRow.objects.filter(member__in=members(term)).values("file"))
    )
    search_help_text = "記号・番号・枝番、カナ、氏名"
    empty_hint = (
        "基金への依頼ファイルはまだありません。利用登録解除の申請を認めるか個別照会を起こしたら、"
        "管理者にファイルの作成を頼んでください。作ると、ここに出ます。"
    )

    @display(description="ファイル", ordering="pk")
    def title(self, file: OutgoingFile) -> str:
        return str(file)

    @display(description="次にすること")
    def next_step(self, file: OutgoingFile) -> str:
        said = {
            "made": "基金へ渡したら、渡した日の記録を管理者に頼んでください。",
            "sent": "基金の受付が届いたら、受付の記録を管理者に頼んでください。",
        }
        return said.get(file.status, EMPTY)

    @display(description="ハッシュ")
    def fingerprint(self, file: OutgoingFile) -> str:
        return format_html("<code>{}</code>", file.sha256)


def stylesheet(request: HttpRequest) -> str:
    """The few rules that unfold's sheet lacks."""
    return static("kenpo/office.css")


def favicon(request: HttpRequest) -> str:
    return static("kenpo/icon.svg")


def navigation(request: HttpRequest) -> list[dict[str, Any]]:
    """The side menu, in the order of the work."""
    home = {
        "title": "",
        "items": [
            {"title": "はじめの画面", "icon": "home", "link": reverse("admin:index")},
            {"title": "今月の仕事", "icon": "event_available", "link": reverse("month")},
            {"title": "電話で探す", "icon": "phone_in_talk", "link": reverse("search")},
            {"title": "今日使える手段がない人", "icon": "warning", "link": reverse("gaps")},
            {"title": "郵便番号を確かめる住所", "icon": "wrong_location", "link": reverse("addresses")},
            {
                "title": "印刷できない氏名",
                "icon": "spellcheck",
                "link": reverse("admin:members_person_unprintable"),
            },
            {"title": "表の取込み・書出し", "icon": "table_view", "link": reverse("tables")},
            {"title": "発送の帳尻", "icon": "balance", "link": reverse("ledger")},
            {"title": "月報と帳簿", "icon": "monitoring", "link": reverse("statistics")},
        ],
    }
    groups = [
        {
            "title": title,
            "items": [{"title": words, "icon": icon, "link": _address(name)} for words, icon, name in items],
        }
        for title, items in _MENU
    ]
    return [home, *groups]


def _address(name: str) -> str:
    """A page's own address, or the list of a model's rows (``app_model``)."""
    return reverse(f"admin:{name}_changelist" if "_" in name else name)
