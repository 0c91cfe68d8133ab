"""Seed 000: a certificate for whoever wishes one, under ``renesas`` (2024; seed 003 answers otherwise in 2025)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from certificates.models import Recovery
from certificates.recovery import open_duties
from core.errors import Refused
from tests.scenarios.office import Office
from tests.scenarios.people import NEVER_REGISTERED

pytestmark = pytest.mark.django_db

LONG = "2029-04-15"


def test_000_q03_after_the_loss_of_the_my_number_card_a_certificate_bridges_the_time(renesas: Office) -> None:
    who = renesas.joins(myna=LONG)
    paper = renesas.grants(renesas.applies(who, "lost_card", "2026-01-13"), "2026-01-13")
    assert (paper.basis, paper.ground, paper.status) == ("application", "lost_card", "approved")
    assert (str(paper.effective_on), str(paper.valid_through)) == ("2026-01-13", "2031-01-12")
    renesas.post_the_day("2026-01-13")
    paper.refresh_from_db()
    assert (paper.status, str(paper.sent_on)) == ("sent", "2026-01-13"), "the same day, outside the month"
    renesas.fund_says(who, NEVER_REGISTERED)
    month = renesas.month("2026-02", on="2026-02-10")
    assert month.answer(who) == ("not_needed", "certificate_in_hand"), "the month leaves the person alone"


def test_000_q19_where_no_myna_is_read_the_card_or_from_2024_12_02_a_certificate_serves(renesas: Office) -> None:
    who = renesas.joins(myna=LONG)
    renesas.holds_card(who)
    paper = renesas.grants(renesas.applies(who, "anyone", "2024-12-02"), "2024-12-02")
    assert str(paper.effective_on) == "2024-12-02"
    assert renesas.has_route(who, "2025-12-01")


def test_000_q20_nobody_need_pay_in_full_where_the_myna_is_not_read(renesas: Office) -> None:
    who = renesas.joins(myna=LONG)
    paper = renesas.grants(renesas.applies(who, "anyone", "2026-01-13"), "2026-01-13")
    assert paper.status == "approved"


def test_000_q30_whoever_is_registered_gets_one_when_asking_for_it(renesas: Office) -> None:
    who = renesas.joins(myna=LONG)
    assert renesas.month("2026-01", on="2026-01-09").issued() == set()
    paper = renesas.grants(renesas.applies(who, "anyone", "2026-01-13"), "2026-01-13")
    assert (paper.basis, paper.ground) == ("application", "anyone")


@pytest.mark.parametrize("via", ["establishment", "mail", "email"])
def test_000_q31_an_application_comes_on_paper_or_as_pdf_by_mail(renesas: Office, via: str) -> None:
    who = renesas.joins(myna=LONG)
    application = renesas.applies(who, "anyone", "2026-01-13", via=via)
    assert (application.received_via, application.status) == (via, "received")


def test_000_q34_whoever_distrusts_the_link_gets_one_within_ten_days_and_again_after_its_end(renesas: Office) -> None:
    who = renesas.joins(myna="2033-04-15")
    application = renesas.applies(who, "anyone", "2026-01-13")
    assert application.due_on - application.received_on == timedelta(days=10)
    first = renesas.grants(application, "2026-01-13")
    renesas.post_the_day("2026-01-13")
    first.refresh_from_db()
    assert first.arrives_on <= application.due_on
    second = renesas.grants(renesas.applies(who, "anyone", "2031-01-13"), "2031-01-13")
    assert second.effective_on - first.valid_through == timedelta(days=1)


@pytest.mark.parametrize("ground", ["lost_certificate", "damaged_certificate"])
def test_000_q36_a_lost_or_damaged_certificate_is_replaced_until_the_same_day(renesas: Office, ground: str) -> None:
    who = renesas.joins()
    renesas.holds_certificate(who, since="2025-12-02", until="2030-12-01")
    paper = renesas.grants(renesas.applies(who, ground, "2026-01-13", kind="reissue"), "2026-01-13")
    assert (str(paper.effective_on), str(paper.valid_through)) == ("2026-01-13", "2030-12-01")
    assert renesas.certificates(who)[0].status in ("lost", "superseded")


@pytest.mark.parametrize(
    ("ground", "before", "duties"),
    [
        ("lost_certificate", "", []),
        ("lost_certificate", "registration", [("registration", "closed", "lost")]),
        ("damaged_certificate", "", [("superseded", "open", "")]),
        ("damaged_certificate", "registration", [("registration", "open", "")]),
    ],
)
def test_000_q36_a_lost_certificate_is_wanted_back_no_more_and_a_damaged_one_is(
    renesas: Office, ground: str, before: str, duties: list[tuple[str, str, str]]
) -> None:
    """Whatever it was wanted back for before: nobody is asked, or reminded, of what they said was lost."""
    who = renesas.joins()
    renesas.holds_certificate(who, since="2025-12-02", until="2030-12-01")
    application = renesas.applies(who, ground, "2026-01-13", kind="reissue")
    paper, day = renesas.certificates(who)[0], date(2026, 1, 12)
    if before:
        open_duties([paper], cause=before, received_on=day, on=day, by=None)
    renesas.grants(application, "2026-01-13")
    found = Recovery.objects.filter(certificate=paper).order_by("pk")
    assert list(found.values_list("cause", "status", "outcome")) == duties


def test_000_q36_an_expired_certificate_is_replaced_by_one_of_five_years(renesas: Office) -> None:
    who = renesas.joins(myna=LONG)
    renesas.holds_certificate(who, since="2025-01-10", until="2025-12-31", basis="application")
    application = renesas.applies(who, "expired_certificate", "2026-01-13", kind="reissue")
    assert str(renesas.grants(application, "2026-01-13").valid_through) == "2031-01-12"


def test_000_q38_how_many_somebody_had_before_sets_no_limit_to_another_one(renesas: Office) -> None:
    who = renesas.joins(myna=LONG)
    for since, until in (("2024-12-02", "2025-01-31"), ("2025-02-03", "2025-06-30"), ("2025-07-01", "2025-12-31")):
        renesas.holds_certificate(who, since=since, until=until, basis="application")
    paper = renesas.grants(renesas.applies(who, "anyone", "2026-01-13"), "2026-01-13")
    assert str(paper.valid_through) == "2031-01-12"
    assert len(renesas.certificates(who)) == 4


def test_000_q39_a_hospital_that_turns_the_myna_away_is_ground_enough(renesas: Office) -> None:
    who = renesas.joins(myna=LONG)
    renesas.holds_card(who)
    paper = renesas.grants(renesas.applies(who, "anyone", "2025-01-14"), "2025-01-14")
    assert str(paper.issued_on) == "2025-01-14"


def test_000_q41_a_child_s_certificate_for_the_school_trip_is_granted_beside_the_myna(renesas: Office) -> None:
    insured = renesas.joins(myna=LONG)
    child = renesas.joins("2014-06-06", of=insured, myna="2028-06-06")
    paper = renesas.grants(renesas.applies(child, "anyone", "2026-01-13"), "2026-01-13")
    assert paper.member == renesas.member(child)


def test_000_q42_for_the_bedridden_a_relative_asks_and_no_wish_needs_a_reason(renesas: Office) -> None:
    insured = renesas.joins(myna=LONG)
    mother = renesas.joins("1953-06-06", of=insured, myna=LONG)
    paper = renesas.grants(renesas.applies(mother, "needs_assistance", "2026-01-13", proxy="子"), "2026-01-13")
    other = renesas.grants(renesas.applies(insured, "anyone", "2026-01-13"), "2026-01-13")
    assert (paper.ground, other.ground) == ("needs_assistance", "anyone")


def test_000_q38_a_second_one_beside_a_certificate_in_hand_is_refused_in_words(renesas: Office) -> None:
    who = renesas.joins(myna=LONG)
    renesas.holds_certificate(who, since="2025-12-02", until="2030-12-01")
    application = renesas.applies(who, "anyone", "2026-01-13")
    with pytest.raises(Refused, match="令和12年12月1日まで使える"):
        renesas.grants(application, "2026-01-13")
