"""督促状: what is sent where papers have not come back. The command ``remind`` prints it."""

from __future__ import annotations

from pathlib import Path

from notices.letters.registry import LetterKind
from notices.letters.reminder.letter import KIND
from notices.letters.reminder.samples import samples

LETTERS = (
    LetterKind(
        code=KIND,
        label="回収の督促状",
        logged="督促状",
        texts=Path(__file__).with_name("wording.toml"),
        samples=samples,
    ),
)
