"""Names that came apart into letters and marks: set as one glyph on every paper, and proved by where the ink is."""

from __future__ import annotations

import unicodedata
from pathlib import Path
from typing import Any

import pytest
from fontTools.ttLib import TTFont

from core.paper import embed, fonts, readback
from core.paper.draw import Line, Placed
from core.paper.fonts import Typeface
from mailing.models import Dispatch, PrintedFile
from mailing.papers import contents, files, kinds
from mailing.printing import printing
from mailing.proof.pages import BESIDE
from mailing.services import assemble, differences, print_dispatch, prove_dispatch
from tests.mailing.build import ON, Office

NAMES = ["は\u3099やし はな", "Jose\u0301 Nu\u0301n\u0303ez"]
FIRST = "certificates-0001.pdf"


def composed(text: str) -> str:
    return unicodedata.normalize("NFC", text)


@pytest.fixture
def family(office: Office, small_files: None) -> Dispatch:
    """Names, kana, the address, the employer: everything decomposed."""
    employer = office.establishments[0]
    employer.name = "第1カ\u3099ラス製作所"
    employer.save()
    members = office.household("0001", NAMES, address="東京都千代田区千代田一丁目ハ\u309aレス")
    for member in members:
        member.person.name_kana = "ハ\u3099ヤシ ハナ"
        member.person.save()
    office.certify(members)
    answer = assemble(office.run, by=office.clerk, on=ON)
    assert answer.held == {}
    dispatch = Dispatch.objects.get(pk=answer.dispatches[0])
    print_dispatch(dispatch, by=office.clerk, on=ON)
    return dispatch


def pages(dispatch: Dispatch) -> str:
    found = []
    for path in sorted(files.folder(dispatch).glob("*.pdf")):
        with readback.open_pdf(path) as pdf:
            found += [readback.full_text(pdf, number) for number in range(1, len(pdf) + 1)]
    return "\n".join(found)


def test_it_is_proved_and_the_register_stays_as_it_is(family: Dispatch, office: Office) -> None:
    assert prove_dispatch(family)["status"] == "proved"
    kept = [office.members[f"0001-{n:02d}"].person for n in range(2)]
    for person in kept:
        person.refresh_from_db()
    assert [person.name for person in kept] == NAMES
    said = pages(family)
    assert all(name in said for name in (*NAMES, "第1カ\u3099ラス製作所", "ハ\u3099ヤシ ハナ"))


def test_the_ink_is_that_of_the_composed_text(family: Dispatch, office: Office) -> None:
    for member in office.members.values():
        person = member.person
        person.name, person.name_kana = composed(person.name), composed(person.name_kana)
        person.save()
    employer = office.establishments[0]
    employer.name = composed(employer.name)
    employer.save()
    # Drawn again from the register of now, each page is the same picture: to the eye nothing has changed.
    assert differences(family) == []


@pytest.mark.parametrize("name", ["はやし はな", "ぱやし はな", "は\u309aやし はな"])
def test_another_letter_is_another_letter(family: Dispatch, office: Office, name: str) -> None:
    person = office.members["0001-00"].person
    person.name = name
    person.save()
    (found,) = [one for one in differences(family) if (one.page, one.field) == (1, "name")]
    assert found.characters.startswith("1文字目、正しくは") and "やし" not in str(found)


class _Apart(Typeface):
    """The name typeface as a careless printer uses it: letter and mark each with a glyph of its own."""

    def glyph(self, cluster: str) -> int | None:
        found = super().glyph(cluster)
        if found is None and len(cluster) == 1:
            font = TTFont(self.path)
            found = font.getGlyphID(font.getBestCmap()[ord(cluster)])
        return found


def drawn_apart(dispatch: Dispatch) -> None:
    """The first file drawn again with each mark beside its letter, and recorded as printed."""
    path = files.folder(dispatch) / FIRST
    path.unlink()
    file = PrintedFile.objects.get(dispatch=dispatch, name=FIRST)
    mine = [item for item in contents.items(dispatch) if item.file_id == file.pk]
    PrintedFile.objects.filter(pk=file.pk).update(name="old")
    with pytest.MonkeyPatch.context() as patch:
        apart = {role: _Apart(role, fonts.font_file(role)) for role in fonts.FILES}
        patch.setattr("core.paper.book.typeface", apart.__getitem__)
        patch.setattr(embed, "clusters", list)
        printing._documents(dispatch, kinds.CERTIFICATE, FIRST, mine)
    PrintedFile.objects.filter(name="old").delete()
    printing._write_manifest(dispatch)


def test_a_mark_beside_its_letter_is_found_with_page_field_character_envelope_and_number(family: Dispatch) -> None:
    drawn_apart(family)
    found = differences(family)
    item = contents.items(family)[0]
    (name,) = [one for one in found if (one.page, one.field) == (1, "name")]
    assert (name.problem, name.characters) == (BESIDE, "「は\u3099」（U+306F U+3099）")
    assert str(name).endswith(f"［封筒 {item.envelope_code}、1-0001-00］")
    assert {"name", "name_kana"} <= {one.field for one in found if one.problem == BESIDE and one.page == 3}
    assert "やし" not in "".join(map(str, found))


def test_a_mark_beside_its_letter_is_found_by_its_place_alone(tmp_path: Path) -> None:
    from core.paper.book import Book
    from core.paper.sheet import Sheet

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("core.paper.book.typeface", lambda role: _Apart(role, fonts.font_file(role)))
        patch.setattr(embed, "clusters", list)
        _bind(Book(tmp_path / "apart.pdf"), Sheet(100, 60))
    _bind(Book(tmp_path / "whole.pdf"), Sheet(100, 60))
    with readback.open_pdf(tmp_path / "apart.pdf") as pdf, readback.OpenPage(pdf, 1) as page:
        assert [mark.text for mark in page.beside_letter()] == ["は\u3099", "e\u0301"]
    with readback.open_pdf(tmp_path / "whole.pdf") as pdf, readback.OpenPage(pdf, 1) as page:
        assert page.full_text().split() == ["は\u3099や", "e\u0301", "ばé"] and page.beside_letter() == []


def _bind(book: Any, sheet: Any) -> None:
    with book:
        pen = book.pen(sheet)
        pen.put(Placed("name", 14, (Line(5, 20, "は\u3099や e\u0301 ばé"),)))
        book.add_page(pen, kind="test", reference="")
