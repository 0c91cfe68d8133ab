"""被保険者資格証明書: an interim sheet for who must see a doctor before any paper can come. Knows no paper, no database.

It is no route in the rules' sense (rules.md §1 names three): decisions and the board of gaps do not look at it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import takewhile

from certificates.documents.face import LABELS, SEE_BACK, SEX_LABELS
from core.calendar import wareki
from core.text import tenths
from notices.letters.content import Addressee, Column, Letter, Sender, Table, paragraphs
from notices.letters.wording import Wording

KIND = "interim"
MOST_DAYS = 20
"""Days after the day of issue on which it may still be used; our reading [est.], the law names no number."""
COLUMNS = (Column("項目", 44), Column("内容", 118, "name"))


def last_usable_day(issued_on: date, cover_ends_on: date, share_on: Callable[[date], int | None]) -> date:
    """有効期間の終わり: never beyond the last day of cover, nor beyond the last day of the share it shows."""
    share = share_on(issued_on)
    days = (issued_on + timedelta(days=n) for n in range(MOST_DAYS + 1))
    return max(takewhile(lambda day: day <= cover_ends_on and share_on(day) == share, days))


@dataclass(frozen=True, slots=True)
class InterimFace:
    """Everything one sheet shows.

    ``name`` is the name as printed, ``legal_name`` the other one where that is a 通称名. ``copayment_percent`` is ``None``
    below 70. ``insured_name``: in a municipal scheme the 世帯主's. ``member_numbers``: 記号・番号 (枝番) as printed.
    """

    member_id: int
    addressee: Addressee
    sender: Sender
    issued_on: date
    valid_through: date
    insurer_number: str
    member_numbers: str
    name: str
    name_kana: str
    birth_date: date
    sex: str
    acquired_on: date
    dependent: bool
    insured_name: str
    legal_name: str = ""
    sex_on_back: bool = False
    copayment_percent: int | None = None
    municipal: bool = False

    def letter(self, number: str) -> Letter:
        """The sheet under its number (``letter_number``) in the wording of its day; what a certificate tells on its back stands overleaf."""
        words = Wording(KIND, self.issued_on)
        values = {"contact": self.sender.contact}
        overleaf = self._overleaf()
        return Letter(
            KIND,
            f"member {self.member_id}",
            self.addressee,
            self.sender,
            self.issued_on,
            f"資格証明 {number}",
            words.text("title"),
            paragraphs(words.texts("body")),
            Table(COLUMNS, self._rows(), row_heads=True),
            paragraphs(words.texts("closing", **values)),
            Table(COLUMNS, overleaf, row_heads=True) if overleaf else None,
        )

    def _rows(self) -> tuple[tuple[str, str], ...]:
        began = LABELS["certified_on" if self.dependent else "acquired_on"]
        share = self.copayment_percent
        rows = [
            ("保険者番号・名称", f"{self.insurer_number}　{self.sender.name}"),
            ("記号・番号（枝番）", self.member_numbers),
            (LABELS["name_kana"], self.name_kana),
            (LABELS["name"], self.name),
            (LABELS["birth_date"], wareki(self.birth_date)),
            (LABELS["sex"], SEE_BACK if self.sex_on_back else SEX_LABELS[self.sex]),
            (began, wareki(self.acquired_on)),
            (LABELS["head_name" if self.municipal else "insured_name"], self.insured_name),
            (LABELS["copayment"], "" if share is None else tenths(share)),
            ("有効期間", f"{wareki(self.issued_on)}から{wareki(self.valid_through)}まで"),
        ]
        return tuple((label, text) for label, text in rows if text)

    def _overleaf(self) -> tuple[tuple[str, str], ...]:
        rows = [
            (LABELS["legal_name"], self.legal_name),
            (LABELS["sex_remark"], SEX_LABELS[self.sex] if self.sex_on_back else ""),
        ]
        return tuple((label, text) for label, text in rows if text)
