"""Text as people and the fund write it: kept verbatim, compared through search keys.

A key is only ever compared, never stored in place of the text and never printed.
"""

from __future__ import annotations

import re

import jaconv

_SMALL_TO_LARGE = str.maketrans(
    "ァィゥェォッャュョヮヵヶぁぃぅぇぉっゃゅょゎ", "アイウエオツヤユヨワカケアイウエオツヤユヨワ"
)
_HYPHENS = str.maketrans(dict.fromkeys("‐‑‒–—―−－ｰ", "-"))
_KANA_LONG = str.maketrans(dict.fromkeys("‐‑‒–—―−－-ｰ", "ー"))
_SEPARATORS = str.maketrans(dict.fromkeys(" 　\t・･.,，．。、'’`´()（）"))


def identifier_key(text: str) -> str:
    """記号・番号・枝番 for comparison: width folded, blanks removed, letters upper case; zeros kept.

    Source: domain.md §3 (compare after width folding, keep and print as registered).
    """
    folded = jaconv.z2h(jaconv.h2z(text, kana=True), kana=False, ascii=True, digit=True)
    return folded.translate(_HYPHENS).replace(" ", "").replace("　", "").upper()


_DIGITS = re.compile("[0-9]+")
_PLACES = 20


def number_order(*parts: str) -> str:
    """What 記号・番号・枝番 are sorted by, code point by code point: 2 before 10, and 健保2 before 健保10.

    Runs of digits count as numbers. ``members.functions.NumberOrder`` says the same of the keys in the database.
    Source: domain.md §10.
    """
    keys = "\x1f".join(map(identifier_key, parts))
    return _DIGITS.sub(lambda found: found[0].rjust(_PLACES, "0")[-_PLACES:], keys)


def kana_key(text: str) -> str:
    """Kana for comparison: width and small kana folded, hiragana as katakana, separators ignored.

    シヨウイチ and ショウイチ are one man. Source: domain.md §11.
    """
    wide = jaconv.hira2kata(jaconv.h2z(text.strip(), kana=True, ascii=True, digit=True))
    return wide.translate(_SMALL_TO_LARGE).translate(_SEPARATORS).translate(_KANA_LONG)


def tenths(percent: int) -> str:
    """A share of the costs as it is said and printed: 30 is 3割."""
    return f"{percent // 10}割"
