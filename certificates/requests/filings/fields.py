"""The values a filing may carry: one ``Field`` each, from which its form, its column and its words are made.

Names are as in members.csv. A value is kept as the text it was filed as; ``typed`` reads it back.
Source: interfaces.md "CSV".
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from certificates.documents.optional_items import CATEGORIES_BY_AGE
from certificates.rules.codes import Ground
from certificates.rules.filing_kinds import LossReason, NumberReport
from core import cells, crypto, plausible
from core.damage import Use
from core.errors import Mistake
from core.plausible import Window
from members.models import Member, NumberState, Person
from members.optional_item import LimitCategory, SpecificDisease
from members.policy import WISHED_GROUNDS

# ``id`` keeps its leading zeros and is never a number; ``code`` may be typed as one.
Type = Literal["text", "id", "code", "day", "flag", "amount"]
Choices = Sequence[tuple[str, str]]
YES_NO = (("1", "はい"), ("0", "いいえ"))


@dataclass(frozen=True, slots=True)
class Field:
    """One value: ``check`` raises ``ValueError`` with what was expected, ``read`` makes it a Python value.

    A code and a flag have ``choices``, each with its words; a day has a ``window``, in which it must lie. On the form
    ``help`` (for ``Law.fill``) stands beside it. In a table its column is called ``heading``; ``widths`` are the
    digits that an id has when it is all digits, empty where that varies; ``example`` is invented. ``on_paper``: what
    looks like damage in a text that is printed.
    """

    name: str
    label: str
    type: Type
    check: Callable[[str], Any]
    read: Callable[[str], Any] = str
    choices: Choices = ()
    window: Window | None = None
    help: str = ""
    column: str = ""
    widths: tuple[int, ...] = ()
    example: str = ""
    on_paper: Use | None = None
    seldom: bool = False
    """Told of a new member only in a few cases: the form shows it folded away."""
    only_in_files: bool = False
    """A key of the office's own files; no paper form carries it."""
    of_employers: bool = False
    """Unknown where there are no employers."""

    @property
    def heading(self) -> str:
        return self.column or self.label


def _insurer_number(cell: str) -> str:
    if not cells.insurer_number_valid(cell):
        raise ValueError("保険者番号は8桁で、検証番号と都道府県番号が正しいものを入れてください。")
    return cell


def text(name: str, label: str, limit: int, **more: Any) -> Field:
    """A text of at most ``limit`` characters."""
    return Field(name, label, "text", cells.text(limit, required=True), **more)


def ident(name: str, label: str, check: Callable[[str], Any], *widths: int, **more: Any) -> Field:
    """A number or key that is kept as it stands, leading zeros and all."""
    return Field(name, label, "id", check, widths=widths, **more)


def day(name: str, label: str, window: Window, **more: Any) -> Field:
    """A day, which must lie in the window."""
    return Field(name, label, "day", cells.day(), date.fromisoformat, window=window, **more)


def flag(name: str, label: str, **more: Any) -> Field:
    """Yes or no."""
    return Field(name, label, "flag", cells.flag(), "1".__eq__, choices=YES_NO, **more)


def code(name: str, label: str, choices: Choices, **more: Any) -> Field:
    """One of a few codes, each with its words."""
    return Field(name, label, "code", cells.code([told for told, _ in choices]), choices=choices, **more)


def amount(name: str, label: str, **more: Any) -> Field:
    """A whole number of yen."""
    return Field(name, label, "amount", cells.amount(), int, **more)


_identifier = cells.identifier()
_employer = cells.text(20, required=True)
_postal_code = cells.text(8, required=True)

