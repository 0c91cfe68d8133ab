"""Text as people and the fund write it: kept verbatim, compared through search keys.

A key is only ever compared, never stored in place of the text and never printed. Every key is made here, so that what
is one number, or one man, at one door is the same at every other.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from unicodedata import normalize

from core.characters import BLANKS, CONTROL, INVISIBLE

KEPT_MAX = 100_000

_Table = dict[int, str | None]

# The blocks of one width for another: each character and the one it stands for (ＡＢ１ for AB1, ｱｲ for アイ).
_WIDTH: dict[str, str] = {
    chr(code): chr(int(told[1], 16))
    for code in range(0xFF01, 0xFFEF)
    if (told := unicodedata.decomposition(chr(code)).split()) and told[0] in ("<wide>", "<narrow>")
}
# A voiced mark written as a character of its own belongs to the kana before it.
_VOICED = {"゛": "\u3099", "゜": "\u309a"}
_VARIATION = frozenset(map(chr, (*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0))))
_UNSEEN = BLANKS | CONTROL | INVISIBLE
_HYPHENS = "‐‑‒–—―−﹣"
_LONG_MARKS = f"-{_HYPHENS}~〜〰─━⁃"
_SEPARATORS = (
    "'’‘‛′ʼʻʹʽ`´ˊˋ\"“”„″‟" + "=゠꞊﹦" + "·・•‧∙⋅․⸱⸳.…‥。､、,;:﹅" + "()[]{}<>〈〉《》「」『』【】〔〕" + "/\\|_&"
)
_SMALL = dict(zip("ァィゥェォッャュョヮヵヶ", "アイウエオツヤユヨワカケ", strict=True))
_HIRAGANA = {chr(code): chr(code + 0x60) for code in (*range(0x3041, 0x3097), 0x309D)}
# Names of places keep 神 (U+FA19) and its like apart, which Unicode counts as the same as the usual form.
_NO_COMPATIBILITY = re.compile("[^\uf900-\ufaff\U0002f800-\U0002fa1f]+")
# A variation selector tells two forms of a kanji apart; after anything else it shows nothing.
_LOOSE_SELECTOR = re.compile(
    "(?<![\u2e80-\u2fff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff])[\ufe00-\ufe0f\U000e0100-\U000e01ef]+"
)


def _table(*, dropped: frozenset[str], folded: dict[str, str]) -> _Table:
    """What becomes of each character; a wide or narrow one fares as the one it stands for."""
    plain = {**folded, **_VOICED, **dict.fromkeys(dropped, "")}
    widths = {wide: plain.get(narrow, narrow) for wide, narrow in _WIDTH.items()}
    return {ord(character): key or None for character, key in {**widths, **plain}.items()}


_IDENTIFIER = _table(dropped=_UNSEEN, folded=dict.fromkeys(_HYPHENS, "-"))
_KANA = _table(
    dropped=_UNSEEN | _VARIATION | frozenset(_SEPARATORS),
    folded={
        **{hiragana: _SMALL.get(katakana, katakana) for hiragana, katakana in _HIRAGANA.items()},
        **_SMALL,
        **dict.fromkeys(_LONG_MARKS, "ー"),
    },
)


def _folded(text: str, table: _Table) -> str:
    """The text taken apart, folded and put together: however its marks were composed, the answer is the same."""
    return normalize("NFC", normalize("NFD", text).translate(table))


def identifier_key(text: str) -> str:
    """記号・番号・枝番 for comparison: width folded, blanks and invisible characters dropped, upper case; zeros kept.

    Source: rules.md §3 (compare after width folding, keep and print as registered).
    """
    return text.upper() if text.isascii() and text.isalnum() else _identifier_key(text)


@lru_cache(maxsize=KEPT_MAX)
def _identifier_key(text: str) -> str:
    key = _NO_COMPATIBILITY.sub(lambda part: _folded(part[0], _IDENTIFIER), text)
    key = _LOOSE_SELECTOR.sub("", key)
    # A letter whose upper case is two (ß) stays: a key is not longer than what it is made of.
    return "".join(upper if len(upper := letter.upper()) == 1 else letter for letter in key)


_DIGITS = re.compile("[0-9]+")
_PLACES = 20


def number_order(*parts: str) -> str:
    """What 記号・番号・枝番 are sorted by, code point by code point: 2 before 10, and 健保2 before 健保10.

    Runs of digits count as numbers. ``members.functions.NumberOrder`` says the same of the keys in the database.
    Source: rules.md §10.
    """
    keys = "\x1f".join(map(identifier_key, parts))
    return _DIGITS.sub(lambda found: found[0].rjust(_PLACES, "0")[-_PLACES:], keys)


def kana_key(text: str) -> str:
    """Kana for comparison: width, small kana, hiragana and long marks folded, voiced marks composed, separators dropped.

    シヨウイチ and ショウイチ are one man, ハナ and バナ are two women. Source: rules.md §3, §11.
    """
    # Names share their parts: a million people have some ten thousand of them.
    return normalize("NFC", "".join(map(_kana_part_key, text.replace("　", " ").split(" "))))


@lru_cache(maxsize=KEPT_MAX)
def _kana_part_key(part: str) -> str:
    return _folded(part, _KANA)


def tenths(percent: int) -> str:
    """A share of the costs as it is said and printed: 30 is 3割."""
    return f"{percent // 10}割"


def whole_number(text: str | None, *, most: int = 999_999_999) -> int | None:
    """The number that plain digits write, up to ``most``; ``None`` where they write none or a larger one.

    Python itself takes digits of every script, and refuses those of more than 4,300 places with an error of its own.
    """
    if not (text and text.isascii() and text.isdigit()):
        return None
    digits = text.lstrip("0") or "0"
    return number if len(digits) <= len(str(most)) and (number := int(digits)) <= most else None
