"""Seed 003: what happens between the rounds (leaving, joining, numbers) under ``toyobo``."""

from __future__ import annotations

import pytest
from stdnum.jp import in_

from certificates import recovery
from members.models import Member
from tests.scenarios.office import Office
from tests.scenarios.people import day, registered

pytestmark = pytest.mark.django_db

LONG = "2029-04-15"
BABY = {"name": "若葉 光", "name_kana": "ワカバ ヒカル", "sex": "2", "birth_date": "2026-01-12", "relationship": "子"}


def test_003_1_4_in_hand_already_the_paper_of_a_removed_dependent_goes_back_to_the_society(toyobo: Office) -> None:
    insured = toyobo.joins(myna=LONG)
    son = toyobo.joins("2003-03-03", of=insured)
    toyobo.month("2026-01", on="2026-01-09")
    toyobo.approve_and_post("2026-01-13")
    toyobo.files("dependent_removed", son, "2026-02-01", on="2026-02-03")
    (duty,) = toyobo.duties(son)
    assert (duty.cause, duty.return_to, str(duty.due_on)) == ("removed", "insurer", "2026-02-10")


def test_003_1_6_a_certificate_sent_back_is_scanned_and_its_duty_ends(toyobo: Office) -> None:
    who = toyobo.joins(fund=registered(LONG, since="2025-12-15"))
    toyobo.holds_certificate(who, since="2025-02-03", until="2030-02-02")
    toyobo.month("2026-01", on="2026-01-09")
    (paper,) = toyobo.certificates(who)
    recovery.recover_by_serial(paper.serial, by=toyobo.clerk("hanako"), on=day("2026-01-15"), channel="mail")
    (duty,) = toyobo.duties(who)
    assert (duty.status, duty.outcome) == ("closed", "recovered")
    assert [paper.status for paper in toyobo.certificates(who)] == ["recovered"]


def test_003_1_10_whoever_retires_hands_the_certificate_to_the_employer(toyobo: Office) -> None:
    who = toyobo.joins()
    toyobo.holds_certificate(who, since="2025-12-02", until="2030-12-01")
    toyobo.is_at("2026-04-01")
    toyobo.files("loss", who, "2026-03-31", on="2026-04-01", reason="retirement")
    (duty,) = toyobo.duties(who)
    assert (duty.cause, duty.return_to, str(duty.due_on)) == ("loss", "establishment", "2026-04-08")


def test_003_1_13_a_newborn_s_certificate_is_ticked_on_the_filing_and_issued_at_once(toyobo: Office) -> None:
    insured = toyobo.joins(myna=LONG)
    toyobo.is_at("2026-01-20")
    toyobo.files(
        "dependent_added", insured, "2026-01-12", on="2026-01-20", branch_number="01", certificate_wanted=True, **BABY
    )
    (paper,) = Member.objects.get(person__birth_date="2026-01-12").certificates.all()
    assert (paper.basis, str(paper.issued_on), str(paper.valid_through)) == ("application", "2026-01-20", "2026-04-30")


def test_003_1_13_without_the_tick_the_newborn_waits_for_its_number(toyobo: Office) -> None:
    insured = toyobo.joins(myna=LONG)
    toyobo.is_at("2026-01-20")
    toyobo.files("dependent_added", insured, "2026-01-12", on="2026-01-20", branch_number="01", **BABY)
    baby = toyobo.meets(Member.objects.get(person__birth_date="2026-01-12"), None)
    assert toyobo.certificates(baby) == []
    assert toyobo.month("2026-02", on="2026-02-10").answer(baby) == ("wait", "number_pending")


def test_003_2_11_a_number_that_changed_with_the_new_card_is_filed(toyobo: Office) -> None:
    old, new = ("1234567890" + digit for digit in "12")
    who = toyobo.joins(individual_number=old + in_.calc_check_digit(old))
    toyobo.is_at("2026-01-20")
    filing = toyobo.files(
        "individual_number",
        who,
        "2026-01-19",
        on="2026-01-20",
        reason="changed",
        individual_number=new + in_.calc_check_digit(new),
    )
    assert filing.status == "applied"
    assert toyobo.member(who).person.individual_number_state == "registered"
    assert new not in str(filing.data), "the number itself is kept nowhere but sealed"


def test_003_2_29_reported_as_another_s_data_viewing_stops_and_a_certificate_is_made_the_same_day(
    toyobo: Office,
) -> None:
    who = toyobo.joins(myna=LONG)
    toyobo.month("2026-01", on="2026-01-09")
    filing = toyobo.files("individual_number", who, "2026-01-20", on="2026-01-20", reason="wrong_linkage")
    assert toyobo.member(who).person.individual_number_state == "mismatch"
    assert "viewing_stopped" in {consequence["code"] for consequence in filing.consequences}
    (paper,) = toyobo.certificates(who)
    assert (paper.ground, str(paper.issued_on)) == ("number_unregistered", "2026-01-20")
    toyobo.files(
        "individual_number",
        who,
        "2026-02-02",
        on="2026-02-02",
        reason="settled",
        individual_number="12345678901" + in_.calc_check_digit("12345678901"),
    )
    assert toyobo.member(who).person.individual_number_state == "registered"
