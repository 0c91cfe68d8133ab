"""What each column of a table holds: its Japanese name, how a spreadsheet's cell becomes its text, an invented example.

Source: interfaces.md "CSV".
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from certificates.requests.applications import bulk as applications
from certificates.requests.filings.fields import FIELDS
from certificates.requests.filings.taking import HEAD
from certificates.rules.filing_days import CSV_HELP
from certificates.rules.law import law_on_or_after
from core import clock
from mailing.post.tracking import COLUMNS as TRACKING

# ``id`` keeps its leading zeros and is never a number; ``code`` may be typed as one.
Form = Literal["text", "id", "code", "day", "flag", "amount"]
INDIVIDUAL_NUMBER = "individual_number"


@dataclass(frozen=True, slots=True)
class Column:
    """One column. ``widths``: the digits that an ``id`` has when it is all digits; empty where that varies.

    ``remark``: what the label leaves open, for ``Law.fill``.
    """

    name: str
    label: str
    form: Form = "text"
    widths: tuple[int, ...] = ()
    example: str = ""
    required: bool = True
    remark: str = ""

    @property
    def told(self) -> str:
        """What the label leaves open, with the numbers of today's law."""
        return law_on_or_after(clock.today()).fill(self.remark)


_DAYS = {
    "birth_date": ("生年月日", "1980-04-15"),
    "acquired_on": ("資格取得日・認定日", "2026-04-01"),
    "lost_on": ("資格喪失日", ""),
    "fund_registered_on": ("基金への登録日", "2026-04-10"),
    "issued_on": ("交付年月日", "2024-04-01"),
    "effective_on": ("発効期日", "2026-11-01"),
    "valid_through": ("有効期限", "2027-10-31"),
    "received_on": ("受付日", "2026-11-10"),
    "relief_from": ("適用開始日", ""),
    "relief_through": ("適用終了日", ""),
    "limit_category_through": ("限度額適用区分の有効期限", ""),
    "specific_disease_through": ("特定疾病の有効期限", ""),
}
_IDS: dict[str, tuple[str, tuple[int, ...], str]] = {
    # An example that is left in the file is no number of anybody, so that it is refused.
    "insurer_number": ("保険者番号（8桁）", (8,), "99999999"),
    "symbol": ("記号", (), "101"),
    "number": ("番号", (), "0001"),
    "branch_number": ("枝番（2桁）", (2,), "00"),
    "establishment_code": ("事業所コード", (), "0001"),
    "postal_code": ("郵便番号", (7,), "530-0003"),
    "mailing_postal_code": ("送付先の郵便番号", (7,), ""),
    "safe_postal_code": ("安全な送付先の郵便番号", (7,), ""),
    "person_key": ("取込キー（同じ人の行に同じ値）", (), ""),
    INDIVIDUAL_NUMBER: ("個人番号（12桁。書き出しません）", (12,), ""),
    "envelope_code": ("封筒番号（宛名用紙の番号）", (), "見本-0001"),
    "tracking_number": ("引受番号（11～13桁）", (11, 12, 13), "12345678901"),
    **{
        f"new_{name}": (f"新しい{label}", widths, "")
        for name, label, widths in (
            ("insurer_number", "保険者番号", (8,)),
            ("symbol", "記号", ()),
            ("number", "番号", ()),
            ("branch_number", "枝番", (2,)),
            ("establishment_code", "事業所コード", ()),
        )
    },
    **{
        f"former_{name}": (f"前の{label}", widths, "")
        for name, label, widths in (
            ("insurer_number", "保険者番号", (8,)),
            ("symbol", "記号", ()),
            ("number", "番号", ()),
            ("branch_number", "枝番", (2,)),
        )
    },
}
_CODES = {
    "kind": ("区分・種類", "insured"),
    "sex": ("性別（1 男、2 女）", "1"),
    "coverage_kind": ("資格の種類", "regular"),
    "individual_number_state": ("個人番号の状態", "registered"),
    "basis": ("交付の根拠", "application"),
    "ground": ("事由", "lost_card"),
    "via": ("受付方法", "establishment"),
    "applicant": ("申請者", "insured"),
    "reason": ("理由", ""),
    "certificate_ground": ("発行を希望する事由", ""),
    "limit_category": ("限度額適用区分", ""),
    "specific_disease": ("特定疾病", ""),
}
_FLAGS = {
    "resident": ("国内居住（1 か 0）", "1"),
    "nondisclosure": ("自己情報提供不可（1 か 0）", "0"),
    "needs_assistance": ("要配慮者（1 か 0）", "0"),
    "address_protected": ("不開示該当・住所秘匿（1 か 0）", "0"),
    "sex_on_back": ("性別を裏面に記載（1 か 0）", "0"),
    "printed_name_ends": ("通称名をやめる（1 か 0）", ""),
    "mailing_ends": ("送付先をやめる（1 か 0）", ""),
    "family": ("家族も同じ（1 か 0）", ""),
    "correct": ("日付の訂正（1 か 0）", ""),
    "certificate_wanted": ("資格確認書の発行要否（1 か 0）", ""),
    "limit_category_ends": ("限度額適用区分の取下げ（1 か 0）", ""),
    "specific_disease_ends": ("特定疾病の取下げ（1 か 0）", ""),
}
_TEXTS = {
    "relationship": ("続柄", "本人"),
    "name": ("氏名（登録のまま）", "見本 太郎"),
    "name_kana": ("フリガナ", "ミホン タロウ"),
    "printed_name": ("通称名", ""),
    "address": ("住所", "大阪府大阪市北区架空7-8-9"),
    "mailing_address": ("送付先", ""),
    "safe_address": ("安全な送付先", ""),
    "proxy_relationship": ("代理人の続柄", ""),
}
_AMOUNT = "standard_monthly_remuneration_yen"
_AMOUNTS = {_AMOUNT: ("標準報酬月額（円）", "300000"), "specific_disease_yen": ("特定疾病の自己負担限度額（円）", "")}


