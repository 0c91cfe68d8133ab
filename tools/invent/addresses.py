"""Addresses that look right and lead nowhere in particular: city, town name, block, sometimes a building."""

from __future__ import annotations

from pathlib import Path
from random import Random

Address = tuple[str, str]  # postal code 123-4567, text in one line

# A line each: prefecture and city, then some of its towns, each after its own postal code (Japan Post's directory).
_PLACES: dict[str, list[Address]] = {
    city: [(town[:8], town[8:]) for town in towns]
    for city, *towns in map(str.split, (Path(__file__).parent / "towns.txt").read_text("utf-8").splitlines())
}
_INVENTED = "埼玉県若葉野市"  # the municipal scheme's, in no directory
_CITIES = tuple(city for city in _PLACES if city != _INVENTED)
_BUILDING_LIST = """
グリーンハイツ コーポさくら メゾン青葉 サンライズ緑 第二寿荘 ハイム若葉 レジデンス富士見 パークコート泉
ヴィラ松原 シティハイツ本町
"""
_BUILDINGS = tuple(_BUILDING_LIST.split())


def home(stream: Random) -> Address:
    """Where somebody lives; one in three in a block of flats with a room number."""
    return _somewhere(stream, _CITIES[int(stream.random() * len(_CITIES))], flats=0.34)


def office(stream: Random) -> Address:
    """Where an employer sits."""
    return _somewhere(stream, _CITIES[int(stream.random() * len(_CITIES))], flats=0.0)


def in_town(stream: Random, city: str) -> Address:
    """A home in one given city, for a municipal scheme."""
    return _somewhere(stream, city, flats=0.2)


def _somewhere(stream: Random, city: str, *, flats: float) -> Address:
    draw = stream.random
    towns = _PLACES[city]
    postal_code, town = towns[int(draw() * len(towns))]
    text = f"{city}{town}{1 + int(draw() * 6)}-{1 + int(draw() * 28)}-{1 + int(draw() * 20)}"
    if flats and draw() < flats:
        building = _BUILDINGS[int(draw() * len(_BUILDINGS))]
        text += f" {building}{1 + int(draw() * 9)}{1 + int(draw() * 12):02d}"
    return postal_code, text
