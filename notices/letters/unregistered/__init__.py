"""個人番号の未提出者の案内: asks employers for individual numbers that are still wanted."""

from __future__ import annotations

from pathlib import Path

from notices.letters.registry import LetterKind
from notices.letters.unregistered.command import UnregisteredCommand
from notices.letters.unregistered.letter import KIND
from notices.letters.unregistered.samples import samples

LETTERS = (
    LetterKind(
        code=KIND,
        label="個人番号の未提出者の案内",
        logged="個人番号未提出者への督促",
        texts=Path(__file__).with_name("wording.toml"),
        employers_only=True,
        samples=samples,
        command=UnregisteredCommand(KIND, "個人番号の未提出者の督促（事業所あて）"),
        places={"as_of": ("作成日", "文書を作った日"), "count": ("人数", "一覧の人数")},
    ),
)
