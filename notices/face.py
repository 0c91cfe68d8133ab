"""What stands on a 資格情報のお知らせ, as plain values and exact texts; nothing of paper or database.

Wording is a dated template. Source: print.md 「資格情報のお知らせ」.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from core.calendar import wareki
from core.text import tenths

TITLE: Final = "資格情報のお知らせ"
BAND_LINES: Final = (
    "これは資格確認書ではありません。この書面だけでは受診できません。",
    "必ずマイナンバーカードと一緒にお持ちください。",
)
BAND: Final = "".join(BAND_LINES)
CUT_HERE: Final = (
    "右の部分は、線に沿って切り取り、マイナンバーカードと一緒にお持ちください。"
    "マイナ保険証を読み取れない医療機関や薬局では、両方を窓口で見せてください。"
)
CUT_HERE_EACH: Final = (
    "下のカードは、線に沿って1枚ずつ切り取り、それぞれの方がマイナンバーカードと一緒にお持ちください。"
    "マイナ保険証を読み取れない医療機関や薬局では、両方を窓口で見せてください。"
)
LABELS: Final = {
    "symbol": "記号",
    "number": "番号",
    "branch_number": "枝番",
    "name_kana": "フリガナ",
    "name": "氏名",
    "birth_date": "生年月日",
    "acquired_on": "資格取得年月日",
    "copayment": "負担割合",
    "insurer_number": "保険者番号",
    "insurer_name": "保険者名称",
    "insurer_phone": "電話番号",
    "last_four": "個人番号の下4桁",
    "issued_on": "交付年月日",
    "serial": "管理番号",
    "band": "上部の帯",
    "title": "表題",
    "sentences": "お知らせの文",
    "addressee": "あて名",
}
"""The Japanese label of each field, on paper and in messages."""


@dataclass(frozen=True, slots=True)
class NoticeFace:
    """Everything one 資格情報のお知らせ shows.

    ``name`` is the name as printed (通称名 where there is one). ``copayment_percent`` is ``None`` below 70.
    ``registered_on``: day on which the society's entry in the national system was made, where it is known.
    ``told_on_share_change``: the society sends a new notice when the share changes. ``last_four``: the end of the
    個人番号 where it is printed; ``addressee``: whom the sheet is addressed to, if not the person. ``municipal``: of a
    scheme without employers.
    """

    serial: str
    issued_on: date
    symbol: str
    number: str
    branch_number: str
    name: str
    name_kana: str
    birth_date: date
    acquired_on: date
    insurer_number: str
    insurer_name: str
    insurer_phone: str
    copayment_percent: int | None = None
    registered_on: date | None = None
    told_on_share_change: bool = True
    last_four: str = field(default="", repr=False)
    addressee: str = ""
    municipal: bool = False

    def fields(self) -> dict[str, str]:
        """The exact text of each field that is printed; a field that does not apply is absent."""
        texts = {
            "band": BAND,
            "title": TITLE,
            "issued_on": wareki(self.issued_on),
            "serial": self.serial,
            "addressee": f"{self.addressee or self.name} 様",
            "symbol": self.symbol,
            "number": self.number,
            "branch_number": self.branch_number,
            "name_kana": self.name_kana,
            "name": self.name,
            "birth_date": wareki(self.birth_date),
            "acquired_on": wareki(self.acquired_on),
            "copayment": "" if self.copayment_percent is None else tenths(self.copayment_percent),
            "insurer_number": self.insurer_number,
            "insurer_name": self.insurer_name,
            "insurer_phone": self.insurer_phone,
            "last_four": self.last_four,
            "sentences": "".join(self.sentences()),
        }
        return {name: text for name, text in texts.items() if text}

    def sentences(self) -> list[str]:
        """The text below the fields, one paragraph each."""
        return sentences([self])


@dataclass(frozen=True, slots=True)
class HouseholdFace:
    """One sheet for several people of a household, addressed to the insured person, or to the 世帯主; ``people`` in their order."""

    serial: str
    issued_on: date
    addressee: str
    people: tuple[NoticeFace, ...]

    def fields(self) -> dict[str, str]:
        """The exact text of each field that stands once on the sheet; each person's own are in ``people``."""
        first = self.people[0]
        texts = {
            "band": BAND,
            "title": TITLE,
            "issued_on": wareki(self.issued_on),
            "serial": self.serial,
            "addressee": f"{self.addressee} 様",
            "insurer_number": first.insurer_number,
            "insurer_name": first.insurer_name,
            "insurer_phone": first.insurer_phone,
            "sentences": "".join(self.sentences()),
        }
        return {name: text for name, text in texts.items() if text}

    def sentences(self) -> list[str]:
        """The text below the table, one paragraph each, for all of them."""
        return sentences(self.people)


Face = NoticeFace | HouseholdFace
"""What one sheet shows."""


def sentences(people: Sequence[NoticeFace]) -> list[str]:
    """The text of a sheet for these people, one paragraph each.

    Of several days of registration the last is named: on it all were done; where one is unknown, none is named.
    Source: print.md 「資格情報のお知らせ」.
    """
    days = [person.registered_on for person in people]
    done = f"{wareki(max(day for day in days if day))}に" if all(days) else ""
    office = "国民健康保険の窓口" if people[0].municipal else "事業所の担当者または当組合"
    lines = [
        f"国のシステムへの登録は{done}終わりました。内容に誤りがあれば、{office}へ連絡してください。",
        "資格がなくなったら、返さずに細かく切って捨ててください。",
    ]
    if any(person.copayment_percent is not None for person in people):
        lines.insert(0, f"負担割合は交付日現在です。{_on_change(people[0].told_on_share_change)}")
    if any(person.last_four for person in people):
        lines.append("個人番号は下4桁だけを載せています。お手元の番号と違うときは、すぐに連絡してください。")
    return lines


def _on_change(told: bool) -> str:
    return "変わったときは改めてお知らせします。" if told else "再交付しません。マイナポータルで確認してください。"
