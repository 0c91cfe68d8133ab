"""Seed 004: the ministry's cases A–C, the fund's grounds ①–⑤, and who gets what when, under ``kyokai``."""

from __future__ import annotations

from datetime import date

import pytest

from certificates.documents import layouts
from certificates.documents.face import notes
from certificates.rules.law import law_on
from mailing.models import Dispatch
from tests.scenarios.office import Office
from tests.scenarios.people import NEVER_REGISTERED, returned

pytestmark = pytest.mark.django_db

CARD = ("not_needed", "legacy_card_usable")
MYNA = ("not_needed", "myna_usable")
IN_HAND = ("not_needed", "certificate_in_hand")
NOT_REGISTERED = ("issue", "not_registered")
ASSISTANCE = ("issue", "assistance_renewal")
LONG = "2029-04-15"


def test_004_case_a_who_never_registered_is_found_in_the_monthly_file(kyokai: Office) -> None:
    no_card, not_linked = kyokai.joins(), kyokai.joins()
    month = kyokai.month("2026-01", on="2026-01-09")
    for who in (no_card, not_linked):
        assert (month.answer(who), month[who].detail) == (NOT_REGISTERED, "never")


def test_004_case_b_the_link_is_cut_at_the_end_of_the_month_after_the_fund_s_intake(kyokai: Office) -> None:
    who = kyokai.joins(myna=LONG)
    kyokai.fund_accepted_deregistration(who, "2025-12-15")
    month = kyokai.month("2026-01", on="2026-01-09")
    assert (month.answer(who), month[who].detail) == (NOT_REGISTERED, "deregistered")
    assert month[who].effective_on == "2026-02-01"
    assert kyokai.has_route(who, "2026-01-31")
    assert not kyokai.has_route(who, "2026-02-01")


def test_004_case_c_an_expired_electronic_certificate_serves_three_months_and_then_paper_comes(kyokai: Office) -> None:
    who = kyokai.joins(myna="2025-10-31")
    month = kyokai.month("2026-01", on="2026-01-09")
    assert month.answer(who) == ("issue", "e_certificate_expired")
    assert month[who].effective_on == "2026-02-01"


def test_004_case_c_a_card_given_back_is_told_daily_and_counts_before_the_month_s_file(kyokai: Office) -> None:
    who, stays = kyokai.joins(myna=LONG), kyokai.joins(myna=LONG)
    kyokai.is_at("2026-01-08")
    kyokai.fund_file("2025-12-31")
    said_by_the_month = who.fund
    kyokai.fund_says(who, returned("2026-01-05"))
    kyokai.fund_file("2026-01-07", [who], kind="D")
    kyokai.fund_says(who, said_by_the_month)
    month = kyokai.month("2026-01", on="2026-01-09", file=False)
    assert (month.answer(who), month[who].detail) == (NOT_REGISTERED, "returned")
    assert month.answer(stays) == MYNA, "absence from a daily file means nothing"


def test_004_cases_nobody_who_still_has_a_card_of_before_is_sent_a_certificate(kyokai: Office) -> None:
    never, expired = kyokai.joins(), kyokai.joins(myna="2024-10-31")
    deregistered = kyokai.joins(myna=LONG)
    kyokai.fund_accepted_deregistration(deregistered, "2025-01-15")
    for who in (never, expired, deregistered):
        kyokai.holds_card(who)
    month = kyokai.month("2025-04", on="2025-04-10")
    assert month.issued() == set()
    assert month.answer(never) == month.answer(expired) == CARD


def test_004_ground_1_not_registered_or_card_returned(kyokai: Office) -> None:
    never, gave_back = kyokai.joins(), kyokai.joins(fund=returned("2025-12-03"))
    month = kyokai.month("2026-01", on="2026-01-09")
    assert month.answer(never) == month.answer(gave_back) == NOT_REGISTERED
    assert (month[never].detail, month[gave_back].detail) == ("never", "returned")


def test_004_ground_2_the_electronic_certificate_has_expired(kyokai: Office) -> None:
    who = kyokai.joins(myna="2025-07-31")
    month = kyokai.month("2026-01", on="2026-01-09")
    assert month.answer(who) == ("issue", "e_certificate_expired")


def test_004_ground_3_the_number_could_not_be_had(kyokai: Office) -> None:
    who = kyokai.joins(fund=None, individual_number_state="unregistered")
    month = kyokai.month("2026-01", on="2026-01-09")
    assert month.answer(who) == ("issue", "number_unregistered"), "the insurer knows it, no file says it"


def test_004_ground_4_whose_data_must_not_be_seen_gets_one_whatever_the_file_says(kyokai: Office) -> None:
    who = kyokai.joins(myna=LONG, nondisclosure="1")
    month = kyokai.month("2026-01", on="2026-01-09")
    assert month.answer(who) == ("issue", "nondisclosure")
    assert "当組合が必要と認めたため" in kyokai.why(who)
    kyokai.approve()
    assert kyokai.print_all("2026-01-12") == [], "held until a clerk names a safe address"
    assert kyokai.gaps("2026-01-12") == {who: "保留（送付先確認中）"}


def test_004_ground_5_a_certificate_once_asked_for_is_renewed_unasked(kyokai: Office) -> None:
    asked = kyokai.joins("1955-05-05", myna=LONG, needs_assistance="1")
    never_asked = kyokai.joins("1955-05-05", myna=LONG, needs_assistance="1")
    kyokai.holds_certificate(asked, since="2025-02-03", until="2026-01-31", basis="application")
    month = kyokai.month("2026-01", on="2026-01-09")
    assert month.answer(asked) == ASSISTANCE
    assert month[asked].effective_on == "2026-02-01"
    assert month.answer(never_asked) == MYNA


