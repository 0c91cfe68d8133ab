"""Seed 003, part 1: the round of autumn 2025 and the certificates it brought, under ``toyobo``.

The society decided in October on the file of the end of September for the end of the cards on 1 December, so the round is
played a month ahead of that common end (``lead_months``).
"""

from __future__ import annotations

from datetime import timedelta

import pytest

from core.errors import Refused
from tests.scenarios.conftest import OpenOffice
from tests.scenarios.office import Office
from tests.scenarios.people import registered

pytestmark = pytest.mark.django_db

MYNA = ("not_needed", "myna_usable")
IN_HAND = ("not_needed", "certificate_in_hand")
NOT_REGISTERED = ("issue", "not_registered")
LONG = "2029-04-15"
ROUND = {"month": "2025-10", "on": "2025-10-10"}


@pytest.fixture
def autumn(open_office: OpenOffice) -> Office:
    return open_office("toyobo", lead_months=1)


def test_003_1_0_of_a_family_only_those_without_myna_or_certificate_get_one(autumn: Office) -> None:
    insured = autumn.joins(myna=LONG)
    wife, child = autumn.joins("1982-02-02", of=insured), autumn.joins("2012-03-03", of=insured)
    for who in (insured, wife, child):
        autumn.holds_card(who)
    autumn.holds_certificate(child, since="2025-02-03", until="2030-02-02")
    month = autumn.month(**ROUND)
    assert [month.answer(who) for who in (insured, wife, child)] == [MYNA, NOT_REGISTERED, IN_HAND]
    assert month.period(wife) == ("2025-12-02", "2030-12-01", "scheme")


def test_003_1_1_1_registered_years_ago_and_forgotten_the_office_can_tell_the_day(autumn: Office) -> None:
    who = autumn.joins(fund=registered(LONG, since="2023-02-11"))
    autumn.month(**ROUND)
    assert "利用登録あり（登録日令和5年2月11日）" in autumn.why(who)


def test_003_1_2_a_registered_relative_gets_the_notice_and_no_certificate(autumn: Office) -> None:
    insured = autumn.joins()
    wife = autumn.joins("1982-02-02", of=insured, myna=LONG, acquired_on="2025-09-01")
    month = autumn.month(**ROUND)
    assert month.issued() == {insured.key}
    autumn.approve()
    autumn.draft_notices("2025-10-10")
    assert (len(autumn.certificates(wife)), len(autumn.notices(wife))) == (0, 1)


def test_003_1_3_the_office_says_why_the_post_brought_nothing(autumn: Office) -> None:
    with_myna, with_paper = autumn.joins(myna=LONG), autumn.joins()
    autumn.holds_certificate(with_paper, since="2025-02-03", until="2030-02-02")
    autumn.month(**ROUND)
    assert "マイナ保険証が令和11年7月31日まで使えるため、今はお送りしていません。" in autumn.why(with_myna)
    assert "お手元の資格確認書が令和12年2月2日まで使えます。" in autumn.why(with_paper)


def test_003_1_3_1_those_without_card_without_registration_or_with_an_expired_one_get_it(autumn: Office) -> None:
    no_card, not_linked, expired = autumn.joins(), autumn.joins(), autumn.joins(myna="2025-07-31")
    for who in (no_card, not_linked, expired):
        autumn.holds_card(who)
    month = autumn.month(**ROUND)
    assert month.answer(no_card) == month.answer(not_linked) == NOT_REGISTERED
    assert month.answer(expired) == ("issue", "e_certificate_expired")


def test_003_1_4_the_paper_of_somebody_removed_meanwhile_is_pulled_before_it_leaves(autumn: Office) -> None:
    insured = autumn.joins(myna=LONG)
    son = autumn.joins("2003-03-03", of=insured)
    autumn.month(**ROUND)
    autumn.approve()
    printed = autumn.print_all("2025-10-14")
    autumn.leaves(son, "2025-10-14")
    autumn.is_at("2025-10-15")
    (paper,) = autumn.certificates(son)
    assert autumn.to_pull(printed, "2025-10-15") == {paper.serial: "left voided"}