def column(name: str, *, required: bool = True, example: str | None = None) -> Column:
    """The column called ``name``; one that nobody knows is text."""
    made = _made(name)
    return Column(name, made.label, made.form, made.widths, made.example if example is None else example, required)


def _made(name: str) -> Column:
    if name in _DAYS:
        label, example = _DAYS[name]
        return Column(name, f"{label}（年-月-日）", "day", example=example)
    if name in _IDS:
        label, widths, example = _IDS[name]
        return Column(name, label, "id", widths, example)
    if name in _CODES:
        return Column(name, _CODES[name][0], "code", example=_CODES[name][1])
    if name in _FLAGS:
        return Column(name, _FLAGS[name][0], "flag", example=_FLAGS[name][1])
    if name in _AMOUNTS:
        return Column(name, _AMOUNTS[name][0], "amount", example=_AMOUNTS[name][1])
    label, example = _TEXTS.get(name, ("（この表にない列）", ""))
    return Column(name, label, example=example)


def _columns(required: Iterable[str], optional: Iterable[str] = (), **examples: str) -> tuple[Column, ...]:
    return (
        *(column(name, example=examples.get(name)) for name in required),
        *(column(name, required=False, example=examples.get(name)) for name in optional),
    )


NUMBERS = ("insurer_number", "symbol", "number", "branch_number")
PEOPLE = _columns(
    (
        "insurer_number",
        "establishment_code",
        "symbol",
        "number",
        "branch_number",
        "kind",
        "relationship",
        "name",
        "name_kana",
        "sex",
        "birth_date",
        "coverage_kind",
        "acquired_on",
        "lost_on",
        _AMOUNT,
        "resident",
        "individual_number_state",
        "nondisclosure",
        "needs_assistance",
        "postal_code",
        "address",
    ),
    (
        "person_key",
        "fund_registered_on",
        "address_protected",
        "mailing_postal_code",
        "mailing_address",
        "printed_name",
        "sex_on_back",
        INDIVIDUAL_NUMBER,
    ),
)
_DAY_OF_FILING = Column(
    "effective_on", "異動日（届書の日。年-月-日）", "day", example=_DAYS["effective_on"][1], remark=CSV_HELP
)
FILINGS = tuple(
    _DAY_OF_FILING if one.name == "effective_on" else one
    for one in _columns(
        HEAD,
        [name for name in FIELDS if name not in HEAD],
        kind="address",
        **dict.fromkeys(
            (
                "establishment_code",
                "name",
                "name_kana",
                "sex",
                "birth_date",
                "relationship",
                "coverage_kind",
                "fund_registered_on",
                _AMOUNT,
                "resident",
                "individual_number_state",
                "nondisclosure",
                "needs_assistance",
                "address_protected",
                "sex_on_back",
            ),
            "",
        ),
    )
)
APPLICATIONS = _columns(applications.REQUIRED, applications.OPTIONAL, kind="issue")
LEGACY_CARDS = _columns((*NUMBERS, "issued_on", "valid_through"), valid_through="")
CERTIFICATES = _columns((*NUMBERS, "basis", "issued_on", "effective_on", "valid_through"), ("ground",))
TRACKING_NUMBERS = _columns(TRACKING)
