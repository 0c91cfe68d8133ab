"""Every defect that has happened to others is put into the paper, and the proof names file, page and field."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pypdfium2 as pdfium
import pytest

from core.errors import Refused
from mailing.models import Dispatch, Enclosure, PrintedFile
from mailing.papers import files, kinds
from mailing.services import differences, print_dispatch, prove_dispatch
from tests.mailing.build import ON, Office

FIRST = "certificates-0001.pdf"


def places(dispatch: Dispatch) -> set[tuple[str, int, str]]:
    return {(d.file, d.page, d.field) for d in differences(dispatch)}


def rebuilt(path: Path, order: list[int]) -> None:
    """The file with its pages (from 0) in another order."""
    source, target = pdfium.PdfDocument(str(path)), pdfium.PdfDocument.new()
    target.import_pages(source, order)
    data = path.with_name("swapped")
    target.save(str(data))
    source.close()
    target.close()
    data.replace(path)


def swap_ends(one: Path, other: Path, *, pages: int) -> None:
    """The two files with their last pages exchanged."""
    sources = [pdfium.PdfDocument(path.read_bytes()) for path in (one, other)]
    for path, own, foreign in ((one, *sources), (other, *reversed(sources))):
        target = pdfium.PdfDocument.new()
        if len(own) > pages:
            target.import_pages(own, list(range(len(own) - pages)))
        target.import_pages(foreign, list(range(len(foreign) - pages, len(foreign))))
        target.save(str(path))


def known(dispatch: Dispatch, name: str = FIRST) -> None:
    """Records the altered file's hash, so that only its pages can give it away."""
    path = files.folder(dispatch) / name
    PrintedFile.objects.filter(dispatch=dispatch, name=name).update(sha256=files.sha256(path))


def test_clean_paper_is_proved_and_proved_again(printed: Dispatch) -> None:
    first = prove_dispatch(printed)
    assert (first["status"], first["certificates"], first["files"]) == ("proved", 5, 7)
    assert prove_dispatch(printed) == first


def test_two_pages_swapped(printed: Dispatch) -> None:
    rebuilt(files.folder(printed) / FIRST, [2, 1, 0, 3])
    known(printed)
    found = places(printed)
    assert {(FIRST, 1, "serial"), (FIRST, 3, "serial"), (FIRST, 1, "name"), (FIRST, 3, "name")} <= found
    assert not any(page in (2, 4) for _, page, _ in found)


def test_a_page_lost(printed: Dispatch) -> None:
    rebuilt(files.folder(printed) / FIRST, [0, 1, 2])
    known(printed)
    assert places(printed) == {(FIRST, 0, "page")}


def test_a_page_twice(printed: Dispatch) -> None:
    rebuilt(files.folder(printed) / FIRST, [0, 0, 1, 2, 3])
    known(printed)
    found = places(printed)
    assert {(FIRST, 0, "page"), (FIRST, 2, "sheet")} & found
    assert (FIRST, 3, "serial") in found


def test_a_front_where_a_back_belongs(printed: Dispatch) -> None:
    rebuilt(files.folder(printed) / FIRST, [0, 2, 2, 3])
    known(printed)
    assert {page for _, page, _ in places(printed)} == {2}


@pytest.mark.parametrize("form", ["card", "a4"])
def test_the_other_forms_prove_as_well(db: None, home: Path, form: str) -> None:
    from mailing.services import assemble
    from tests.mailing import build

    office = build.office(form=form)
    office.certify(office.household("0001", ["山田 太郎", "山田 花子"]))
    (number,) = assemble(office.run, by=office.clerk, on=ON).dispatches
    dispatch = Dispatch.objects.get(pk=number)
    print_dispatch(dispatch, by=office.clerk, on=ON)
    assert places(dispatch) == set()


def test_another_wave_of_the_same_pages(printed: Dispatch) -> None:
    second = files.folder(printed) / "certificates-0002.pdf"
    (files.folder(printed) / FIRST).write_bytes(second.read_bytes())
    known(printed)
    assert {(FIRST, 1, "serial"), (FIRST, 3, "serial")} <= places(printed)


def wrong(monkeypatch: pytest.MonkeyPatch, change: Callable[[object], object]) -> None:
    """Lets the printer, and only it, draw other faces than the database's."""
    real = kinds.CertificateKind.draw

    def draw(kind: kinds.CertificateKind, book: object, form: str, face: object) -> None:
        real(kind, book, form, change(face))  # type: ignore[arg-type]

    monkeypatch.setattr(kinds.CertificateKind, "draw", draw)


@pytest.fixture
def assembled(office: Office, small_files: None) -> Dispatch:
    from mailing.services import assemble

    office.certify(office.household("1234567", ["山田 太郎", "山田 花子"]))
    (number,) = assemble(office.run, by=office.clerk, on=ON).dispatches
    return Dispatch.objects.get(pk=number)


