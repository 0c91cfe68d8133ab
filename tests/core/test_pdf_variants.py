"""What is offered for a character without glyph: printable relations from data, the nearest first, each look once."""

from __future__ import annotations

import tomllib
from collections import Counter
from pathlib import Path

import pytest

from core.errors import Fault
from core.paper import fonts, variants
from core.paper.variants import BASE, COMPATIBILITY, SEQUENCE, TABLE, candidates
from tests.conftest import require


@pytest.fixture(autouse=True)
def installed() -> None:
    try:
        fonts.font_file("name")
    except Fault:
        require("the print fonts", False)


def offered(cluster: str) -> list[tuple[str, str]]:
    return [(one.code_point, one.relation) for one in candidates(cluster, "name")]


def test_a_sequence_is_offered_its_base_first_then_the_sequences_the_font_has() -> None:
    found = offered("\u9089\U000e0102")
    assert found[0] == ("U+9089", BASE)
    assert ("U+9089 U+E0110", SEQUENCE) in found and ("U+8FBA", TABLE) in found
    assert ("U+9089 U+E0102", SEQUENCE) not in found


@pytest.mark.parametrize(
    ("missing", "wanted"),
    [
        ("\ufa19", ("U+795E", COMPATIBILITY)),
        ("\u795e\ufe02", ("U+FA19", COMPATIBILITY)),
        ("\U0002f81a", ("U+51AC", COMPATIBILITY)),
        ("\u6ff5\U000e01ef", ("U+6D5C", TABLE)),
        ("\u9ad9", ("U+9AD8", TABLE)),
        ("\u5409\U000e01ef", ("U+20BB7", TABLE)),
    ],
)
def test_compatibility_kanji_and_usual_forms_are_offered_both_ways(missing: str, wanted: tuple[str, str]) -> None:
    assert wanted in offered(missing)


def test_only_what_can_be_printed_is_offered_and_each_look_once() -> None:
    face = fonts.typeface("name")
    for cluster in ("\u9089\U000e0102", "\u795e\ufe02", "\u845b\U000e0100"):
        glyphs = [face.glyph(one.character) for one in candidates(cluster, "name")]
        assert None not in glyphs and len(glyphs) == len(set(glyphs))


def test_nothing_is_offered_for_what_has_no_relation() -> None:
    assert candidates("\U000e0fff", "name") == ()


def test_no_character_of_the_table_stands_in_two_groups() -> None:
    path = Path(variants.__file__).with_suffix(".toml")
    groups = tomllib.loads(path.read_text(encoding="utf-8"))["groups"]
    assert all(len(group) > 1 for group in groups)
    assert [one for one, times in Counter("".join(groups)).items() if times > 1] == []
    assert [one for one in "".join(groups) if fonts.missing(one, "name")] == []
