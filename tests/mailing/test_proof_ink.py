"""What text alone would not tell: type, ink, codes, seals, sides and company, each fault put into the finished file."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c
import pytest

from core.errors import Refused
from core.models import Event, Job
from core.paper import embed
from core.paper.draw import Pen
from core.paper.embed import EmbeddedFont
from core.paper.fonts import typeface
from core.paper.sheet import Box, mm_to_pt
from mailing.models import Dispatch, Enclosure, PrintedFile
from mailing.papers import contents, files, kinds
from mailing.services import assemble, confirm, differences, print_dispatch, prove_dispatch, pull_list, seal, send
from tests.mailing import build, rare
from tests.mailing.build import ON, Office
from tests.mailing.test_proof import FIRST, known, places, rebuilt

Patch = pytest.MonkeyPatch


def told(dispatch: Dispatch) -> list[str]:
    return [str(difference) for difference in differences(dispatch)]


def whose(dispatch: Dispatch, place: int = 0) -> str:
    """Envelope and 記号・番号・枝番 of a document (from 0), as every difference names them."""
    return f"［{contents.items(dispatch)[place].whose}］"


def drawn_again(dispatch: Dispatch, name: str = FIRST) -> None:
    """The file drawn once more under whatever the printer has been made to do wrong, and recorded as printed."""
    from mailing.printing import printing

    path = files.folder(dispatch) / name
    path.unlink()
    PrintedFile.objects.filter(dispatch=dispatch, name=name).update(name=f"old-{name}")
    mine = [i for i in contents.items(dispatch) if i.file_id == PrintedFile.objects.get(name=f"old-{name}").pk]
    printing._documents(dispatch, kinds.CERTIFICATE, name, mine)
    PrintedFile.objects.filter(name=f"old-{name}").delete()
    printing._write_manifest(dispatch)


def faulty(dispatch: Dispatch, change: Callable[[Patch], None]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        change(patch)
        drawn_again(dispatch)


def covered(dispatch: Dispatch, page: int, box: Box, colour: tuple[int, int, int] = (255, 255, 255)) -> None:
    """A rectangle laid over a page (from 0) of the finished file; its text layer stays as it was."""
    path = files.folder(dispatch) / FIRST
    pdf = pdfium.PdfDocument(path.read_bytes())
    sheet = pdf[page]
    left, top = mm_to_pt(box.x_mm), sheet.get_height() - mm_to_pt(box.y_mm)
    shape = pdfium_c.FPDFPageObj_CreateNewRect(
        left, top - mm_to_pt(box.height_mm), mm_to_pt(box.width_mm), mm_to_pt(box.height_mm)
    )
    pdfium_c.FPDFPageObj_SetFillColor(shape, *colour, 255)
    pdfium_c.FPDFPath_SetDrawMode(shape, pdfium_c.FPDF_FILLMODE_WINDING, 0)
    pdfium_c.FPDFPage_InsertObject(sheet, shape)
    sheet.gen_content()
    pdf.save(str(path))
    known(dispatch)


def field_box(dispatch: Dispatch, name: str) -> Box:
    item = contents.items(dispatch)[0]
    face = contents.document_faces(dispatch, item.kind, [item])[item.document_id]
    return kinds.named(item.kind).pages(dispatch.form, face)[0].fields[name].box


class TestGlyphs:
    def glyph_instead(self, digit: str, other: str | None) -> Callable[[Patch], None]:
        """The subset's glyph of a digit is another's, or empty; its text stays the digit."""
        face = typeface("label")
        victim, real = face.glyph(digit), embed.subset_program

        def program(of: Any, glyphs: list[int]) -> bytes:
            if of is not face:
                return real(of, glyphs)
            if other is not None:
                return real(of, [face.glyph(other) if g == victim else g for g in glyphs])  # type: ignore[misc]
            return real(Emptied(of, victim), glyphs)  # type: ignore[arg-type]

        return lambda patch: patch.setattr(embed, "subset_program", program)

    def test_a_digit_drawn_as_another(self, printed: Dispatch) -> None:
        faulty(printed, self.glyph_instead("8", "3"))
        found = places(printed)
        assert {(FIRST, 0, "font"), (FIRST, 1, "insurer_number"), (FIRST, 1, "issued_on")} <= found
        assert not any(field in ("name", "title") for _, _, field in found)
        envelope = contents.items(printed)[0].envelope_code
        assert (
            f"{FIRST} 1ページ 「保険者番号（insurer_number）」: 文字の形が書体と違うか、欠けています（「8」（U+0038））。"
            f"［封筒 {envelope}、1-0001-00］" in told(printed)
        )

    def test_a_digit_that_is_not_drawn_at_all(self, printed: Dispatch) -> None:
        faulty(printed, self.glyph_instead("1", None))
        assert {(FIRST, 0, "font"), (FIRST, 1, "serial"), (FIRST, 2, "serial")} <= places(printed)

    def test_an_installed_typeface_without_the_digit_is_no_excuse(self, printed: Dispatch, monkeypatch: Patch) -> None:
        face = typeface("label")
        victim, real = face.glyph("1"), type(face).outline
        monkeypatch.setattr(
            type(face), "outline", lambda self, glyph: b"" if self is face and glyph == victim else real(self, glyph)
        )
        drawn_again(printed)
        assert {(FIRST, 0, "font"), (FIRST, 1, "serial")} <= places(printed)

    def test_a_box_glyph_beside_the_right_text(self, printed: Dispatch) -> None:
        real = EmbeddedFont.encode

        def encode(self: EmbeddedFont, text: str) -> str:
            return real(self, text) + ("0000" if text == "0001" else "")

        faulty(printed, lambda patch: patch.setattr(EmbeddedFont, "encode", encode))
        assert places(printed) == {(FIRST, 1, "number"), (FIRST, 3, "number")}
        assert "箱" in told(printed)[0]

    def test_a_field_in_another_typeface(self, printed: Dispatch) -> None:
        real = Pen.put

        def put(self: Pen, placed: Any, *colour: Any) -> None:
            wrong = placed.role == "name" and placed.lines[0].text.startswith("山田")
            real(self, dataclasses.replace(placed, role="notes") if wrong else placed, *colour)

        faulty(printed, lambda patch: patch.setattr(Pen, "put", put))
        assert {(FIRST, 1, "name"), (FIRST, 3, "name"), (FIRST, 3, "insured_name")} == places(printed)
        assert "決められた書体ではありません" in told(printed)[0]


class Emptied:
    """A typeface with one glyph of no ink."""

    def __init__(self, face: Any, glyph: int | None) -> None:
        self._face, self._glyph = face, glyph

    def __getattr__(self, name: str) -> Any:
        return getattr(self._face, name)

    def outline(self, glyph: int) -> bytes:
        return b"" if glyph == self._glyph else self._face.outline(glyph)


class TestInk:
    def test_one_covered_digit(self, printed: Dispatch) -> None:
        box = field_box(printed, "insurer_number")
        covered(printed, 0, Box("", box.x_mm + 3, box.y_mm, 2, box.height_mm))
        assert places(printed) == {(FIRST, 1, "insurer_number")}
        assert "欠けているか、重なっています" in told(printed)[0]

    def test_the_seal_covered_though_its_text_is_there(self, printed: Dispatch) -> None:
        covered(printed, 2, field_box(printed, "seal"))
        assert told(printed) == [f"{FIRST} 3ページ 「印（seal）」: 印影がありません。{whose(printed, 1)}"]

    def test_half_a_seal(self, printed: Dispatch) -> None:
        box = field_box(printed, "seal")
        covered(printed, 0, Box("", box.x_mm, box.y_mm, box.width_mm, box.height_mm / 5))
        assert places(printed) == {(FIRST, 1, "seal")}

    def test_a_stain_where_no_field_is(self, printed: Dispatch) -> None:
        covered(printed, 1, Box("", 40, 60, 3, 3), (0, 0, 0))
        assert told(printed) == [f"{FIRST} 2ページ 「ページ（page）」: 欄の外の印刷が違います。{whose(printed)}"]

    def test_the_pages_of_a_file_that_is_as_drawn_are_not_drawn_over(self, printed: Dispatch) -> None:
        prove_dispatch(printed)
        inked = Job.objects.get(key=f"prove_dispatch {printed.pk}").outcome["inked"]
        assert inked == dict(PrintedFile.objects.filter(kind="certificate").values_list("name", "sha256"))
        covered(printed, 1, Box("", 40, 60, 3, 3), (0, 0, 0))
        with pytest.raises(Refused, match="欄の外"):
            prove_dispatch(printed)


class TestCodes:
    def test_the_qr_code_of_another(self, printed: Dispatch) -> None:
        real = Pen.qr
        faulty(printed, lambda patch: patch.setattr(Pen, "qr", lambda self, box, _: real(self, box, "000000000009")))
        assert places(printed) == {(FIRST, 1, "qr"), (FIRST, 3, "qr")}
        assert "番号が違います" in told(printed)[0]

    def test_a_qr_code_that_says_more_than_the_serial(self, printed: Dispatch) -> None:
        real = Pen.qr
        faulty(printed, lambda patch: patch.setattr(Pen, "qr", lambda self, box, text: real(self, box, f"{text} 1-1")))
        assert places(printed) == {(FIRST, 1, "qr"), (FIRST, 3, "qr")}

    def test_a_qr_code_that_cannot_be_read(self, printed: Dispatch) -> None:
        covered(printed, 0, Box("", 72, 111, 6, 13))
        assert told(printed) == [f"{FIRST} 1ページ 「QRコード（qr）」: QRコードを読み取れません。{whose(printed)}"]


class TestFacts:
    def changed(self, dispatch: Dispatch, **wrong: Any) -> None:
        real = kinds.CertificateKind.draw

        def draw(kind: Any, book: Any, form: str, face: Any) -> None:
            real(kind, book, form, dataclasses.replace(face, **{k: v(face) for k, v in wrong.items()}))

        faulty(dispatch, lambda patch: patch.setattr(kinds.CertificateKind, "draw", draw))

    def test_another_era(self, printed: Dispatch) -> None:
        self.changed(printed, birth_date=lambda face: face.birth_date.replace(year=2020))
        assert told(printed)[0] == f"{FIRST} 1ページ 「生年月日（birth_date）」: 元号が違います。{whose(printed)}"
        assert places(printed) == {(FIRST, 1, "birth_date"), (FIRST, 3, "birth_date")}

    def test_another_insurers_number(self, printed: Dispatch) -> None:
        self.changed(printed, insurer=lambda face: dataclasses.replace(face.insurer, number="06130496"))
        assert places(printed) == {(FIRST, 1, "insurer_number"), (FIRST, 3, "insurer_number")}

    def test_a_digit_less(self, printed: Dispatch) -> None:
        self.changed(printed, number=lambda face: face.number[:-1])
        assert (
            f"{FIRST} 1ページ 「番号（number）」: 桁数が違います（正しくは4桁、印刷は3桁）。{whose(printed)}"
            in told(printed)
        )

    def test_a_certificate_of_another_form(self, printed: Dispatch) -> None:
        real = kinds.CertificateKind.draw
        faulty(
            printed,
            lambda patch: patch.setattr(
                kinds.CertificateKind, "draw", lambda kind, book, _, face: real(kind, book, "card", face)
            ),
        )
        assert {(FIRST, n, "sheet") for n in (1, 2, 3, 4)} <= places(printed)


class TestSidesAndCompany:
    def test_two_backs_swapped(self, printed: Dispatch) -> None:
        rebuilt(files.folder(printed) / FIRST, [0, 3, 2, 1])
        known(printed)
        assert {(FIRST, 2, "serial"), (FIRST, 4, "serial")} <= places(printed)
        assert not any(page in (1, 3) for _, page, _ in places(printed))

    @pytest.mark.parametrize("form", ["card", "a4"])
    def test_the_backs_of_the_other_forms(self, db: None, home: Path, form: str) -> None:
        office = build.office(form=form)
        office.certify(office.household("0001", ["山田 太郎", "山田 花子"]))
        (number,) = assemble(office.run, by=office.clerk, on=ON).dispatches
        dispatch = Dispatch.objects.get(pk=number)
        print_dispatch(dispatch, by=office.clerk, on=ON)
        rebuilt(files.folder(dispatch) / FIRST, [0, 3, 2, 1])
        known(dispatch)
        assert {(FIRST, 2, "serial"), (FIRST, 4, "serial")} <= places(dispatch)

    def test_a_stranger_in_the_envelope_though_every_file_agrees(self, printed: Dispatch) -> None:
        """The plan itself is wrong: page, manifest and database name the same, and the envelope is another's."""
        mine, theirs = Enclosure.objects.order_by("id")[1], Enclosure.objects.order_by("id")[4]
        mine.envelope, mine.position = theirs.envelope, 9
        mine.save()
        from mailing.printing import printing

        printing._write_manifest(printed)
        problem = "封筒と別の世帯の書類が入っています"
        assert [d for d in differences(printed) if d.problem == problem] == [
            d for d in differences(printed) if d.field == "household"
        ]
        (line,) = [d for d in differences(printed) if d.field == "household"]
        serial = mine.certificate.serial  # type: ignore[union-attr]
        lines = (files.folder(printed) / "manifest.csv").read_text().splitlines()
        assert lines[line.page - 1].startswith(serial)


