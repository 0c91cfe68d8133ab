"""An invented letter, as a folder of ``notices.letters`` is: it asks a member to come to the office."""

from __future__ import annotations

from pathlib import Path

from notices.letters.registry import LetterKind
from notices.letters.subcommands import AboutMember
from tests.notices.visit.data import ready
from tests.notices.visit.letter import KIND
from tests.notices.visit.samples import samples

LETTERS = (
    LetterKind(
        code=KIND,
        label="来所のお願い",
        texts=Path(__file__).with_name("wording.toml"),
        samples=samples,
        ready=ready,
        command=AboutMember(KIND, "来所のお願い"),
        places={"desk": ("窓口", "おいでいただく窓口")},
        parts={"weekday": "平日", "saturday": "土曜日"},
    ),
)
