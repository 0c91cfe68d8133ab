"""督促: one letter to a household about papers that should have come back. Source: rules.md §9; print.md "Letters"."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from core.calendar import wareki
from notices.letters.content import Addressee, Column, Letter, Sender, Table, paragraphs
from notices.letters.wording import Wording, fill

KIND = "reminder"
LAST_STEP = 3
"""Later steps, where a policy has more, repeat the last one's words."""
COLUMNS = (
    Column("氏名", 58, "name"),
    Column("返していただくもの", 36),
    Column("発行番号", 32, align="center"),
    Column("有効期限", 36, align="right"),
)
LOSSES = ("loss", "death", "removed", "annulled")


@dataclass(frozen=True, slots=True)
class PaperDue:
    """One paper to be handed back. ``paper`` is its kind in Japanese."""

    recovery_id: int
    name: str
    paper: str
    serial: str
    valid_through: date


def papers_due(papers: Sequence[PaperDue]) -> Table:
    """The papers that a letter asks back, a row each."""
    rows = ((one.name, one.paper, one.serial, f"{wareki(one.valid_through)}まで") for one in papers)
    return Table(COLUMNS, tuple(rows))


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

    def letter(self) -> Letter:
        """The letter in the wording of its day.

        Raises:
            Fault: the wording asks for something that a reminder does not know.
        """
        words = Wording("reminder", self.issued_on)
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
            "papers": "・".join(dict.fromkeys(paper.paper for paper in self.papers)),
            "cause": words.raw("causes")[self.cause],
            "to": fill(words.raw("to")[self.return_to], {"establishment": self.establishment}),
            "directly": words.raw("directly") if self.return_to == "establishment" else "",
            "due": wareki(self.due_on),
            "until": wareki(self.until),
            "contact": self.sender.contact,
        }