def test_003_1_5_a_dependent_of_last_week_is_decided_in_a_later_round(autumn: Office) -> None:
    insured = autumn.joins(myna=LONG)
    wife = autumn.joins("1982-02-02", of=insured, acquired_on="2025-10-06")
    assert autumn.month(**ROUND).answer(wife) == ("wait", "joined_after_file")
    assert autumn.month("2025-11", on="2025-11-10").answer(wife) == NOT_REGISTERED


def test_003_1_6_once_registered_the_certificate_is_to_be_sent_back_to_the_society(toyobo: Office) -> None:
    who = toyobo.joins(fund=registered(LONG, since="2025-12-15"))
    toyobo.holds_certificate(who, since="2025-02-03", until="2030-02-02")
    toyobo.month("2026-01", on="2026-01-09")
    (duty,) = toyobo.duties(who)
    assert (duty.cause, duty.return_to, duty.status) == ("registration", "insurer", "open")
    assert "回収の対象です" in toyobo.why(who)


def test_003_1_7_the_certificate_serves_until_the_link_is_made_and_only_then_goes_back(toyobo: Office) -> None:
    who = toyobo.joins()
    toyobo.holds_certificate(who, since="2025-12-02", until="2030-12-01")
    assert toyobo.month("2026-01", on="2026-01-09").answer(who) == IN_HAND
    assert toyobo.duties(who) == []
    toyobo.fund_says(who, registered("2031-04-15", since="2026-01-20"))
    toyobo.month("2026-02", on="2026-02-10")
    assert [duty.cause for duty in toyobo.duties(who)] == ["registration"]


def test_003_1_9_ahead_of_its_end_another_one_comes_unless_the_holder_has_a_myna_by_then(toyobo: Office) -> None:
    without, with_myna = toyobo.joins(), toyobo.joins(myna=LONG)
    for who in (without, with_myna):
        toyobo.holds_certificate(who, since="2025-08-21", until="2026-02-20")
    month = toyobo.month("2026-01", on="2026-01-09")
    assert month.answer(without) == NOT_REGISTERED
    assert (month[without].kind, month[without].effective_on) == ("renewal", "2026-02-21")
    assert month.answer(with_myna) == MYNA


def test_003_1_14_a_week_is_given_to_send_it_back(toyobo: Office) -> None:
    who = toyobo.joins(fund=registered(LONG, since="2025-12-15"))
    toyobo.holds_certificate(who, since="2025-02-03", until="2030-02-02")
    toyobo.month("2026-01", on="2026-01-09")
    (duty,) = toyobo.duties(who)
    assert duty.due_on - duty.opened_on == timedelta(days=7)


@pytest.mark.parametrize("ground", ["needs_assistance", "lost_card", "renewing_card"])
def test_003_1_11_whoever_cannot_use_the_card_is_granted_one_on_application(toyobo: Office, ground: str) -> None:
    who = toyobo.joins(myna=LONG)
    toyobo.month("2026-01", on="2026-01-09")
    paper = toyobo.grants(toyobo.applies(who, ground, "2026-01-13"), "2026-01-13")
    assert (paper.basis, paper.ground, paper.status) == ("application", ground, "approved")


def test_003_1_11_whoever_has_no_myna_is_granted_one_and_all_others_are_not(toyobo: Office) -> None:
    without, with_myna = toyobo.joins(), toyobo.joins(myna=LONG)
    toyobo.holds_certificate(without, since="2025-01-10", until="2026-01-31")
    toyobo.month("2025-12", on="2025-12-10")
    assert toyobo.grants(toyobo.applies(without, "no_card", "2026-02-03"), "2026-02-03")
    with pytest.raises(Refused, match="今回は交付できません"):
        toyobo.grants(toyobo.applies(with_myna, "not_registered", "2026-02-03"), "2026-02-03")
