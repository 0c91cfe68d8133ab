"""A common end renewed ahead: one month's run renews everybody, day by day, and the next nobody twice."""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import Any

import pytest

from certificates.models import EligibilityCertificate
from mailing.models import Dispatch
from tests.conftest import run_command
from tests.scenarios.conftest import open_office
from tests.scenarios.office import Office
from tests.scenarios.people import Someone

pytestmark = [pytest.mark.django_db, pytest.mark.story]
open_office = open_office  # the fixture of the scenarios

ISSUE, IN_HAND = ("issue", "not_registered"), ("not_needed", "certificate_in_hand")
THIS_YEAR, NEXT_YEAR = ("2026-08-01", "2027-07-31"), ("2027-08-01", "2028-07-31")
HOLDERS, REGISTERED, NEW = 50, 6, 4


def city(open_office: Any, lead_months: int) -> tuple[Office, list[Someone], list[Someone], list[Someone]]:
    """A municipal scheme in June: holders until 31 July, registered people, and people without any paper yet."""
    office: Office = open_office("kokuho", lead_months=lead_months)
    holders = [office.joins() for _ in range(HOLDERS)]
    for who in holders:
        office.holds_certificate(who, since=THIS_YEAR[0], until=THIS_YEAR[1])
    registered = [office.joins(myna="2031-04-15") for _ in range(REGISTERED)]
    return office, holders, registered, [office.joins(acquired_on="2027-05-10") for _ in range(NEW)]


def papers(office: Office, who: Someone) -> list[tuple[str, str]]:
    return [(str(c.effective_on), str(c.valid_through)) for c in office.certificates(who)]


def assembled(month: str, on: str, *options: str) -> list[int]:
    done = run_command("assemble", month, "--by", "hanako", "--on", on, *options)
    assert done.code == 0, done.err
    return list(done.json["dispatches"])


def play(office: Office, dispatches: list[int], on: str) -> None:
    for number in dispatches:
        for step in ("print_dispatch", "prove_dispatch", "seal_dispatch", "send_dispatch"):
            told = () if step == "prove_dispatch" else ("--by", "hanako", "--on", on)
            done = run_command(step, number, *told)
            assert done.code == 0, done.err


@pytest.mark.parametrize("lead_months", [0, 1, 2])
def test_june_renews_ahead_only_with_a_lead_and_july_nobody_twice(open_office: Any, lead_months: int) -> None:
    office, holders, registered, new = city(open_office, lead_months)
    june = office.month("2027-06", on="2027-06-08")
    ahead = ISSUE if lead_months else IN_HAND
    assert Counter(map(june.answer, holders)) == {ahead: HOLDERS}
    assert {june[who].outcome for who in registered} == {"not_needed"}
    if lead_months:
        assert {(june[who].kind, *june.period(who)) for who in holders} == {("renewal", *NEXT_YEAR, "scheme")}
    assert {june.period(who) for who in new} == {("2027-06-08", "2027-07-31", "scheme")}
    office.approve_and_post("2027-06-08")

    july = office.month("2027-07", on="2027-07-07")
    assert Counter(map(july.answer, holders)) == {IN_HAND if lead_months else ISSUE: HOLDERS}
    assert Counter(map(july.answer, new)) == {ISSUE: NEW}
    office.approve_and_post("2027-07-07")
    assert {tuple(papers(office, who)) for who in holders} == {(THIS_YEAR, NEXT_YEAR)}
    assert {tuple(papers(office, who)) for who in new} == {(("2027-06-08", "2027-07-31"), NEXT_YEAR)}

    for day in ("2027-07-31", "2027-08-01"):
        assert office.gaps(day) == {}
    august = office.month("2027-08", on="2027-08-06")
    assert august.issued() == set()


def test_the_round_is_cut_into_days_and_what_is_still_to_be_sent_is_not_issued_again(open_office: Any) -> None:
    office, holders, _, _ = city(open_office, 1)
    office.month("2027-06", on="2027-06-08")
    office.approve()
    dispatches = assembled("2027-06", "2027-06-08", "--per-day", "20", "--from", "2027-06-12")
    planned = Dispatch.objects.filter(pk__in=dispatches).order_by("pk")
    assert [(d.planned_on, d.counts["sheets"]) for d in planned] == [
        (date(2027, 6, 14), 20),
        (date(2027, 6, 15), 20),
        (date(2027, 6, 16), HOLDERS + NEW - 40),
    ]
    play(office, dispatches[:2], "2027-06-14")

    july = office.month("2027-07", on="2027-07-07")
    assert Counter(map(july.answer, holders)) == {IN_HAND: HOLDERS}
    office.approve()
    assert assembled("2027-06", "2027-06-08") == dispatches
    assert assembled("2027-06", "2027-06-08", "--per-day", "5") == dispatches
    play(office, dispatches[2:], "2027-07-07")
    play(office, assembled("2027-07", "2027-07-07", "--per-day", "100"), "2027-07-07")
    assert {tuple(papers(office, who)) for who in holders} == {(THIS_YEAR, NEXT_YEAR)}
    sent = EligibilityCertificate.objects.filter(status="sent", effective_on=date(2027, 8, 1))
    assert sent.count() == HOLDERS + NEW
    assert office.gaps("2027-08-01") == {}
