"""Prefilled forms: what stands on each, from the dated wording and what is known of the member. Knows no paper."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from certificates.rules.law import law_on_or_after
from core.calendar import wareki
from core.errors import BadInput
from core.text import tenths
from notices.letters.content import Sender
from notices.letters.wording import Wording, fill

FORMS: Final[dict[str, str]] = {
    "application": "資格確認書 交付・再交付申請書",
    "lost": "滅失届",
    "unrecoverable": "回収不能届",
    "deregistration": "利用登録解除申請書",
    "relief": "基準収入額適用申請書",
    "hand_back": "自主返納届",
    "name_sex": "性別・通称名申出書",
}
HEAD_LABEL: Final = "世帯主氏名"
LABELS: Final[dict[str, str]] = {
    "insurer_number": "保険者番号",
    "establishment": "事業所",
    "member_numbers": "記号・番号（枝番）",
    "insured_name": "被保険者氏名",
    "name_kana": "フリガナ",
    "name": "対象の方の氏名",
    "birth_date": "生年月日",
    "kind": "本人・家族の別",
    "lost_on": "資格喪失年月日",
    "copayment": "いまの負担割合",
    "paper": "証の種類",
    "serial": "発行番号",
    "valid_through": "有効期限",
}
"""What may stand on a form in advance, and its label."""


@dataclass(frozen=True, slots=True)
class Blank:
    """A place to fill in: words to tick, ruled lines to write on, or a text with gaps."""

    label: str
    choices: tuple[str, ...] = ()
    lines: int = 0
    text: str = ""
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Form:
    """One form, ready to be set."""

    kind: str
    reference: str
    title: str
    to: str
    intro: str
    prefilled: tuple[tuple[str, str, str], ...]
    blanks: tuple[Blank, ...]
    notes: tuple[str, ...]
    send_to: str


@dataclass(frozen=True, slots=True)
class FormFace:
    """Who the form is for; in a municipal scheme ``insured_name`` is the 世帯主's.

    ``member_numbers`` is 記号・番号 (枝番) as printed; unknown values are left out of the form.
    """

    kind: str
    member_id: int
    issued_on: date
    sender: Sender
    insurer_number: str
    member_numbers: str
    insured_name: str
    name: str
    name_kana: str
    birth_date: date
    member_kind: str
    establishment: str = ""
    lost_on: date | None = None
    paper: str = ""
    serial: str = ""
    valid_through: date | None = None
    copayment_percent: int | None = None
    turnaround_days: int = 10
    fee_yen: int = 0
    choices: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    municipal: bool = False

    def form(self) -> Form:
        """The form in the wording of its day.

        Raises:
            BadInput: no such form.
            Fault: the wording asks for something that a form does not know.
        """
        if self.kind not in FORMS:
            raise BadInput(f"用紙は {'・'.join(FORMS)} のどれかを指定してください。")
        words = Wording(f"form_{self.kind}", self.issued_on)
        spec, known, values = words.raw("form"), self._known(), self._values(words)
        return Form(
            kind=f"form_{self.kind}",
            reference=f"member {self.member_id}",
            title=spec["title"],
            to=f"{self.sender.name} 御中",
            intro=fill(spec["intro"], values),
            prefilled=tuple((key, self._label(key), known[key]) for key in spec["prefilled"] if known[key]),
            blanks=tuple(self._blank(blank, values) for blank in spec["blanks"]),
            notes=tuple(fill(note, values) for note in spec["notes"]),
            send_to=f"{self.sender.place} {self.sender.contact}",
        )

    def _label(self, key: str) -> str:
        return HEAD_LABEL if self.municipal and key == "insured_name" else LABELS[key]

    def _blank(self, spec: Mapping[str, Any], values: Mapping[str, Any]) -> Blank:
        written = [fill(choice, values) for choice in spec.get("choices", ())]
        choices = written or self.choices.get(spec.get("choices_of", ""), ())
        label, text, hint = (fill(spec.get(key, ""), values) for key in ("label", "text", "hint"))
        return Blank(label, tuple(choices), spec.get("lines", 0), text, hint)

    def _known(self) -> dict[str, str]:
        share = self.copayment_percent
        return {
            "insurer_number": self.insurer_number,
            "establishment": self.establishment,
            "member_numbers": self.member_numbers,
            "insured_name": self.insured_name,
            "name_kana": self.name_kana,
            "name": self.name,
            "birth_date": wareki(self.birth_date),
            "kind": self.member_kind,
            "lost_on": wareki(self.lost_on) if self.lost_on else "",
            "copayment": "" if share is None else tenths(share),
            "paper": self.paper,
            "serial": self.serial,
            "valid_through": f"{wareki(self.valid_through)}まで" if self.valid_through else "",
        }

    def _values(self, words: Wording) -> dict[str, Any]:
        fee = words.text("fee", fee_yen=f"{self.fee_yen:,}") if self.fee_yen and self.kind == "application" else ""
        law = law_on_or_after(self.issued_on)
        return {
            "turnaround_days": self.turnaround_days,
            "fee": fee,
            "contact": self.sender.contact,
            "elderly_age": law.elderly_age,
            "elderly_share": tenths(law.copayment_elderly_percent),
            "relief_alone": _ten_thousands(law.relief_alone_yen),
            "relief_family": _ten_thousands(law.relief_family_yen),
            "deregistered": law.deregistered,
            "legacy_last_day": law.cards_end,
        }


def _ten_thousands(yen: int) -> str:
    """An amount as forms say it: 383万円."""
    return f"{yen:,}円" if yen % 10_000 else f"{yen // 10_000:,}万円"
