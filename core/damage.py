"""Text that looks as if it had been spoilt on its way into the register: what is odd about it, in Japanese.

It may be right all the same, so it is never refused: it is listed, and no paper shows it until a clerk has said that it
is right. Whether a glyph exists is another question (core.paper.fonts). Source: rules.md §3.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import StrEnum
from itertools import chain
from typing import Final

from core.characters import BLANKS_CLASS, CONTROL, INVISIBLE, named


class Use(StrEnum):
    """What a text is for: blanks and half-width kana tell something of a name only."""

    NAME = "name"
    KANA = "kana"
    OTHER = "other"


ASK: Final = "届書や本人に確かめ、正しければ「登録のとおりで正しい」を記録し、違えば届出で直してください。"
"""What a clerk does about it."""

_REPLACED: Final = frozenset("?？〓□▯☐⬜\ufffc\ufffd")
_ESCAPE = re.compile(
    r"_x[0-9A-Fa-f]{4}_|&#x?[0-9A-Fa-f]{2,6};|&(?:amp|lt|gt|quot|nbsp|apos);|\\u[0-9A-Fa-f]{4}|U\+[0-9A-Fa-f]{4,5}"
)
_HALF_KANA = re.compile("[\uff66-\uff9f]")
_KANJI = re.compile("[\u3005-\u3007\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
_JAPANESE = re.compile("[\u3005-\u3007\u3041-\u30ff\u3400-\u9fff\uff01-\uff9f]")
_LEADING, _DOUBLE = re.compile(f"[{BLANKS_CLASS}]"), re.compile(f"[{BLANKS_CLASS}]{{2}}")
_BLANKS_ASIDE = re.compile(f"^[{BLANKS_CLASS}]|[{BLANKS_CLASS}]{{2}}")
_TELLTALE = re.compile("[縺繧繝].*[縺繧繝]")
# What UTF-8 for three Japanese characters looks like; as kanji of Shift_JIS hardly a name has it. A whole word may be two.
_UTF8 = re.compile(rb"(?:[\xe2-\xef][\x80-\xbf]{2}){3}")
_UTF8_WORD = re.compile(rb"(?<![^ ])(?:[\xe3-\xe9][\x80-\xbf]{2}){2}(?![^ ])")
_RARE: Final = b"\x98\x9f"
"""From here on Shift_JIS has the kanji of its second level."""
_MANY_ACCENTS = re.compile("[\u00a1-\u00ff]{4}")
# One look that clears nearly every text; a wrong encoding of kanji alone is looked for in its bytes.
_SUSPECT: Final = (
    _REPLACED
    | CONTROL
    | INVISIBLE
    | {"_", "&", "\\", "+", *"縺繧繝", *"‘’“”„†‡•…‰‹›™€"}
    | {chr(code) for code in (*range(0x80, 0x180), *range(0xFF66, 0xFFA0), 0x2C6, 0x2DC)}
)


def signs(text: str, use: Use) -> list[str]:
    """Each thing about a text that looks like damage, as a Japanese clause; empty for a text like any other.

    A blank between family and given name, ``・``, variation sequences, and letters with accents are like any other.
    """
    if text.isascii() and text.isalnum():
        return []
    if _SUSPECT.isdisjoint(text) and _BLANKS_ASIDE.search(text) is None:
        return [_MISREAD] if _is_utf8(text) else []
    return list(chain(_replaced(text), _unseen(text), _blanks(text, use), _mixed(text, use)))


def told(text: str, use: Use) -> str:
    """The same as one sentence for a list, with what to do; empty for a text like any other."""
    found = signs(text, use)
    return f"{'、'.join(found)}。文字化けかもしれません。{ASK}" if found else ""


_MISREAD: Final = "文字コードを取り違えたときの並びです"


def _replaced(text: str) -> Iterator[str]:
    if found := [character for character in dict.fromkeys(text) if character in _REPLACED]:
        yield f"読めない字の代わりの記号{'、'.join(map(named, found))}があります"
    if escape := _ESCAPE.search(text):
        yield f"字の代わりの符号「{escape[0]}」があります"
    if _misread(text):
        yield _MISREAD


def _unseen(text: str) -> Iterator[str]:
    for character in dict.fromkeys(text):
        if character in CONTROL or character in INVISIBLE:
            yield f"{named(character)}があります"


def _blanks(text: str, use: Use) -> Iterator[str]:
    if use is Use.OTHER:
        return
    if _LEADING.match(text):
        yield "先頭に空白があります"
    if _DOUBLE.search(text.strip()):
        yield "空白が続いています"


def _mixed(text: str, use: Use) -> Iterator[str]:
    if use is Use.NAME and _HALF_KANA.search(text) and _KANJI.search(text):
        yield "漢字の氏名に半角のカナがあります"


def _misread(text: str) -> bool:
    """Whether a part of the text becomes Japanese (or a letter with an accent) when its bytes are read as they were meant."""
    return any(not piece.isascii() and (_western(piece) or _japanese(piece)) for piece in re.split("[ \u3000]", text))


def _western(piece: str) -> bool:
    """UTF-8, Shift_JIS or EUC read as if it were Latin: ``å±±``, ``ŽR“c``."""
    data = _latin_bytes(piece)
    if data is None:
        return False
    if _MANY_ACCENTS.search(piece) or _read(data, "utf-8") is not None:
        return True
    # Names with accents have letters only, and letters without accents remain between them.
    marks = any(not character.isalpha() and not character.isascii() for character in piece)
    return marks and any(_all_japanese(_read(data, encoding)) for encoding in ("cp932", "euc_jp"))


def _japanese(piece: str) -> bool:
    """UTF-8 read as if it were Shift_JIS: ``螻ｱ逕ｰ``, ``縺溘＠``; its end may be lost."""
    if _TELLTALE.search(piece):
        return True
    if not _KANJI.search(piece):
        return False
    if not _HALF_KANA.search(piece):
        return _is_utf8(piece)
    meant = piece.encode("cp932", "ignore").decode("utf-8", "replace")
    good = len(_JAPANESE.findall(meant))
    return good >= 1 and meant.count("\ufffd") * 2 <= good and good * 2 >= len(meant)


def _is_utf8(text: str) -> bool:
    """Whether bytes of UTF-8 were read as kanji of Shift_JIS: three in a row, or a word of two that are usual ones."""
    data = text.replace("　", " ").encode("cp932", "ignore")
    if _UTF8.search(data):
        return True
    return any(
        all(b"\x81" < c.encode("cp932", "ignore") < _RARE for c in word[0].decode("utf-8", "ignore"))
        for word in _UTF8_WORD.finditer(data)
    )


def _latin_bytes(piece: str) -> bytes | None:
    """The bytes that a reader took for Latin-1 or Windows-1252; None where another character stands among them."""
    data = bytearray()
    for character in piece:
        if ord(character) <= 0xFF:
            data.append(ord(character))
            continue
        try:
            data += character.encode("cp1252")
        except UnicodeEncodeError:
            return None
    return bytes(data)


def _read(data: bytes, encoding: str) -> str | None:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        return None


def _all_japanese(text: str | None) -> bool:
    return text is not None and len(_JAPANESE.findall(text)) == len(text)