class TestReport:
    def test_what_was_counted_is_answered_and_kept(self, printed: Dispatch, office: Office) -> None:
        answer = prove_dispatch(printed, by=office.clerk)
        assert answer["papers"] == {"certificate": 5} and answer["envelopes"] == 3
        assert answer["papers_per_envelope"] == {"1": 1, "2": 2}
        assert sum(papers for _, papers in answer["bundles"].values()) == 5
        job = Job.objects.get(key=f"prove_dispatch {printed.pk}")
        assert job.actor == office.clerk and job.outcome["differences"] == 0
        note = Event.objects.filter(verb="prove").latest("seq").note
        assert note["papers"] == {"certificate": 5} and note["envelopes"] == 3

    def test_the_page_shows_counts_and_differences(self, printed: Dispatch, office: Office) -> None:
        from mailing.proof.report import report_html

        assert "まだ照合していません" in report_html(printed)
        prove_dispatch(printed, by=office.clerk)
        page = report_html(printed)
        assert "違いはありません" in page and "5枚" in page and "haraguchi" in page and "2枚入り 2通" in page
        covered(printed, 2, field_box(printed, "seal"))
        with pytest.raises(Refused):
            prove_dispatch(printed)
        page = report_html(printed)
        assert "1か所の違いがあります" in page and f"{FIRST} 3ページ 「印（seal）」" in page


