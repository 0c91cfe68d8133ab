"""Which characters can be printed: names come out as registered, or the paper stops and says which character."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest
from fontTools.ttLib import TTFont

from core.errors import Fault
from core.paper import fonts
from tests.conftest import require

NABE_MOJI_JOHO = "\u9089\U000e0110"
"""辺 with a variation selector of the collection that the name typeface holds."""
NABE_ADOBE = "\u9089\U000e0102"
"""The same base with a selector of another collection."""


@pytest.fixture(autouse=True)
def installed() -> None:
    try:
        for role in fonts.FILES:
            fonts.font_file(role)
    except Fault:
        require("the print fonts", False)


@pytest.mark.parametrize(
    "text",
    ["山田 一", "\U00020bb7田", "髙橋", "\ufa11", "\ufa19", NABE_MOJI_JOHO, "ﾊﾟﾌﾞﾛ・ディエゴ", "Ana-María O'Neil", "　"],
)
def test_registered_names_can_be_printed(text: str) -> None:
    assert fonts.missing(text, "name") == []


def test_a_sequence_the_font_lacks_is_missing_even_if_its_base_is_there() -> None:
    assert fonts.missing("\u9089", "name") == []
    (glyph,) = fonts.missing(f"渡{NABE_ADOBE}", "name")
    assert (glyph.character, glyph.code_point) == (NABE_ADOBE, "U+9089 U+E0102")


def test_the_glyph_of_a_sequence_differs_from_that_of_its_base() -> None:
    face = fonts.typeface("name")
    assert face.glyph(NABE_MOJI_JOHO) != face.glyph("\u9089")


def test_compatibility_kanji_keep_a_glyph_of_their_own() -> None:
    face = fonts.typeface("name")
    assert face.glyph("\ufa19") not in (None, face.glyph("\u795e"))


def test_each_missing_character_is_named_once() -> None:
    found = fonts.missing("\U0001f600山\U0001f600\t", "name")
    assert [glyph.code_point for glyph in found] == ["U+1F600", "U+0009"]
    assert found[0].name == "GRINNING FACE"


def test_a_selector_without_a_base_is_missing() -> None:
    assert [glyph.code_point for glyph in fonts.missing("\U000e0110", "name")] == ["U+E0110"]


def test_a_missing_glyph_refuses_with_field_and_code_point_only() -> None:
    refusal = fonts.MissingGlyphs("氏名", fonts.missing(f"渡{NABE_ADOBE}太郎", "name"))
    (reason,) = refusal.reasons
    assert "氏名" in reason and "U+9089 U+E0102" in reason
    assert "太郎" not in reason


def test_without_the_fonts_the_message_names_the_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KENPO_FONT_DIRS", str(tmp_path))
    with pytest.raises(Fault, match="fonts-ipamj-mincho"):
        fonts.font_file("name")
    with pytest.raises(Fault, match="fonts-morisawa-bizud-gothic"):
        fonts.font_file("label")


def test_widths_are_those_of_full_and_half_width_type() -> None:
    assert fonts.width_pt("健康", "label", 10) == pytest.approx(20)
    assert fonts.width_pt("12", "label", 10) == pytest.approx(10)
    assert fonts.width_pt(NABE_MOJI_JOHO, "name", 10) == pytest.approx(10)


BA, KA_NASAL = "は\u3099", "か\u309a"


@pytest.mark.parametrize("role", list(fonts.FILES))
@pytest.mark.parametrize("text", ["は\u3099んは\u309a", "Jose\u0301 Nu\u0301n\u0303ez", "ウ\u3099", "ぱ José"])
def test_a_letter_with_its_mark_is_drawn_as_the_equal_single_character(role: fonts.Role, text: str) -> None:
    face = fonts.typeface(role)
    assert fonts.missing(text, role) == []
    single = unicodedata.normalize("NFC", text)
    assert [face.glyph(one) for one in fonts.clusters(text)] == [face.glyph(one) for one in single]
    assert fonts.width_pt(text, role, 10) == fonts.width_pt(single, role, 10)


@pytest.mark.parametrize("role", list(fonts.FILES))
@pytest.mark.parametrize(
    ("text", "said"),
    [
        (KA_NASAL, f"「{KA_NASAL}」（U+304B U+309A）"),
        ("山\u3099", "「山\u3099」（U+5C71 U+3099）"),
        ("\ufa19\u3099", "「\ufa19\u3099」（U+FA19 U+3099）"),
        ("e\u0301\u0323", "「e\u0301\u0323」（U+0065 U+0301 U+0323）"),
        ("\u3099", "「付く字のない記号（U+3099）」"),
        ("\u00ad", "「見えない文字（ソフトハイフン U+00AD）」"),
        ("\u200b", "「見えない文字（幅のない空白 U+200B）」"),
        ("\u200e", "「見えない文字（左から右の方向指定 U+200E）」"),
        ("\ufeff", "「見えない文字（BOM U+FEFF）」"),
        ("\u2064", "「見えない文字（U+2064）」"),
        ("\t", "「制御文字（タブ U+0009）」"),
        ("\u0085", "「制御文字（U+0085）」"),
        ("\u2009", "「特殊な空白（U+2009）」"),
        ("\uf860", "「外字（U+F860）」"),
        ("\uf87a", "「外字（U+F87A）」"),
        ("\ue000", "「外字（U+E000）」"),
    ],
)
def test_what_cannot_stand_on_paper_is_missing_and_named_by_what_it_is(role: fonts.Role, text: str, said: str) -> None:
    assert [str(glyph) for glyph in fonts.missing(f"{text}一", role)] == [said]


def test_the_typeface_has_a_glyph_without_ink_that_is_not_taken_for_a_character() -> None:
    font = TTFont(fonts.font_file("name"))
    empty = {chr(code) for code, name in font.getBestCmap().items() if not font["glyf"][name].numberOfContours}
    assert {"\uf860", "\uf87a"} <= empty
    assert {one for one in empty if fonts.missing(one, "name") == []} == {" ", "\xa0", "\u2002", "\u2003", "\u3000"}


@pytest.mark.parametrize("role", list(fonts.FILES))
def test_every_glyph_that_is_used_has_ink_or_is_a_blank(role: fonts.Role) -> None:
    face = fonts.typeface(role)
    blind = [one for one in (*face.characters, *face.sequences) if not face.outline(face.glyph(one) or 0)]
    assert all(one.isspace() for one in blind)


def test_composing_touches_marks_only() -> None:
    assert fonts.composed(f"{BA} \ufa19 \u212b {KA_NASAL}") == f"ば \ufa19 \u212b {KA_NASAL}"
