"""督促: one letter to a household about papers that should have come back. Source: rules.md §9; print.md "Letters"."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from core.calendar import wareki
from notices.letters.content import Addressee, Letter, Sender, paragraphs
from notices.letters.papers_due import LOSSES, PaperDue, kinds_of, papers_due
from notices.letters.wording import Wording, fill

KIND = "reminder"
LAST_STEP = 3
"""Later steps, where a policy has more, repeat the last one's words."""


@dataclass(frozen=True, slots=True)
class ReminderFace:
    """What one reminder says. ``step`` is 1, 2, 3; ``cause`` and ``return_to`` are codes of ``Recovery``."""

    step: int
    cause: str
    return_to: str
    addressee: Addressee
    sender: Sender
    issued_on: date
    due_on: date
    until: date
    establishment: str
    papers: tuple[PaperDue, ...]

    def with_paper(self, due: PaperDue) -> ReminderFace:
        """The letter with one more paper; after its last valid day a paper is not wanted back any more."""
        return replace(self, papers=(*self.papers, due), until=min(self.until, due.valid_through))

    def letter(self) -> Letter:
        """The letter in the wording of its day.

        Raises:
            Fault: the wording asks for something that a reminder does not know.
        """
        words = Wording(KIND, self.issued_on)
        values = self._values(words)
        step = min(self.step, LAST_STEP)
        body = words.texts(f"body_{step}", **values)
        if self.cause in LOSSES:
            body += words.texts("after_loss", **values)
        first = self.papers[0]
        return Letter(
            KIND,
            f"recovery {first.recovery_id}",
            self.addressee,
            self.sender,
            self.issued_on,
            f"回収 {first.serial}-{self.step}",
            words.text(f"title_{step}", **values),
            paragraphs(body),
            papers_due(self.papers),
            paragraphs(words.texts("closing", **values)),
        )

    def _values(self, words: Wording) -> dict[str, str]:
        return {
            "papers": kinds_of(self.papers),
            "cause": words.raw("causes")[self.cause],
            "to": fill(words.raw("to")[self.return_to], {"establishment": self.establishment}),
            "directly": words.raw("directly") if self.return_to == "establishment" else "",
            "due": wareki(self.due_on),
            "until": wareki(self.until),
            "contact": self.sender.contact,
        }
