"""Kinds of characters that are not what they seem: invisible, control, private use.

One definition for comparison keys, for what is listed as odd, and for what paper refuses, in Python and in PostgreSQL.
Source: rules.md §3.
"""

from __future__ import annotations

import unicodedata

_Ranges = tuple[tuple[int, int], ...]

# Written out instead of asked of unicodedata: a walk through all code points would cost every start 0.3 s, and a newer
# Python must not change the keys that are stored. Every character of category Cf and the fillers that draw nothing.
_INVISIBLE: _Ranges = (
    (0x00AD, 0x00AD),
    (0x034F, 0x034F),
    (0x0600, 0x0605),
    (0x061C, 0x061C),
    (0x06DD, 0x06DD),
    (0x070F, 0x070F),
    (0x0890, 0x0891),
    (0x08E2, 0x08E2),
    (0x115F, 0x1160),
    (0x17B4, 0x17B5),
    (0x180B, 0x180F),
    (0x200B, 0x200F),
    (0x202A, 0x202E),
    (0x2060, 0x206F),
    (0x3164, 0x3164),
    (0xFEFF, 0xFEFF),
    (0xFFA0, 0xFFA0),
    (0xFFF0, 0xFFFB),
    (0x110BD, 0x110BD),
    (0x110CD, 0x110CD),
    (0x13430, 0x13438),
    (0x1BCA0, 0x1BCA3),
    (0x1D173, 0x1D17A),
    (0xE0000, 0xE00FF),
)
_CONTROL: _Ranges = ((0x00, 0x1F), (0x7F, 0x9F))
_PRIVATE: _Ranges = ((0xE000, 0xF8FF), (0xF0000, 0xFFFFD), (0x100000, 0x10FFFD))
_BLANKS: _Ranges = (
    (0x09, 0x0D),
    (0x20, 0x20),
    (0x85, 0x85),
    (0xA0, 0xA0),
    (0x1680, 0x1680),
    (0x2000, 0x200A),
    (0x2028, 0x2029),
    (0x202F, 0x202F),
    (0x205F, 0x205F),
    (0x3000, 0x3000),
)


def _characters(ranges: _Ranges) -> frozenset[str]:
    return frozenset(chr(code) for first, last in ranges for code in range(first, last + 1))


def _inside(ranges: _Ranges) -> str:
    return "".join(f"{_escaped(first)}-{_escaped(last)}" for first, last in ranges)


def _escaped(code: int) -> str:
    return f"\\u{code:04X}" if code <= 0xFFFF else f"\\U{code:08X}"


INVISIBLE = _characters(_INVISIBLE)
"""Soft hyphen, zero width, direction marks, tags, fillers. Variation selectors (VS1–16, VS17–256) are none of them."""

CONTROL = _characters(_CONTROL)
"""C0, DEL and C1; tab and line ends too."""

BLANKS = _characters(_BLANKS)
"""Whatever is read as a space: NBSP, the ideographic space, tab and line ends too."""

INVISIBLE_CLASS = _inside(_INVISIBLE)
"""For the inside of a regular expression's brackets; Python and PostgreSQL read the escapes alike."""

CONTROL_CLASS = _inside(_CONTROL)
BLANKS_CLASS = _inside(_BLANKS)

_NAMES = {
    "\u0009": "タブ",
    "\u000a": "改行",
    "\u000d": "改行",
    "\u00ad": "ソフトハイフン",
    "\u034f": "結合書記素接合子",
    "\u200b": "幅のない空白",
    "\u200c": "幅ゼロの非接合子",
    "\u200d": "幅ゼロの接合子",
    "\u200e": "左から右の方向指定",
    "\u200f": "右から左の方向指定",
    "\u2060": "単語結合子",
    "\u3164": "ハングルの埋め草",
    "\ufeff": "BOM",
    "\uffa0": "ハングルの埋め草",
    **dict.fromkeys("\u061c\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069", "方向指定"),
}


def is_private(character: str) -> bool:
    """Whether the character is of private use, where every computer draws something else."""
    return any(first <= ord(character) <= last for first, last in _PRIVATE)


def is_selector(character: str) -> bool:
    """Whether the character is a variation selector (U+FE00–FE0F, U+E0100–E01EF)."""
    return "\ufe00" <= character <= "\ufe0f" or "\U000e0100" <= character <= "\U000e01ef"


def is_mark(character: str) -> bool:
    """Whether the character is set on the letter before it: an accent, a voiced sound mark. A selector is none."""
    return (
        character >= "\u0300"
        and unicodedata.category(character)[0] == "M"
        and not is_selector(character)
        and character not in INVISIBLE
    )


def code_points(text: str) -> str:
    """``U+…`` of each character of the text, as a clerk can look them up."""
    return " ".join(f"U+{ord(character):04X}" for character in text)


def kind(cluster: str) -> str:
    """What a letter is that a page cannot show as itself, in Japanese; empty for one that it can."""
    first = cluster[0]
    if first in INVISIBLE:
        return "見えない文字"
    if first in CONTROL:
        return "制御文字"
    if first in BLANKS:
        return "特殊な空白"
    if is_private(first):
        return "外字"
    return "付く字のない記号" if is_mark(first) or is_selector(first) else ""


def named(cluster: str) -> str:
    """A letter as messages name it: itself with its code points, or what it is and its Unicode number."""
    said = kind(cluster)
    if not said:
        return f"「{cluster}」（{code_points(cluster)}）"
    name = _NAMES.get(cluster[0], "")
    return f"「{said}（{name}{' ' if name else ''}{code_points(cluster)}）」"


REPLACEMENTS = frozenset("?？〓□\ufffd")
"""What a program writes where it lacks a character; each may stand in a text rightly, too."""


def replaced(before: str, after: str) -> str:
    """The replacement characters that stand in ``after`` and not in ``before``, each once; empty if a text began or ended."""
    if not before or not after:
        return ""
    return "".join(c for c in dict.fromkeys(after) if c in REPLACEMENTS and after.count(c) > before.count(c))
