"""Seed 002: 22 questions to a municipal scheme, under ``kokuho``."""

from __future__ import annotations

import pytest

from mailing.models import Dispatch
from notices.face import BAND
from tests.scenarios.conftest import OpenOffice
from tests.scenarios.office import Office

pytestmark = pytest.mark.django_db

MYNA = ("not_needed", "myna_usable")
NOT_REGISTERED = ("issue", "not_registered")
LONG = "2029-04-15"


def test_002_q01_the_cards_of_a_municipal_scheme_end_on_2025_07_31(kokuho: Office) -> None:
    who = kokuho.joins()
    kokuho.holds_card(who, until="2025-07-31")
    month = kokuho.month("2025-06", on="2025-06-10")
    assert month.answer(who) == ("not_needed", "legacy_card_usable")
    assert kokuho.has_route(who, "2025-07-31")
    assert not kokuho.has_route(who, "2025-08-01")


@pytest.mark.parametrize("preset", ["renesas", "toyobo", "kyokai"])
def test_002_q01_those_of_employees_serve_until_2025_12_01(open_office: OpenOffice, preset: str) -> None:
    office = open_office(preset)
    who = office.joins()
    office.holds_card(who)
    office.month("2025-07", on="2025-07-10")
    assert office.has_route(who, "2025-12-01")
    assert not office.has_route(who, "2025-12-02")


def test_002_q03_a_certificate_goes_to_the_unregistered_for_as_long_as_the_insurer_sets(kokuho: Office) -> None:
    who = kokuho.joins()
    month = kokuho.month("2025-07", on="2025-07-10")
    assert month.answer(who) == NOT_REGISTERED
    assert kokuho.face(who, "2025-07-10").fields()["name"] == who.row["name"]
    assert month.period(who) == ("2025-07-10", "2025-07-31", "scheme")
    assert (month[who].then_effective_on, month[who].then_valid_through) == ("2025-08-01", "2026-07-31")


def test_002_q04_for_the_time_being_it_comes_without_application(kokuho: Office) -> None:
    who = kokuho.joins()
    kokuho.month("2025-09", on="2025-09-10")
    assert [paper.basis for paper in kokuho.certificates(who)] == ["ex_officio"]


def test_002_q05_it_is_in_hand_before_the_card_ends(kokuho: Office) -> None:
    who = kokuho.joins()
    kokuho.holds_card(who, until="2025-07-31")
    month = kokuho.month("2025-07", on="2025-07-10")
    assert month.period(who) == ("2025-08-01", "2026-07-31", "scheme")
    kokuho.approve_and_post("2025-07-14")
    (paper,) = kokuho.certificates(who)
    assert str(paper.arrives_on) == "2025-07-17"
    assert kokuho.gaps("2025-07-31") == kokuho.gaps("2025-08-01") == {}


def test_002_q06_with_a_myna_there_is_none_but_for_those_who_need_help_and_once_asked(kokuho: Office) -> None:
    able = kokuho.joins(myna=LONG)
    frail = kokuho.joins("1952-05-05", myna=LONG, needs_assistance="1")
    asked = kokuho.joins("1952-05-05", myna=LONG, needs_assistance="1")
    kokuho.holds_certificate(asked, since="2025-01-10", until="2025-07-31", basis="application")
    month = kokuho.month("2025-07", on="2025-07-10")
    assert month.answer(able) == month.answer(frail) == MYNA
    assert month.answer(asked) == ("issue", "assistance_renewal")
    assert month[asked].kind == "renewal"


def test_002_q07_its_form_is_the_insurer_s_own_choice(kokuho: Office) -> None:
    kokuho.joins()
    kokuho.month("2025-09", on="2025-09-10")
    kokuho.approve()
    (number,) = kokuho.print_all("2025-09-11")
    assert Dispatch.objects.get(pk=number).form == "card"


def test_002_q09_the_notice_says_of_itself_that_it_is_no_certificate(kokuho: Office) -> None:
    who = kokuho.joins(myna=LONG, acquired_on="2025-08-10")
    kokuho.month("2025-09", on="2025-09-10")
    kokuho.approve()
    assert kokuho.draft_notices("2025-09-10") == 1
    band = kokuho.notice_face(who, "2025-09-10").fields()["band"]
    assert "この書面だけでは受診できません" in band


