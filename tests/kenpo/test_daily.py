"""What a month left open, settled day by day: by a newer row, by an inquiry's answer, or at the day it was promised."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from certificates.models import Ruling
from core.models import Clerk, Event
from tests.conftest import run_command
from tests.scenarios.office import Office
from tests.scenarios.people import NEVER_REGISTERED, Someone, registered, returned

pytestmark = pytest.mark.django_db

RUN_ON, DUE_ON = "2026-11-10", "2026-11-16"  # four business days later


@pytest.fixture
def office(home: Path, tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Office:
    monkeypatch.setattr("core.commands.ensure_migrated", lambda: None)
    return Office("toyobo", tmp_path / "in", settings)


def day_of(office: Office, on: str) -> dict[str, Any]:
    office.is_at(on)
    answer = run_command("daily", "--on", on)
    assert answer.code == 0, answer.err
    return dict(answer.json)


def ruled(office: Office, who: Someone) -> tuple[str, str, str] | None:
    found = Ruling.objects.filter(member=office.member(who)).order_by("pk").first()
    return (found.cause, found.outcome, found.reason) if found else None


def missing(office: Office) -> Someone:
    """Somebody the month's file says nothing of, beside one it does."""
    office.joins(myna="2030-01-10")
    who = office.joins(fund=None)
    assert office.month("2026-11", on=RUN_ON).answer(who) == ("review", "missing_from_file")
    return who


def test_a_newer_row_settles_a_case_under_review(office: Office) -> None:
    who = missing(office)
    office.fund_says(who, returned("2026-11-11"))
    office.is_at("2026-11-12")
    office.fund_file("2026-11-11", [who], kind="D")
    day_of(office, "2026-11-12")
    assert ruled(office, who) == ("newer_row", "issue", "not_registered")


@pytest.mark.parametrize(
    ("fund", "outcome", "reason"),
    [
        (registered("2030-01-10"), "not_needed", "myna_usable"),
        (NEVER_REGISTERED, "issue", "not_registered"),
        (registered(""), "review", "expiry_unknown"),
    ],
)
def test_the_answer_of_an_inquiry_settles_it_unless_it_leaves_the_question_open(
    office: Office, fund: str, outcome: str, reason: str
) -> None:
    who = missing(office)
    office.fund_says(who, fund)
    office.asks_the_fund(who, "2026-11-11")
    day_of(office, "2026-11-12")
    assert ruled(office, who) == (None if outcome == "review" else ("inquiry", outcome, reason))


@pytest.mark.parametrize("cells", [{"fund": None}, {"fund": None, "individual_number_state": "pending"}])
@pytest.mark.parametrize(("on", "settled"), [("2026-11-13", False), (DUE_ON, True), ("2026-11-17", True)])
def test_nobody_waits_beyond_the_promised_day(office: Office, cells: dict[str, Any], on: str, settled: bool) -> None:
    office.joins(myna="2030-01-10")
    who = office.joins(**cells)
    row = office.month("2026-11", on=RUN_ON)[who]
    assert (row.outcome in ("wait", "review"), row.due_on) == (True, DUE_ON)
    day_of(office, on)
    assert ruled(office, who) == (("due", "issue", "unsettled") if settled else None)
    if settled:
        (paper,) = office.certificates(who)
        assert (str(paper.effective_on), str(paper.valid_through)) == (on, "2027-02-28")


def test_a_day_twice_is_once(office: Office) -> None:
    missing(office)
    first = day_of(office, DUE_ON)
    assert (first["settled"], first["issued"]) == (1, 1)
    again = day_of(office, DUE_ON)
    assert (again["settled"], again["issued"]) == (0, 0)


@pytest.mark.parametrize("way", ["after_inquiry", "short_for_all"])
def test_a_new_member_waits_or_has_a_short_one_at_once_as_the_society_wishes(
    home: Path, tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    monkeypatch.setattr("core.commands.ensure_migrated", lambda: None)
    office = Office("toyobo", tmp_path / "in", settings, {"new_member_issue": way})
    office.joins(myna="2030-01-10")
    who = office.joins(acquired_on="2026-11-02", fund=None)
    answer = office.month("2026-11", on=RUN_ON)
    if way == "after_inquiry":
        assert answer.answer(who) == ("wait", "joined_after_file")
        assert office.certificates(who) == []
        return
    assert answer.answer(who) == ("issue", "new_member")
    assert answer.period(who) == (RUN_ON, "2027-02-28", "short_term")
    office.approve_and_post("2026-11-10")
    assert [paper.status for paper in office.certificates(who)] == ["sent"]


@pytest.mark.parametrize(
    ("on", "caught_up", "told"),
    [("2026-11-14", 2, False), ("2026-11-15", 3, True), ("2026-11-16", 4, True), ("2026-11-12", 0, False)],
)
def test_missed_days_are_caught_up_and_more_than_three_are_told(
    office: Office, on: str, caught_up: int, told: bool
) -> None:
    missing(office)
    assert day_of(office, "2026-11-11")["caught_up"] == 0  # a first day ever has missed none
    office.is_at(on)
    answer = run_command("daily", "--on", on)
    assert (answer.code, answer.json["caught_up"]) == (0, caught_up)
    assert ("前回の毎日の処理（令和8年11月11日）から" in answer.out.splitlines()[0]) is told
    done = Event.objects.filter(verb="daily").order_by("seq").values_list("on", flat=True)
    assert list(done) == [date(2026, 11, 11) + timedelta(n) for n in range(caught_up + 2)]


def test_what_was_due_on_a_missed_day_is_decided_for_that_day(office: Office) -> None:
    who = missing(office)
    day_of(office, "2026-11-12")
    late = day_of(office, "2026-11-20")
    assert (late["settled"], late["issued"], late["caught_up"]) == (1, 1, 7)
    (paper,) = office.certificates(who)
    assert str(paper.effective_on) == DUE_ON
    again = day_of(office, "2026-11-20")
    assert (again["settled"], again["caught_up"], again["late"]) == (0, 0, "")


@pytest.mark.parametrize(("on", "code"), [("2026-11-11", 1), ("2026-11-12", 0), ("2026-11-13", 0)])
def test_a_clock_set_back_is_refused_with_both_days(office: Office, on: str, code: int) -> None:
    missing(office)
    day_of(office, "2026-11-12")
    events = Event.objects.count()
    office.is_at(on)
    answer = run_command("daily", "--on", on)
    assert answer.code == code
    if code:
        assert "令和8年11月11日" in answer.err
        assert "令和8年11月12日" in answer.err
        assert Event.objects.count() == events


@pytest.mark.parametrize(("on", "late"), [("2026-11-14", False), ("2026-11-15", False), ("2026-11-16", True)])
def test_the_first_page_says_that_the_job_has_not_come(office: Office, client: Client, on: str, late: bool) -> None:
    missing(office)
    day_of(office, "2026-11-12")
    office.is_at(on)
    client.force_login(Clerk.objects.create_user("hanae", role="clerk", is_staff=True))
    told = client.get(reverse("admin:index")).context["daily_late"]
    assert ("令和8年11月12日" in told) is late
