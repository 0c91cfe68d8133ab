"""The list an establishment gets ahead of its bundle, and the packing list in front of its envelopes."""

from __future__ import annotations

import csv
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from core import clock
from core.models import Clerk, Event
from core.paper import readback
from core.paper.book import Book
from mailing.models import Dispatch
from mailing.papers.layouts import cover, packing
from mailing.services import assemble, confirm, print_dispatch, seal, send
from mailing.services import prove_dispatch as prove
from tests.mailing.build import ON, Office


@pytest.fixture(autouse=True)
def _today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "today", lambda: ON)


@pytest.fixture
def planned(office: Office) -> Dispatch:
    """Two employers; at the first a family of two, a person alone and one who is protected."""
    office.certify(office.household("0001", ["山田 太郎", "山田 花子"]))
    office.certify(office.household("0003", ["秘匿 三郎"], address_protected=True))
    office.certify(office.household("0002", ["髙橋 一郎"], establishment=1))
    office.certify(office.household("0004", ["任意 四郎"], coverage_kind="voluntary"))
    assemble(office.run, by=office.clerk, on=ON)
    return Dispatch.objects.get(channel="establishment")


def rows(folder: Path, code: str) -> list[dict[str, str]]:
    (path,) = folder.glob(f"{code}-*.csv")
    return list(csv.DictReader(path.read_text("utf-8").splitlines()))


def text_of(folder: Path, code: str) -> str:
    (path,) = folder.glob(f"{code}-*.pdf")
    with readback.open_pdf(path) as pdf:
        return "".join("".join(readback.full_text(pdf, n + 1).split()) for n in range(len(pdf)))


def test_who_will_receive_what_and_nobody_protected(planned: Dispatch, command: Callable, tmp_path: Path) -> None:
    answer = command("establishment_lists", "2026-11", "--by", "haraguchi", "--to", tmp_path)
    assert (answer.code, answer.json) == (0, {"establishments": 2, "members": 3})
    assert [(r["number"], r["branch_number"], r["name"], r["certificates"]) for r in rows(tmp_path, "001")] == [
        ("0001", "00", "山田 太郎", "1"),
        ("0001", "01", "山田 花子", "1"),
    ]
    text = text_of(tmp_path, "001")
    assert "第1製作所御中" in text and "山田花子資格確認書" in text and "2人" in text
    assert "髙橋" not in text and "秘匿" not in text
    everything = "".join(p.read_text("utf-8") for p in tmp_path.glob("*.csv")) + text + text_of(tmp_path, "002")
    assert not any(word in everything for word in ("秘匿", "任意 四郎", "職権", "未登録", "not_registered", "利用登録"))
    assert not any("山田" in path.name or "0001" in path.name for path in tmp_path.iterdir())
    event = Event.objects.get(verb="announce")
    assert (event.subject, event.note) == ("certificates.Run", {"establishments": 2, "members": 3})


def test_a_dependent_of_a_protected_insured_person_stands_on_no_list(
    office: Office, command: Callable, tmp_path: Path
) -> None:
    office.certify(office.household("0001", ["山田 太郎", "山田 花子"]))
    office.certify(office.household("0002", ["鈴木 一郎"]))
    assemble(office.run, by=office.clerk, on=ON)
    person = office.members["0001-00"].person
    person.nondisclosure = True
    person.save()
    assert command("establishment_lists", "2026-11", "--by", "haraguchi", "--to", tmp_path).json["members"] == 1
    assert [r["name"] for r in rows(tmp_path, "001")] == ["鈴木 一郎"]


def test_what_was_pulled_or_sent_is_not_announced(
    planned: Dispatch, office: Office, command: Callable, tmp_path: Path
) -> None:
    print_dispatch(planned, by=office.clerk, on=ON)
    member = office.members["0001-01"]
    member.lost_on = ON
    member.save()
    confirm(planned, by=office.clerk, on=ON)
    command("establishment_lists", "2026-11", "--by", "haraguchi", "--to", tmp_path)
    assert [r["name"] for r in rows(tmp_path, "001")] == ["山田 太郎"]
    prove(planned)
    seal(planned, by=office.clerk, on=ON)
    send(planned, by=office.clerk, on=ON)
    assert command("establishment_lists", "2026-11", "--by", "haraguchi", "--to", tmp_path).code == 1


def test_a_repeat_gives_the_same_bytes(planned: Dispatch, command: Callable, tmp_path: Path) -> None:
    for folder in ("one", "two"):
        command("establishment_lists", "2026-11", "--by", "haraguchi", "--to", tmp_path / folder)
    one, two = ({p.name: p.read_bytes() for p in (tmp_path / f).iterdir()} for f in ("one", "two"))
    assert one == two and len(one) == 5


def test_an_auditor_may_not(planned: Dispatch, command: Callable, tmp_path: Path) -> None:
    Clerk.objects.create_user("kansa", role="auditor")
    assert command("establishment_lists", "2026-11", "--by", "kansa", "--to", tmp_path / "out").code == 1
    assert not (tmp_path / "out").exists()


def test_the_packing_list_counts_kinds_and_names_the_range(tmp_path: Path) -> None:
    lines = tuple(cover.CoverRow(n, f"7-{n:05d}-1", "1", f"{n:04d}", "山田 太郎", (1, n % 2, 2)) for n in range(1, 31))
    day = date(2026, 11, 9)
    with Book(tmp_path / "c.pdf") as book:
        cover.draw(book, cover.CoverFace(7, "001", "第1製作所", "甲乙健康保険組合", day, day, lines))
    with readback.open_pdf(tmp_path / "c.pdf") as pdf:
        text, count = "".join(readback.full_text(pdf, 1).split()), len(pdf)
        assert "送付内訳" in text and "受領書" not in text
        assert "30枚15枚60枚105枚30通7-00001-1から7-00030-1まで" in text
        assert count == 3
        assert sum("受領書" in readback.full_text(pdf, n + 1) for n in range(count)) == 1


def test_a_kind_that_is_not_there_has_no_line() -> None:
    content = packing.Content((3, 0, 0), 2, "1-00001-3", "1-00002-1")
    assert [label for _, label, _ in content.rows()] == ["資格確認書", "書類の合計", "封筒", "封筒番号"]
    nothing = packing.Content((0, 0, 0), 0, "", "")
    assert [value for _, _, value in nothing.rows()] == ["0枚", "0通"]


def test_the_posting_slip_says_how_it_travels(office: Office) -> None:
    from mailing.papers import contents

    office.certify(office.household("0001", coverage_kind="voluntary"))
    office.certify(office.household("0002"))
    assemble(office.run, by=office.clerk, on=ON)
    slips = {}
    for dispatch in Dispatch.objects.all():
        print_dispatch(dispatch, by=office.clerk, on=ON)
        slips[dispatch.channel] = {name: value for name, _, value in contents.posting_face(dispatch).rows()}
    assert (slips["home"]["pieces"], slips["home"]["service"]) == ("1通", "特定記録")
    assert slips["establishment"]["pieces"] == "1束"
