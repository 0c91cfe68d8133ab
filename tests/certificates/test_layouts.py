"""The certificate on paper: wording, places, and the kept pages of each form."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from itertools import combinations
from pathlib import Path

import pytest

from certificates.documents import layouts
from certificates.documents.face import LABELS, CertificateFace, InsurerFace, notes
from certificates.documents.layouts import elderly
from certificates.documents.layouts.paint import composed
from certificates.management.commands.test_sheet import LONGEST
from certificates.models import EligibilityCertificate
from certificates.rules.law import law_on
from core.errors import Fault
from core.paper import readback
from core.paper.book import Book
from core.paper.fonts import MissingGlyphs
from core.paper.typeset import TextDoesNotFit
from tests.conftest import Answer
from tests.readback import compare_all, red_share

GOLDEN = Path(__file__).parents[1] / "golden"
FORMS = sorted(layouts.FORMS)
LAW = law_on(date(2026, 11, 6))

PLAIN = CertificateFace(
    kind="insured",
    issued_on=date(2026, 11, 6),
    symbol="123",
    number="0045",
    branch_number="00",
    name="山田 一",
    name_kana="ヤマダ ハジメ",
    birth_date=date(1990, 4, 5),
    sex="1",
    acquired_on=date(2019, 5, 1),
    valid_through=date(2031, 11, 5),
    insurer=InsurerFace("06130488", "みなと総合健康保険組合", "105-0099", "東京都港区架空一丁目2番3号", "03-0000-1234"),
    serial="1000000000017",
)
DEPENDENT = replace(
    PLAIN,
    kind="dependent",
    name="\U00020bb7田　\u9089\U000e0110子",
    name_kana="ヨシダ　ナベコ",
    sex="2",
    insured_name="\U00020bb7田 \ufa19一",
    birth_date=date(1954, 12, 28),
    copayment_percent=20,
    effective_on=date(2026, 11, 6),
)
KNOWN_AS = replace(PLAIN, printed_name="金山 花子", name="KIM HANA-MARIA", sex_on_back=True, branch_number="")
VOLUNTARY = replace(PLAIN, expected_loss_on=date(2028, 4, 1), name="MAXIMILIANA ALEXANDRA VON HOHENBERG-WESTERFELD")
FACES = [PLAIN, DEPENDENT, KNOWN_AS, VOLUNTARY, LONGEST]


def bind(path: Path, form: str, faces: list[CertificateFace]) -> Book:
    with Book(path) as book:
        for face in faces:
            layouts.get(form).draw(book, face, reference=face.serial)
    return book


class TestTexts:
    def test_dates_are_in_the_japanese_calendar_and_the_first_year_is_gannen(self) -> None:
        fields = PLAIN.fields()
        assert fields["issued_on"] == "令和8年11月6日"
        assert fields["birth_date"] == "平成2年4月5日"
        assert fields["acquired_on"] == "令和元年5月1日"
        assert fields["valid_through"] == "令和13年11月5日まで"

    def test_symbol_and_number_stand_as_registered(self) -> None:
        fields = replace(PLAIN, symbol="０12", number="0007").fields()
        assert (fields["symbol"], fields["number"]) == ("０12", "0007")

    def test_a_dependent_has_the_day_of_recognition_and_the_insured_persons_name(self) -> None:
        fields = DEPENDENT.fields()
        assert fields["certified_on"] == "令和元年5月1日" and "acquired_on" not in fields
        assert fields["insured_name"] == "\U00020bb7田 \ufa19一"
        assert fields["kind"] == "家族（被扶養者）"

    def test_an_insured_person_has_neither(self) -> None:
        fields = replace(PLAIN, insured_name="誰か").fields()
        assert "certified_on" not in fields and "insured_name" not in fields
        assert fields["kind"] == "本人（被保険者）"

    @pytest.mark.parametrize(("percent", "text"), [(20, "2割"), (30, "3割"), (None, None)])
    def test_the_share_is_printed_only_where_it_is_on_the_face(self, percent: int | None, text: str | None) -> None:
        assert replace(PLAIN, copayment_percent=percent).fields().get("copayment") == text

    @pytest.mark.parametrize(
        ("effective_on", "percent", "printed"),
        [
            (date(2026, 11, 6), None, False),
            (date(2026, 11, 7), None, True),
            (date(2026, 11, 6), 20, True),
            (None, None, False),
        ],
    )
    def test_the_effective_day_is_printed_with_a_share_or_after_the_day_of_issue(
        self, effective_on: date | None, percent: int | None, printed: bool
    ) -> None:
        fields = replace(PLAIN, effective_on=effective_on, copayment_percent=percent).fields()
        assert ("effective_on" in fields) is printed

    def test_a_known_as_name_stands_in_front_and_the_legal_one_behind(self) -> None:
        fields = KNOWN_AS.fields()
        assert (fields["name"], fields["legal_name"]) == ("金山 花子", "KIM HANA-MARIA")
        assert (fields["sex"], fields["sex_remark"]) == ("裏面参照", "男")

    def test_without_it_the_remarks_are_empty(self) -> None:
        assert not {"legal_name", "sex_remark", "former_surname", "address"} & set(PLAIN.fields())

    def test_the_address_is_printed_only_by_policy(self) -> None:
        assert "address" not in replace(PLAIN, address="東京都架空区").fields()
        assert replace(PLAIN, address="東京都架空区", show_address=True).fields()["address"] == "東京都架空区"

    def test_the_number_has_one_name_on_paper_screens_and_letters(self) -> None:
        """Who reads it out from the paper must be understood by who looks for it on a page."""
        name = EligibilityCertificate._meta.get_field("serial").verbose_name
        assert LABELS["serial"] == name
        for form in (*layouts.FORMS.values(), elderly.FORM):
            assert name in [heading.text for heading in form.back.headings]

    def test_the_qr_code_takes_nothing_but_a_serial(self) -> None:
        with pytest.raises(ValueError, match="数字だけ"):
            replace(PLAIN, serial="記号123")


class TestNotes:
    def test_a_society_that_recovers_has_eleven_notes_and_others_ten(self) -> None:
        assert len(notes(LAW, share_not_on_face=False, recover_note_weeks=2)) == 11
        assert len(notes(LAW, share_not_on_face=False, recover_note_weeks=None)) == 10
        assert "3週間を目安に" in notes(LAW, share_not_on_face=False, recover_note_weeks=3)[5]

    def test_where_no_share_is_printed_the_elderly_certificate_is_mentioned(self) -> None:
        assert "高齢受給者証" in notes(LAW, share_not_on_face=True, recover_note_weeks=None)[2]
        assert "高齢受給者証" not in "".join(notes(LAW, share_not_on_face=False, recover_note_weeks=2))

    @pytest.mark.parametrize("form", FORMS)
    def test_every_note_and_the_whole_donation_text_stand_on_the_back(self, form: str, tmp_path: Path) -> None:
        face = replace(PLAIN, recover_note_weeks=2, share_not_on_face=True)
        book = bind(tmp_path / "book.pdf", form, [face])
        with readback.open_pdf(book.path) as pdf:
            text = "".join(readback.full_text(pdf, 2).split())
        # Marks stand between paragraphs, and a wrapped note may be read around its mark; sentences are looked for.
        for note in face.notes():
            assert note in text
        for sentence in (
            "私は、脳死後及び心臓が停止した死後のいずれでも、移植の為に臓器を提供します。",
            "私は、心臓が停止した死後に限り、移植の為に臓器を提供します。",
            "私は、臓器を提供しません。",
            "本人署名（自筆）",
            "家族署名（自筆）",
            "記入は任意です。記入の有無で受けられる医療は変わりません。",
        ):
            assert sentence in text


@pytest.mark.parametrize("form", FORMS)
class TestPaper:
    def test_every_face_prints_and_reads_back(self, form: str, tmp_path: Path) -> None:
        book = bind(tmp_path / "book.pdf", form, FACES)
        assert compare_all(book.entries, book.path) == []
        assert [entry.side for entry in book.entries] == ["front", "back"] * len(FACES)
        assert {entry.kind for entry in book.entries} == {"certificate"}

    def test_every_field_of_the_face_has_its_place(self, form: str, tmp_path: Path) -> None:
        book = bind(tmp_path / "book.pdf", form, FACES)
        for face, front, back in zip(FACES, book.entries[::2], book.entries[1::2], strict=True):
            placed = {name: item.text for entry in (front, back) for name, item in entry.fields.items()}
            assert placed == face.fields()
            assert front.reference == face.serial

    def test_names_are_set_in_the_name_typeface_and_nothing_else_is(self, form: str, tmp_path: Path) -> None:
        book = bind(tmp_path / "book.pdf", form, [LONGEST])
        names = {name for entry in book.entries for name, item in entry.fields.items() if item.role == "name"}
        assert names == {"name", "insured_name", "legal_name", "former_surname"}

    def test_no_two_fields_share_a_place_in_any_combination(self, form: str) -> None:
        always = {"title", "kind", "issued_on", "symbol", "number", "name_kana", "name", "birth_date", "sex"}
        always |= {"valid_through", "insurer_address", "insurer_phone", "insurer_number", "insurer_name", "serial"}
        optional = ("branch_number", "insured_name", "expected_loss_on", "copayment", "effective_on")
        layout = layouts.get(form).form
        for count in range(len(optional) + 1):
            for chosen in combinations(optional, count):
                first = "certified_on" if "insured_name" in chosen else "acquired_on"
                boxes = composed(layout, "front", frozenset(always | {first, *chosen})).fields
                areas = [box for box, _ in boxes.values()]
                areas += [area for area in (layout.front.qr, layout.front.seal) if area]
                assert all(layout.sheet.holds(area) for area in areas)
                assert not any(one.overlaps(other) for one, other in combinations(areas, 2))

    def test_the_seal_is_on_the_front(self, form: str, tmp_path: Path) -> None:
        book = bind(tmp_path / "book.pdf", form, [PLAIN])
        seal = layouts.get(form).form.front.seal
        assert seal is not None
        with readback.open_pdf(book.path) as pdf:
            assert red_share(pdf, 1, seal) > 0.15
            assert red_share(pdf, 2, seal) == 0

    def test_a_name_without_glyph_stops_its_own_paper_only(self, form: str, tmp_path: Path) -> None:
        bad = replace(PLAIN, printed_name="渡\u9089\U000e0102 太郎", name="渡\u9089\U000e0102 太郎")
        layout = layouts.get(form)
        with Book(tmp_path / "book.pdf") as book:
            with pytest.raises(MissingGlyphs):
                layout.draw(book, bad, reference="1")
            assert book.page_count == 0
            layout.draw(book, PLAIN, reference="2")
        assert [entry.reference for entry in book.entries] == ["2", "2"]
        assert len(layout.check(bad)) == 2 and layout.check(PLAIN) == []

    def test_a_name_too_long_for_the_form_refuses_without_a_page(self, form: str, tmp_path: Path) -> None:
        long = replace(PLAIN, name="山" * 200)
        with Book(tmp_path / "book.pdf") as book:
            with pytest.raises(TextDoesNotFit):
                layouts.get(form).draw(book, long, reference="1")
            assert book.page_count == 0
            layouts.get(form).draw(book, PLAIN, reference="2", sides=("front",))
        assert book.page_count == 1

    @pytest.mark.parametrize("address", ["東京都架空区" * 20, "東京都架空区\U0001f600"])
    def test_an_address_that_cannot_be_printed_is_left_to_be_written(
        self, form: str, address: str, tmp_path: Path
    ) -> None:
        face = replace(PLAIN, address=address, show_address=True)
        assert layouts.get(form).check(face) == []
        book = bind(tmp_path / "book.pdf", form, [face])
        assert compare_all(book.entries, book.path) == []
        assert "address" not in book.entries[1].fields
        kept = bind(tmp_path / "kept.pdf", form, [replace(face, address="東京都架空区")])
        assert kept.entries[1].fields["address"].text == "東京都架空区"

    @pytest.mark.golden
    def test_the_pages_are_those_that_were_looked_at(self, form: str, tmp_path: Path) -> None:
        book = bind(tmp_path / "book.pdf", form, FACES)
        kept = GOLDEN / f"certificate-{form}.pdf"
        if os.environ.get("KENPO_UPDATE_GOLDEN") == "1":
            kept.write_bytes(book.path.read_bytes())
        assert compare_all(book.entries, kept) == []
        assert book.path.read_bytes() == kept.read_bytes()

    def test_the_test_sheet_is_written_and_named(
        self, form: str, tmp_path: Path, command: Callable[..., Answer]
    ) -> None:
        path = tmp_path / "sheet.pdf"
        answer = command("test_sheet", form, "--out", path)
        assert answer.code == 0
        # The longest of everything, without and with the optional items.
        assert answer.json == {"form": form, "pages": 4, "file": str(path)}
        with readback.open_pdf(path) as pdf:
            assert len(pdf) == 4


def test_an_unknown_form_is_a_fault() -> None:
    with pytest.raises(Fault, match="postcard"):
        layouts.get("b5")
