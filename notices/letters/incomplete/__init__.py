"""不備返戻の案内: what an application lacks that goes back."""

from __future__ import annotations

from pathlib import Path

from notices.letters.incomplete.data import ready
from notices.letters.incomplete.letter import KIND
from notices.letters.incomplete.samples import samples
from notices.letters.registry import LetterKind
from notices.letters.subcommands import AboutApplications

LETTERS = (
    LetterKind(
        code=KIND,
        label="不備返戻の案内",
        texts=Path(__file__).with_name("wording.toml"),
        samples=samples,
        ready=ready,
        command=AboutApplications(KIND, "不備返戻の案内"),
    ),
)
