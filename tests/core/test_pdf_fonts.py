"""Which characters can be printed: names come out as registered, or the paper stops and says which character."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.errors import Fault
from core.pdf import fonts
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
    [
        "山田 一",
        "\U00020bb7田",
        "髙橋",
        "\ufa11",
        "\ufa19",
        NABE_MOJI_JOHO,
        "ﾊﾟﾌﾞﾛ・ディエゴ",
        "Ana-María O'Neil",
        "　",
    ],
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


def test_without_the_fonts_the_message_names_the_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KENPO_FONT_DIRS", str(tmp_path))
    with pytest.raises(Fault, match="fonts-ipamj-mincho"):
        fonts.font_file("name")
    with pytest.raises(Fault, match="fonts-morisawa-bizud-gothic"):
        fonts.font_file("label")


def test_widths_are_those_of_full_and_half_width_type() -> None:
    assert fonts.width_pt("健康", "label", 10) == pytest.approx(20)
    assert fonts.width_pt("12", "label", 10) == pytest.approx(10)
    assert fonts.width_pt(NABE_MOJI_JOHO, "name", 10) == pytest.approx(10)
