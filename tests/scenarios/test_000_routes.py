"""Seed 000: the 健康保険証 of before, the マイナ保険証, and what follows it, under ``renesas``."""

from __future__ import annotations

import pytest

from certificates.models import Recovery
from certificates.recovery import cards_to_collect, hand_back_card, recover_card
from core.errors import Refused
from tests.conftest import run_command
from tests.scenarios.office import Office
from tests.scenarios.people import NEVER_REGISTERED, day, registered

pytestmark = pytest.mark.django_db

CARD = ("not_needed", "legacy_card_usable")
MYNA = ("not_needed", "myna_usable")
NOT_REGISTERED = ("issue", "not_registered")


def test_000_q04_a_card_serves_until_2025_12_01_or_until_its_holder_retires(renesas: Office) -> None:
    stays, retires = renesas.joins(), renesas.joins()
    for who in (stays, retires):
        renesas.holds_card(who)
    renesas.leaves(retires, "2025-03-31")
    month = renesas.month("2025-03", on="2025-03-10")
    assert month.answer(stays) == CARD
    assert renesas.has_route(stays, "2025-12-01")
    assert not renesas.has_route(stays, "2025-12-02")
    assert renesas.month("2025-04", on="2025-04-10").answer(retires) == ("not_covered", "not_covered")


def test_000_q05_in_the_year_of_transition_card_and_myna_are_both_routes(renesas: Office) -> None:
    who = renesas.joins(myna="2026-02-10")
    renesas.holds_card(who)
    renesas.month("2025-03", on="2025-03-10")
    said = renesas.why(who)
    assert "マイナ保険証が令和8年5月31日まで使える" in said
    assert "健康保険証の記録があります" in said


def test_000_q06_registering_the_my_number_card_does_not_end_the_card_of_before(renesas: Office) -> None:
    who = renesas.joins(myna="2025-03-05")  # its 電子証明書 runs out early: usable through June
    renesas.holds_card(who)
    month = renesas.month("2025-06", on="2025-06-10")
    assert month.answer(who) == CARD
    assert renesas.has_route(who, "2025-07-01")


def test_000_q07_from_2025_12_02_a_card_alone_is_no_route(renesas: Office) -> None:
    forgot, registered_in_time = renesas.joins(), renesas.joins(myna="2029-04-15")
    for who in (forgot, registered_in_time):
        renesas.holds_card(who)
    renesas.month("2025-10", on="2025-10-10")
    assert renesas.gaps("2025-12-01") == {}
    assert renesas.gaps("2025-12-02") == {forgot: "判定待ち"}


def test_000_q08_cards_are_collected_from_those_who_leave_in_time_and_shredded_by_all_others(renesas: Office) -> None:
    leaves, stays = renesas.joins(), renesas.joins()
    child = renesas.joins("2012-03-03", of=leaves)
    for who in (leaves, child, stays):
        renesas.holds_card(who)
    renesas.leaves(leaves, "2025-09-30")
    renesas.is_at("2025-10-01")
    assert {card.member for card in cards_to_collect(day("2025-10-01"))} == {
        renesas.member(leaves),
        renesas.member(child),
    }
    renesas.day_closes("2025-12-02")
    assert [card.status for card in renesas.cards(stays)] == ["void"]
    assert not cards_to_collect(day("2025-12-02"))
    assert not Recovery.objects.exists()


def test_000_q10_only_a_card_issued_by_2024_12_01_serves_the_year_of_transition(renesas: Office) -> None:
    before, after = renesas.joins(acquired_on="2024-12-01"), renesas.joins(acquired_on="2024-12-02")
    voluntary = renesas.joins(acquired_on="2024-12-01", coverage_kind="voluntary")
    renesas.holds_card(before, issued="2024-12-01")
    renesas.holds_card(voluntary, issued="2024-12-01")
    renesas.holds_card(after, issued="2024-12-02")
    month = renesas.month("2025-01", on="2025-01-10")
    assert month.answer(before) == month.answer(voluntary) == CARD
    assert month.answer(after) == NOT_REGISTERED


def test_000_q11_the_numbers_on_the_new_paper_are_those_of_the_card(renesas: Office) -> None:
    who = renesas.joins()
    child = renesas.joins("2015-05-01", of=who)
    renesas.holds_card(child)
    renesas.month("2025-11", on="2025-11-10")
    face = renesas.face(child, "2025-11-10")
    assert (face.symbol, face.number, face.branch_number) == child.key
    assert face.insurer.number == "06130488"


