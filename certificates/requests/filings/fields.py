"""The values a filing may carry: names as in members.csv, each with its Japanese label and its parser.

A value is kept as the text it was filed as; ``typed`` reads it back. Source: interfaces.md "CSV".
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from certificates.rules.filing_kinds import LossReason, NumberReport
from core import cells, crypto, plausible
from core.damage import Use
from core.errors import Mistake
from core.plausible import Window
from members.models import Member, NumberState, Person
from members.optional_item import LimitCategory, SpecificDisease
from members.policy import WISHED_GROUNDS


@dataclass(frozen=True, slots=True)
class Field:
    """One value: ``check`` raises ``ValueError`` with what was expected, ``read`` makes it a Python value.

    A day has a ``window``, in which it must lie.
    """

    name: str
    label: str
    check: Callable[[str], Any]
    read: Callable[[str], Any] = str
    window: Window | None = None


def _insurer_number(cell: str) -> str:
    if not cells.insurer_number_valid(cell):
        raise ValueError("保険者番号は8桁で、検証番号と都道府県番号が正しいものを入れてください。")
    return cell


def _text(name: str, label: str, limit: int) -> Field:
    return Field(name, label, cells.text(limit, required=True))


def _day(name: str, label: str) -> Field:
    return Field(name, label, cells.day(), date.fromisoformat, plausible.window(name))


def _flag(name: str, label: str) -> Field:
    return Field(name, label, cells.flag(), "1".__eq__)


def _code(name: str, label: str, values: Iterable[str]) -> Field:
    return Field(name, label, cells.code(list(values)))


_identifier = cells.identifier()

FIELDS: Mapping[str, Field] = {
    field.name: field
    for field in (
        Field("insurer_number", "保険者番号", _insurer_number),
        Field("symbol", "記号", _identifier),
        Field("number", "番号", _identifier),
        Field("branch_number", "枝番", cells.branch),
        _text("establishment_code", "事業所コード", 20),
        Field("new_insurer_number", "新しい保険者番号", _insurer_number),
        Field("new_symbol", "新しい記号", _identifier),
        Field("new_number", "新しい番号", _identifier),
        Field("new_branch_number", "新しい枝番", cells.branch),
        _text("new_establishment_code", "新しい事業所コード", 20),
        Field("former_insurer_number", "前の保険者番号", _insurer_number),
        Field("former_symbol", "前の記号", _identifier),
        Field("former_number", "前の番号", _identifier),
        Field("former_branch_number", "前の枝番", cells.branch),
        _text("person_key", "取込キー", 100),
        _text("name", "氏名", 200),
        Field("name_kana", "フリガナ", cells.kana(200)),
        _text("printed_name", "通称名", 200),
        _flag("printed_name_ends", "通称名をやめる"),
        _code("sex", "性別", Person.Sex.values),
        _flag("sex_on_back", "性別を裏面に記載"),
        _day("birth_date", "生年月日"),
        _text("relationship", "続柄", 20),
        _code("coverage_kind", "資格の種類", Member.CoverageKind.values),
        _day("fund_registered_on", "基金への登録日"),
        Field("standard_monthly_remuneration_yen", "標準報酬月額（円）", cells.amount(), int),
        _flag("resident", "国内居住"),
        _code("individual_number_state", "個人番号の状態", NumberState.values),
        Field("individual_number", "個人番号", cells.individual_number),
        _flag("nondisclosure", "自己情報提供不可"),
        _flag("needs_assistance", "要配慮者"),
        _flag("address_protected", "不開示該当（住所秘匿）"),
        _text("postal_code", "郵便番号", 8),
        _text("address", "住所", 300),
        _text("mailing_postal_code", "送付先の郵便番号", 8),
        _text("mailing_address", "送付先", 300),
        _flag("mailing_ends", "送付先をやめる"),
        _text("safe_postal_code", "安全な送付先の郵便番号", 8),
        _text("safe_address", "安全な送付先", 300),
        _flag("family", "家族も同じ"),
        _code("reason", "理由", [value for value, _ in (*LossReason.choices(), *NumberReport.choices())]),
        _flag("correct", "日付の訂正"),
        _day("relief_from", "適用開始日"),
        _day("relief_through", "適用終了日"),
        _flag("certificate_wanted", "資格確認書の発行要否"),
        _code("certificate_ground", "発行を希望する事由", WISHED_GROUNDS),
        _code("limit_category", "限度額適用区分", LimitCategory.values),
        _day("limit_category_through", "限度額適用区分の有効期限"),
        _flag("limit_category_ends", "限度額適用区分の取下げ"),
        _code("specific_disease", "特定疾病", SpecificDisease.values),
        Field("specific_disease_yen", "特定疾病の自己負担限度額（円）", cells.amount(), int),
        _day("specific_disease_through", "特定疾病の有効期限"),
        _flag("specific_disease_ends", "特定疾病の取下げ"),
    )
}
# Texts that stand on paper, with what looks like damage in each.
ON_PAPER: Mapping[str, Use] = {
    "name": Use.NAME,
    "name_kana": Use.KANA,
    "printed_name": Use.NAME,
    **dict.fromkeys(("address", "mailing_address", "safe_address"), Use.OTHER),
}
# Told on any filing about a member, to make sure that it speaks of this person.
CONFIRMING = ("name_kana", "birth_date")
# Kept in place of the 個人番号: found again by the fingerprint, read only through the seal.
NUMBER, NUMBER_INDEX, NUMBER_SEAL = "individual_number", "individual_number_index", "individual_number_seal"

MISSING = "空です。届書の控えで確認して、値を入れてください。"
UNKNOWN = "この項目はありません。項目の名前を確認してください。"


def as_text(value: Any) -> str:
    """A value from a form as it would stand in a CSV cell; absent is empty."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "1" if value else "0"
    return value.isoformat() if isinstance(value, date) else str(value)


def cleaned(
    told: Mapping[str, Any], *, required: Iterable[str], optional: Iterable[str], on: date
) -> tuple[dict[str, str], list[str], list[Mistake]]:
    """The values to keep, the names of values this kind has no use for, and every mistake by column.

    The 個人番号 leaves only its fingerprint and its seal. ``on``: from where the windows of days are seen.
    """
    cells_told = {name: text for name, value in told.items() if (text := as_text(value))}
    wanted = set(required)
    mistakes = [Mistake(UNKNOWN, column=name) for name in cells_told if name not in FIELDS]
    mistakes += [Mistake(MISSING, column=name) for name in sorted(wanted - set(cells_told))]
    useful = wanted | set(optional)
    unused = [name for name in cells_told if name in FIELDS and name not in useful]
    kept: dict[str, str] = {}
    for name in sorted(useful & set(cells_told)):
        text = cells_told[name]
        try:
            found = FIELDS[name].check(text)
            if (window := FIELDS[name].window) is not None and text:
                window.check(FIELDS[name].read(text), on)
        except ValueError as error:
            mistakes.append(Mistake(str(error), column=name))
            continue
        if name == NUMBER:
            kept[NUMBER_INDEX] = found
            kept[NUMBER_SEAL] = crypto.encrypt(text.encode("ascii")).decode("ascii")
        else:
            kept[name] = text
    return kept, unused, mistakes


def typed(kept: Mapping[str, str]) -> dict[str, Any]:
    """Python values of what ``cleaned`` kept; the fingerprint and the seal stay text."""
    return {name: FIELDS[name].read(text) if name in FIELDS else text for name, text in kept.items()}


def labels(names: Iterable[str]) -> str:
    """The fields' Japanese names in one line."""
    return "・".join(FIELDS[name].label for name in names if name in FIELDS)
