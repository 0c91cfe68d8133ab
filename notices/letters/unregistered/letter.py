"""未提出者: to an establishment, whose individual numbers are still wanted. Never the numbers, never who is protected.

Source: rules.md §8; print.md "Letters".
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from core.calendar import wareki
from notices.letters.content import Addressee, Column, Letter, Sender, Table, paragraphs
from notices.letters.wording import Wording

KIND = "unregistered"
COLUMNS = (
    Column("記号", 26),
    Column("番号", 26),
    Column("枝番", 12, align="center"),
    Column("氏名", 58, "name"),
    Column("届出の予定・事情", 40),
)


@dataclass(frozen=True, slots=True)
class Unregistered:
    """One member without a number, as the employer knows the person."""

    symbol: str
    number: str
    branch_number: str
    name: str
    member_id: int = 0


@dataclass(frozen=True, slots=True)
class UnregisteredFace:
    """The reminder to one establishment."""

    establishment_id: int
    addressee: Addressee
    sender: Sender
    issued_on: date
    members: tuple[Unregistered, ...]

    def letter(self, number: str) -> Letter:
        """The letter under its number (``letter_number``) in the wording of its day; the last column is for the employer to write in."""
        words = Wording(KIND, self.issued_on)
        values = {
            "as_of": wareki(self.issued_on),
            "count": len(self.members),
            "until": wareki(self.issued_on + timedelta(words.raw("reply_days"))),
            "contact": self.sender.contact,
        }
        rows = tuple((m.symbol, m.number, m.branch_number, m.name, "") for m in self.members)
        return Letter(
            KIND,
            f"establishment {self.establishment_id}",
            self.addressee,
            self.sender,
            self.issued_on,
            f"番号届 {number}",
            words.text("title", **values),
            paragraphs(words.texts("body", **values)),
            Table(COLUMNS, rows),
            paragraphs(words.texts("closing", **values)),
        )
