"""不交付の通知: why an application is refused."""

from __future__ import annotations

from pathlib import Path

from notices.letters.refusal.data import ready
from notices.letters.refusal.letter import KIND
from notices.letters.refusal.samples import samples
from notices.letters.registry import LetterKind
from notices.letters.subcommands import AboutApplications

LETTERS = (
    LetterKind(
        code=KIND,
        label="不交付の通知",
        texts=Path(__file__).with_name("wording.toml"),
        samples=samples,
        ready=ready,
        command=AboutApplications(KIND, "不交付の通知"),
    ),
)
