"""The texts of a letter as a clerk reads and types them: one by one, the places to be filled named in Japanese.

Knows no database."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from core.errors import Fault
from notices.letters import registry

PLACEHOLDERS: Final[dict[str, tuple[str, str]]] = {
    "papers": ("証の種類", "返してもらう証の名前。例 資格確認書・高齢受給者証"),
    "cause": ("返してもらう事由", "「返してもらう事由の言い方」の文"),
    "due": ("返納の期限", "返納の期限の日"),
    "until": ("期日", "返してもらう日、または返事をもらう日"),
    "to": ("返納先", "「返納先の言い方」の文"),
    "directly": ("直接返す方への文", "事業所へ返す方にだけ入る文。ほかの方には何も入りません"),
    "which": ("証の発行番号と有効期限", "一枚なら発行番号と有効期限、何枚もあれば「下の表のとおり」の文"),
    "serial": ("発行番号", "返してもらう証の発行番号"),
    "through": ("有効期限", "返してもらう証の有効期限の日"),
    "since": ("使えなくなる日", "返してもらう証が使えなくなる最初の日"),
    "last": ("使える最後の日", "返してもらう証を使える最後の日"),
    "then": ("これからの受診の文", "「これからの受診の言い方」の文。資格がなくなった方には何も入りません"),
    "establishment": ("事業所名", "事業所の名前"),
    "contact": ("問い合わせ先", "組合の名前と電話番号"),
    "kind": ("申請の種類", "交付か再交付"),
    "received_on": ("受付日", "申請を受け付けた日"),
}
"""What the texts of several letters may ask to be filled in: its name on the page, and what stands there on paper."""
_PARTS: Final = {
    "registration": "マイナ保険証が使えるようになった",
    "loss": "資格喪失",
    "death": "死亡",
    "removed": "扶養から外れた",
    "annulled": "資格取得の取消し",
    "face_changed": "表面の内容の変更",
    "superseded": "差替え",
    "reissued": "再交付",
    "establishment": "事業所へ",
    "insurer": "当組合へ",
    "claimant": "埋葬料の請求者へ",
}
"""The keys of texts of several cases in several letters, in words."""
_NO_TEXT: Final = ("prefilled", "choices_of", "lines")
"""Entries of a form that choose what is printed and are no text."""
_PLACE: Final = re.compile(r"\{([^{}]*)\}")
Path = tuple[str | int, ...]
Kind = Literal["text", "lines", "number"]


@dataclass(frozen=True, slots=True)
class Leaf:
    """One text of a value: where it stands in it, one sentence, several paragraphs or a number of days."""

    path: Path
    kind: Kind
    value: Any

    @property
    def name(self) -> str:
        """Its name in a form."""
        return "-".join(["t", *map(str, self.path)])

    @property
    def label(self) -> str:
        """Where it stands, in words; empty for a value that is one text."""
        return "　".join(f"{part + 1}番目" if isinstance(part, int) else _part(part) for part in self.path)

    def texts(self) -> list[str]:
        """Its sentences."""
        return self.value if self.kind == "lines" else [self.value] if self.kind == "text" else []


def placeholders() -> dict[str, tuple[str, str]]:
    """``PLACEHOLDERS``, and behind them what each letter alone may ask."""
    found = dict(PLACEHOLDERS)
    for kind in registry.every():
        found.update(kind.places)
    return found


def _part(key: str) -> str:
    named = {**_PARTS, **{name: words for kind in registry.every() for name, words in kind.parts.items()}}
    return named[key]


def leaves(value: Any, path: Path = ()) -> Iterator[Leaf]:
    """Every text of a value, in its order.

    Raises:
        Fault: something that no letter holds.
    """
    if isinstance(value, str):
        yield Leaf(path, "text", value)
    elif isinstance(value, int) and not isinstance(value, bool):
        yield Leaf(path, "number", value)
    elif isinstance(value, list) and all(isinstance(each, str) for each in value):
        yield Leaf(path, "lines", value)
    elif isinstance(value, list):
        for place, each in enumerate(value):
            yield from leaves(each, (*path, place))
    elif isinstance(value, Mapping):
        for key, each in value.items():
            if key not in _NO_TEXT:
                yield from leaves(each, (*path, key))
    else:
        raise Fault("文面のファイルに、文でも数でもない値があります。")


def put(value: Any, told: Mapping[Path, Any], path: Path = ()) -> Any:
    """The value with other texts, by path; what is not told stays."""
    if path in told:
        return told[path]
    if isinstance(value, list) and not all(isinstance(each, str) for each in value):
        return [put(each, told, (*path, place)) for place, each in enumerate(value)]
    if isinstance(value, Mapping):
        return {key: put(each, told, (*path, key)) for key, each in value.items()}
    return value


def spoken(text: str) -> str:
    """The text as the page shows it: 「{証の種類}」 for ``{papers}``."""
    known = placeholders()
    return _PLACE.sub(lambda found: f"{{{known[found[1]][0]}}}", text)


def written(text: str) -> str:
    """The text as it is kept; a name that the page does not know stays as it was typed."""
    codes = {label: code for code, (label, _) in placeholders().items()}
    return _PLACE.sub(lambda found: f"{{{codes.get(found[1], found[1])}}}", text)


def asked(text: str) -> set[str]:
    """What the text wants filled in, as it is kept."""
    return set(_PLACE.findall(text))


def loose_braces(text: str) -> bool:
    """Whether a brace stands in the text that belongs to no place to be filled."""
    return any(brace in _PLACE.sub("", text) for brace in "{}")


def place_names(codes: set[str]) -> list[str]:
    """Their names on the page, in the order of the list."""
    return [f"{{{label}}}" for code, (label, _) in placeholders().items() if code in codes]
