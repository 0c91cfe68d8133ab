"""返納のお願い: the first letter about papers that have to come back."""

from __future__ import annotations

from pathlib import Path

from notices.letters.registry import LetterKind
from notices.letters.request.command import RequestsCommand
from notices.letters.request.letter import KIND
from notices.letters.request.samples import samples

LETTERS = (
    LetterKind(
        code=KIND,
        label="返納のお願い",
        texts=Path(__file__).with_name("wording.toml"),
        samples=samples,
        command=RequestsCommand("requests", "返納のお願い（まだお願いしていない回収の全部）"),
        parts={
            "enclosed": "新しい証を同封する",
            "former": "前の証を使い続ける",
            "posted": "新しい証を発送した",
            "coming": "新しい証を用意している",
            "myna": "マイナ保険証が使える",
            "asking": "使うものを確認している",
            "one": "一枚のとき",
            "several": "何枚もあるとき",
        },
    ),
)
