"""Letters about an application: why it is refused, or what is missing. Source: print.md "Letters"; rules.md §8."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from core.calendar import wareki
from notices.letters.content import Addressee, Column, Letter, Sender, Table, items, paragraphs
from notices.letters.wording import Wording

REFUSAL, INCOMPLETE = "refusal", "incomplete"
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

    def refusal(self, reason: str, number: str) -> Letter:
        """Says that it is refused, with the reason in the words kept with the decision."""
        words = Wording("refusal", self.issued_on)
        body = [*words.texts("body", **self._values()), reason]
        return self._letter(REFUSAL, number, words, body, ())

    def incomplete(self, missing: tuple[str, ...], number: str) -> Letter:
        """不備返戻: says what is missing, one item a line."""
        words = Wording("incomplete", self.issued_on)
        return self._letter(INCOMPLETE, number, words, words.texts("body", **self._values()), missing)

    def _letter(self, kind: str, number: str, words: Wording, body: list[str], missing: tuple[str, ...]) -> Letter:
        values = self._values()
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
