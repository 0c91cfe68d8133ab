"""What stands on the two sides of a 資格確認書, as plain values and exact texts; nothing of paper or database.

Wording is a dated template; where insurers differ a flag of the face switches the sentence.
Source: print.md; 健康保険法施行規則 (資格確認書).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

from certificates.rules.law import Law, law_on_or_after
from core.calendar import wareki
from core.text import tenths

Kind = Literal["insured", "dependent"]

TITLE: Final = "健康保険資格確認書"
MUNICIPAL_TITLE: Final = "国民健康保険資格確認書"
KIND_LABELS: Final[dict[Kind, str]] = {"insured": "本人（被保険者）", "dependent": "家族（被扶養者）"}
SEX_LABELS: Final = {"1": "男", "2": "女"}
SEE_BACK: Final = "裏面参照"

LABELS: Final = {
    "title": "表題",
    "kind": "本人・家族の別",
    "issued_on": "交付年月日",
    "symbol": "記号",
    "number": "番号",
    "branch_number": "枝番",
    "name_kana": "フリガナ",
    "name": "氏名",
    "birth_date": "生年月日",
    "sex": "性別",
    "acquired_on": "資格取得年月日",
    "certified_on": "認定年月日",
    "insured_name": "被保険者氏名",
    "head_name": "世帯主氏名",
    "expected_loss_on": "資格喪失予定年月日",
    "copayment": "一部負担金の割合",
    "effective_on": "発効期日",
    "valid_through": "有効期限",
    "establishment_name": "事業所名称",
    "limit_category": "限度額適用区分",
    "specific_disease": "特定疾病",
    "insurer_address": "保険者所在地",
    "insurer_phone": "電話番号",
    "insurer_number": "保険者番号",
    "insurer_name": "保険者名称",
    "serial": "発行番号",
    "address": "住所",
    "legal_name": "戸籍上の氏名",
    "sex_remark": "性別",
    "former_surname": "旧姓",
}
"""The Japanese label of each field, on paper and in messages."""


@dataclass(frozen=True, slots=True)
class InsurerFace:
    """The society as printed: number (8 digits, text), name, postal code (``123-4567``), address, telephone."""

    number: str
    name: str
    postal_code: str
    address: str
    phone: str


@dataclass(frozen=True, slots=True)
class CertificateFace:
    """Everything one 資格確認書 shows.

    ``name`` is the legal name as registered. ``printed_name`` (通称名), when set, is printed as 氏名 and the legal name goes
    to 備考. ``insured_name`` is for dependents, ``expected_loss_on`` for 任意継続. ``copayment_percent`` is ``None`` where the
    share is not on the face. ``serial`` is digits only; the QR code holds it and nothing else.
    ``recover_note_weeks``: the society asks for the certificate back that many weeks after registration; ``None``: it does not.
    ``share_not_on_face``: the society prints no share, so the note sends those from 70 to the 高齢受給者証.
    ``municipal``: of a municipal scheme, where nobody is a dependent and each paper names the 世帯主 (``head_name``).
    ``establishment_name``, ``limit_category`` and ``specific_disease`` are optional items; empty is not printed.
    """

    kind: Kind
    issued_on: date
    symbol: str
    number: str
    branch_number: str
    name: str
    name_kana: str
    birth_date: date
    sex: str
    acquired_on: date
    valid_through: date
    insurer: InsurerFace
    serial: str
    printed_name: str = ""
    sex_on_back: bool = False
    former_surname: str = ""
    insured_name: str = ""
    expected_loss_on: date | None = None
    copayment_percent: int | None = None
    effective_on: date | None = None
    recover_note_weeks: int | None = None
    share_not_on_face: bool = False
    address: str = ""
    show_address: bool = False
    establishment_name: str = ""
    limit_category: str = ""
    specific_disease: str = ""
    municipal: bool = False
    head_name: str = ""

    def __post_init__(self) -> None:
        """Keeps anything but a serial out of the QR code (告知要求制限).

        Raises:
            ValueError: the serial is not made of digits.
        """
        if not (self.serial.isascii() and self.serial.isdigit()):
            raise ValueError("資格確認書の発行番号は数字だけです。")

    def fields(self) -> dict[str, str]:
        """The exact text of each field that is printed, front first; a field that does not apply is absent."""
        return {name: text for name, text in {**self._front(), **self._back()}.items() if text}

    def _front(self) -> dict[str, str]:
        dependent = self.kind == "dependent"
        return {
            "title": MUNICIPAL_TITLE if self.municipal else TITLE,
            "kind": "" if self.municipal else KIND_LABELS[self.kind],
            "issued_on": wareki(self.issued_on),
            "symbol": self.symbol,
            "number": self.number,
            "branch_number": self.branch_number,
            "name_kana": self.name_kana,
            "name": self.printed_name or self.name,
            "birth_date": wareki(self.birth_date),
            "sex": SEE_BACK if self.sex_on_back else SEX_LABELS[self.sex],
            "certified_on" if dependent else "acquired_on": wareki(self.acquired_on),
            "insured_name": self.insured_name if dependent else "",
            "head_name": self.head_name,
            "establishment_name": self.establishment_name,
            "expected_loss_on": wareki(self.expected_loss_on) if self.expected_loss_on else "",
            "copayment": "" if self.copayment_percent is None else tenths(self.copayment_percent),
            "effective_on": self._effective_on(),
            "valid_through": f"{wareki(self.valid_through)}まで",
            "limit_category": self.limit_category,
            "specific_disease": self.specific_disease,
            "insurer_address": f"〒{self.insurer.postal_code} {self.insurer.address}",
            "insurer_phone": self.insurer.phone,
            "insurer_number": self.insurer.number,
            "insurer_name": self.insurer.name,
            "serial": self.serial,
        }

    def _effective_on(self) -> str:
        """発効期日, printed with a share, or when it is later than the day of issue."""
        if self.effective_on is None:
            return ""
        printed = self.copayment_percent is not None or self.effective_on > self.issued_on
        return wareki(self.effective_on) if printed else ""

    def _back(self) -> dict[str, str]:
        return {
            "address": self.address if self.show_address else "",
            "legal_name": self.name if self.printed_name else "",
            "sex_remark": SEX_LABELS[self.sex] if self.sex_on_back else "",
            "former_surname": self.former_surname,
        }

    def notes(self) -> list[str]:
        """注意事項 in order; the marks are their numbers."""
        return notes(
            law_on_or_after(self.issued_on),
            share_not_on_face=self.share_not_on_face,
            recover_note_weeks=self.recover_note_weeks,
            items_on_face=bool(self.limit_category or self.specific_disease),
            municipal=self.municipal,
        )


MUNICIPAL_OFFICE: Final = "国民健康保険の窓口"


def loss_note(law: Law, *, municipal: bool) -> str:
    """What to do when cover is lost."""
    if municipal:
        return (
            "転出やほかの医療保険への加入などで資格がなくなったら、有効期限の前でも使えません。"
            f"{law.municipal_notice_days}日以内に、{MUNICIPAL_OFFICE}へ届け出て返してください。"
            "使った場合は、国民健康保険が負担した医療費を返していただきます。"
        )
    return (
        "退職や扶養から外れたことなどで資格がなくなったら、有効期限の前でも使えません。"
        f"{law.return_after_loss_days}日以内に、事業主（任意継続・特例退職の方は当組合）へ返してください。"
        "使った場合は、当組合が負担した医療費を返していただきます。"
    )


def notes(
    law: Law,
    *,
    share_not_on_face: bool,
    recover_note_weeks: int | None,
    items_on_face: bool = False,
    municipal: bool = False,
) -> list[str]:
    """注意事項 of the back; item 6 only for societies that recover on registration.

    ``municipal``: in the words of 国民健康保険, which has no employers.
    ``items_on_face``: a 限度額適用区分 or 特定疾病 stands in front, and note 3 says that it counts.
    """
    limits = "、表面に記載した分だけです。ほかに" if items_on_face else "ありません。"
    elderly = f"{law.elderly_age}歳以上の方は高齢受給者証も見せてください。" if share_not_on_face else ""
    recover = f"マイナ保険証が使えるようになったら、{recover_note_weeks}週間を目安に返してください。"
    items = [
        "受け取ったら、氏名や生年月日に誤りがないか確かめ、住所欄に住所を自筆で記入してください。"
        "転居したときは二重線で消して書き直してください。",
        "医療機関や薬局では、窓口でこの証を見せてください（マイナ保険証を使うときは不要です）。",
        f"限度額適用認定証や特定疾病療養受療証の働きは{limits}お持ちの方は一緒に見せてください。{elderly}",
        loss_note(law, municipal=municipal),
        "氏名など表面の内容が変わったときは、この証を添えて届け出てください。",
        recover if recover_note_weeks is not None else "",
        "有効期限を過ぎた証は使えません。返さずに、細かく切って捨ててください。",
        "なくしたとき、傷んで読めなくなったときは、すぐに届け出てください。後で見つかった古い証は返してください。",
        "仕事中や通勤途中のけが・病気には使えません。"
        f"交通事故などで使うときは、{MUNICIPAL_OFFICE if municipal else '当組合'}へ連絡してください。",
        "他人に貸したり、書き換えたりしないでください。不正に使うと、詐欺などの罪に問われることがあります。",
        f"{'国民' if municipal else ''}健康保険と関係のない相手に、記号・番号・保険者番号を教える必要はありません。",
    ]
    return [item for item in items if item]


DONATION_HEADING: Final = (
    "以下の欄に記入することにより、臓器提供に関する意思を表示することができます。"
    "記入する場合は、1から3までのいずれかの番号を○で囲んでください。"
)
DONATION_ITEMS: Final = (
    "私は、脳死後及び心臓が停止した死後のいずれでも、移植の為に臓器を提供します。",
    "私は、心臓が停止した死後に限り、移植の為に臓器を提供します。",
    "私は、臓器を提供しません。",
)
"""The three statutory declarations."""
DONATION_TITLE: Final = "臓器提供意思表示"
DONATION_EXCEPT: Final = "《1又は2を選んだ方で、提供したくない臓器があれば、×をつけてください。》"
DONATION_ORGANS: Final = "【心臓・肺・肝臓・腎臓・膵臓・小腸・眼球】"
DONATION_REMARK: Final = "〔特記欄：" + "\u3000" * 14 + "〕"
DONATION_SIGNATURES: Final = {"day": "署名年月日：", "self": "本人署名（自筆）：", "family": "家族署名（自筆）："}
DONATION_VOLUNTARY: Final = "記入は任意です。記入の有無で受けられる医療は変わりません。"
