"""The 高齢受給者証 as a rule: who, from when, until when, with which share, and what is there already."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from certificates.rules.elderly import (
    ElderlyAnswer,
    ElderlyFacts,
    ElderlyReason,
    HeldElderly,
    Income,
    Wrong,
    elderly_due,
    next_share_change,
)
from certificates.rules.facts import HeldCertificate, InsuredCover, MemberFacts
from certificates.rules.law import law_on
from members.policy import build as build_policy
from tests.certificates.elderly.families import BORN, DAY, FIRST
from tests.mailing.build import ON

pytestmark = pytest.mark.django_db


LAW = law_on(ON)
APART = build_policy("kyokai", {})  # the share is not on the face, no day of review
LAST = date(2031, 11, 14)  # the day before 75
HELD = HeldCertificate(1, date(2025, 12, 2), date(2030, 12, 1))


def facts(born: date = BORN, *papers: HeldElderly, **known: Any) -> ElderlyFacts:
    """An insured person with 300,000 yen and a certificate, unless said otherwise."""
    income = known.pop("income", Income(born, 300_000))
    member = {"acquired_on": date(2010, 4, 1), "birth_date": born, "certificates": (HELD,)} | known
    return ElderlyFacts(MemberFacts(**member), income, papers)


def ask(known: ElderlyFacts, on: date, through: date | None = None, **policy: Any) -> ElderlyAnswer:
    return elderly_due(known, on, through=through, policy=replace(APART, **policy), law=LAW)


def period(answer: ElderlyAnswer) -> tuple[Any, ...]:
    (paper,) = answer.due
    return (paper.cause, paper.copayment_percent, paper.effective_on, paper.valid_through, str(paper.limit))


@pytest.mark.parametrize(
    ("born", "first"),
    [
        (date(1956, 11, 1), date(2026, 11, 1)),  # 70 is reached on the last day of October
        (date(1956, 11, 2), date(2026, 12, 1)),
        (date(1956, 12, 1), date(2026, 12, 1)),
        (date(1956, 12, 2), date(2027, 1, 1)),
        (date(1956, 2, 29), date(2026, 3, 1)),
    ],
)
def test_due_from_the_first_day_of_the_month_after_70(born: date, first: date) -> None:
    assert ask(facts(born), first - DAY).reason == ElderlyReason.UNDER_AGE
    assert period(ask(facts(born), first))[:3] == ("turns_70", 30, first)
    later = ask(facts(born), first + DAY)
    assert period(later)[:3] == ("with_certificate", 30, first + DAY)


def test_a_round_takes_whoever_comes_into_the_ages_before_the_next_paper_arrives() -> None:
    assert ask(facts(), ON, FIRST - DAY).due == ()
    assert period(ask(facts(), ON, FIRST)) == ("turns_70", 30, FIRST, LAST, "turns_75")
    assert period(ask(facts(), ON, date(2026, 12, 31)))[2] == FIRST


@pytest.mark.parametrize(
    ("on", "reason"),
    [(LAST - DAY, ElderlyReason.DUE), (LAST, ElderlyReason.DUE), (LAST + DAY, ElderlyReason.NOT_COVERED)],
)
def test_until_the_day_before_75(on: date, reason: ElderlyReason) -> None:
    held = HeldCertificate(1, date(2026, 12, 2), date(2031, 12, 1))
    answer = ask(facts(certificates=(held,)), on)
    assert answer.reason == reason
    assert [paper.valid_through for paper in answer.due] == ([LAST] if answer.due else [])


def test_only_where_the_share_is_not_on_the_face() -> None:
    assert ask(facts(), FIRST, share_on_face=True).reason == ElderlyReason.SHARE_ON_FACE
    assert ask(facts(), FIRST).reason == ElderlyReason.DUE


def test_only_who_holds_a_certificate_and_from_its_first_day() -> None:
    assert ask(facts(certificates=()), FIRST).reason == ElderlyReason.NO_CERTIFICATE
    later = HeldCertificate(2, date(2026, 12, 10), date(2031, 12, 9))
    assert period(ask(facts(certificates=(later,)), FIRST, date(2027, 1, 31)))[:3] == (
        "with_certificate",
        30,
        date(2026, 12, 10),
    )
    assert ask(facts(certificates=(later,)), FIRST, date(2026, 12, 9)).due == ()


@pytest.mark.parametrize(
    ("known", "policy", "end", "limit"),
    [
        ({}, {}, LAST, "turns_75"),
        ({}, {"share_review_day": "08-31"}, date(2027, 8, 31), "share_review"),
        ({"lost_on": date(2027, 4, 1)}, {}, date(2027, 3, 31), "coverage_end"),
        ({"coverage_kind": "voluntary", "acquired_on": date(2025, 4, 1)}, {}, date(2027, 3, 31), "voluntary_term"),
        ({"resident": False}, {}, date(2031, 11, 30), "scheme"),
    ],
)
def test_the_earliest_limit_ends_it(known: Any, policy: Any, end: date, limit: str) -> None:
    assert period(ask(facts(**known), FIRST, **policy))[3:] == (end, limit)


def test_a_dependents_ends_with_the_insured_persons_cover() -> None:
    insured = InsuredCover("regular", date(2010, 4, 1), None, date(1954, 3, 10), True)
    known = facts(kind="dependent", insured=insured, income=Income(date(1954, 3, 10), 300_000))
    assert period(ask(known, FIRST))[1:] == (30, FIRST, date(2029, 3, 9), "insured_person")


@pytest.mark.parametrize(
    ("income", "share"),
    [
        (Income(BORN, 279_999), 20),
        (Income(BORN, 280_000), 30),
        (Income(BORN, None), 20),
        (Income(BORN, 280_000, ((FIRST, None),)), 20),
        (Income(BORN, 280_000, ((FIRST + DAY, None),)), 30),
        (Income(BORN, 280_000, ((date(2026, 8, 1), FIRST - DAY),)), 30),
        (Income(date(1957, 1, 1), 500_000), 20),  # the insured person is not yet there
    ],
)
def test_the_share_of_the_first_day_is_printed(income: Income, share: int) -> None:
    assert period(ask(facts(income=income), FIRST))[1] == share


def test_a_change_that_is_known_ahead_gets_its_own_paper_in_time() -> None:
    """Relief until the end of the year: 2割 until then, 3割 from the first day of the next one."""
    known = facts(income=Income(BORN, 300_000, ((date(2026, 1, 1), date(2026, 12, 31)),)))
    assert next_share_change(known, FIRST, LAW) == date(2027, 1, 1)
    answer = ask(known, FIRST, date(2027, 1, 31))
    assert [(p.cause, p.copayment_percent, p.effective_on) for p in answer.due] == [
        ("turns_70", 20, FIRST),
        ("share_change", 30, date(2027, 1, 1)),
    ]
    assert len(ask(known, FIRST, date(2026, 12, 31)).due) == 1


def test_the_insured_persons_70_changes_the_dependents_share() -> None:
    spouse = date(1954, 3, 10)
    known = facts(spouse, HeldElderly(7, date(2026, 4, 1), LAST, 20), income=Income(BORN, 300_000))
    before = ask(known, FIRST - DAY)
    assert (before.reason, before.wrong) == (ElderlyReason.IN_HAND, {})
    on_the_day = ask(known, FIRST)
    assert on_the_day.wrong == {7: Wrong.SHARE}
    assert period(on_the_day)[:3] == ("share_change", 30, FIRST)
    ahead = ask(known, FIRST - DAY, FIRST)
    assert (ahead.wrong, period(ahead)[:3]) == ({}, ("share_change", 30, FIRST))


def test_one_in_hand_is_enough() -> None:
    held = HeldElderly(7, FIRST, LAST, 30)
    answer = ask(facts(BORN, held), FIRST, date(2027, 1, 31))
    assert (answer.reason, answer.due, answer.wrong) == (ElderlyReason.IN_HAND, (), {})
    assert answer.text == "お手元の高齢受給者証（3割）が令和13年11月14日まで使えます。"


@pytest.mark.parametrize("status", ["proposed", "approved", "printed", "sent", "returned"])
def test_every_live_paper_counts(status: str) -> None:
    assert ask(facts(BORN, HeldElderly(7, FIRST, LAST, 30, status)), FIRST).due == ()


@pytest.mark.parametrize("status", ["superseded", "recovered", "lost", "unrecoverable", "expired"])
def test_one_that_is_gone_is_replaced(status: str) -> None:
    gone = HeldElderly(7, FIRST, LAST, 30, status)
    assert period(ask(facts(BORN, gone), FIRST + DAY))[:3] == ("with_certificate", 30, FIRST + DAY)
    # Two papers with one first day could not be told apart.
    assert [p.effective_on for p in ask(facts(BORN, gone), FIRST, FIRST + DAY).due] == [FIRST + DAY]


def test_after_the_day_of_review_comes_the_next() -> None:
    held = HeldElderly(7, FIRST, date(2027, 8, 31), 30)
    review = {"share_review_day": "08-31"}
    assert ask(facts(BORN, held), date(2027, 7, 6), date(2027, 8, 31), **review).due == ()
    answer = ask(facts(BORN, held), date(2027, 8, 6), date(2027, 9, 30), **review)
    assert period(answer) == ("renewal", 30, date(2027, 9, 1), date(2028, 8, 31), "share_review")


def test_another_face_makes_it_wrong() -> None:
    held = HeldElderly(7, FIRST, LAST, 30, "sent", right=False)
    answer = ask(facts(BORN, held), FIRST + DAY)
    assert answer.wrong == {7: Wrong.FACE}
    assert period(answer)[:3] == ("with_certificate", 30, FIRST + DAY)


def test_what_is_not_posted_yet_and_needed_no_more_is_void() -> None:
    waiting, sent = HeldElderly(7, FIRST, LAST, 30, "approved"), HeldElderly(8, FIRST, LAST, 30)
    assert ask(facts(BORN, waiting, certificates=()), FIRST).wrong == {7: Wrong.NOT_NEEDED}
    assert ask(facts(BORN, sent, certificates=()), FIRST).wrong == {}


def test_one_proposed_with_a_share_that_changed_since_makes_room_for_the_new_one() -> None:
    waiting = HeldElderly(7, FIRST, LAST, 20, "proposed")
    answer = ask(facts(BORN, waiting), ON, FIRST)
    assert (answer.wrong, period(answer)[1:3]) == ({7: Wrong.SHARE}, (30, FIRST))
