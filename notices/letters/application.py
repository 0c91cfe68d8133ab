"""What letters about an application have in common. Knows no paper, no database. Source: print.md "Letters"; rules.md §8."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from core.calendar import wareki
from notices.letters.content import Addressee, Column, Letter, Sender, Table, items, paragraphs
from notices.letters.wording import Wording

COLUMNS = (
    Column("対象の方", 58, "name"),
    Column("申請の種類", 30),
    Column("申請の事由", 42),
    Column("受付日", 32, align="right"),
)


@dataclass(frozen=True, slots=True)
class ApplicationFace:
    """The application a letter is about. ``kind`` and ``ground`` are Japanese words; each letter is told its number
    (``letter_number``).
    """

    application_id: int
    name: str
    kind: str
    ground: str
    received_on: date
    addressee: Addressee
    sender: Sender
    issued_on: date

    def letter(self, kind: str, number: str, *, told: Sequence[str] = (), missing: Sequence[str] = ()) -> Letter:
        """The letter ``kind`` in the wording of its day; ``told`` follows the body in words of its own, an item a line what is ``missing``."""
        words, values = Wording(kind, self.issued_on), self._values()
        body = [*words.texts("body", **values), *told]
        row = (self.name, self.kind, self.ground, wareki(self.received_on))
        return Letter(
            kind,
            f"application {self.application_id}",
            self.addressee,
            self.sender,
            self.issued_on,
            f"申請 {number}",
            words.text("title", **values),
            (*paragraphs(body), *items(missing)),
            Table(COLUMNS, (row,)),
            paragraphs(words.texts("closing", **values)),
        )

    def _values(self) -> dict[str, str]:
        return {"kind": self.kind, "received_on": wareki(self.received_on), "contact": self.sender.contact}