def test_000_q12_before_the_individual_number_is_filed_the_registration_helps_nobody(renesas: Office) -> None:
    filed = renesas.joins(myna="2029-04-15")
    not_filed = renesas.joins(myna="2029-04-15", individual_number_state="unregistered")
    month = renesas.month("2026-01", on="2026-01-09")
    assert month.answer(filed) == MYNA
    assert month.answer(not_filed) == ("issue", "number_unregistered")


def test_000_q13_a_my_number_card_that_was_never_registered_is_no_myna(renesas: Office) -> None:
    made_only, made_and_registered = renesas.joins(fund=NEVER_REGISTERED), renesas.joins(myna="2029-04-15")
    month = renesas.month("2026-01", on="2026-01-09")
    assert (month.answer(made_only), month[made_only].detail) == (NOT_REGISTERED, "never")
    assert month.answer(made_and_registered) == MYNA


def test_000_q14_a_relative_without_the_card_uses_the_old_one_and_then_the_certificate(renesas: Office) -> None:
    insured = renesas.joins(myna="2029-04-15")
    mother = renesas.joins("1958-03-03", of=insured)
    renesas.holds_card(mother)
    assert renesas.month("2025-10", on="2025-10-10").answer(mother) == CARD
    month = renesas.month("2025-11", on="2025-11-10")
    assert month.answer(mother) == NOT_REGISTERED
    assert month[mother].effective_on == "2025-12-02"


def test_000_q15_renewing_the_electronic_certificate_keeps_the_registration(renesas: Office) -> None:
    who = renesas.joins(myna="2026-03-31")
    assert renesas.month("2026-03", on="2026-03-10").answer(who) == MYNA
    renesas.fund_says(who, registered("2031-03-31"))
    month = renesas.month("2026-04", on="2026-04-10")
    assert month.answer(who) == MYNA
    assert month[who].need_from == "2031-07-01"


def test_000_q16_a_renewal_that_came_late_is_as_good_as_one_in_time(renesas: Office) -> None:
    who = renesas.joins(myna="2025-12-20")
    assert renesas.month("2026-02", on="2026-02-10").answer(who) == MYNA, "expired, and still usable"
    renesas.fund_says(who, registered("2030-12-20"))
    assert renesas.month("2026-03", on="2026-03-10").answer(who) == MYNA


def test_000_q17_without_renewal_the_myna_ends_three_months_after_its_certificate(renesas: Office) -> None:
    who = renesas.joins(myna="2025-12-20")
    month = renesas.month("2026-03", on="2026-03-10")
    assert month.answer(who) == ("issue", "e_certificate_expired")
    assert month[who].effective_on == "2026-04-01"
    assert renesas.has_route(who, "2026-03-31")
    assert not renesas.has_route(who, "2026-04-01")


def test_000_q24_the_notice_tells_symbol_number_and_branch(renesas: Office) -> None:
    who = renesas.joins(myna="2029-04-15", acquired_on="2025-12-10")
    renesas.month("2026-01", on="2026-01-09")
    renesas.approve()
    renesas.draft_notices("2026-01-09")
    fields = renesas.notice_face(who, "2026-01-09").fields()
    assert (fields["symbol"], fields["number"], fields["branch_number"]) == who.key


def test_000_q25_either_of_card_and_myna_carries_its_holder_when_the_other_has_ended(renesas: Office) -> None:
    card_lasts, myna_lasts = renesas.joins(myna="2025-01-31"), renesas.joins(myna="2029-04-15")
    renesas.holds_card(card_lasts)
    renesas.holds_card(myna_lasts, until="2025-03-31")
    month = renesas.month("2025-05", on="2025-05-09")
    assert (month.answer(card_lasts), month.answer(myna_lasts)) == (CARD, MYNA)
    assert renesas.gaps("2025-05-09") == {}


def test_000_q26_the_insured_person_may_have_the_myna_and_the_family_certificates(renesas: Office) -> None:
    insured = renesas.joins(myna="2029-04-15")
    wife = renesas.joins("1982-02-02", of=insured)
    month = renesas.month("2026-01", on="2026-01-09")
    assert month.answer(insured) == MYNA
    assert month.issued() == {wife.key}


