"""不交付の通知: says that an application is refused. Source: rules.md §8; print.md "Letters"."""

from __future__ import annotations

from dataclasses import dataclass

from notices.letters.application import ApplicationFace
from notices.letters.content import Letter

KIND = "refusal"


@dataclass(frozen=True, slots=True)
class RefusalFace:
    """What one refusal says: the application, and the reason in the words kept with the decision."""

    application: ApplicationFace
    reason: str

    def letter(self, number: str) -> Letter:
        """The letter under its number (``letter_number``) in the wording of its day."""
        return self.application.letter(KIND, number, told=[self.reason])
