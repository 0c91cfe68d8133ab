"""The same by command; logs and refusals name nobody."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from certificates.models import EligibilityCertificate, Ruling
from certificates.requests import deregistration as deregistrations
from core.models import Event
from kenpo.intake.load import load
from members.models import Member
from tests.builders import Folder
from tests.certificates.deregistering.asking import TODAY, Clerks, _receive, _says
from tests.conftest import run_command

pytestmark = pytest.mark.django_db


def test_the_command_takes_in_and_a_second_clerk_approves(member: Member) -> None:
    arguments = ("deregister", "101", "1", "--on", TODAY.isoformat(), "--by")

    first, again, second = (run_command(*arguments, name) for name in ("suzuki", "suzuki", "tanaka"))

    assert [answer.code for answer in (first, again, second)] == [0, 0, 0]
    assert first.json == again.json
    assert first.json["deregistration"] == second.json["deregistration"]
    assert [answer.json["certificates"][0]["status"] for answer in (first, second)] == ["proposed", "approved"]
    assert Ruling.objects.count() == 1


def test_the_command_withdraws_once(member: Member) -> None:
    run_command("deregister", "101", "1", "--by", "suzuki", "--on", TODAY.isoformat())
    arguments = ("deregister", "101", "1", "--by", "suzuki", "--on", TODAY.isoformat(), "--withdraw", "本人の申出")

    first, again = run_command(*arguments), run_command(*arguments)

    assert first.json == again.json
    assert first.json["status"] == "withdrawn"


def test_the_command_asks_which_of_a_family(tmp_path: Path, clerks: Clerks) -> None:
    load(Folder(tmp_path / "in").insured("1").dependent("1").write(), on=TODAY)

    answer = run_command("deregister", "101", "1", "--by", "suzuki", "--on", TODAY.isoformat())

    assert answer.code == 2
    assert "枝番" in answer.err


def test_the_command_refuses_whoever_is_not_registered(member: Member) -> None:
    _says(member, date(2026, 11, 8), "not_registered")

    answer = run_command("deregister", "101", "1", "--by", "suzuki", "--on", TODAY.isoformat())

    assert (answer.code, "利用登録がない" in answer.err) == (1, True)
    assert not EligibilityCertificate.objects.exists()


def test_log_and_refusals_name_nobody(member: Member, clerks: Clerks) -> None:
    made = _receive(member, clerks[0])
    deregistrations.accept(made, by=clerks[1], on=TODAY)
    deregistrations.withdraw(made, reason="本人の申出", by=clerks[0], on=TODAY)

    written = "".join(str(event.note) for event in Event.objects.filter(subject__startswith="certificates."))

    assert "山田" not in written
    assert "ヤマダ" not in written
    assert "1980" not in written
