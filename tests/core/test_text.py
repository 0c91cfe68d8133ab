"""Text for comparison only: width, small kana and separators folded, nothing else changed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.text import identifier_key, kana_key, tenths


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("００１２", "0012"),
        ("0012", "0012"),
        ("ａｂＣ", "ABC"),
        ("東Ａ－１", "東A-1"),
        ("東A‐1", "東A-1"),
        ("１２ ３　４", "1234"),
        ("ｱｲｳ", "アイウ"),
        ("𠮷髙", "𠮷髙"),
        ("", ""),
    ],
)
def test_identifiers_are_compared_by_width_folding_with_zeros_kept(text: str, key: str) -> None:
    assert identifier_key(text) == key


@given(st.text(max_size=20))
def test_an_identifier_key_is_its_own_key(text: str) -> None:
    assert identifier_key(identifier_key(text)) == identifier_key(text)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("シヨウイチ", "ショウイチ"),
        ("ｼｮｳｲﾁ", "ショウイチ"),
        ("しょういち", "ショウイチ"),
        ("ヤマダ タロウ", "ヤマダ　タロウ"),
        ("ヤマダ・タロウ", "ヤマダタロウ"),
        ("ﾔﾏﾀﾞ ﾀﾛｳ", "ヤマダ タロウ"),
        ("ジョーンズ", "ジヨ－ンズ"),
        ("ジョｰンズ", "ジョーンズ"),
        ("ヴァン", "ヴアン"),
    ],
)
def test_one_man_under_two_spellings(one: str, other: str) -> None:
    assert kana_key(one) == kana_key(other)


@pytest.mark.parametrize(("one", "other"), [("ハナコ", "バナコ"), ("タロウ", "タロ"), ("カオリ", "カヲリ")])
def test_two_people_stay_two(one: str, other: str) -> None:
    assert kana_key(one) != kana_key(other)


@pytest.mark.parametrize("name", ["𠮷田", "髙橋", "山﨑", "\ufa19", "邉\U000e0102", "葛\U000e0100城"])
def test_names_are_not_normalised(name: str) -> None:
    assert identifier_key(name) == name


def test_a_share_of_the_costs_is_said_in_tenths() -> None:
    assert [tenths(percent) for percent in (10, 20, 30)] == ["1割", "2割", "3割"]
