"""Text for comparison only: width, small kana and separators folded, nothing else changed."""

from __future__ import annotations

from unicodedata import normalize

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from core import cells
from core.characters import BLANKS, CONTROL, INVISIBLE
from core.text import identifier_key, kana_key, tenths, whole_number

UNSEEN = sorted(BLANKS | CONTROL | INVISIBLE)
SEPARATORS = "'’‘ʼ´`=＝゠·・･‧•.．,，、。｡/／()（）"
KANA = st.text(
    alphabet="アイウエオカガキギハバパヒビピホボポヤユヨワンッャュョァヴヷー・ 　あいうえおかがはばぱぁっゃゔｱｶﾊﾞﾟｰ\u3099\u309a゛゜"
)
ANYTHING = st.text(alphabet=st.one_of(st.characters(codec="utf-8"), st.sampled_from("ｶﾞﾊﾟ 　・ァｧーｰ-かが\u00a0\u0301")))


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
        ("1\u00a0", "1"),
        ("1\t", "1"),
        ("\u200b1\u00ad", "1"),
        ("\ufeff１\u3000", "1"),
        ("1\ufe0f", "1"),
        ("か\u3099", "が"),
        ("カ゛", "ガ"),
        ("ｶﾞ", "ガ"),
        ("E\u0301", "É"),
        ("ß", "ß"),
    ],
)
def test_identifiers_are_compared_by_width_folding_with_zeros_kept(text: str, key: str) -> None:
    assert identifier_key(text) == key


@given(ANYTHING)
def test_an_identifier_key_is_its_own_key(text: str) -> None:
    assert identifier_key(identifier_key(text)) == identifier_key(text)


@given(st.text(alphabet="019AZａ１東が-－"), st.data())
def test_blanks_and_invisible_characters_anywhere_make_no_other_number(text: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(text)))
    unseen = data.draw(st.text(alphabet=UNSEEN, min_size=1, max_size=3))
    assert identifier_key(text[:at] + unseen + text[at:]) == identifier_key(text)


@given(ANYTHING)
def test_a_kana_key_is_its_own_key(text: str) -> None:
    assert kana_key(kana_key(text)) == kana_key(text)


@given(ANYTHING)
def test_composed_and_decomposed_kana_are_one(text: str) -> None:
    assert kana_key(normalize("NFD", text)) == kana_key(normalize("NFC", text)) == kana_key(text)


@given(KANA, st.data())
def test_separators_anywhere_make_no_other_name(text: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(text)))
    between = data.draw(st.text(alphabet=[*SEPARATORS, *UNSEEN], min_size=1, max_size=3))
    assert kana_key(text[:at] + between + text[at:]) == kana_key(text)


@given(KANA, KANA, st.sampled_from(["カガ", "ハバ", "ハパ", "バパ", "ウヴ", "かが", "ほぼ"]))
def test_voiced_and_unvoiced_kana_stay_two(before: str, after: str, pair: str) -> None:
    assume(not after.lstrip(SEPARATORS + " 　").startswith(("\u3099", "\u309a", "ﾞ", "ﾟ", "゛", "゜")))
    assert kana_key(before + pair[0] + after) != kana_key(before + pair[1] + after)


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
        ("オ'ニール", "オニール"),
        ("オ’ニール", "オニール"),
        ("ジャン＝ポール", "ジヤンポール"),
        ("ジャン゠ポール", "ジヤンポール"),
        ("ジャン=ポール", "ジヤンポール"),
        ("ジャン·ポール", "ジヤンポール"),
        ("ジャン‧ポール", "ジヤンポール"),
        ("は\u3099な", "バナ"),
        ("ハ\u3099ナ", "ﾊﾞﾅ"),
        ("ハ゛ナ", "バナ"),
        ("ジョ〜ンズ", "ジョーンズ"),
        ("ヤマダ\u00a0タロウ", "ヤマダ タロウ"),
        ("ヤマダ\tタロウ\u200b", "ヤマダ タロウ"),
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


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("0", 0),
        ("7", 7),
        ("007", 7),
        ("0" * 5_000 + "7", 7),
        ("999", 999),
        ("1000", None),
        ("9" * 5_000, None),
        ("", None),
        (None, None),
        ("-1", None),
        ("+1", None),
        ("1.0", None),
        ("²", None),
        ("一", None),
        ("１２", None),
        ("١٢", None),
        (" 1", None),
    ],
)
def test_a_number_is_of_plain_digits_and_no_larger_than_is_asked(text: str | None, number: int | None) -> None:
    assert whole_number(text, most=999) == number


@pytest.mark.parametrize("cell", ["2147483648", "9" * 5_000, "²", "-1"])
def test_an_amount_that_is_none_is_told_in_japanese(cell: str) -> None:
    assert cells.amount()("2147483647") == "2147483647"
    with pytest.raises(ValueError, match="円単位の整数"):
        cells.amount()(cell)