def test_rare_names_are_proved_and_every_change_is_pulled_from_its_place(office: Office, monkeypatch: Patch) -> None:
    from mailing.printing import printing

    monkeypatch.setattr(printing, "PER_FILE", 60)
    random = Random(20261109)
    rare.populate(office, 200, 40, random=random)
    (number,) = assemble(office.run, by=office.clerk, on=ON).dispatches
    dispatch = Dispatch.objects.get(pk=number)
    print_dispatch(dispatch, by=office.clerk, on=ON)
    assert prove_dispatch(dispatch)["papers"] == {"certificate": 200}
    expected = rare.change(dispatch, 6, random=random)
    rows = pull_list(dispatch, on=ON)
    assert {row.serial: row.reasons for row in rows} == {serial: (why,) for serial, why in expected.items()}
    for row in rows:
        envelope = Enclosure.objects.get(certificate__serial=row.serial).envelope
        assert (row.envelope, row.position, row.establishment_code) == (
            envelope.code,
            envelope.bundle_position,
            envelope.establishment.code,  # type: ignore[union-attr]
        )
    confirm(dispatch, by=office.clerk, on=ON)
    assert prove_dispatch(dispatch)["papers"] == {"certificate": 194}
    seal(dispatch, by=office.clerk, on=ON)
    sent = send(dispatch, by=office.clerk, on=ON)
    assert (sent["decided"], sent["printed"], sent["pulled"], sent["sent"]) == (200, 200, 6, 194)


def test_a_file_with_fonts_that_cannot_be_read_is_named(printed: Dispatch) -> None:
    path = files.folder(printed) / FIRST
    path.write_bytes(
        re.sub(rb"/CIDToGIDMap\s*/Identity", lambda m: b"/CIDToGIDMap 1 0 R".ljust(len(m[0])), path.read_bytes())
    )
    known(printed)
    assert any(d.file == FIRST and d.field == "file" and "書体" in d.problem for d in differences(printed))
