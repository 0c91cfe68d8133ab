"""What stands on the two sides of a 高齢受給者証, as plain values and exact texts.

Source: rules.md §6; 健康保険法施行規則52条 (高齢受給者証).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

from certificates.documents.face import MUNICIPAL_OFFICE, SEE_BACK, SEX_LABELS, InsurerFace, loss_note
from certificates.rules.law import law_on_or_after
from core.calendar import wareki
from core.text import tenths

TITLE: Final = "健康保険高齢受給者証"
MUNICIPAL_TITLE: Final = "国民健康保険高齢受給者証"

BEFORE_LOSS: Final = (
    "受け取ったら、氏名や生年月日、一部負担金の割合に誤りがないか確かめてください。",
    "医療機関や薬局では、窓口で資格確認書と一緒にこの証を見せてください（マイナ保険証を使うときは不要です）。",
    "窓口で支払う割合は、表面の「一部負担金の割合」です。割合が変わるときは新しい証をお送りします。"
    "古い証は使わずに、{office}へ返してください。",
)
AFTER_LOSS: Final = (
    "氏名など表面の内容が変わったときは、この証を添えて届け出てください。",
    "有効期限を過ぎた証は使えません。返さずに、細かく切って捨ててください。",
    "なくしたとき、傷んで読めなくなったときは、すぐに届け出てください。後で見つかった古い証は返してください。",
    "他人に貸したり、書き換えたりしないでください。不正に使うと、詐欺などの罪に問われることがあります。",
)
"""注意事項 before and after the one on a loss of cover; the marks are their numbers."""


@dataclass(frozen=True, slots=True)
class ElderlyFace:
    """Everything one 高齢受給者証 shows; as in ``CertificateFace``, ``printed_name`` (通称名) goes before ``name``.

    ``insured_name`` is for dependents, ``head_name`` (世帯主) and ``municipal`` as in ``CertificateFace``.
    ``serial`` is digits only; the QR code holds it and nothing else.
    """

    issued_on: date
    symbol: str
    number: str
    branch_number: str
    name: str
    name_kana: str
    birth_date: date
    sex: str
    copayment_percent: int
    effective_on: date
    valid_through: date
    insurer: InsurerFace
    serial: str
    printed_name: str = ""
    sex_on_back: bool = False
    insured_name: str = ""
    municipal: bool = False
    head_name: str = ""

    def __post_init__(self) -> None:
        """Keeps anything but a serial out of the QR code (告知要求制限).

        Raises:
            ValueError: the serial is not made of digits.
        """
        if not (self.serial.isascii() and self.serial.isdigit()):
            raise ValueError("高齢受給者証の発行番号は数字だけです。")

    @property
    def kind(self) -> str:
        """Its colours are the same for 本人 and 家族, and no certificate's."""
        return "elderly"

    def fields(self) -> dict[str, str]:
        """The exact text of each field that is printed, front first; a field that does not apply is absent."""
        texts = {
            "title": MUNICIPAL_TITLE if self.municipal else TITLE,
            "issued_on": wareki(self.issued_on),
            "symbol": self.symbol,
            "number": self.number,
            "branch_number": self.branch_number,
            "name_kana": self.name_kana,
            "name": self.printed_name or self.name,
            "birth_date": wareki(self.birth_date),
            "sex": SEE_BACK if self.sex_on_back else SEX_LABELS[self.sex],
            "insured_name": self.insured_name,
            "head_name": self.head_name,
            "copayment": tenths(self.copayment_percent),
            "effective_on": wareki(self.effective_on),
            "valid_through": f"{wareki(self.valid_through)}まで",
            "insurer_address": f"〒{self.insurer.postal_code} {self.insurer.address}",
            "insurer_phone": self.insurer.phone,
            "insurer_number": self.insurer.number,
            "insurer_name": self.insurer.name,
            "serial": self.serial,
            "legal_name": self.name if self.printed_name else "",
            "sex_remark": SEX_LABELS[self.sex] if self.sex_on_back else "",
        }
        return {name: text for name, text in texts.items() if text}

    def notes(self) -> list[str]:
        """注意事項 in order."""
        office = MUNICIPAL_OFFICE if self.municipal else "当組合"
        loss = loss_note(law_on_or_after(self.issued_on), municipal=self.municipal)
        return [*(note.format(office=office) for note in BEFORE_LOSS), loss, *AFTER_LOSS]