FIELDS: Mapping[str, Field] = {
    field.name: field
    for field in (
        # An example that is left in the file is no number of anybody, so that it is refused.
        ident(
            "insurer_number",
            "保険者番号",
            _insurer_number,
            8,
            column="保険者番号（8桁）",
            example="99999999",
            seldom=True,
        ),
        ident("symbol", "記号", _identifier, example="101"),
        ident("number", "番号", _identifier, example="0001"),
        ident(
            "branch_number",
            "枝番",
            cells.branch,
            2,
            column="枝番（2桁）",
            example="00",
            help="2桁。ないときは空のままにしてください。",
        ),
        ident("establishment_code", "事業所コード", _employer, example="0001", of_employers=True),
        ident("new_insurer_number", "新しい保険者番号", _insurer_number, 8),
        ident("new_symbol", "新しい記号", _identifier),
        ident("new_number", "新しい番号", _identifier),
        ident("new_branch_number", "新しい枝番", cells.branch, 2),
        ident("new_establishment_code", "新しい事業所コード", _employer),
        ident("former_insurer_number", "前の保険者番号", _insurer_number, 8, seldom=True),
        ident("former_symbol", "前の記号", _identifier, seldom=True),
        ident("former_number", "前の番号", _identifier, seldom=True),
        ident("former_branch_number", "前の枝番", cells.branch, 2, seldom=True),
        ident(
            "person_key",
            "取込キー",
            cells.text(100, required=True),
            column="取込キー（同じ人の行に同じ値）",
            only_in_files=True,
        ),
        text("name", "氏名", 200, column="氏名（登録のまま）", example="見本 太郎", on_paper=Use.NAME),
        Field(
            "name_kana",
            "フリガナ",
            "text",
            cells.kana(200),
            help="カタカナで入れてください。",
            example="ミホン タロウ",
            on_paper=Use.KANA,
        ),
        text("printed_name", "通称名", 200, on_paper=Use.NAME, seldom=True),
        flag("printed_name_ends", "通称名をやめる"),
        code("sex", "性別", Person.Sex.choices, column="性別（1 男、2 女）", example="1"),
        flag("sex_on_back", "性別を裏面に記載", example="0", seldom=True),
        day("birth_date", "生年月日", plausible.BIRTH, example="1980-04-15"),
        text("relationship", "続柄", 20, example="本人"),
        code(
            "coverage_kind",
            "資格の種類",
            Member.CoverageKind.choices,
            example="regular",
            seldom=True,
            of_employers=True,
        ),
        day("fund_registered_on", "基金への登録日", plausible.COVER, example="2026-04-10", seldom=True),
        amount(
            "standard_monthly_remuneration_yen",
            "標準報酬月額（円）",
            help="円単位の数字を、区切りなしで入れてください。",
            example="300000",
            of_employers=True,
        ),
        flag("resident", "国内居住", example="1"),
        code("individual_number_state", "個人番号の状態", NumberState.choices, example="registered", seldom=True),
        ident(
            "individual_number",
            "個人番号",
            cells.individual_number,
            12,
            help="12桁の数字。画面や記録には残らず、暗号化して保管します。",
            column="個人番号（12桁。書き出しません）",
        ),
        flag("nondisclosure", "自己情報提供不可", example="0", seldom=True),
        flag("needs_assistance", "要配慮者", example="0", seldom=True),
        flag("address_protected", "不開示該当（住所秘匿）", column="不開示該当・住所秘匿", example="0", seldom=True),
        ident("postal_code", "郵便番号", _postal_code, 7, example="530-0003"),
        text("address", "住所", 300, example="大阪府大阪市北区架空7-8-9", on_paper=Use.OTHER),
        ident("mailing_postal_code", "送付先の郵便番号", _postal_code, 7, seldom=True),
        text("mailing_address", "送付先", 300, on_paper=Use.OTHER, seldom=True),
        flag("mailing_ends", "送付先をやめる"),
        ident("safe_postal_code", "安全な送付先の郵便番号", _postal_code, 7, seldom=True),
        text("safe_address", "安全な送付先", 300, on_paper=Use.OTHER, seldom=True),
        flag("family", "家族も同じ"),
        code("reason", "理由", (*LossReason.choices(), *NumberReport.choices()), help="わかるときに選んでください。"),
        flag("correct", "日付の訂正"),
        day("relief_from", "適用開始日", plausible.OFFICE),
        day("relief_through", "適用終了日", plausible.OFFICE),
        flag("certificate_wanted", "資格確認書の発行要否", help="届書の「発行要否」欄です。"),
        code(
            "certificate_ground", "発行を希望する事由", [(ground, Ground.of(ground).label) for ground in WISHED_GROUNDS]
        ),
        code("limit_category", "限度額適用区分", LimitCategory.choices, help=f"{CATEGORIES_BY_AGE}です。"),
        day(
            "limit_category_through",
            "限度額適用区分の有効期限",
            plausible.OFFICE,
            help="決まっているときに入れてください。",
        ),
        flag("limit_category_ends", "限度額適用区分の取下げ"),
        code("specific_disease", "特定疾病", SpecificDisease.choices),
        amount(
            "specific_disease_yen",
            "特定疾病の自己負担限度額（円）",
            help="受療証の額を、円単位の数字で区切りなしで入れてください。",
        ),
        day(
            "specific_disease_through",
            "特定疾病の有効期限",
            plausible.OFFICE,
            help="決まっているときに入れてください。",
        ),
        flag("specific_disease_ends", "特定疾病の取下げ"),
    )
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
