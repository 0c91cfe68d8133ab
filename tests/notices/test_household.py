"""The household's sheet: nothing clipped, nothing over anything else, a card for each."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from core.paper.book import Book
from core.paper.fonts import MissingGlyphs
from notices.face import BAND, HouseholdFace
from notices.layouts import a4, household, sheet
from tests.notices.test_face import LONG, SHORT
from tests.readback import compare_all

LONGEST = dataclasses.replace(
    LONG,
    symbol="東京一二三四五六七八九０１２３４５６７８",
    number="１２３４５６７８９０１２３４５６７８９０",
    last_four="1234",
)


def family(person: object, count: int) -> HouseholdFace:
    return HouseholdFace("N00000000018", SHORT.issued_on, person.name, (person,) * count)  # type: ignore[attr-defined]


@pytest.mark.parametrize("person", [SHORT, LONG, LONGEST], ids=["short", "long", "longest"])
@pytest.mark.parametrize("count", [2, 3, 4])
def test_every_field_reads_back_and_none_lies_on_another(tmp_path: Path, person: object, count: int) -> None:
    face = family(person, count)
    assert sheet.check(face) == []
    with Book(tmp_path / "notice.pdf") as book:
        sheet.draw(book, face)
    assert compare_all(book.entries, tmp_path / "notice.pdf") == []
    boxes = [field.box for field in book.entries[0].fields.values()]
    assert all(sheet.SHEET.holds(box) for box in boxes)
    assert not any(a.overlaps(b) for i, a in enumerate(boxes) for b in boxes[i + 1 :])


@pytest.mark.parametrize("count", [1, 2, 3, 4])
def test_everybody_has_a_card_to_cut_out(count: int) -> None:
    cards = household._cards(count)
    assert {(card.width_mm, card.height_mm) for card in cards} == {(85.6, 54)}
    assert not any(a.overlaps(b) for i, a in enumerate(cards) for b in cards[i + 1 :])
    lowest = max(cards, key=lambda card: (card.bottom_mm, card.x_mm))
    assert lowest.x_mm > sheet.SHEET.width_mm / 2  # lower right
    fields = household.fields(family(LONGEST, count))
    for place, card in enumerate(cards, start=1):
        on_card = {name for name in fields if name.startswith(f"p{place}_card_")}
        assert len(on_card) == 11 and not any("last_four" in name for name in on_card)
        for name in on_card:
            box = fields[name].box
            assert card.x_mm <= box.x_mm and box.right_mm <= card.right_mm
            assert card.y_mm <= box.y_mm and box.bottom_mm <= card.bottom_mm


def test_the_longest_single_sheet_holds_the_digits_too(tmp_path: Path) -> None:
    assert a4.check(LONGEST) == []
    with Book(tmp_path / "notice.pdf") as book:
        a4.draw(book, LONGEST)
    assert compare_all(book.entries, tmp_path / "notice.pdf") == []
    boxes = [field.box for field in book.entries[0].fields.values()]
    assert not any(a.overlaps(b) for i, a in enumerate(boxes) for b in boxes[i + 1 :])


def test_the_words_stand_on_it_once_and_the_band_on_every_card() -> None:
    face = HouseholdFace(SHORT.serial, SHORT.issued_on, "李", (SHORT, LONGEST))
    fields = household.fields(face)
    assert [name for name, field in fields.items() if field.text == BAND] == ["band", "p1_card_band", "p2_card_band"]
    assert face.sentences() == [
        "負担割合は交付日現在です。変わったときは改めてお知らせします。",
        "国のシステムへの登録は令和8年11月13日に終わりました。内容に誤りがあれば、事業所の担当者または当組合へ連絡してください。",
        "資格がなくなったら、返さずに細かく切って捨ててください。",
        "個人番号は下4桁だけを載せています。お手元の番号と違うときは、すぐに連絡してください。",
    ]
    unknown = dataclasses.replace(SHORT, registered_on=None)
    assert "登録は終わりました。" in HouseholdFace("", SHORT.issued_on, "李", (SHORT, unknown)).sentences()[0]


def test_a_character_without_glyph_is_named_with_its_field() -> None:
    broken = dataclasses.replace(SHORT, name="\U000e0fff山")
    (problem, *_) = sheet.check(HouseholdFace("N", SHORT.issued_on, "李", (SHORT, broken)))
    assert isinstance(problem, MissingGlyphs) and problem.field == "氏名"


@pytest.mark.parametrize(
    ("field", "said"),
    [
        ("name", "氏名"),
        ("card_name", "氏名"),
        ("p3_name", "3人目の氏名"),
        ("p2_card_number", "2人目の番号"),
        ("page", ""),
    ],
)
def test_a_field_is_named_with_whose_it_is(field: str, said: str) -> None:
    assert sheet.label(field) == said
