"""不備返戻: goes back with an application and says what is missing. Source: rules.md §8; print.md "Letters"."""

from __future__ import annotations

from dataclasses import dataclass

from notices.letters.application import ApplicationFace
from notices.letters.content import Letter

KIND = "incomplete"


@dataclass(frozen=True, slots=True)
class IncompleteFace:
    """What one letter says: the application, and what is missing in Japanese words."""

    application: ApplicationFace
    missing: tuple[str, ...]

    def letter(self, number: str) -> Letter:
        """The letter under its number (``letter_number``) in the wording of its day; what is missing, one item a line."""
        return self.application.letter(KIND, number, missing=self.missing)
