"""What the invented letter says."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from notices.letters.content import Addressee, Letter, Sender, paragraphs
from notices.letters.wording import Wording

KIND = "visit"


@dataclass(frozen=True, slots=True)
class VisitFace:
    """Who is asked to come to which desk."""

    member_id: int
    addressee: Addressee
    sender: Sender
    issued_on: date
    desk: str

    def letter(self, number: str) -> Letter:
        """The letter under its number in the wording of its day."""
        words = Wording(KIND, self.issued_on)
        body = [*words.texts("body", desk=self.desk), *words.raw("hours").values()]
        return Letter(
            KIND,
            f"member {self.member_id}",
            self.addressee,
            self.sender,
            self.issued_on,
            f"来所 {number}",
            words.text("title"),
            paragraphs(body),
        )
