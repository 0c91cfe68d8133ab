"""Decisions about one person between two months."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from certificates.decisions import ruling as rulings
from certificates.models import Decision, EligibilityCertificate, Ruling
from certificates.requests import filings
from certificates.rules.codes import Basis, Ground
from core.errors import Refused
from core.models import Clerk
from kenpo.intake.load import load
from members.models import Member, MynaStatus, Person
from members.services import society
from tests.builders import Folder
from tests.conftest import run_command

pytestmark = pytest.mark.django_db

TODAY = date(2026, 11, 10)
DUE = date(2026, 11, 16)  # four business days later


@pytest.fixture
def newcomer(tmp_path: Path, clerks: tuple[Clerk, Clerk]) -> Member:
    """Joined after the file's day, so that the month's decision waits."""
    folder = Folder(tmp_path / "in").insured("1").insured("2", acquired_on="2026-11-05", name="佐藤 次郎")
    load(folder.write(), on=TODAY)
    file = tmp_path / "fund.csv"
    file.write_text(
        "H,06130488,20261031,20261103,M\nD,101,1,00,ヤマダ タロウ,19800415,1,1,20240101,20290415,0,\nT,1\n",
        encoding="utf-8",
    )
    assert run_command("receive", file, "--as-of", "2026-10-31").code == 0
    assert run_command("run_month", "2026-11", "--by", "suzuki", "--on", TODAY.isoformat()).code == 0
    return Member.objects.get(number="2")


def _inquiry(member: Member, **values: object) -> None:
    MynaStatus.objects.create(person=member.person, as_of=date(2026, 11, 12), source="inquiry", **values)


@pytest.mark.parametrize(("on", "issued"), [(DUE - timedelta(days=1), 0), (DUE, 1), (DUE + timedelta(days=1), 1)])
def test_an_open_case_is_issued_ex_officio_on_its_due_day(newcomer: Member, on: date, issued: int) -> None:
    assert Decision.objects.get(member=newcomer).due_on == DUE

    counts = rulings.settle(society(), on=on)

    assert counts["issued"] == issued
    assert EligibilityCertificate.objects.filter(member=newcomer).count() == issued


def test_what_is_issued_at_the_due_day_is_short_term(newcomer: Member) -> None:
    rulings.settle(society(), on=DUE)

    made = EligibilityCertificate.objects.get(member=newcomer)

    assert (made.ground, made.limit, made.valid_through) == ("unsettled", "short_term", date(2027, 2, 28))
    assert made.status == "proposed"


def test_settling_again_changes_nothing(newcomer: Member) -> None:
    rulings.settle(society(), on=DUE)

    again = rulings.settle(society(), on=DUE)

    assert again == {"settled": 0, "issued": 0, "open": 0}
    assert Ruling.objects.count() == EligibilityCertificate.objects.filter(member=newcomer).count() == 1


def test_an_inquiry_that_finds_a_usable_card_settles_without_paper(newcomer: Member) -> None:
    _inquiry(newcomer, state="registered", e_certificate_expires_on=date(2030, 1, 1))

    counts = rulings.settle(society(), on=date(2026, 11, 12))

    assert counts == {"settled": 1, "issued": 0, "open": 0}
    found = Ruling.objects.get()
    assert (found.cause, found.outcome, found.reason) == ("inquiry", "not_needed", "myna_usable")


def test_an_inquiry_that_finds_no_registration_issues_at_full_length(newcomer: Member) -> None:
    _inquiry(newcomer, state="not_registered")

    rulings.settle(society(), on=date(2026, 11, 12))

    made = EligibilityCertificate.objects.get(member=newcomer)
    assert (made.ground, made.limit, made.valid_through) == ("not_registered", "scheme", date(2031, 11, 11))


def test_every_ruling_can_be_replayed(newcomer: Member) -> None:
    rulings.settle(society(), on=DUE)
    stored = Ruling.objects.get()

    again = rulings.replayed(stored)

    assert again.certificate is not None
    assert (str(again.outcome), str(again.reason)) == (stored.outcome, stored.reason)
    assert again.certificate.valid_through == stored.valid_through


def test_one_request_is_ruled_on_once(newcomer: Member, clerks: tuple[Clerk, Clerk]) -> None:
    first, second = (
        rulings.issue(
            newcomer.pk,
            cause="application",
            request="application:1",
            ground=Ground.LOST_CARD,
            basis=Basis.APPLICATION,
            on=TODAY,
            by=clerks[0],
        )
        for _ in range(2)
    )

    assert first.pk == second.pk
    assert EligibilityCertificate.objects.filter(member=newcomer).count() == 1


def test_who_ruled_may_not_approve(newcomer: Member, clerks: tuple[Clerk, Clerk]) -> None:
    ruling = rulings.rule(newcomer.pk, cause="filing", request="filing:1", on=TODAY, by=clerks[0])
    assert ruling.outcome == "wait"
    made = rulings.issue(
        newcomer.pk,
        cause="filing",
        request="filing:2",
        ground=Ground.NEW_MEMBER,
        basis=Basis.EX_OFFICIO,
        on=TODAY,
        by=clerks[0],
    )

    with pytest.raises(Refused, match="別の担当者"):
        rulings.approve(made, by=clerks[0], on=TODAY)
    assert rulings.approve(made, by=clerks[1], on=TODAY) == 1


@pytest.mark.parametrize(("lost_on", "refused"), [("2026-11-10", True), ("2026-11-11", False), ("2026-11-12", False)])
def test_nothing_is_issued_after_the_last_day_of_cover(
    newcomer: Member, clerks: tuple[Clerk, Clerk], lost_on: str, refused: bool
) -> None:
    Member.objects.filter(pk=newcomer.pk).update(lost_on=lost_on)

    def ask() -> None:
        rulings.issue(
            newcomer.pk,
            cause="application",
            request="application:1",
            ground=Ground.LOST_CARD,
            basis=Basis.APPLICATION,
            on=TODAY,
            by=clerks[0],
        )

    if refused:
        with pytest.raises(Refused, match="資格が終わっている"):
            ask()
    else:
        ask()
        assert EligibilityCertificate.objects.get(member=newcomer).valid_through <= date(2026, 11, 11)


@pytest.mark.parametrize(("on", "issued"), [(DUE - timedelta(days=1), 0), (DUE, 1), (DUE + timedelta(days=1), 1)])
def test_who_joins_by_a_filing_after_the_run_is_settled_by_the_same_daily_job(
    newcomer: Member, clerks: tuple[Clerk, Clerk], on: date, issued: int
) -> None:
    filing = filings.receive(
        "dependent_added",
        Member.objects.get(number="1"),
        {
            "effective_on": "2026-11-01",
            "branch_number": "01",
            "name": "山田 桜",
            "name_kana": "ヤマダ サクラ",
            "sex": "2",
            "birth_date": "1982-03-04",
            "relationship": "妻",
            "individual_number_state": "registered",
        },
        received_on=TODAY,
        via="establishment",
        by=clerks[0],
        on=TODAY,
    )
    filings.apply(filing, by=clerks[0], on=TODAY)
    wife = Member.objects.get(branch_number="01")
    asked = Ruling.objects.get(member=wife)
    assert (asked.outcome, asked.reason, rulings.due_of(asked)) == ("wait", "joined_after_file", DUE)
    assert rulings.still_open(society(), on=TODAY)[wife.pk] == DUE

    rulings.settle(society(), on=on)

    made = EligibilityCertificate.objects.filter(member=wife)
    assert [paper.ground for paper in made] == ["unsettled"] * issued


@pytest.mark.parametrize(("number", "left"), [("1", 1), ("2", 0)])
def test_a_card_returned_is_news_and_the_certificate_of_later_gives_way(
    newcomer: Member, clerks: tuple[Clerk, Clerk], number: str, left: int
) -> None:
    """A certificate proposed for 12-01 does not help somebody who gave the card back on 11-11."""
    member = Member.objects.get(number="1")
    later = rulings.issue(
        member.pk,
        cause="application",
        request="application:9",
        ground=Ground.RENEWING_CARD,
        basis=Basis.APPLICATION,
        on=TODAY,
        by=clerks[0],
        from_day=date(2026, 12, 1),
    ).certificates.get()
    told = Member.objects.get(number=number)
    MynaStatus.objects.create(person=told.person, as_of=date(2026, 11, 11), source="daily", state="returned")

    assert rulings.follow_news(society(), on=date(2026, 11, 12)) == 1

    later.refresh_from_db()
    if left == 0:  # somebody else's news
        assert later.status == "proposed"
        return
    now = EligibilityCertificate.objects.filter(member=member).latest("pk")
    assert (later.status, now.status, now.ground) == ("voided", "proposed", "not_registered")
    assert (now.effective_on, now.basis) == (date(2026, 11, 12), "ex_officio")
    assert now.ruling is not None and now.ruling.detail == "returned"
    assert rulings.follow_news(society(), on=date(2026, 11, 12)) == 0


def test_a_cover_with_two_open_cases_gets_one_certificate(newcomer: Member) -> None:
    """The month's decision waits, and so does a ruling since: what settles the first is known to the second."""
    asked = rulings.rule(newcomer.pk, cause="filing", request="filing:1", on=TODAY, by=None)
    assert asked.outcome == "wait"

    counts = rulings.settle(society(), on=DUE)

    assert counts == {"settled": 2, "issued": 1, "open": 0}
    assert set(Ruling.objects.exclude(pk=asked.pk).values_list("request", flat=True)) == {
        f"decision:{Decision.objects.get(member=newcomer).pk}",
        f"ruling:{asked.pk}",
    }
    assert EligibilityCertificate.objects.filter(member=newcomer).count() == 1


def test_settling_asks_as_much_for_few_as_for_many(newcomer: Member) -> None:
    counts = {}
    for people in (5, 25):
        for number in range(people):
            joined(newcomer, f"{people}{number:02}")
        with CaptureQueriesContext(connection) as asked:
            assert rulings.settle(society(), on=DUE)["issued"] == people + (people == 5)
        counts[people] = len(asked)
    assert abs(counts[25] - counts[5]) <= 3, counts


def joined(like: Member, number: str) -> None:
    """Another who joined after the file's day and whom a filing's ruling left waiting."""
    person = Person.objects.create(name="山田 三郎", birth_date=like.person.birth_date, sex="1")
    cover = Member.objects.create(
        person=person,
        insurer=like.insurer,
        establishment=like.establishment,
        symbol=like.symbol,
        number=number,
        branch_number="00",
        symbol_key=like.symbol_key,
        number_key=number,
        branch_key="00",
        kind="insured",
        coverage_kind="regular",
        acquired_on=like.acquired_on,
    )
    assert rulings.rule(cover.pk, cause="filing", request="filing:1", on=TODAY, by=None).outcome == "wait"
