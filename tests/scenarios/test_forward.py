"""One day, forward only: a step dated before the step before it is refused with both days, and nothing is changed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from certificates.decisions.services import approve_month
from certificates.models import EligibilityCertificate, Ruling, Run
from core.errors import Refused
from core.models import Event
from kenpo.month.closing import close_month
from mailing.models import Dispatch
from mailing.post import returns
from tests.conftest import Answer, run_command
from tests.scenarios.office import Office
from tests.scenarios.people import day

pytestmark = pytest.mark.django_db

RUN_ON, APPROVED_ON, ENCLOSED_ON, PRINTED_ON, SEALED_ON = (date(2026, 11, day) for day in (5, 6, 9, 10, 11))


@pytest.fixture
def office(home: Path, tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Office:
    monkeypatch.setattr("core.commands.ensure_migrated", lambda: None)
    office = Office("toyobo", tmp_path / "in", settings)
    office.joins(myna="2030-01-10")
    office.joins()
    office.month("2026-11", on=RUN_ON.isoformat())
    return office


def at(office: Office, day: date, *command: Any, on: bool = False) -> Answer:
    """A command on a day: by the clock, or by ``--on``."""
    office.is_at(day.isoformat())
    return run_command(*command, *(("--on", day.isoformat()) if on else ()))


def approved(office: Office) -> None:
    assert at(office, APPROVED_ON, "approve_month", "2026-11", "--by", "taro").code == 0


def enclosed(office: Office) -> int:
    approved(office)
    done = at(office, ENCLOSED_ON, "assemble", "2026-11", "--by", "hanako")
    return int(done.json["dispatches"][0])


def printed(office: Office) -> int:
    number = enclosed(office)
    assert at(office, PRINTED_ON, "print_dispatch", number, "--by", "hanako").code == 0
    assert at(office, PRINTED_ON, "prove_dispatch", number).code == 0
    assert at(office, PRINTED_ON, "pull_list", number, "--confirm", "--by", "hanako").code == 0
    return number


def sealed(office: Office) -> int:
    number = printed(office)
    assert at(office, SEALED_ON, "seal_dispatch", number, "--by", "hanako").code == 0
    return number


def everything() -> list[Any]:
    return [
        list(model.objects.order_by("pk").values()) for model in (Run, EligibilityCertificate, Dispatch, Event, Ruling)
    ]


STEPS: list[tuple[str, Callable[[Office], Any], date, tuple[Any, ...], str]] = [
    ("draft_notices", approved, APPROVED_ON, ("--by", "hanako"), "令和8年11月6日"),
    ("assemble", approved, APPROVED_ON, ("--by", "hanako"), "令和8年11月6日"),
    ("print_dispatch", enclosed, ENCLOSED_ON, ("--by", "hanako"), "令和8年11月9日"),
    ("seal_dispatch", printed, PRINTED_ON, ("--by", "hanako"), "令和8年11月10日"),
    ("send_dispatch", sealed, SEALED_ON, ("--by", "hanako"), "令和8年11月11日"),
]


@pytest.mark.parametrize("days", [-1, 0, 1])
@pytest.mark.parametrize(("command", "begun", "day", "by", "told"), STEPS, ids=[step[0] for step in STEPS])
def test_no_command_is_dated_before_the_step_before_it(
    office: Office, command: str, begun: Callable[[Office], Any], day: date, by: tuple[Any, ...], told: str, days: int
) -> None:
    about = begun(office) or "2026-11"
    before, on = everything(), day + timedelta(days)
    answer = at(office, on, command, about, *by, on=True)
    assert answer.code == (1 if days < 0 else 0), answer.err
    if days < 0:
        assert told in answer.err
        assert f"令和8年11月{on.day}日" in answer.err
        assert everything() == before


def test_a_day_before_the_printing_is_no_day_of_posting(office: Office) -> None:
    number = sealed(office)
    refused = at(office, date(2026, 11, 9), "send_dispatch", number, "--by", "hanako", on=True)
    assert (refused.code, Dispatch.objects.get(pk=number).status) == (1, "sealed")


def test_yesterday_s_posting_may_be_entered_today(office: Office) -> None:
    number = sealed(office)
    office.is_at("2026-11-12")
    assert run_command("send_dispatch", number, "--by", "hanako", "--on", "2026-11-11").code == 0
    assert str(EligibilityCertificate.objects.get().sent_on) == "2026-11-11"


def test_looking_into_a_file_later_is_no_step(office: Office) -> None:
    """What is only looked at does not keep yesterday's posting from being entered."""
    number = sealed(office)
    Event.objects.create(on=date(2026, 11, 13), verb="open_file", subject=Dispatch._meta.label, subject_id=number)
    assert run_command("send_dispatch", number, "--by", "hanako", "--on", "2026-11-12").code == 0


