"""The table of the decision, line by line; the numbers in comments are its lines. Pure.

Source: rules.md §4.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from certificates.rules.codes import Detail, Ground, Outcome, Reason
from certificates.rules.facts import FundRow, HeldCertificate, MemberFacts
from certificates.rules.law import Law
from certificates.rules.monthly.issuing import Decided, arrival, kind_of, periods
from certificates.rules.monthly.routes import (
    ASSISTED,
    Days,
    Myna,
    Route,
    last_route,
    myna,
    routes_of,
    row_of,
    uncovered_from,
)
from certificates.rules.validity import last_day_of_cover
from core.calendar import business_days_after, days_after, month_end_after
from members.policy import Policy


def ground(facts: MemberFacts, usable: Myna, need_from: date, *, as_of: date) -> tuple[Reason, Detail | None]:
    """The ground of an issue, the first that holds, with the detail of ①.

    A row is kept from the day it first said so; the newest monthly file, of ``as_of``, says it still.
    Source: rules.md §4.
    """
    if facts.nondisclosure:
        return Reason.NONDISCLOSURE, None
    if facts.number_state in ("unregistered", "mismatch"):
        return Reason.NUMBER_UNREGISTERED, None
    row = row_of(facts)
    if row is not None and row.state == "returned":
        return Reason.NOT_REGISTERED, Detail.RETURNED
    if row is not None and row.state == "not_registered":
        asked = any(accepted_on <= max(row.as_of, as_of) for accepted_on in facts.deregistered_on)
        return Reason.NOT_REGISTERED, Detail.DEREGISTERED if asked else Detail.NEVER
    expiry, cut = usable.expiry_last_day, usable.deregistration_last_day
    if cut is not None and cut < need_from and (expiry is None or cut < expiry):
        return Reason.NOT_REGISTERED, Detail.DEREGISTERED
    if expiry is not None and expiry < need_from:
        return Reason.E_CERTIFICATE_EXPIRED, None
    return Reason.ASSISTANCE_RENEWAL, None


@dataclass(frozen=True, slots=True)
class _Case:
    """What every line of the table reads. ``due``: the day of the answer has come, lines 4–7 no longer wait."""

    facts: MemberFacts
    days: Days
    policy: Policy
    law: Law
    usable: Myna
    routes: tuple[Route, ...]
    last_day: date
    due: bool


def decide(facts: MemberFacts, days: Days, policy: Policy, law: Law, *, due: bool = False) -> Decided:
    """The outcome for one member: the first line of rules.md §4's table that applies.

    ``due``: the open case's ``due_on`` has come; whoever is still unknown gets a short-term certificate.

    Raises:
        core.errors.Refused: a ``fixed`` scheme has no date left (the run is refused as a whole).
    """
    last_day = last_day_of_cover(facts, law)
    if last_day < days.decided_on or facts.acquired_on > days.next_arrives_by:  # 1
        return Decided(Outcome.NOT_COVERED, Reason.NOT_COVERED)
    usable = myna(facts, law, on=days.decided_on)
    case = _Case(
        facts=facts,
        days=days,
        policy=policy,
        law=law,
        usable=usable,
        routes=tuple(routes_of(facts, usable, policy, law)),
        last_day=last_day,
        due=due,
    )
    need_from = uncovered_from(case.routes, max(days.decided_on, facts.acquired_on))
    return replace(_read_lines(case, need_from), recover=to_recover(facts, usable, days, policy))


def _read_lines(case: _Case, need_from: date) -> Decided:
    """Lines 2–8 for the first day without a route."""
    before = last_route(case.routes, need_from)
    route_last_day = None if before is None else days_after(need_from, -1)
    if before is not None and need_from > _horizon(case, before):  # 2
        return Decided(Outcome.NOT_NEEDED, before.reason, need_from=need_from, route_last_day=route_last_day)
    if need_from > case.last_day:  # 3
        return Decided(
            Outcome.NOT_NEEDED, Reason.COVERAGE_ENDS_FIRST, need_from=need_from, route_last_day=route_last_day
        )
    unsettled = None if case.usable.known else _unsettled(case)
    if unsettled is not None and unsettled[0] is not Outcome.ISSUE:  # 4–7
        outcome, reason, detail = unsettled
        return Decided(
            outcome,
            reason,
            detail,
            need_from=need_from,
            route_last_day=route_last_day,
            due_on=business_days_after(case.days.decided_on, case.policy.inquiry_business_days),
        )
    if unsettled is not None:
        reason, detail = unsettled[1], None
    else:
        reason, detail = ground(case.facts, case.usable, need_from, as_of=case.days.as_of)
    return _issue(case, need_from, reason, detail, route_last_day)  # 7a, 8


def _horizon(case: _Case, before: Route) -> date:
    if before.reason is Reason.MYNA_USABLE:
        return case.days.next_arrives_by
    return month_end_after(case.days.next_arrives_by, case.policy.lead_months)


def _unsettled(case: _Case) -> tuple[Outcome, Reason, Detail | None]:
    """Lines 4–7: what to do while it is unknown whether the マイナ保険証 can be used."""
    facts = case.facts
    pending = facts.number_state == "pending"
    no_row = facts.row is None or facts.row.state == "absent"
    joined_after = no_row and (facts.fund_registered_on or facts.acquired_on) > case.days.as_of
    if not pending and joined_after and case.policy.new_member_issue == "short_for_all":
        return Outcome.ISSUE, Reason.NEW_MEMBER, None
    if case.due:
        return Outcome.ISSUE, Reason.UNSETTLED, None
    if pending:  # 4
        return Outcome.WAIT, Reason.NUMBER_PENDING, None
    if joined_after:  # 5
        return Outcome.WAIT, Reason.JOINED_AFTER_FILE, None
    if no_row:  # 6
        return Outcome.REVIEW, Reason.MISSING_FROM_FILE, None
    if facts.row is not None and not facts.row.usable:
        return Outcome.REVIEW, Reason.ROW_UNUSABLE, Detail.of(facts.row.state)
    return Outcome.REVIEW, Reason.EXPIRY_UNKNOWN, None  # 7


def _issue(case: _Case, need_from: date, reason: Reason, detail: Detail | None, route_last_day: date | None) -> Decided:
    """Line 8, unless paper would come after the gap (7a) or the law no longer lets issue unasked."""
    days, facts = case.days, case.facts
    later = _first_posted_after(facts, need_from)
    serves_through = case.last_day if later is None else min(case.last_day, days_after(later.effective_on, -1))
    arrives_on, straight_home = arrival(facts, days, case.policy, serves_through)
    if arrives_on > serves_through:  # 7a
        if later is not None:
            again = _read_lines(case, uncovered_from(case.routes, later.effective_on))
            if again.outcome is Outcome.ISSUE:
                return replace(again, first_gap=(need_from, serves_through))
        return Decided(
            Outcome.NOT_NEEDED, Reason.TOO_LATE_FOR_PAPER, need_from=need_from, route_last_day=route_last_day
        )
    if case.law.ex_officio_until is not None and days.decided_on > case.law.ex_officio_until:
        return Decided(Outcome.NOT_NEEDED, Reason.APPLICATION_ONLY, need_from=need_from, route_last_day=route_last_day)
    first, successors, replaced = periods(
        facts, max(days.issue_on, need_from), reason, need_from=need_from, days=days, policy=case.policy, law=case.law
    )
    return Decided(
        Outcome.ISSUE,
        reason,
        detail,
        kind_of(facts, need_from),
        need_from,
        first,
        successors,
        route_last_day=route_last_day,
        straight_home=straight_home,
        replaced=replaced,
    )


def _first_posted_after(facts: MemberFacts, need_from: date) -> HeldCertificate | None:
    posted = [held for held in facts.certificates if held.posted and held.effective_on > need_from]
    return min(posted, key=lambda held: (held.effective_on, held.id), default=None)


def to_recover(facts: MemberFacts, usable: Myna, days: Days, policy: Policy) -> tuple[int, ...]:
    """Ids of the live certificates that come back because a マイナ保険証 has newly become usable.

    Source: rules.md §4 "Recovery on registration".
    """
    row = row_of(facts)
    if not policy.recover_on_registration or row is None:
        return ()
    if usable.last_day is None or usable.last_day <= days.next_arrives_by:
        return ()
    return tuple(sorted(held.id for held in facts.certificates if is_news(row, held)))


def is_news(row: FundRow, held: HeldCertificate) -> bool:
    """Whether the registration was not known, or was another, when the certificate was issued.

    Of a certificate carried over from another system nobody can tell what was known: only a registration after its
    day of issue is news. ⑤ and a wish granted despite a usable マイナ保険証 are never called back.
    """
    if held.ground in ASSISTED:
        return False
    if held.carried_over:
        return row.registered_on is not None and held.issued_on is not None and row.registered_on > held.issued_on
    known = held.known
    if known is not None and known.registered and held.ground == Ground.ANYONE:
        return False
    return (
        known is None
        or not known.registered
        or (known.registered_on, known.expires_on) != (row.registered_on, row.expires_on)
    )
