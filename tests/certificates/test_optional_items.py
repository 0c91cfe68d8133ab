"""任意記載事項 on paper: whom an item fits, until when it stands, and that it fits every form beside everything else."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from itertools import combinations
from pathlib import Path

import pytest

from certificates.documents import layouts
from certificates.documents.face import notes
from certificates.documents.layouts.paint import composed
from certificates.documents.optional_items import Wished, from_json, printed
from certificates.management.commands.test_sheet import LONGEST, WITH_ITEMS
from certificates.rules.law import law_on
from core.paper import readback
from core.paper.book import Book
from members.optional_item import LimitCategory, SpecificDisease
from tests.certificates.test_layouts import PLAIN
from tests.readback import compare_all

DAY = timedelta(1)
LAW = law_on(date(2026, 11, 10))
# Reaches 70 on 2026-11-09, so the share is decided by income from 2026-12-01.
BORN = date(1956, 11, 10)
TURNS = date(2026, 12, 1)
YOUNG = [*"aiueo"]
OLD = ["active_3", "active_2", "active_1", "general", "low_2", "low_1"]
FORMS = sorted(layouts.FORMS)
KATAKANA = "マリアフェルナンダデロスアンヘレスゴンザレスロドリゲス" * 3


def limit(value: str = "u", since: date = date(2026, 8, 1), through: date | None = None) -> Wished:
    return Wished("limit_category", value, None, since, through)


def disease(value: str = "kidney", yen: int = 10_000, through: date | None = None) -> Wished:
    return Wished("specific_disease", value, yen, date(2026, 8, 1), through)


def shown(wished: Wished, from_day: date, *, born: date = date(1980, 4, 1), last: str = "2031-11-09") -> str:
    return printed(wished, born, from_day=from_day, valid_through=date.fromisoformat(last), law=LAW)


class TestAge:
    @pytest.mark.parametrize(("day", "known"), [(TURNS - DAY, YOUNG), (TURNS, OLD), (TURNS + DAY, OLD)])
    def test_categories_change_with_the_month_after_70(self, day: date, known: list[str]) -> None:
        assert [value for value in LimitCategory.values if limit(value).fits(BORN, day, LAW)] == known

    @pytest.mark.parametrize(("day", "known"), [(TURNS - DAY, True), (TURNS, False), (TURNS + DAY, False)])
    def test_the_higher_limit_is_for_the_kidney_under_70(self, day: date, known: bool) -> None:
        assert disease(yen=20_000).fits(BORN, day, LAW) is known
        assert not disease("antiviral", 20_000).fits(BORN, day, LAW)
        assert all(disease(value).fits(BORN, day, LAW) for value in SpecificDisease.values)
        assert not disease(yen=15_000).fits(BORN, day, LAW)

    def test_what_is_for_those_under_70_ends_there_by_itself(self) -> None:
        assert limit().last_day(BORN, LAW) == disease(yen=20_000).last_day(BORN, LAW) == TURNS - DAY
        assert limit(through=date(2027, 7, 31)).last_day(BORN, LAW) == TURNS - DAY
        assert limit(through=date(2026, 11, 1)).last_day(BORN, LAW) == date(2026, 11, 1)
        assert disease().last_day(BORN, LAW) is None and limit("general").last_day(BORN, LAW) is None


class TestWords:
    @pytest.mark.parametrize(
        ("from_day", "stands"), [(date(2027, 7, 30), True), (date(2027, 7, 31), True), (date(2027, 8, 1), False)]
    )
    def test_an_item_is_printed_through_its_last_day(self, from_day: date, stands: bool) -> None:
        assert bool(shown(limit(through=date(2027, 7, 31)), from_day)) is stands

    @pytest.mark.parametrize(("from_day", "stands"), [(TURNS - DAY, True), (TURNS, False), (TURNS + DAY, False)])
    def test_a_category_is_not_printed_past_its_age(self, from_day: date, stands: bool) -> None:
        assert bool(shown(limit(), from_day, born=BORN)) is stands
        assert bool(shown(limit("low_1", TURNS), from_day, born=BORN)) is not stands

    @pytest.mark.parametrize(("last", "said"), [("2027-07-30", False), ("2027-07-31", False), ("2027-08-01", True)])
    def test_an_end_is_printed_where_the_certificate_lasts_longer(self, last: str, said: bool) -> None:
        text = shown(limit(through=date(2027, 7, 31)), date(2026, 11, 10), last=last)
        assert text == f"ウ（発効期日：令和8年8月1日{'、令和9年7月31日まで' if said else ''}）"

    def test_a_disease_says_its_limit(self) -> None:
        text = shown(disease(yen=20_000), date(2026, 11, 10))
        assert text == "人工腎臓を実施している慢性腎不全（限度額20,000円、発効期日：令和8年8月1日）"

    def test_wishes_are_read_from_the_join(self) -> None:
        assert from_json(None) == []
        assert from_json('{"limit_category": ["u", null, "2026-08-01", "2027-07-31"]}') == [
            limit(through=date(2027, 7, 31))
        ]


class TestNotes:
    def test_the_third_note_does_not_contradict_the_face(self) -> None:
        told = {"share_not_on_face": False, "recover_note_weeks": None}
        assert notes(LAW, **told)[2] == (
            "限度額適用認定証や特定疾病療養受療証の働きはありません。お持ちの方は一緒に見せてください。"
        )
        assert notes(LAW, **told, items_on_face=True)[2] == (
            "限度額適用認定証や特定疾病療養受療証の働きは、表面に記載した分だけです。"
            "ほかにお持ちの方は一緒に見せてください。"
        )

    @pytest.mark.parametrize("item", ["limit_category", "specific_disease"])
    def test_one_item_is_enough_and_the_employer_is_none(self, item: str) -> None:
        assert "分だけ" in replace(PLAIN, **{item: "ウ"}).notes()[2]
        assert "分だけ" not in replace(PLAIN, establishment_name="架空紡績株式会社").notes()[2]


@pytest.mark.parametrize("form", FORMS)
class TestPaper:
    def test_the_longest_items_print_and_read_back_beside_the_longest_of_all_else(
        self, form: str, tmp_path: Path
    ) -> None:
        layout = layouts.get(form)
        assert layout.check(WITH_ITEMS) == []
        with Book(tmp_path / "book.pdf") as book:
            layout.draw(book, WITH_ITEMS, reference="1")
            layout.draw(book, replace(PLAIN, limit_category=limit().words(None)), reference="2")
        assert compare_all(book.entries, book.path) == []
        placed = {name: item.text for entry in book.entries[:2] for name, item in entry.fields.items()}
        assert placed == WITH_ITEMS.fields()
        with readback.open_pdf(book.path) as pdf:
            back = "".join(readback.full_text(pdf, 2).split())
        assert all(note in back for note in WITH_ITEMS.notes()[2:4])

    @pytest.mark.parametrize("value", LimitCategory.values)
    def test_every_category_fits(self, form: str, value: str) -> None:
        text = limit(value, date(2028, 12, 28)).words(date(2030, 12, 27))
        assert layouts.get(form).check(replace(WITH_ITEMS, limit_category=text)) == []

    @pytest.mark.parametrize("value", SpecificDisease.values)
    def test_every_disease_fits(self, form: str, value: str) -> None:
        text = replace(disease(value, 20_000), valid_from=date(2028, 12, 28)).words(date(2030, 12, 27))
        assert layouts.get(form).check(replace(WITH_ITEMS, specific_disease=text)) == []

    def test_long_names_still_fit_beside_every_item(self, form: str) -> None:
        check = layouts.get(form).check
        assert check(replace(WITH_ITEMS, name=KATAKANA[:60], printed_name="")) == []
        # A card with everything on it has one line for the insured person's name.
        assert check(replace(WITH_ITEMS, insured_name=KATAKANA[: 35 if form == "card" else 60])) == []

    def test_items_have_a_place_of_their_own_in_any_combination(self, form: str) -> None:
        layout = layouts.get(form).form
        own = ("establishment_name", "limit_category", "specific_disease")
        for base in (PLAIN, LONGEST):
            for count in range(len(own) + 1):
                for chosen in combinations(own, count):
                    boxes = composed(layout, "front", frozenset({*base.fields(), *chosen})).fields
                    areas = [box for box, _ in boxes.values()]
                    areas += [area for area in (layout.front.qr, layout.front.seal) if area]
                    assert all(layout.sheet.holds(area) for area in areas)
                    assert not any(one.overlaps(other) for one, other in combinations(areas, 2))

    def test_a_full_table_takes_no_row_below_its_smallest_type(self, form: str) -> None:
        layout = layouts.get(form).form
        boxes = composed(layout, "front", frozenset(WITH_ITEMS.fields())).fields
        person, insurer = layout.front.tables
        cells = {cell.field: row for row in person.rows for cell in row.cells}
        for name, row in cells.items():
            if name in boxes:
                assert boxes[name][0].height_mm + 0.3 >= row.least_mm - 1e-6
        lowest = max(boxes[name][0].bottom_mm for name in cells if name in boxes)
        assert lowest < person.area.bottom_mm < insurer.area.y_mm