def test_a_changed_digit(assembled: Dispatch, office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    import dataclasses

    wrong(monkeypatch, lambda face: dataclasses.replace(face, number="1234507"))  # type: ignore[type-var]
    print_dispatch(assembled, by=office.clerk, on=ON)
    assert places(assembled) == {(FIRST, 1, "number"), (FIRST, 3, "number")}


def test_the_seal_not_printed(assembled: Dispatch, office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    from core.paper.draw import Pen

    monkeypatch.setattr(Pen, "seal", lambda *_, **__: None)
    print_dispatch(assembled, by=office.clerk, on=ON)
    assert places(assembled) == {(FIRST, 1, "seal"), (FIRST, 3, "seal")}


def test_the_wrong_kind_of_document(assembled: Dispatch, office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    from datetime import date

    from notices.face import NoticeFace

    notice = NoticeFace(
        "000000000001",
        ON,
        "1",
        "1234567",
        "00",
        "山田 太郎",
        "ヤマダ タロウ",
        date(1990, 4, 1),
        date(2020, 4, 1),
        "06130488",
        "甲乙健康保険組合",
        "03-1234-5678",
    )
    monkeypatch.setattr(
        kinds.CertificateKind, "draw", lambda _, book, form, face: kinds.NOTICE.draw(book, form, notice)
    )
    print_dispatch(assembled, by=office.clerk, on=ON)
    assert {(FIRST, 1, "sheet"), (FIRST, 1, "title")} <= places(assembled)


def test_a_name_changed_in_the_database_since(printed: Dispatch, office: Office) -> None:
    person = office.members["0001-01"].person
    person.name = "佐藤 花子"
    person.save()
    assert places(printed) == {(FIRST, 3, "name"), ("addresses-0001.pdf", 1, "row2_name")}


def test_a_manifest_line_altered_or_lost(printed: Dispatch) -> None:
    path = files.folder(printed) / "manifest.csv"
    lines = path.read_text().splitlines()
    path.write_text("\n".join([*lines[:2], lines[2].replace(",3,", ",5,"), *lines[3:]]) + "\n")
    assert places(printed) == {("manifest.csv", 0, "sha256"), ("manifest.csv", 3, "page")}
    path.write_text("\n".join(lines[:-1]) + "\n")
    assert ("manifest.csv", 0, "lines") in places(printed)


def test_one_byte_altered(printed: Dispatch) -> None:
    path = files.folder(printed) / FIRST
    data = bytearray(path.read_bytes())
    data[-8] ^= 1
    path.write_bytes(bytes(data))
    assert (FIRST, 0, "sha256") in places(printed)


def test_a_file_that_is_gone_and_one_that_nobody_knows(printed: Dispatch) -> None:
    (files.folder(printed) / FIRST).rename(files.folder(printed) / "extra.pdf")
    found = places(printed)
    assert {(FIRST, 0, "sha256"), (FIRST, 0, "file"), ("extra.pdf", 0, "file")} <= found


def test_two_bundles_swapped(printed: Dispatch) -> None:
    """The list of one employer on top of the other's envelopes."""
    one, other = (files.folder(printed) / name for name in ("covers-0001.pdf", "covers-0002.pdf"))
    swap_ends(one, other, pages=2)
    known(printed, "covers-0001.pdf")
    known(printed, "covers-0002.pdf")
    found = places(printed)
    for name, page, field in (
        ("covers-0001.pdf", 2, "addressee"),
        ("covers-0001.pdf", 3, "establishment"),
        ("covers-0002.pdf", 1, "addressee"),
        ("covers-0002.pdf", 2, "establishment"),
    ):
        assert (name, page, field) in found


def test_another_households_certificate_in_the_envelope(printed: Dispatch) -> None:
    one, other = Enclosure.objects.order_by("id")[0], Enclosure.objects.order_by("id")[4]
    Enclosure.objects.filter(pk__in=[one.pk, other.pk]).update(active=False)
    first, last = one.certificate_id, other.certificate_id
    Enclosure.objects.filter(pk=one.pk).update(certificate_id=last)
    Enclosure.objects.filter(pk=other.pk).update(certificate_id=first)
    Enclosure.objects.filter(pk__in=[one.pk, other.pk]).update(active=True)
    found = places(printed)
    assert {(FIRST, 1, "serial"), ("manifest.csv", 2, "serial")} <= found


def test_the_refusal_lists_every_place_and_no_personal_text(printed: Dispatch, office: Office) -> None:
    person = office.members["0001-01"].person
    person.name = "佐藤 花子"
    person.save()
    with pytest.raises(Refused) as refusal:
        prove_dispatch(printed)
    text = str(refusal.value)
    assert f"{FIRST} 3ページ 「氏名（name）」" in text
    assert not any(word in text for word in ("佐藤", "山田", "花子"))
    printed.refresh_from_db()
    assert printed.status == "printed"


def test_unprinted_paper_cannot_be_proved(assembled: Dispatch) -> None:
    with pytest.raises(Refused, match="印刷して"):
        prove_dispatch(assembled)
