"""What must hold for every member, however odd: no day without a route, no period too long, one answer."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from certificates.rules.codes import Limit, Outcome, Reason
from certificates.rules.facts import HeldCertificate, MemberFacts, as_json, from_json
from certificates.rules.monthly import (
    Days,
    Decided,
    card_last_day,
    certificate_last_day,
    channel_of,
    days_of_run,
    decide,
    myna,
    routes_of,
)
from certificates.rules.validity import Validity, last_day_of_cover, short_term_end, turns_70_day
from core.errors import Refused
from members.policy import Policy
from tests.certificates.situations import DAY, LAW, month_before_end, situations


def issued(decided: Decided) -> tuple[Validity, ...]:
    return (decided.certificate, *decided.successors) if decided.certificate else ()


def each_day(first: date, last: date) -> list[date]:
    return [first + timedelta(n) for n in range((last - first).days + 1)]


def days_without_a_route(
    facts: MemberFacts, policy: Policy, periods: Iterable[Validity], first: date, last: date
) -> list[date]:
    """The days from ``first`` through ``last`` on which the member is covered and can show nothing."""
    usable = myna(facts, LAW, on=first)
    spans = [(date.min, usable.last_day)] if usable.last_day else []
    spans += [
        (held.effective_on, certificate_last_day(held, facts.birth_date, policy, LAW)) for held in facts.certificates
    ]
    ends = [card_last_day(card, policy, LAW) for card in facts.cards]
    spans += [(date.min, end) for end in ends if end]
    spans += [
        (
            one.effective_on,
            certificate_last_day(
                HeldCertificate(0, one.effective_on, one.valid_through), facts.birth_date, policy, LAW
            ),
        )
        for one in periods
    ]
    first = max(first, facts.acquired_on)
    last = min(last, last_day_of_cover(facts, LAW))
    missing = []
    for start, end in sorted(spans):
        missing += each_day(first, min(start - DAY, last)) if start > first else []
        first = max(first, end + DAY)
    return missing + each_day(first, last)


@given(situations())
@settings(max_examples=200)
def test_after_an_issue_no_day_until_the_next_paper_lacks_a_route(situation: tuple[MemberFacts, Days, Policy]) -> None:
    facts, days, policy = situation
    decided = decide(facts, days, policy, LAW)
    if decided.certificate is None:
        return
    first = issued(decided)[0].effective_on
    until = days.next_arrives_by
    short = [one.valid_through for one in issued(decided) if one.limit is Limit.SHORT_TERM]
    kept = replace(facts, certificates=tuple(c for c in facts.certificates if c.id not in decided.replaced))
    assert days_without_a_route(kept, policy, issued(decided), first, min([until, *short])) == []


@given(situations(known=False))
@settings(max_examples=200)
def test_what_is_replaced_is_not_posted_and_begins_after_the_day_of_need(
    situation: tuple[MemberFacts, Days, Policy],
) -> None:
    facts, days, policy = situation
    decided = decide(facts, days, policy, LAW)
    later = {held.id for held in facts.certificates if held.effective_on > (decided.need_from or date.max)}
    unposted = {held.id for held in facts.certificates if not held.posted}
    assert set(decided.replaced) == (later & unposted if decided.outcome is Outcome.ISSUE else set())


@given(situations(known=False))
@settings(max_examples=200)
def test_no_paper_is_sent_that_comes_after_its_last_day(situation: tuple[MemberFacts, Days, Policy]) -> None:
    facts, days, policy = situation
    decided = decide(facts, days, policy, LAW)
    if decided.certificate is None:
        return
    way = "home" if decided.straight_home else channel_of(facts, policy)
    in_hand = days.issue_on + timedelta(policy.arrives_after_days(way))
    later = [h.effective_on - DAY for h in facts.certificates if h.posted and h.effective_on > decided.need_from]
    assert in_hand <= min([last_day_of_cover(facts, LAW), *later])


@given(situations(known=False))
def test_on_the_day_of_the_answer_nobody_waits_any_more(situation: tuple[MemberFacts, Days, Policy]) -> None:
    facts, days, policy = situation
    before, now = (decide(facts, days, policy, LAW, due=due) for due in (False, True))
    assert now.outcome not in (Outcome.WAIT, Outcome.REVIEW)
    if before.outcome not in (Outcome.WAIT, Outcome.REVIEW):
        assert now == before


@given(situations())
@settings(max_examples=200)
def test_whoever_needs_none_has_a_route_on_every_day_until_the_next_paper(
    situation: tuple[MemberFacts, Days, Policy],
) -> None:
    facts, days, policy = situation
    days = replace(days, issue_on=days.decided_on)
    decided = decide(facts, days, policy, LAW)
    if decided.outcome is not Outcome.NOT_NEEDED or decided.reason is Reason.TOO_LATE_FOR_PAPER:
        return
    assert days_without_a_route(facts, policy, (), days.decided_on, days.next_arrives_by) == []


@given(situations())
def test_known_facts_never_wait(situation: tuple[MemberFacts, Days, Policy]) -> None:
    assert decide(*situation, LAW).outcome not in (Outcome.WAIT, Outcome.REVIEW)


@given(situations(), st.data())
@settings(max_examples=60)
def test_month_after_month_no_covered_day_lacks_a_route(
    situation: tuple[MemberFacts, Days, Policy], data: st.DataObject
) -> None:
    facts, days, policy = situation
    policy = replace(policy, delivery_days=(0, 0))  # no day is too near for paper
    facts = replace(facts, certificates=tuple(replace(held, status="sent") for held in facts.certificates))
    start = days.decided_on
    month, owned, last = start, list(facts.certificates), days.next_arrives_by
    issues: list[Validity] = []
    for _ in range(30):
        live = tuple(held for held in owned if held.valid_through >= month)
        now = replace(facts, certificates=live)
        if facts.row is not None:
            now = replace(now, row=replace(facts.row, as_of=month_before_end(month)))
        run = days_of_run(as_of=month_before_end(month), decided_on=month)
        decided = decide(now, run, policy, LAW)
        issues += issued(decided)
        owned += [
            HeldCertificate(len(owned) + n, one.effective_on, one.valid_through)
            for n, one in enumerate(issued(decided), 1)
        ]
        last = run.next_arrives_by
        month = last.replace(day=data.draw(st.integers(1, 28)))
    assert days_without_a_route(facts, policy, issues, start, last) == []


@given(situations(known=False))
@settings(max_examples=200)
def test_no_period_outlasts_the_law_the_cover_or_a_share_on_the_face(
    situation: tuple[MemberFacts, Days, Policy],
) -> None:
    facts, days, policy = situation
    for one in issued(decide(facts, days, policy, LAW)):
        start = one.effective_on
        leap_day = (start.month, start.day) == (2, 29)
        fifth = date(start.year + 5, 2, 28) if leap_day else start.replace(year=start.year + 5) - DAY
        assert start <= one.valid_through <= min(fifth, last_day_of_cover(facts, LAW))
        seventy = turns_70_day(facts.birth_date, LAW)
        if policy.share_on_face and start <= seventy:
            assert one.valid_through <= seventy
        if not policy.share_on_face:
            assert one.limit not in (Limit.TURNS_70, Limit.SHARE_REVIEW)


@given(situations(known=False), st.integers(0, 60), st.integers(0, 60))
@settings(max_examples=200)
def test_successors_follow_on_each_other_until_the_next_paper(
    situation: tuple[MemberFacts, Days, Policy], yearly_after: int, review_after: int
) -> None:
    facts, days, policy = situation
    yearly, review = (f"{days.issue_on + timedelta(n):%m-%d}" for n in (yearly_after, review_after))
    policy = replace(policy, expiry_scheme="annual", expiry_years=1, expiry_day=yearly, share_review_day=review)
    decided = decide(facts, days, policy, LAW)
    if decided.certificate is None:
        return
    chain = issued(decided)
    short = str(decided.reason) in policy.short_term_grounds
    for before, after in pairwise(chain):
        assert before.valid_through < days.next_arrives_by
        assert after.effective_on > before.valid_through
        assert short or after.limit is not Limit.SHORT_TERM
    if short:
        assert max(one.valid_through for one in chain) <= short_term_end(
            chain[0].effective_on, policy.short_term_months
        )


@given(situations(known=False))
def test_the_answer_depends_on_stored_facts_alone(situation: tuple[MemberFacts, Days, Policy]) -> None:
    facts, days, policy = situation
    again = from_json(json.loads(json.dumps(as_json(facts))))
    assert again == facts
    assert decide(again, days, policy, LAW) == decide(facts, days, policy, LAW)


@given(situations(known=False))
def test_the_order_of_papers_does_not_matter(situation: tuple[MemberFacts, Days, Policy]) -> None:
    facts, days, policy = situation
    turned = replace(facts, certificates=facts.certificates[::-1], deregistered_on=facts.deregistered_on[::-1])
    assert decide(turned, days, policy, LAW) == decide(facts, days, policy, LAW)


@given(situations(known=False), st.dates(date(2025, 1, 1), date(2035, 12, 31)))
def test_only_a_fixed_scheme_that_ran_out_is_refused(situation: tuple[MemberFacts, Days, Policy], only: date) -> None:
    facts, days, policy = situation
    fixed = replace(policy, expiry_scheme="fixed", expiry_dates=(only,))
    elsewhere = decide(facts, days, replace(policy, expiry_scheme="years", expiry_years=5), LAW)
    try:
        decided = decide(facts, days, fixed, LAW)
    except Refused:
        assert elsewhere.outcome is Outcome.ISSUE
        return
    assert (decided.outcome, decided.reason, decided.need_from) == (
        elsewhere.outcome,
        elsewhere.reason,
        elsewhere.need_from,
    )
    for one in issued(decided):
        assert one.effective_on + timedelta(fixed.minimum_days) <= only


@given(situations(known=False), st.integers(1, 2000))
@settings(max_examples=200)
def test_a_later_lasting_route_never_turns_not_needed_into_an_issue(
    situation: tuple[MemberFacts, Days, Policy], more: int
) -> None:
    facts, days, policy = situation
    # ahead of time a certificate is renewed though a マイナ保険証 would do: the one known exception
    policy = replace(policy, lead_months=0)
    if decide(facts, days, policy, LAW).outcome is not Outcome.NOT_NEEDED:
        return
    usable = myna(facts, LAW, on=days.decided_on)
    until = max([days.decided_on, *(r.last for r in routes_of(facts, usable, policy, LAW))]) + timedelta(more)
    added = HeldCertificate(99, days.decided_on, until)
    richer = replace(facts, certificates=(*facts.certificates, added))
    assert decide(richer, days, policy, LAW).outcome is Outcome.NOT_NEEDED
    if facts.row is not None and facts.row.expires_on is not None:
        longer = replace(facts.row, expires_on=facts.row.expires_on + timedelta(more))
        renewed = decide(replace(facts, row=longer), days, policy, LAW)
        assert renewed.outcome is Outcome.NOT_NEEDED


@given(situations(known=False))
def test_need_and_start_are_never_in_the_past_nor_before_cover(situation: tuple[MemberFacts, Days, Policy]) -> None:
    facts, days, policy = situation
    decided = decide(facts, days, policy, LAW)
    if decided.need_from is not None:
        assert decided.need_from >= max(days.decided_on, facts.acquired_on)
    if decided.due_on is not None:
        assert decided.due_on >= days.decided_on
    if decided.certificate is not None:
        assert decided.certificate.effective_on == max(days.issue_on, decided.need_from or date.min)
    if decided.recover:
        assert facts.certificates and policy.recover_on_registration
