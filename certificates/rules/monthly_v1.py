"""The decision table before certificates were counted as periods (version 1), for replaying what it decided.

Nothing new is decided by it. Pure.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from certificates.rules.codes import Detail, Limit, Outcome, Reason, cause_of
from certificates.rules.facts import FundRow, MemberFacts
from certificates.rules.law import Law
from certificates.rules.monthly import (
    NEVER,
    UNKNOWN,
    Days,
    Decided,
    Myna,
    card_last_day,
    certificate_last_day,
    deregistration_last_day,
    expiry_last_day,
    row_of,
)
from certificates.rules.validity import Validity, last_day_of_cover, short_term_end, validity
from core.calendar import business_days_after, days_after, month_end_after
from core.errors import Refused
from members.policy import Policy

VERSION = 1


def open_deregistration_last_day(facts: MemberFacts, row: FundRow | None, law: Law) -> date | None:
    """Last usable day that an open deregistration leaves; the earliest when there are several.

    Open until a newer file says not registered, or registered again after the fund's intake.
    """
    days = [
        deregistration_last_day(accepted_on, law)
        for accepted_on in facts.deregistered_on
        if row is None
        or not (
            (row.state != "registered" and row.as_of > accepted_on)
            or (row.registered_on is not None and row.registered_on > accepted_on)
        )
    ]
    return min(days, default=None)


def myna(facts: MemberFacts, law: Law) -> Myna:
    """Until when the person's マイナ保険証 is a route. Source: rules.md §4 ``myna_last_day``."""
    row = row_of(facts)
    if facts.nondisclosure or facts.number_state in ("unregistered", "mismatch"):
        return NEVER
    if facts.number_state == "pending":
        return UNKNOWN
    if row is None:
        return UNKNOWN
    if row.state != "registered":
        return NEVER
    if row.expires_on is None:
        return UNKNOWN
    by_expiry = expiry_last_day(row.expires_on, law)
    by_deregistration = open_deregistration_last_day(facts, row, law)
    last: date | None = by_expiry if by_deregistration is None else min(by_expiry, by_deregistration)
    if facts.needs_assistance and facts.assisted:
        last = None
    return Myna(True, last, by_expiry, by_deregistration)


def longest_route(facts: MemberFacts, usable: Myna, policy: Policy, law: Law) -> tuple[date, Reason] | None:
    """The route that lasts longest and its last day; on a tie マイナ保険証, certificate, card."""
    routes: list[tuple[date, Reason]] = []
    if usable.last_day is not None:
        routes.append((usable.last_day, Reason.MYNA_USABLE))
    routes += [
        (certificate_last_day(held, facts.birth_date, policy, law), Reason.CERTIFICATE_IN_HAND)
        for held in facts.certificates
    ]
    for card in facts.cards:
        if (last := card_last_day(card, policy, law)) is not None:
            routes.append((last, Reason.LEGACY_CARD_USABLE))
    return max(routes, key=lambda route: route[0], default=None)


def ground(facts: MemberFacts, usable: Myna, need_from: date) -> tuple[Reason, Detail | None]:
    """The ground of an issue, the first that holds, with the detail of ①. Source: rules.md §4."""
    if facts.nondisclosure:
        return Reason.NONDISCLOSURE, None
    if facts.number_state in ("unregistered", "mismatch"):
        return Reason.NUMBER_UNREGISTERED, None
    row = row_of(facts)
    if row is not None and row.state == "returned":
        return Reason.NOT_REGISTERED, Detail.RETURNED
    if row is not None and row.state == "not_registered":
        return Reason.NOT_REGISTERED, Detail.DEREGISTERED if facts.deregistered_on else Detail.NEVER
    expiry, cut = usable.expiry_last_day, usable.deregistration_last_day
    if cut is not None and expiry is not None and cut < need_from and cut < expiry:
        return Reason.NOT_REGISTERED, Detail.DEREGISTERED
    if expiry is not None and expiry < need_from:
        return Reason.E_CERTIFICATE_EXPIRED, None
    return Reason.ASSISTANCE_RENEWAL, None


def periods(
    facts: MemberFacts, effective_on: date, reason: str, *, next_arrives_by: date, policy: Policy, law: Law
) -> tuple[Validity, tuple[Validity, ...]]:
    """The certificate's period and those of its successors in the same envelope.

    A successor follows while the certificate before it ends ahead of the next run's paper and cover goes on.
    """
    last_day = last_day_of_cover(facts, law)
    short = reason in policy.short_term_grounds
    short_through = short_term_end(effective_on, policy.short_term_months) if short else None
    first = validity(facts, effective_on, short_term_through=short_through, policy=policy, law=law)
    successors: list[Validity] = []
    latest = first
    while latest.valid_through < next_arrives_by and latest.valid_through < last_day:
        latest = validity(facts, days_after(latest.valid_through, 1), policy=policy, law=law)
        successors.append(latest)
    return first, tuple(successors)


