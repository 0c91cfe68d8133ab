"""Prefilled forms: a file of texts each, one layout for all. A new one is its title in ``FORMS`` and its file."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from notices.letters.forms.command import FormCommand
from notices.letters.forms.data import EMPLOYERS_ONLY, ready
from notices.letters.forms.letter import FORMS
from notices.letters.forms.samples import samples
from notices.letters.registry import LetterKind

_COMMAND = FormCommand("form", "記入済みの用紙")
_PLACES = {
    "turnaround_days": ("処理日数", "運用設定の、申請の処理日数の目安"),
    "fee": ("手数料の文", "手数料があるときだけ入る文"),
    "fee_yen": ("手数料の額", "運用設定の、再交付の手数料"),
    "elderly_age": ("高齢受給者の年齢", "法令の値の、高齢受給者となる年齢"),
    "elderly_share": ("軽い方の負担割合", "法令の値の、高齢受給者の負担割合のうち軽い方。例 2割"),
    "relief_alone": ("一人のときの収入額", "法令の値の、被扶養者がいない方の収入の額"),
    "relief_family": ("合計の収入額", "法令の値の、被扶養者との合計の収入の額"),
    "deregistered": ("解除の時期", "法令の値の、利用登録が解除される時期。例 翌月末"),
    "legacy_last_day": ("健康保険証の最後の日", "法令の値の、健康保険証を使える最後の日"),
}
_PARTS = {
    "title": "表題",
    "intro": "前文",
    "notes": "注意事項",
    "blanks": "記入欄",
    "label": "見出し",
    "choices": "選ぶ言葉",
    "text": "記入の枠",
    "hint": "書き出し",
}

LETTERS = tuple(
    LetterKind(
        code=f"form_{kind}",
        label=title,
        texts=Path(__file__).with_name(f"{kind}.toml"),
        employers_only=kind in EMPLOYERS_ONLY,
        samples=partial(samples, kind),
        ready=partial(ready, kind),
        command=_COMMAND,
        places=_PLACES,
        parts=_PARTS,
    )
    for kind, title in FORMS.items()
)
