"""The paper's way out by its commands, as schedulers call them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest

from core import clock
from mailing.models import Dispatch
from tests.mailing.build import ON, Office


@pytest.fixture(autouse=True)
def _today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "today", lambda: ON)


def test_a_month_goes_out_and_every_repeat_answers_the_same(office: Office, command: Callable) -> None:
    members = office.household("0001", ["山田 太郎", "山田 花子"])
    office.certify([*members, *office.household("0002", coverage_kind="voluntary")])
    for member in members:
        member.fund_registered_on = date(2026, 10, 20)
        member.save()
    drafted = command("draft_notices", "2026-11", "--by", "haraguchi")
    assert (drafted.code, drafted.json) == (0, {"notices": 2})
    assert command("draft_notices", "2026-11", "--by", "haraguchi").json == drafted.json
    assembled = command("assemble", "2026-11", "--by", "haraguchi")
    assert assembled.json == {
        "dispatches": list(Dispatch.objects.order_by("id").values_list("id", flat=True)),
        "held": {},
        "certificates": 3,
        "notices": 2,
    }
    assert command("assemble", "2026-11", "--by", "haraguchi").json == assembled.json
    for number in assembled.json["dispatches"]:
        for step in (
            ("print_dispatch", number, "--by", "haraguchi"),
            ("prove_dispatch", number),
            ("seal_dispatch", number, "--by", "haraguchi"),
            ("send_dispatch", number, "--by", "haraguchi", "--on", "2026-11-12"),
        ):
            first = command(*step)
            assert first.code == 0, first.err
            assert command(*step).json == first.json
        assert command("pull_list", number).out.startswith(
            "envelope,position,establishment_code,serial,reasons,label,confirmed,symbol,number,branch_number\n"
        )
    assert set(Dispatch.objects.values_list("status", flat=True)) == {"sent"}


def test_the_pull_list_by_command(office: Office, command: Callable) -> None:
    (member,) = office.household("0001")
    office.certify([member])
    (number,) = command("assemble", "2026-11", "--by", "haraguchi").json["dispatches"]
    assert command("pull_list", number).code == 1
    command("print_dispatch", number, "--by", "haraguchi")
    member.lost_on = ON
    member.save()
    assert command("pull_list", number).out.splitlines()[1].endswith(",left,資格がなくなった,0,1,0001,00")
    assert command("pull_list", number, "--confirm").code == 2
    done = command("pull_list", number, "--confirm", "--by", "haraguchi")
    assert done.out.splitlines()[1].endswith(",left,資格がなくなった,1,1,0001,00")


def test_a_difference_exits_1_and_names_the_place(office: Office, command: Callable, home: object) -> None:
    from mailing.papers import files

    office.certify(office.household("0001"))
    (number,) = command("assemble", "2026-11", "--by", "haraguchi").json["dispatches"]
    command("print_dispatch", number, "--by", "haraguchi")
    manifest = files.folder(Dispatch.objects.get(pk=number)) / "manifest.csv"
    manifest.write_text(manifest.read_text().replace("000000000001", "000000000009"))
    answer = command("prove_dispatch", number)
    assert answer.code == 1
    assert "manifest.csv 2行目 「発行番号（serial）」" in answer.err


@pytest.mark.parametrize("step", ["print_dispatch", "prove_dispatch", "pull_list", "seal_dispatch"])
@pytest.mark.parametrize("number", ["999", "abc"])
def test_an_unknown_dispatch_exits_2(office: Office, command: Callable, step: str, number: str) -> None:
    by = () if step in ("prove_dispatch", "pull_list") else ("--by", "haraguchi")
    assert command(step, number, *by).code == 2


def test_a_month_without_a_run_is_refused(office: Office, command: Callable) -> None:
    assert command("assemble", "2026-12", "--by", "haraguchi").code == 1
    assert command("draft_notices", "2026-12", "--by", "haraguchi").code == 1
    assert command("assemble", "2026-13", "--by", "haraguchi").code == 2
    assert command("assemble", "2026-11", "--by", "nobody").code == 2