def test_000_q27_a_child_without_a_smartphone_has_a_myna_once_the_card_is_registered(renesas: Office) -> None:
    insured = renesas.joins(myna="2029-04-15")
    child = renesas.joins("2018-08-08", of=insured, myna="2028-08-08")
    assert renesas.month("2026-01", on="2026-01-09").answer(child) == MYNA


def test_000_q43_the_paper_leaves_the_address_to_its_holder_wherever_that_is(renesas: Office) -> None:
    who = renesas.joins(mailing_postal_code="100-0001", mailing_address="東京都千代田区架空1-1")
    renesas.month("2026-01", on="2026-01-09")
    assert "address" not in renesas.face(who, "2026-01-09").fields()


def test_000_q44_mail_for_somebody_posted_away_from_home_goes_where_that_person_lives(renesas: Office) -> None:
    from mailing.models import Envelope

    renesas.joins(
        myna="2029-04-15",
        acquired_on="2025-12-10",
        mailing_postal_code="100-0001",
        mailing_address="東京都千代田区架空1-1",
    )
    renesas.month("2026-01", on="2026-01-09")
    renesas.approve()
    renesas.draft_notices("2026-01-09")
    renesas.print_all("2026-01-12")
    assert [envelope.address for envelope in Envelope.objects.all()] == ["東京都千代田区架空1-1"]


def test_000_q49_from_card_to_certificate_there_is_not_one_day_without(renesas: Office) -> None:
    who = renesas.joins()
    renesas.holds_card(who)
    month = renesas.month("2025-11", on="2025-11-10")
    assert month[who].effective_on == "2025-12-02"
    renesas.approve_and_post("2025-11-12")
    for on in ("2025-11-30", "2025-12-01", "2025-12-02", "2026-01-01"):
        assert renesas.gaps(on) == {}


def test_000_1_1_a_card_comes_back_before_the_end_of_the_transition_and_never_after(renesas: Office) -> None:
    in_time, late = renesas.joins(), renesas.joins()
    for who in (in_time, late):
        renesas.holds_card(who)
        renesas.leaves(who, "2025-11-30")
    renesas.is_at("2025-12-01")
    (card,) = renesas.cards(in_time)
    recover_card(card, by=renesas.clerk("hanako"), on=day("2025-12-01"))
    assert [card.status for card in renesas.cards(in_time)] == ["recovered"]
    (card,) = renesas.cards(late)
    with pytest.raises(Refused, match="細かく切って捨てる"):
        recover_card(card, by=renesas.clerk("hanako"), on=day("2025-12-02"))


def test_000_1_2_whoever_has_a_myna_may_hand_the_card_back_from_2024_12_02(renesas: Office) -> None:
    who = renesas.joins(myna="2029-04-15")
    renesas.holds_card(who)
    renesas.is_at("2024-12-02")
    (card,) = renesas.cards(who)
    with pytest.raises(Refused, match="令和6年12月2日から"):
        hand_back_card(card, by=renesas.clerk("hanako"), on=day("2024-12-01"))
    hand_back_card(card, by=renesas.clerk("hanako"), on=day("2024-12-02"))
    assert [card.status for card in renesas.cards(who)] == ["handed_back"]
    month = renesas.month("2025-01", on="2025-01-10")
    assert month.answer(who) == MYNA


def test_000_1_3_from_2024_12_02_no_card_is_issued_any_more(renesas: Office) -> None:
    lost_it, new = renesas.joins(), renesas.joins(acquired_on="2024-12-02")
    month = renesas.month("2025-01", on="2025-01-10")
    assert month.issued() == {lost_it.key, new.key}
    assert renesas.cards(lost_it) == renesas.cards(new) == []


def test_000_2_1_a_myna_has_no_end_but_that_of_its_electronic_certificate(renesas: Office) -> None:
    who = renesas.joins(myna="2026-05-05")
    assert renesas.month("2026-01", on="2026-01-09")[who].need_from == "2026-09-01"


def test_000_q32_nothing_is_issued_before_2024_12_02_and_in_2025_the_paper_comes_ahead(renesas: Office) -> None:
    who = renesas.joins()
    renesas.holds_card(who)
    renesas.is_at("2024-11-20")
    renesas.fund_file("2024-10-31")
    refused = run_command("run_month", "2024-11", "--by", "hanako", "--on", "2024-11-20")
    assert refused.code == 1
    renesas.month("2025-11", on="2025-11-10")
    (paper,) = renesas.certificates(who)
    assert (str(paper.issued_on), str(paper.effective_on)) == ("2025-11-10", "2025-12-02")