@pytest.mark.parametrize(("on", "taken"), [("2026-11-11", False), ("2026-11-12", True), ("2026-11-13", True)])
def test_nothing_comes_back_before_it_was_posted(office: Office, on: str, taken: bool) -> None:
    number = sealed(office)
    assert at(office, date(2026, 11, 12), "send_dispatch", number, "--by", "hanako", on=True).code == 0
    serial, by = EligibilityCertificate.objects.get().serial, office.clerk("hanako")
    day = date.fromisoformat(on)
    if taken:
        returns.receive(serial, reason="moved", by=by, on=day)
    else:
        with pytest.raises(Refused, match=r"令和8年11月11日.*令和8年11月12日"):
            returns.receive(serial, reason="moved", by=by, on=day)
    assert EligibilityCertificate.objects.get().status == ("returned" if taken else "sent")


def test_a_month_is_not_closed_before_its_paper_was_posted(office: Office) -> None:
    number = sealed(office)
    assert at(office, date(2026, 11, 12), "send_dispatch", number, "--by", "hanako", on=True).code == 0
    run, by = Run.objects.get(), office.clerk("taro")
    by.role = "approver"
    with pytest.raises(Refused, match=r"令和8年11月11日.*令和8年11月12日"):
        close_month(run, by=by, on=date(2026, 11, 11))
    run.refresh_from_db()
    assert run.status == "approved"
    close_month(run, by=by, on=date(2026, 11, 12))
    assert run.status == "closed"


def test_nothing_is_answered_before_it_was_received(office: Office) -> None:
    who = office.everybody[-1]
    application = office.applies(who, "lost_card", "2026-11-06")
    assert application.status == "received"
    with pytest.raises(Refused, match=r"令和8年11月5日.*受付.*令和8年11月6日"):
        office.refuses(application, "2026-11-05")


@pytest.mark.parametrize("days", [-1, 0, 1])
def test_no_month_is_approved_before_it_was_decided(office: Office, days: int) -> None:
    run, on = Run.objects.get(), RUN_ON + timedelta(days)
    if days < 0:
        with pytest.raises(Refused, match=r"令和8年11月4日.*令和8年11月5日"):
            approve_month(run, by=office.clerk("taro"), on=on)
    else:
        approve_month(run, by=office.clerk("taro"), on=on)
    assert Run.objects.get().status == ("proposed" if days < 0 else "approved")


def test_a_month_decided_for_a_day_to_come_goes_on_from_that_day(toyobo: Office) -> None:
    toyobo.joins()
    toyobo.month("2026-11", on="2026-11-10")
    toyobo.settings.KENPO_TODAY = day("2026-11-08")
    assert run_command("approve_month", "2026-11", "--by", "taro").code == 0
    assembled = run_command("assemble", "2026-11", "--by", "hanako")
    (number,) = assembled.json["dispatches"]
    for command in ("print_dispatch", "prove_dispatch", "pull_list", "seal_dispatch"):
        told = () if command == "prove_dispatch" else ("--by", "hanako")
        confirm = ("--confirm",) if command == "pull_list" else ()
        assert run_command(command, number, *confirm, *told).code == 0, command
    days = set(Event.objects.filter(subject="mailing.Dispatch").values_list("on", flat=True))
    assert days == {day("2026-11-10")}
    assert run_command("send_dispatch", number, "--by", "hanako", "--on", "2026-11-09").code == 1
    assert run_command("send_dispatch", number, "--by", "hanako", "--on", "2026-11-10").code == 0
