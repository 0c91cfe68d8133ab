from __future__ import annotations

import csv
from pathlib import Path

import pytest

from certificates.models import EligibilityCertificate
from core.errors import Refused
from core.paper import readback
from mailing.models import Dispatch, PrintedFile
from mailing.papers import files, kinds
from mailing.printing import printing
from mailing.services import assemble, print_dispatch, prove_dispatch
from tests.mailing.build import ON, Office


def everything(dispatch: Dispatch) -> dict[str, bytes]:
    return {p.name: p.read_bytes() for p in sorted(files.folder(dispatch).iterdir())}


def whole_text(pdf: object, page: int) -> str:
    return "".join(readback.full_text(pdf, page).split())


def test_what_lies_in_the_folder(printed: Dispatch) -> None:
    assert list(everything(printed)) == [
        "addresses-0001.pdf",
        "addresses-0002.pdf",
        "certificates-0001.pdf",
        "certificates-0002.pdf",
        "certificates-0003.pdf",
        "covers-0001.pdf",
        "covers-0002.pdf",
        "manifest.csv",
    ]
    assert printed.status == "printed"
    assert set(EligibilityCertificate.objects.values_list("status", flat=True)) == {"printed"}


def test_the_manifest_says_where_every_document_is(printed: Dispatch) -> None:
    text = (files.folder(printed) / "manifest.csv").read_bytes().decode("utf-8")
    assert text.startswith("serial,kind,file,page,envelope,position,establishment_code\n")
    assert "\r" not in text
    rows = list(csv.DictReader(text.splitlines()))
    places = [(r["file"], r["page"], r["position"], r["establishment_code"]) for r in rows]
    assert places == [
        ("certificates-0001.pdf", "1", "1", "001"),
        ("certificates-0001.pdf", "3", "1", "001"),
        ("certificates-0002.pdf", "1", "2", "001"),
        ("certificates-0002.pdf", "3", "1", "002"),
        ("certificates-0003.pdf", "1", "1", "002"),
    ]
    for row in rows:
        with readback.open_pdf(files.folder(printed) / row["file"]) as pdf:
            assert row["serial"] in readback.full_text(pdf, int(row["page"]))


def test_the_list_names_the_bundle_and_no_ground(printed: Dispatch) -> None:
    pages = []
    for name, page in (("covers-0001.pdf", 3), ("covers-0002.pdf", 2)):
        with readback.open_pdf(files.folder(printed) / name) as pdf:
            pages.append(whole_text(pdf, page))
    assert "第1製作所" in pages[0] and "第2製作所" in pages[1]
    assert "山田太郎" in pages[0] and "髙橋" not in pages[0]
    assert "封を開けずに、11月19日までに本人へ渡してください。" in pages[0]
    assert "受領書" in pages[0]
    assert not any(word in page for page in pages for word in ("未登録", "期限切れ", "利用登録", "職権"))


def test_a_repeat_prints_nothing(printed: Dispatch, office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    before, stamps = everything(printed), [p.stat().st_mtime_ns for p in files.folder(printed).iterdir()]

    def never(*_: object, **__: object) -> None:
        raise AssertionError("drawn again")

    monkeypatch.setattr(kinds.CertificateKind, "draw", never)
    print_dispatch(printed, by=office.clerk, on=ON)
    assert everything(printed) == before
    assert [p.stat().st_mtime_ns for p in files.folder(printed).iterdir()] == stamps


class Killed(BaseException):
    """The process dies here."""


@pytest.mark.parametrize("at", [1, 2, 3, 4])
def test_killed_between_claim_and_file_or_between_files_then_taken_up(
    office: Office, small_files: None, monkeypatch: pytest.MonkeyPatch, at: int
) -> None:
    office.certify(office.household("0001", ["山田 太郎", "山田 花子"]))
    office.certify(office.household("0002", ["髙橋 一郎", "髙橋 二郎"]))
    office.certify(office.household("0003"))
    (number,) = assemble(office.run, by=office.clerk, on=ON).dispatches
    dispatch = Dispatch.objects.get(pk=number)
    drawn: list[str] = []
    real = printing._keep

    def dying(dispatch: Dispatch, kind: str, name: str, *rest: object) -> None:
        if len(drawn) + 1 == at:
            drawn.append("killed")
            raise Killed
        drawn.append(name)
        real(dispatch, kind, name, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(printing, "_keep", dying)
    with pytest.raises(Killed):
        print_dispatch(dispatch, by=office.clerk, on=ON)
    dispatch.refresh_from_db()
    assert dispatch.status == "printed"  # claimed before the first page
    half = everything(dispatch) if files.folder(dispatch).exists() else {}
    monkeypatch.setattr(printing, "_keep", real)
    print_dispatch(dispatch, by=office.clerk, on=ON)
    whole = everything(dispatch)
    assert {name: whole[name] for name in half} == half
    assert PrintedFile.objects.filter(dispatch=dispatch, kind="certificate").count() == 3
    assert prove_dispatch(dispatch)["certificates"] == 5


def test_a_file_written_but_not_recorded_comes_out_the_same(
    office: Office, small_files: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.certify(office.household("0001"))
    (number,) = assemble(office.run, by=office.clerk, on=ON).dispatches
    dispatch = Dispatch.objects.get(pk=number)

    def dying(**_: object) -> None:
        raise Killed

    monkeypatch.setattr(PrintedFile.objects, "create", dying)
    with pytest.raises(Killed):
        print_dispatch(dispatch, by=office.clerk, on=ON)
    path = files.folder(dispatch) / "certificates-0001.pdf"
    before = path.read_bytes()
    monkeypatch.undo()
    print_dispatch(dispatch, by=office.clerk, on=ON)
    assert path.read_bytes() == before


def test_a_lost_file_comes_back_the_same_or_not_at_all(printed: Dispatch, office: Office) -> None:
    path = files.folder(printed) / "certificates-0001.pdf"
    before = path.read_bytes()
    path.unlink()
    print_dispatch(printed, by=office.clerk, on=ON)
    assert path.read_bytes() == before
    path.unlink()
    person = office.members["0001-00"].person
    person.name = "佐藤 太郎"
    person.save()
    with pytest.raises(Refused, match="作り直せません"):
        print_dispatch(printed, by=office.clerk, on=ON)
    assert not path.exists()


def test_no_file_name_holds_personal_data(printed: Dispatch, home: Path) -> None:
    names = [str(p.relative_to(home)) for p in home.rglob("*")]
    assert not any(text in name for name in names for text in ("0001-00", "山田", "000000000001"))
    assert all((p.stat().st_mode & 0o077) == 0 for p in files.folder(printed).iterdir())


def test_an_address_sheet_for_every_envelope_that_goes_home(office: Office, small_files: None) -> None:
    office.certify(office.household("0001", ["任意 一郎"], coverage_kind="voluntary", address="札幌市中央区"))
    (number,) = assemble(office.run, by=office.clerk, on=ON).dispatches
    dispatch = Dispatch.objects.get(pk=number)
    print_dispatch(dispatch, by=office.clerk, on=ON)
    with readback.open_pdf(files.folder(dispatch) / "addresses-0001.pdf") as pdf:
        text = whole_text(pdf, 1)
    assert "〒100-0001札幌市中央区任意一郎様" in text
    assert prove_dispatch(dispatch)["envelopes"] == 1
