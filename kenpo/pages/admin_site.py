"""The office's front: side menu and looks.

Used by the UNFOLD setting through their dotted names.
"""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse

from members.services import municipal

_MENU: tuple[tuple[str, tuple[tuple[str, str, str], ...]], ...] = (
    (
        "毎月の仕事",
        (
            ("支払基金のファイル", "inbox", "exchange_exchangefile"),
            ("基金への依頼ファイル", "outbox", "exchange_outgoingfile"),
            ("月次判定", "calendar_month", "certificates_run"),
            ("判定", "rule", "certificates_decision"),
            ("発送", "local_shipping", "mailing_dispatch"),
            ("保留の書類", "pause_circle", "mailing_heldpaper"),
        ),
    ),
    (
        "発送のあと",
        (
            ("封筒", "stacked_email", "mailing_envelope"),
            ("引受番号", "barcode", "mailing_tracking"),
            ("返戻", "undo", "mailing_returnedmail"),
            ("用紙の受払", "inventory_2", "mailing_paperlot"),
        ),
    ),
    (
        "申請と届出",
        (
            ("申請", "assignment", "certificates_application"),
            ("届出", "edit_document", "certificates_filing"),
            ("利用登録解除", "link_off", "certificates_deregistration"),
            ("個別照会", "contact_support", "certificates_inquiry"),
            ("個別判定", "gavel", "certificates_ruling"),
            ("対応記録", "call", "certificates_contact"),
        ),
    ),
    (
        "証とお知らせ",
        (
            ("資格確認書", "badge", "certificates_eligibilitycertificate"),
            ("高齢受給者証", "elderly", "certificates_elderlybeneficiarycertificate"),
            ("お知らせ", "mail", "notices_eligibilitynotice"),
            ("健康保険証", "credit_card", "certificates_legacycard"),
            ("回収", "assignment_return", "certificates_recovery"),
        ),
    ),
    (
        "人",
        (
            ("加入者", "groups", "members_member"),
            ("人", "person", "members_person"),
            ("事業所", "apartment", "members_establishment"),
        ),
    ),
    (
        "設定",
        (
            ("保険者", "account_balance", "members_insurer"),
            ("運用設定", "tune", "policy"),
            ("文面", "article", "wording"),
            ("法令の値", "menu_book", "law"),
            ("担当者", "manage_accounts", "core_clerk"),
        ),
    ),
    ("記録", (("操作記録", "history", "core_event"), ("処理", "progress_activity", "core_job"))),
)


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
            {"title": "印刷できない氏名", "icon": "spellcheck", "link": reverse("admin:members_person_unprintable")},
            {"title": "文字化けかもしれない登録", "icon": "flaky", "link": reverse("admin:members_person_damaged")},
            {"title": "資格の期間が重なる人", "icon": "join_inner", "link": reverse("admin:members_person_overlaps")},
            {"title": "表の取込み・書出し", "icon": "table_view", "link": reverse("tables")},
            {"title": "発送の帳尻", "icon": "balance", "link": reverse("ledger")},
            {"title": "月報と帳簿", "icon": "monitoring", "link": reverse("statistics")},
        ],
    }
    groups = [{"title": title, "items": [_item(*item) for item in items]} for title, items in _MENU]
    return [home, *groups]


def _item(words: str, icon: str, name: str) -> dict[str, Any]:
    item: dict[str, Any] = {"title": words, "icon": icon, "link": _address(name)}
    if name == "members_establishment":
        item["permission"] = lambda _: not municipal()
    return item


def _address(name: str) -> str:
    """A page's own address, or the list of a model's rows (``app_model``)."""
    return reverse(f"admin:{name}_changelist" if "_" in name else name)