def test_004_everybody_has_a_myna_or_a_certificate_of_at_most_five_years(kyokai: Office) -> None:
    people = [kyokai.joins(), kyokai.joins(myna=LONG), kyokai.joins(myna="2025-07-31")]
    month = kyokai.month("2026-01", on="2026-01-09")
    kyokai.approve_and_post("2026-01-13")
    assert kyokai.gaps("2026-01-23") == {}
    for who in (people[0], people[2]):
        assert month.period(who) == ("2026-01-09", "2030-11-30", "scheme")


def test_004_one_common_end_makes_certificates_of_four_to_five_years(kyokai: Office) -> None:
    first, second = kyokai.joins(), kyokai.joins(acquired_on="2026-11-20")
    assert kyokai.month("2026-11", on="2026-11-10").period(first)[1] == "2030-11-30"
    assert kyokai.month("2026-12", on="2026-12-10").period(second)[1] == "2031-11-30"


def test_004_the_certificate_is_a_card_without_the_share_which_is_on_another_paper(kyokai: Office) -> None:
    who = kyokai.joins("1953-06-06", standard_monthly_remuneration_yen="300000")
    month = kyokai.month("2026-01", on="2026-01-09")
    assert month.period(who)[1] == "2028-06-05", "75 alone ends it"
    fields = kyokai.face(who, "2026-01-09").fields()
    assert "copayment" not in fields
    assert {"symbol", "number", "branch_number", "name", "name_kana", "birth_date", "kind"} <= set(fields)
    assert any(
        "高齢受給者証" in note
        for note in notes(law_on(date(2026, 11, 6)), share_not_on_face=True, recover_note_weeks=None)
    )
    kyokai.approve()
    (number,) = kyokai.print_all("2026-01-12")
    sheet = layouts.get(Dispatch.objects.get(pk=number).form).form.sheet
    assert (sheet.width_mm, sheet.height_mm) == (85.6, 54)


def test_004_the_society_sends_everybody_new_the_notice(kyokai: Office) -> None:
    people = [kyokai.joins(acquired_on="2025-12-10"), kyokai.joins(myna=LONG, acquired_on="2025-12-10")]
    kyokai.month("2026-01", on="2026-01-09")
    kyokai.approve()
    assert kyokai.draft_notices("2026-01-09") == 2
    assert all(kyokai.notices(who) for who in people)


def test_004_routes_each_ends_on_its_own_day(kyokai: Office) -> None:
    card, paper, myna, nothing = (kyokai.joins(), kyokai.joins(), kyokai.joins(myna="2026-01-10"), kyokai.joins())
    kyokai.holds_card(card)
    kyokai.holds_certificate(paper, since="2025-01-10", until="2029-11-30")
    kyokai.month("2025-11", on="2025-11-10")
    assert set(kyokai.gaps("2025-12-01")) == {nothing}
    assert set(kyokai.gaps("2025-12-02")) == {nothing, card}
    assert set(kyokai.gaps("2026-05-01")) == {nothing, card, myna}, "its 電子証明書 has an end"
    assert set(kyokai.gaps("2029-12-01")) == {nothing, card, myna, paper}


def test_004_table_who_gets_what_before_at_and_after_the_end_of_the_cards(kyokai: Office) -> None:
    no_card, not_linked = kyokai.joins(), kyokai.joins()
    unwilling, gave_back = kyokai.joins(myna=LONG), kyokai.joins(fund=returned("2025-01-20"))
    frail = kyokai.joins("1955-05-05", myna=LONG, needs_assistance="1")
    content = kyokai.joins(myna=LONG)
    everybody = (no_card, not_linked, unwilling, gave_back, frail, content)
    for who in everybody:
        kyokai.holds_card(who)
    kyokai.fund_accepted_deregistration(unwilling, "2025-01-20")
    kyokai.holds_certificate(frail, since="2025-01-20", until="2025-11-30", basis="application")

    transition = kyokai.month("2025-03", on="2025-03-10")
    kyokai.fund_says(unwilling, NEVER_REGISTERED)
    at_the_end = kyokai.month("2025-11", on="2025-11-10")
    kyokai.approve_and_post("2025-11-12")
    after = kyokai.month("2026-01", on="2026-01-09")

    def answers(month: object) -> list[tuple[str, str]]:
        return [month.answer(who) for who in everybody]  # type: ignore[attr-defined]

    assert answers(transition) == [CARD, CARD, CARD, CARD, CARD, MYNA]
    assert answers(at_the_end) == [*[NOT_REGISTERED] * 4, ASSISTANCE, MYNA]
    assert answers(after) == [*[IN_HAND] * 5, MYNA]
    for on in ("2025-03-10", "2025-12-01", "2025-12-02", "2026-01-09"):
        assert kyokai.gaps(on) == {}


@pytest.mark.parametrize("ground", ["lost_card", "renewing_card", "needs_assistance"])
def test_004_beside_the_five_grounds_a_certificate_is_granted_on_application(kyokai: Office, ground: str) -> None:
    who = kyokai.joins("1955-05-05", myna=LONG)
    assert kyokai.month("2026-01", on="2026-01-09").answer(who) == MYNA
    paper = kyokai.grants(kyokai.applies(who, ground, "2026-01-13", proxy="介助者"), "2026-01-13")
    assert (paper.ground, paper.basis) == (ground, "application")
    assert (str(paper.valid_through), paper.limit) == ("2030-05-04", "turns_75")
