"""資格証明書: the sheet that proves the cover until a certificate arrives."""

from __future__ import annotations

from pathlib import Path

from members.models import Member
from notices.letters.interim.data import ready
from notices.letters.interim.letter import KIND
from notices.letters.interim.samples import samples
from notices.letters.interim.step import STEP
from notices.letters.registry import LetterKind
from notices.letters.subcommands import AboutMember

LETTERS = (
    LetterKind(
        code=KIND,
        label="資格証明書",
        texts=Path(__file__).with_name("wording.toml"),
        samples=samples,
        ready=ready,
        deed=STEP.label,
        command=AboutMember(KIND, "資格確認書が届くまでの資格証明書"),
        steps={Member: STEP},
    ),
)
