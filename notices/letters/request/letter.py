"""返納のお願い: the first letter about papers that have to come back. Source: rules.md §9; print.md "Letters"."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta

from core.calendar import wareki
from notices.letters.content import Addressee, Letter, Sender, paragraphs
from notices.letters.papers_due import LOSSES, PaperDue, kinds_of, papers_due
from notices.letters.wording import Wording, fill

KIND = "request"


@dataclass(frozen=True, slots=True)
class RequestFace:
    """What one request says. ``cause`` and ``return_to`` are codes of ``Recovery``.

    ``since``: the first day on which the papers cannot be used, none where they still could be (a registration).
    ``then``: what the people show from then on, by its key in the wording; empty where they have no cover.
    """

    cause: str
    return_to: str
    addressee: Addressee
    sender: Sender
    issued_on: date
    until: date
    since: date | None
    then: str
    establishment: str
    papers: tuple[PaperDue, ...]

    def with_paper(self, due: PaperDue) -> RequestFace:
        """The letter with one more paper; after its last valid day a paper is not wanted back any more."""
        return replace(self, papers=(*self.papers, due), until=min(self.until, due.valid_through))

    def letter(self) -> Letter:
        """The letter in the wording of its day.

        Raises:
            Fault: the wording asks for something that a request does not know.
        """
        words = Wording(KIND, self.issued_on)
        values = self._values(words)
        body = words.texts("body_registration" if self.since is None else "body", **values)
        if self.since is not None and self.since > self.issued_on:
            body += words.texts("still", **values)
        if self.cause in LOSSES:
            body += words.texts("after_loss", **values)
        first = self.papers[0]
        return Letter(
            KIND,
            f"recovery {first.recovery_id}",
            self.addressee,
            self.sender,
            self.issued_on,
            f"返納 {first.serial}",
            words.text("title", **values),
            paragraphs(body),
            papers_due(self.papers),
            paragraphs(words.texts("closing", **values)),
        )

    def _values(self, words: Wording) -> dict[str, str]:
        papers = kinds_of(self.papers)
        first = self.papers[0]
        one = {"serial": first.serial, "through": f"{wareki(first.valid_through)}まで"}
        which = words.raw("which")["one" if len(self.papers) == 1 else "several"]
        return {
            "papers": papers,
            "which": fill(which, one),
            # What was made for a change that does not come is not wrong by that change.
            "cause": words.raw("causes")["former" if self.then == "former" else self.cause],
            "since": wareki(self.since) if self.since else "",
            "last": wareki(self.since - timedelta(1)) if self.since else "",
            "until": wareki(self.until),
            "to": fill(words.raw("to")[self.return_to], {"establishment": self.establishment}),
            "then": fill(words.raw("then")[self.then], {"papers": papers}) if self.then else "",
            "contact": self.sender.contact,
        }
