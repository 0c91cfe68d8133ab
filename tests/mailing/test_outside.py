"""A dispatch for an outside printer: the same bytes each time, and every kind of damage is found."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from core import clock
from core.errors import BadInput, Refused
from core.models import Clerk, Event
from mailing.bundling.outside import check, export
from mailing.models import Dispatch
from mailing.papers import files
from mailing.services import assemble, confirm, print_dispatch, prove_dispatch, seal, send
from tests.mailing.build import ON, Office


@pytest.fixture(autouse=True)
def _today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "today", lambda: ON)


@pytest.fixture
def proved(printed: Dispatch) -> Dispatch:
    prove_dispatch(printed)
    printed.refresh_from_db()
    return printed


@pytest.fixture
def exported(proved: Dispatch, office: Office, tmp_path: Path) -> Path:
    export(proved, tmp_path / "out", by=office.clerk, on=ON)
    return tmp_path / "out"


def content(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def lines(folder: Path) -> list[dict[str, str]]:
    return list(csv.DictReader((folder / "control.csv").read_text("utf-8").splitlines()))


def test_the_control_list_counts_every_file_and_the_whole(exported: Path, proved: Dispatch) -> None:
    found = lines(exported)
    assert [(line["file"], line["pages"], line["sheets"], line["envelopes"]) for line in found] == [
        ("addresses-0001.pdf", "2", "2", "2"),
        ("addresses-0002.pdf", "1", "1", "1"),
        ("certificates-0001.pdf", "4", "2", "1"),
        ("certificates-0002.pdf", "4", "2", "2"),
        ("certificates-0003.pdf", "2", "1", "1"),
        ("covers-0001.pdf", "3", "3", "0"),
        ("covers-0002.pdf", "2", "2", "0"),
        ("manifest.csv", "0", "0", "0"),
        ("pulled.csv", "0", "0", "0"),
        ("total", "18", "13", "3"),
    ]
    codes = [e.code for e in proved.envelopes.order_by("position")]
    assert (found[-1]["first_envelope"], found[-1]["last_envelope"]) == (codes[0], codes[-1])
    assert (found[3]["first_envelope"], found[3]["last_envelope"]) == (codes[1], codes[2])
    for line in found[:-1]:
        assert line["sha256"] == files.sha256(exported / line["file"])
    assert check(exported) == []


def test_a_repeat_gives_the_same_bytes_and_each_export_is_logged(
    exported: Path, proved: Dispatch, office: Office, tmp_path: Path
) -> None:
    before, stamps = content(exported), [path.stat().st_mtime_ns for path in sorted(exported.iterdir())]
    export(proved, exported, by=office.clerk, on=ON)
    assert [path.stat().st_mtime_ns for path in sorted(exported.iterdir())] == stamps
    export(proved, tmp_path / "again", by=office.clerk, on=ON)
    assert content(tmp_path / "again") == content(exported) == before
    events = Event.objects.filter(verb="export", subject_id=proved.pk)
    assert [(e.actor, e.note["files"], e.note["pages"]) for e in events] == [(office.clerk, 9, 18)] * 3


def test_no_name_and_no_control_line_holds_personal_data(exported: Path) -> None:
    text = " ".join(path.name for path in exported.iterdir()) + (exported / "control.csv").read_text("utf-8")
    assert not re.search("0001-00|山田|髙橋|000000000001", text)


def test_only_between_proof_and_posting(printed: Dispatch, office: Office, tmp_path: Path) -> None:
    with pytest.raises(Refused, match="照合を済ませてから"):
        export(printed, tmp_path / "out", by=office.clerk, on=ON)
    assert not (tmp_path / "out").exists()
    prove_dispatch(printed)
    seal(printed, by=office.clerk, on=ON)
    export(printed, tmp_path / "out", by=office.clerk, on=ON)
    send(printed, by=office.clerk, on=ON)
    with pytest.raises(Refused):
        export(printed, tmp_path / "out", by=office.clerk, on=ON)


def test_an_auditor_may_not(proved: Dispatch, tmp_path: Path) -> None:
    auditor = Clerk.objects.create_user("kansa", role="auditor")
    with pytest.raises(Refused, match="権限"):
        export(proved, tmp_path / "out", by=auditor, on=ON)


def test_a_file_that_changed_after_the_proof_does_not_leave(proved: Dispatch, office: Office, tmp_path: Path) -> None:
    with (files.folder(proved) / "certificates-0001.pdf").open("ab") as file:
        file.write(b" ")
    with pytest.raises(Refused, match=r"certificates-0001\.pdf"):
        export(proved, tmp_path / "out", by=office.clerk, on=ON)
    assert not (tmp_path / "out").exists()


def test_what_is_to_be_pulled_comes_first_and_then_stands_on_its_list(
    proved: Dispatch, office: Office, tmp_path: Path
) -> None:
    member = office.members["0001-01"]
    member.lost_on = ON
    member.save()
    with pytest.raises(Refused, match="引き抜く分が 1 件"):
        export(proved, tmp_path / "out", by=office.clerk, on=ON)
    (row,) = confirm(proved, by=office.clerk, on=ON)
    proved.refresh_from_db()
    prove_dispatch(proved)
    proved.refresh_from_db()
    export(proved, tmp_path / "out", by=office.clerk, on=ON)
    (pulled,) = csv.DictReader((tmp_path / "out" / "pulled.csv").read_text("utf-8").splitlines())
    assert (pulled["serial"], pulled["file"], pulled["page"]) == (row.serial, "certificates-0001.pdf", "3")
    assert check(tmp_path / "out") == []


def test_a_folder_with_something_else_is_refused(proved: Dispatch, office: Office, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "other.txt").write_text("x")
    with pytest.raises(BadInput, match="1 個"):
        export(proved, tmp_path / "out", by=office.clerk, on=ON)


def changed_bytes(folder: Path) -> None:
    path = folder / "certificates-0002.pdf"
    path.write_bytes(path.read_bytes().replace(b"%PDF-1.4", b"%PDF-1.5", 1))


def lost(folder: Path) -> None:
    (folder / "certificates-0002.pdf").unlink()


def extra(folder: Path) -> None:
    (folder / "extra.pdf").write_bytes(b"")


def other_total(folder: Path) -> None:
    path = folder / "control.csv"
    path.write_text(path.read_text("utf-8").replace("total,,18,13", "total,,18,14"), "utf-8")


def no_total(folder: Path) -> None:
    path = folder / "control.csv"
    path.write_text("".join(path.read_text("utf-8").splitlines(keepends=True)[:-1]), "utf-8")


def other_pages(folder: Path) -> None:
    path = folder / "control.csv"
    path.write_text(path.read_text("utf-8").replace("certificate,2,1", "certificate,3,1"), "utf-8")


def short_manifest(folder: Path) -> None:
    path = folder / "manifest.csv"
    path.write_text("".join(path.read_text("utf-8").splitlines(keepends=True)[:-1]), "utf-8")


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        (changed_bytes, "certificates-0002.pdf: ハッシュ"),
        (lost, "certificates-0002.pdf: ファイルがありません"),
        (extra, "extra.pdf: control.csv にないファイル"),
        (other_total, "合計: 枚数が control.csv では 14、実際は 13"),
        (no_total, "合計の行が一つではありません"),
        (other_pages, "certificates-0003.pdf: ページ数が control.csv では 3、実際は 2"),
        (short_manifest, "manifest.csv: ハッシュ"),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_the_checker_names_each_damage(
    exported: Path, command: Callable, damage: Callable[[Path], None], told: str
) -> None:
    assert command("check_export", exported).code == 0
    damage(exported)
    answer = command("check_export", exported)
    assert answer.code == 1
    assert told in answer.err


def test_a_folder_without_control_list_is_bad_input(command: Callable, tmp_path: Path) -> None:
    assert command("check_export", tmp_path).code == 2


def test_the_command_and_the_address_sheets(
    office: Office, small_files: None, command: Callable, tmp_path: Path
) -> None:
    for household in ("0001", "0002", "0003"):
        office.certify(office.household(household, coverage_kind="voluntary"))
    (number,) = assemble(office.run, by=office.clerk, on=ON).dispatches
    dispatch = Dispatch.objects.get(pk=number)
    print_dispatch(dispatch, by=office.clerk, on=ON)
    assert command("export_dispatch", number, "--by", "haraguchi", "--to", tmp_path / "out").code == 1
    prove_dispatch(dispatch)
    answer = command("export_dispatch", number, "--by", "haraguchi", "--to", tmp_path / "out")
    assert (answer.code, answer.json["envelopes"]) == (0, 3)
    codes = [e.code for e in dispatch.envelopes.order_by("position")]
    found = {line["file"]: line for line in lines(tmp_path / "out")}
    assert [found["addresses-0002.pdf"][key] for key in ("envelopes", "first_envelope", "last_envelope")] == [
        "1",
        codes[2],
        codes[2],
    ]
    assert command("check_export", tmp_path / "out").code == 0
