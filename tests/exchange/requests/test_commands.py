"""The same by commands, twice without harm."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from certificates.models import Deregistration, Inquiry
from exchange import outgoing
from exchange.models import OutgoingFile
from members.models import Member, MynaStatus
from tests.builders import INSURER, SECOND_INSURER
from tests.conftest import run_command
from tests.exchange.requests.asking import INTAKE, TODAY, Clerks, accepted, made_file, text_of_file

pytestmark = pytest.mark.django_db


def test_the_commands_play_a_request_to_its_grant_and_repeat_without_harm(
    people: dict[str, Member], clerks: Clerks
) -> None:
    for who in ("suzuki", "tanaka"):
        run_command("deregister", "101", "1", "--by", who, "--on", TODAY.isoformat())
    at = ("--by", "suzuki", "--on", TODAY.isoformat())

    made, again = (run_command("make_outgoing", "deregistration", *at) for _ in range(2))
    assert made.json == again.json
    (entry,) = made.json["files"]
    assert (entry["rows"], entry["control_total"]) == (1, 19800415)
    sent = [run_command("send_outgoing", entry["file"], *at) for _ in range(2)]
    taken = [
        run_command(
            "acknowledge_outgoing", entry["file"], "--by", "suzuki", "--on", "2026-11-13", "--accepted-on", INTAKE
        )
        for _ in range(2)
    ]

    assert [answer.code for answer in (*sent, *taken)] == [0] * 4
    assert sent[0].json == sent[1].json
    assert taken[0].json == taken[1].json
    assert Deregistration.objects.get().accepted_on == INTAKE


def test_the_command_takes_the_funds_refusals(people: dict[str, Member], clerks: Clerks) -> None:
    for number in ("1", "2"):
        accepted(people[number], clerks)
    file = outgoing.send(made_file(clerks[0]), by=clerks[0], on=TODAY)
    at = ("--by", "suzuki", "--on", INTAKE.isoformat())

    assert run_command("acknowledge_outgoing", file.pk, *at, "--refused", "一行目").code == 2
    answer = run_command("acknowledge_outgoing", file.pk, *at, "--refused", "1=該当者なし", "--refused", "2=重複")

    assert answer.json["refused"] == 2
    assert set(Deregistration.objects.values_list("status", flat=True)) == {"refused"}
    assert run_command("send_outgoing", 999_999, *at).code == 2


def test_the_command_cancels(people: dict[str, Member], clerks: Clerks) -> None:
    accepted(people["1"], clerks)
    file = made_file(clerks[0])
    arguments = ("cancel_outgoing", file.pk, "--by", "suzuki", "--on", TODAY.isoformat(), "--reason")

    assert run_command(*arguments, " ").code == 1
    assert run_command(*arguments, "作り直し").json["status"] == "cancelled"


def test_the_questions_of_a_month_are_listed_by_one_command(
    people: dict[str, Member], clerks: Clerks, tmp_path: Path, home: Path
) -> None:
    Member.objects.filter(number="2").update(acquired_on=date(2026, 11, 5))
    MynaStatus.objects.filter(person=people["2"].person).delete()
    for number, line in ((INSURER, "D,101,1,00,ヤマダ ア,19800415"), (SECOND_INSURER, "D,101,3,00,ヤマダ ウ,20000229")):
        path = tmp_path / f"{number}.csv"
        path.write_text(f"H,{number},20261031,20261103,M\n{line},1,1,20240101,20300101,0,\nT,1\n", encoding="utf-8")
        assert run_command("receive", path).code == 0
    assert run_command("run_month", "2026-11", "--by", "suzuki", "--on", TODAY.isoformat()).code == 0
    arguments = ("inquire", "2026-11", "--by", "suzuki", "--on", TODAY.isoformat())

    first, again = run_command(*arguments), run_command(*arguments)

    assert (first.code, again.code) == (0, 0)
    assert (first.json["inquiries"], first.json["new"], again.json["new"]) == (1, 1, 0)
    assert first.json["files"] == again.json["files"]
    assert "D,1,101,2,00,ヤマダ イ,19910131" in text_of_file(OutgoingFile.objects.get(), home)
    assert Inquiry.objects.get().decision is not None
    assert run_command("inquire", "2026-12", "--by", "suzuki", "--on", TODAY.isoformat()).code == 1
