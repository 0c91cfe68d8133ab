"""A notice says that the registration is done: to nobody of whom that is not known, nor while a case is open."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from certificates.models import Decision, Ruling, Run
from certificates.rules.facts import MemberFacts, as_json
from core.errors import Refused
from core.transitions import advance
from members.models import Member, MynaStatus
from notices.models import EligibilityNotice
from notices.services import draft, draft_first_round, reissue
from tests.mailing import build
from tests.mailing.build import ON, Office
from tests.notices.play import posted, rule, say

JOINED = date(2026, 10, 5)
AS_OF = date(2026, 10, 31)
SCOPES = ("everyone", "without_certificate", "registered_only")


@pytest.fixture
def office(db: None, home: Path) -> Office:
    return build.office()


def new(office: Office, *, on: date = JOINED, registered_on: date | None = None) -> Member:
    """Somebody who joined without a word of the fund yet."""
    (member,) = office.household("0001")
    member.acquired_on, member.fund_registered_on = on, registered_on
    member.save()
    return member


def named(member: Member, state: str = "registered", as_of: date = AS_OF) -> None:
    MynaStatus.objects.create(person=member.person, as_of=as_of, source="monthly", state=state)


def open_case(run: Run, member: Member, outcome: str = "review", reason: str = "expiry_unknown") -> Decision:
    facts = as_json(MemberFacts(member.acquired_on, member.person.birth_date))
    return Decision.objects.create(
        run=run, member=member, outcome=outcome, reason=reason, due_on=date(2026, 11, 12), facts=facts
    )


def settled(decision: Decision, on: date) -> None:
    Ruling.objects.create(
        member=decision.member,
        cause="newer_row",
        request=f"decision:{decision.pk}",
        as_of=AS_OF,
        decided_on=on,
        issue_on=on,
        policy=decision.run.policy,
        outcome="not_needed",
        reason="myna_usable",
        facts=decision.facts,
    )


def causes(run: Run, office: Office, on: date = ON) -> list[str]:
    draft(run, by=office.clerk, on=on)
    return list(EligibilityNotice.objects.exclude(status="voided").order_by("pk").values_list("cause", flat=True))


def next_month(office: Office) -> Run:
    run = Run.objects.create(
        insurer=office.insurer,
        month=date(2026, 12, 1),
        as_of=date(2026, 11, 30),
        decided_on=date(2026, 12, 7),
        issue_on=date(2026, 12, 7),
        file_hash="1" * 64,
        policy=office.run.policy,
        run_by=office.clerk,
    )
    for verb in ("apply", "decide", "propose", "approve"):
        advance(run, verb, by=office.clerk, on=run.decided_on)
    return run


DECEMBER = date(2026, 12, 8)


@pytest.mark.parametrize(
    ("state", "due"),
    [
        (None, False),
        ("absent", False),
        ("conflict", False),
        ("double", False),
        ("rejected", False),
        ("registered", True),
        ("not_registered", True),
        ("returned", True),
    ],
)
def test_a_usable_row_or_nothing(office: Office, state: str | None, due: bool) -> None:
    member = new(office)
    if state:
        named(member, state)
    assert causes(office.run, office) == ["new_member"] * due


@pytest.mark.parametrize(("days", "due"), [(-1, True), (0, True), (1, False)])
def test_the_funds_own_day_counts_from_that_day_on(office: Office, days: int, due: bool) -> None:
    member = new(office, on=date(2019, 4, 1), registered_on=ON + timedelta(days))
    if due:
        reissue(member, by=office.clerk, on=ON)
    else:
        with pytest.raises(Refused, match="登録がまだ確かめられない"):
            reissue(member, by=office.clerk, on=ON)


@pytest.mark.parametrize(
    ("as_of", "due"), [(JOINED - timedelta(1), True), (JOINED, True), (JOINED + timedelta(1), True)]
)
def test_an_older_row_that_the_months_file_left_as_it_was_counts(office: Office, as_of: date, due: bool) -> None:
    named(new(office), as_of=as_of)
    assert causes(office.run, office) == ["new_member"] * due


@pytest.mark.parametrize("acquired", [AS_OF - timedelta(1), AS_OF, AS_OF + timedelta(1)])
def test_a_row_says_nothing_of_a_cover_that_began_after_it(office: Office, acquired: date) -> None:
    member = new(office, on=acquired)
    named(member)
    if acquired <= AS_OF:
        assert reissue(member, by=office.clerk, on=ON).cause == "reissue"
    else:
        with pytest.raises(Refused, match="登録がまだ確かめられない"):
            reissue(member, by=office.clerk, on=ON)


def test_a_newborn_whose_number_is_pending_gets_it_with_the_first_row(office: Office) -> None:
    newborn = new(office)
    say(newborn, individual_number_state="pending")
    open_case(office.run, newborn, "wait", "number_pending")
    assert causes(office.run, office) == []
    december = next_month(office)
    assert causes(december, office, DECEMBER) == []
    named(newborn, as_of=date(2026, 11, 30))
    assert causes(december, office, DECEMBER) == ["new_member"]
    posted(office, DECEMBER)
    assert causes(december, office, DECEMBER) == ["new_member"]


@pytest.mark.parametrize("scope", SCOPES)
@pytest.mark.parametrize("outcome", ["wait", "review"])
def test_not_while_a_case_is_open_where_a_certificate_would_leave_the_person_out(
    office: Office, scope: str, outcome: str
) -> None:
    rule(notice_scope=scope)
    member = new(office)
    named(member)
    decision = open_case(office.run, member, outcome)
    assert causes(office.run, office) == ["new_member"] * (scope == "everyone")
    settled(decision, ON)
    assert causes(office.run, office) == ["new_member"]


@pytest.mark.parametrize("scope", SCOPES)
def test_who_was_put_off_comes_with_the_next_month(office: Office, scope: str) -> None:
    rule(notice_scope=scope)
    member = new(office)
    named(member)
    decision = open_case(office.run, member)
    causes(office.run, office)
    settled(decision, ON + timedelta(5))
    assert causes(next_month(office), office, DECEMBER) == ["new_member"]


def test_who_was_never_new_here_does_not_become_so_by_an_open_case(office: Office) -> None:
    rule(notice_scope="without_certificate")
    member = new(office, on=date(2015, 4, 1))
    named(member)
    settled(open_case(office.run, member), ON)
    assert causes(next_month(office), office, DECEMBER) == []


@pytest.mark.parametrize("what", [{"name": "佐藤 太郎"}, {"birth_date": date(1956, 10, 20)}])
def test_a_change_waits_for_the_answer_too(office: Office, what: dict[str, Any]) -> None:
    rule(notice_scope="without_certificate")
    (member,) = office.household("0001")
    draft_first_round(ON - timedelta(40), by=office.clerk, on=ON - timedelta(40))
    posted(office)
    say(member, **what)
    decision = open_case(office.run, member)
    assert causes(office.run, office) == ["first_round"]
    settled(decision, ON)
    assert len(causes(next_month(office), office, DECEMBER)) == 2


def test_a_first_share_that_was_put_off_is_told_next_month(office: Office) -> None:
    rule(notice_scope="without_certificate")
    (member,) = office.household("0001")
    say(member, birth_date=date(1956, 10, 20))  # the share is decided from 1 November on
    october = Run.objects.create(
        insurer=office.insurer,
        month=date(2026, 10, 1),
        as_of=date(2026, 9, 30),
        decided_on=date(2026, 10, 6),
        issue_on=date(2026, 10, 6),
        file_hash="2" * 64,
        policy=office.run.policy,
        run_by=office.clerk,
    )
    Decision.objects.create(run=october, member=member, outcome="not_needed", reason="myna_usable", facts={})
    decision = open_case(office.run, member)
    assert causes(office.run, office) == []
    settled(decision, ON + timedelta(5))
    assert causes(next_month(office), office, DECEMBER) == ["share_change"]


def test_the_first_round_leaves_out_who_is_not_known(office: Office) -> None:
    member = new(office)
    assert draft_first_round(ON, by=office.clerk, on=ON) == 0
    named(member)
    assert draft_first_round(ON, by=office.clerk, on=ON) == 1


def test_none_on_request_while_a_case_is_open(office: Office) -> None:
    rule(notice_scope="without_certificate")
    member = new(office)
    named(member)
    decision = open_case(office.run, member)
    with pytest.raises(Refused, match="確認が終わってから"):
        reissue(member, by=office.clerk, on=ON)
    settled(decision, ON)
    assert reissue(member, by=office.clerk, on=ON).cause == "reissue"