def test_002_q10_notices_come_from_the_insurer_straight_home_to_the_registered(kokuho: Office) -> None:
    with_myna = kokuho.joins(myna=LONG, acquired_on="2025-08-10")
    without = kokuho.joins(acquired_on="2025-08-10")
    kokuho.month("2025-09", on="2025-09-10")
    kokuho.approve()
    kokuho.draft_notices("2025-09-10")
    kokuho.print_all("2025-09-11")
    assert (len(kokuho.notices(with_myna)), len(kokuho.notices(without))) == (1, 0)
    assert set(Dispatch.objects.values_list("channel", flat=True)) == {"home"}


@pytest.mark.parametrize(
    ("preset", "gets_both"), [("kokuho", False), ("kyokai", True), ("toyobo", True), ("renesas", False)]
)
def test_002_q11_both_papers_only_where_the_insurer_sends_notices_to_everybody(
    open_office: OpenOffice, preset: str, gets_both: bool
) -> None:
    office = open_office(preset)
    who = office.joins(acquired_on="2025-08-10")
    office.month("2025-09", on="2025-09-10")
    office.approve()
    office.draft_notices("2025-09-10")
    assert len(office.certificates(who)) == 1
    assert bool(office.notices(who)) is gets_both


def test_002_q12_the_notice_tells_its_reader_to_bring_the_my_number_card_too(kokuho: Office) -> None:
    assert "必ずマイナンバーカードと一緒に" in BAND
    who = kokuho.joins(myna=LONG, acquired_on="2025-08-10")
    kokuho.month("2025-09", on="2025-09-10")
    kokuho.approve()
    kokuho.draft_notices("2025-09-10")
    assert kokuho.notice_face(who, "2025-09-10").fields()["band"] == BAND


def test_002_q13_the_notice_alone_is_no_route(kokuho: Office) -> None:
    who = kokuho.joins(myna="2025-09-01", acquired_on="2025-08-10")
    kokuho.month("2025-09", on="2025-09-10")
    kokuho.approve()
    kokuho.draft_notices("2025-09-10")
    kokuho.post("2025-09-11")
    assert kokuho.notices(who)[0].status == "sent"
    assert kokuho.has_route(who, "2025-12-31"), "three months after its 電子証明書"
    assert kokuho.gaps("2026-01-01") == {who: "判定待ち"}


def test_002_q15_whoever_deregistered_gets_the_certificate_unasked(kokuho: Office) -> None:
    who = kokuho.joins(myna=LONG)
    kokuho.fund_accepted_deregistration(who, "2025-08-20")
    month = kokuho.month("2025-09", on="2025-09-10")
    assert (month.answer(who), month[who].detail) == (NOT_REGISTERED, "deregistered")
    assert month[who].effective_on == "2025-10-01"


def test_002_q17_the_expired_electronic_certificate_serves_three_months_more(kokuho: Office) -> None:
    who = kokuho.joins(myna="2025-09-03")
    assert kokuho.month("2025-10", on="2025-10-10").answer(who) == MYNA
    assert kokuho.has_route(who, "2025-12-31")
    assert not kokuho.has_route(who, "2026-01-01")


def test_002_q20_after_the_cards_everybody_has_a_myna_or_a_certificate(kokuho: Office) -> None:
    people = [kokuho.joins(), kokuho.joins(myna=LONG), kokuho.joins(myna="2025-03-31")]
    for who in people:
        kokuho.holds_card(who, until="2025-07-31")
    month = kokuho.month("2025-07", on="2025-07-10")
    kokuho.approve_and_post("2025-07-14")
    assert month.issued() == {people[0].key, people[2].key}
    for on in ("2025-07-31", "2025-08-01", "2025-08-31"):
        assert kokuho.gaps(on) == {}


def test_002_q06_who_needs_help_may_apply_and_is_granted_one(kokuho: Office) -> None:
    frail = kokuho.joins("1952-09-09", myna=LONG)
    kokuho.month("2025-09", on="2025-09-10")
    paper = kokuho.grants(kokuho.applies(frail, "needs_assistance", "2025-09-16", via="counter"), "2025-09-16")
    assert (paper.basis, str(paper.valid_through)) == ("application", "2026-07-31")
    assert kokuho.month("2025-10", on="2025-10-10").answer(frail) == ("not_needed", "certificate_in_hand")