def decide(facts: MemberFacts, days: Days, policy: Policy, law: Law) -> Decided:
    """The month's outcome for one member: the first line of rules.md §4's table that applies.

    Raises:
        core.errors.Refused: a ``fixed`` scheme has no date left (the run is refused as a whole).
    """
    last_day = last_day_of_cover(facts, law)
    if last_day < days.decided_on or facts.acquired_on > days.next_arrives_by:  # 1
        return Decided(Outcome.NOT_COVERED, Reason.NOT_COVERED)
    usable = myna(facts, law)
    route = longest_route(facts, usable, policy, law)
    need_from = max(days.decided_on, facts.acquired_on)
    horizon = days.next_arrives_by
    if route is not None:
        need_from = max(need_from, days_after(route[0], 1))
        if route[1] is not Reason.MYNA_USABLE:
            horizon = month_end_after(horizon, policy.lead_months)
    recover = _recover(facts, usable, days, policy)
    route_last = route[0] if route is not None else None
    if route is not None and need_from > horizon:  # 2
        return Decided(Outcome.NOT_NEEDED, route[1], need_from=need_from, recover=recover, route_last_day=route_last)
    if max(need_from, days.issue_on) > last_day:  # 3
        return Decided(
            Outcome.NOT_NEEDED,
            Reason.COVERAGE_ENDS_FIRST,
            need_from=need_from,
            recover=recover,
            route_last_day=route_last,
        )
    unsettled = _unsettled(facts, usable, days, policy)
    if unsettled is not None and unsettled[0] is not Outcome.ISSUE:  # 4–7
        return Decided(
            unsettled[0],
            unsettled[1],
            need_from=need_from,
            route_last_day=route_last,
            due_on=business_days_after(days.decided_on, policy.inquiry_business_days),
        )
    reason, detail = (unsettled[1], None) if unsettled else ground(facts, usable, need_from)  # 8
    effective_on = max(days.issue_on, need_from)
    first, successors = periods(
        facts, effective_on, reason, next_arrives_by=days.next_arrives_by, policy=policy, law=law
    )
    return Decided(
        Outcome.ISSUE,
        reason,
        detail,
        "renewal" if facts.certificates else "new",
        need_from,
        first,
        successors,
        recover=recover,
        route_last_day=route_last,
    )


def _unsettled(facts: MemberFacts, usable: Myna, days: Days, policy: Policy) -> tuple[Outcome, Reason] | None:
    """Lines 4–7: what to do while it is unknown whether the マイナ保険証 can be used."""
    if usable.known:
        return None
    if facts.number_state == "pending":
        return Outcome.WAIT, Reason.NUMBER_PENDING
    if row_of(facts) is not None:
        return Outcome.REVIEW, Reason.EXPIRY_UNKNOWN
    if (facts.fund_registered_on or facts.acquired_on) > days.as_of:
        if policy.new_member_issue == "short_for_all":
            return Outcome.ISSUE, Reason.NEW_MEMBER
        return Outcome.WAIT, Reason.JOINED_AFTER_FILE
    return Outcome.REVIEW, Reason.MISSING_FROM_FILE


def _recover(facts: MemberFacts, usable: Myna, days: Days, policy: Policy) -> tuple[int, ...]:
    """Whether a held certificate is to come back: a usable マイナ保険証 outlasts the next run's paper."""
    if not policy.recover_on_registration or usable.last_day is None or usable.last_day <= days.next_arrives_by:
        return ()
    return tuple(held.id for held in facts.certificates)


def forced(
    facts: MemberFacts, ground: str, days: Days, policy: Policy, law: Law, *, keep_through: date | None = None
) -> Decided:
    """The answer of an issue that does not ask whether there is another route. Pure.

    Raises:
        Refused: nothing of the cover is left to issue for, or it begins only after the next run's paper.
    """
    last_day = last_day_of_cover(facts, law)
    effective_on = max(days.issue_on, facts.acquired_on)
    if effective_on > last_day:
        raise Refused("資格が終わっているため、交付できません。資格の異動を確認してください。")
    if facts.acquired_on > days.next_arrives_by:
        raise Refused("資格の取得日がまだ先のため、交付できません。取得日が近づいてから受け付けてください。")
    first, successors = periods(
        facts, effective_on, ground, next_arrives_by=days.next_arrives_by, policy=policy, law=law
    )
    if keep_through is not None and effective_on <= keep_through < first.valid_through:
        first, successors = replace(first, valid_through=keep_through, limit=Limit.SCHEME), ()
    reason = cause_of(ground)
    return Decided(
        Outcome.ISSUE, reason, None, "renewal" if facts.certificates else "new", effective_on, first, successors
    )
