"""Who needs a certificate, why, and from when: the table of the decision, for a month and for one person.

Pure functions of facts as of a day, the policy and the law in force. No clock, no database, no settings.
Source: domain.md §4; the numbers in comments are the lines of its table.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

from certificates.codes import Detail, Ground, Limit, Outcome, Reason, cause_of
from certificates.facts import FundRow, HeldCard, HeldCertificate, MemberFacts
from certificates.law import Law
from certificates.validity import Validity, last_day_of_cover, short_term_end, turns_70_day, validity
from core.calendar import FAR_FUTURE, business_days_after, days_after, month_end_after
from core.errors import Refused
from members.policy import Policy

VERSION = 2
"""Kept with every run and ruling; an earlier answer is replayed by the rules of its version."""

ASSISTED = (Ground.NEEDS_ASSISTANCE, Ground.ASSISTANCE_RENEWAL)


@dataclass(frozen=True, slots=True)
class Days:
    """The days of a run: the file's, the decision's, the printing's, and the next paper's latest arrival."""

    as_of: date
    decided_on: date
    issue_on: date
    next_arrives_by: date


def days_of_run(*, as_of: date, decided_on: date, issue_on: date | None = None) -> Days:
    """The run's days; the next run's paper is in hand by the end of the month after ``decided_on``'s."""
    return Days(as_of, decided_on, issue_on or decided_on, month_end_after(decided_on, 1))


@dataclass(frozen=True, slots=True)
class Myna:
    """Until when the マイナ保険証 can be used: a day, never (``known`` and no day), or unknown.

    ``expiry_last_day`` is what the 電子証明書 alone would allow, ``deregistration_last_day`` the last day
    left by an open deregistration.
    """

    known: bool
    last_day: date | None = None
    expiry_last_day: date | None = None
    deregistration_last_day: date | None = None


UNKNOWN, NEVER = Myna(False), Myna(True)


@dataclass(frozen=True, slots=True)
class Route:
    """A period in which the member can show something; both days inclusive."""

    reason: Reason
    first: date
    last: date


@dataclass(frozen=True, slots=True)
class Decided:
    """The answer for one member; days as in contracts.md's decision columns.

    ``first_gap``: days without a route that no paper can reach any more, where the certificate is for later days.
    ``straight_home``: through the establishment it would come too late. ``replaced``: ids of certificates not yet
    posted that take effect later and give way to this one. ``recover``: ids of those to come back because the
    マイナ保険証 has become usable.
    """

    outcome: Outcome
    reason: Reason | Ground
    detail: Detail | None = None
    kind: str = ""
    need_from: date | None = None
    certificate: Validity | None = None
    successors: tuple[Validity, ...] = ()
    due_on: date | None = None
    recover: tuple[int, ...] = ()
    route_last_day: date | None = None
    first_gap: tuple[date, date] | None = None
    straight_home: bool = False
    replaced: tuple[int, ...] = ()


def row_of(facts: MemberFacts) -> FundRow | None:
    """The person's row as far as it can be used; a rejected, conflicting or double one cannot."""
    return facts.row if facts.row is not None and facts.row.usable else None


def expiry_last_day(expires_on: date, law: Law) -> date:
    """Last usable day of a マイナ保険証 whose 電子証明書 expires on a day. Source: law.toml."""
    return month_end_after(expires_on, law.myna_grace_months)


def open_deregistration_last_day(facts: MemberFacts, row: FundRow | None) -> date | None:
    """Last usable day that an open deregistration leaves; the earliest when there are several.

    Open until a row of the intake's day or later says not registered, or registered again after the intake.
    """
    days = [
        month_end_after(accepted_on, 1)
        for accepted_on in facts.deregistered_on
        if row is None
        or not (
            (row.state != "registered" and row.as_of >= accepted_on)
            or (
                row.state == "registered"
                and row.registered_on is not None
                and row.registered_on > accepted_on
            )
        )
    ]
    return min(days, default=None)


def myna(facts: MemberFacts, law: Law, *, on: date) -> Myna:
    """Until when the person's マイナ保険証 is a route, judged on a day.

    Source: domain.md §4, table of ``myna_last_day``.
    """
    row = row_of(facts)
    if facts.nondisclosure or facts.number_state in ("unregistered", "mismatch"):
        return NEVER
    if facts.number_state == "pending":
        return UNKNOWN
    if row is None:
        return UNKNOWN
    if row.state != "registered":
        return NEVER
    by_deregistration = open_deregistration_last_day(facts, row)
    if row.expires_on is None:
        if by_deregistration is not None and by_deregistration < on:
            return Myna(True, None, None, by_deregistration)
        return UNKNOWN
    by_expiry = expiry_last_day(row.expires_on, law)
    last: date | None = by_expiry if by_deregistration is None else min(by_expiry, by_deregistration)
    if facts.needs_assistance and facts.assisted:
        last = None
    return Myna(True, last, by_expiry, by_deregistration)


def certificate_last_day(held: HeldCertificate, birth_date: date, policy: Policy, law: Law) -> date:
    """Last day on which a live certificate is right: with the share on the face not past 70."""
    if policy.share_on_face:
        turns_70 = turns_70_day(birth_date, law)
        if held.effective_on <= turns_70:
            return min(held.valid_through, turns_70)
    return held.valid_through


def card_last_day(card: HeldCard, policy: Policy, law: Law) -> date | None:
    """Last day of a legacy card, or None when it was issued too late to be one."""
    if card.issued_on > law.legacy_card_last_issue:
        return None
    last = min(policy.legacy_last_day, law.legacy_card_last_day)
    return last if card.valid_through is None else min(last, card.valid_through)


def routes_of(
    facts: MemberFacts, usable: Myna, policy: Policy, law: Law, *, without: Iterable[int] = ()
) -> list[Route]:
    """Every route as a period, マイナ保険証 before certificates before cards; ``without`` leaves certificates out."""
    routes = [Route(Reason.MYNA_USABLE, date.min, usable.last_day)] if usable.last_day is not None else []
    left_out = set(without)
    routes += [
        Route(
            Reason.CERTIFICATE_IN_HAND,
            held.effective_on,
            certificate_last_day(held, facts.birth_date, policy, law),
        )
        for held in facts.certificates
        if held.id not in left_out
    ]
    lasts = [card_last_day(card, policy, law) for card in facts.cards]
    return routes + [Route(Reason.LEGACY_CARD_USABLE, date.min, last) for last in lasts if last is not None]


def uncovered_from(routes: Iterable[Route], start: date) -> date:
    """The first day from ``start`` on that no route covers."""
    day, periods = start, list(routes)
    while reach := [route.last for route in periods if route.first <= day <= route.last]:
        if max(reach) >= FAR_FUTURE:
            return FAR_FUTURE
        day = days_after(max(reach), 1)
    return day


def last_route(routes: Iterable[Route], need_from: date) -> Route | None:
    """The route that covers the day before ``need_from``; of several the first in the order of ``routes_of``."""
    before = days_after(need_from, -1)
    return next((route for route in routes if route.first <= before <= route.last), None)


def channel_of(facts: MemberFacts, policy: Policy) -> str:
    """The way the certificate takes: ``establishment`` or ``home``. Source: domain.md §4 ``arrives_on``, §10."""
    head = facts.insured.coverage_kind if facts.insured is not None else facts.coverage_kind
    always_home = head in ("voluntary", "special_retired")
    if always_home or facts.nondisclosure or facts.address_protected:
        return "home"
    return policy.certificate_channel


def ground(facts: MemberFacts, usable: Myna, need_from: date, *, as_of: date) -> tuple[Reason, Detail | None]:
    """The ground of an issue, the first that holds, with the detail of ①.

    A row is kept from the day it first said so; the newest monthly file, of ``as_of``, says it still.
    Source: domain.md §4.
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
    """The outcome for one member: the first line of domain.md §4's table that applies.

    ``due``: the open case's ``due_on`` has come; whoever is still unknown gets a short-term certificate.

    Raises:
        core.errors.Refused: a ``fixed`` scheme has no date left (the run is refused as a whole).
    """
    last_day = last_day_of_cover(facts, law)
    if last_day < days.decided_on or facts.acquired_on > days.next_arrives_by:  # 1
        return Decided(Outcome.NOT_COVERED, Reason.NOT_COVERED)
    usable = myna(facts, law, on=days.decided_on)
    case = _Case(
        facts=facts, days=days, policy=policy, law=law, usable=usable,
        routes=tuple(routes_of(facts, usable, policy, law)), last_day=last_day, due=due,
    )  # fmt: skip
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
            outcome, reason, detail, need_from=need_from, route_last_day=route_last_day,
            due_on=business_days_after(case.days.decided_on, case.policy.inquiry_business_days),
        )  # fmt: skip
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


def _issue(
    case: _Case, need_from: date, reason: Reason, detail: Detail | None, route_last_day: date | None
) -> Decided:
    """Line 8, unless paper would come after the gap (7a) or the law no longer lets issue unasked."""
    days, facts = case.days, case.facts
    later = _first_posted_after(facts, need_from)
    serves_through = (
        case.last_day if later is None else min(case.last_day, days_after(later.effective_on, -1))
    )
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
        return Decided(
            Outcome.NOT_NEEDED, Reason.APPLICATION_ONLY, need_from=need_from, route_last_day=route_last_day
        )
    first, successors, replaced = periods(
        facts, max(days.issue_on, need_from), reason, need_from=need_from, days=days, policy=case.policy, law=case.law
    )  # fmt: skip
    return Decided(
        Outcome.ISSUE, reason, detail, kind_of(facts, need_from), need_from, first, successors,
        route_last_day=route_last_day, straight_home=straight_home, replaced=replaced,
    )  # fmt: skip


def kind_of(facts: MemberFacts, need_from: date) -> str:
    """``renewal`` when a live certificate took effect on or before the day of need, else ``new``."""
    return "renewal" if any(held.effective_on <= need_from for held in facts.certificates) else "new"


def arrival(facts: MemberFacts, days: Days, policy: Policy, serves_through: date) -> tuple[date, bool]:
    """The day the paper is in hand, and whether it goes straight home because its usual way would be too slow."""
    usual = days_after(days.issue_on, policy.arrives_after_days(channel_of(facts, policy)))
    home = days_after(days.issue_on, policy.arrives_after_days("home"))
    return (home, True) if usual > serves_through >= home else (usual, False)


def _first_posted_after(facts: MemberFacts, need_from: date) -> HeldCertificate | None:
    posted = [held for held in facts.certificates if held.posted and held.effective_on > need_from]
    return min(posted, key=lambda held: (held.effective_on, held.id), default=None)


def periods(
    facts: MemberFacts, effective_on: date, reason: str, *, need_from: date, days: Days, policy: Policy, law: Law
) -> tuple[Validity, tuple[Validity, ...], tuple[int, ...]]:  # fmt: skip
    """The certificate's period, those of its successors in the same envelope, and the ids it replaces.

    A live certificate that takes effect after ``need_from`` and is not yet posted gives way. A successor follows
    while a day of cover before the next run's paper is covered by no route.

    Raises:
        core.errors.Refused: a ``fixed`` scheme has no date left.
    Source: domain.md §4 "Successor", §5.
    """
    replaced = tuple(
        sorted(held.id for held in facts.certificates if held.effective_on > need_from and not held.posted)
    )
    routes = routes_of(facts, myna(facts, law, on=days.decided_on), policy, law, without=replaced)
    posted = sorted(held.effective_on for held in facts.certificates if held.posted)
    short = str(reason) in policy.short_term_grounds
    short_through = short_term_end(effective_on, policy.short_term_months) if short else None
    until = min(days.next_arrives_by, last_day_of_cover(facts, law))
    issued: list[Validity] = []
    start = effective_on
    while not issued or (start <= until and (short_through is None or start <= short_through)):
        following = next((day for day in posted if day > start), None)
        period = validity(
            facts, start, short_term_through=short_through, next_certificate_on=following, policy=policy, law=law
        )  # fmt: skip
        issued.append(period)
        routes.append(Route(Reason.CERTIFICATE_IN_HAND, period.effective_on, period.valid_through))
        start = uncovered_from(routes, days_after(period.valid_through, 1))
    return issued[0], tuple(issued[1:]), replaced


def forced(
    facts: MemberFacts,
    ground: str,
    days: Days,
    policy: Policy,
    law: Law,
    *,
    from_day: date | None = None,
    keep_through: date | None = None,
) -> Decided:
    """The answer of an issue that does not ask whether there is another route: an application granted, say.

    ``from_day``: the first day it is for, where that is known ahead. ``keep_through`` keeps an earlier
    certificate's end, or an earlier one by §5.

    Raises:
        Refused: nothing of the cover is left to issue for, or it begins only after the next run's paper.
    """
    if ground in ASSISTED:  # with this certificate the マイナ保険証 is no route any more (⑤), also for its successors
        facts = replace(facts, needs_assistance=True, assisted=True)
    last_day = last_day_of_cover(facts, law)
    effective_on = max(days.issue_on, facts.acquired_on, from_day or date.min)
    if effective_on > last_day:
        raise Refused("資格が終わっているため、交付できません。資格の異動を確認してください。")
    if facts.acquired_on > days.next_arrives_by:
        raise Refused("資格の取得日がまだ先のため、交付できません。取得日が近づいてから受け付けてください。")
    first, successors, replaced = periods(
        facts, effective_on, ground, need_from=effective_on, days=days, policy=policy, law=law
    )
    if keep_through is not None and effective_on <= keep_through:
        first = _kept(first, keep_through)
        successors = tuple(_kept(one, keep_through) for one in successors if one.effective_on <= keep_through)
    _, straight_home = arrival(facts, days, policy, min(last_day, first.valid_through))
    return Decided(
        Outcome.ISSUE, cause_of(ground), None,
        kind_of(facts, effective_on), effective_on, first, successors, straight_home=straight_home, replaced=replaced,
    )  # fmt: skip


def _kept(period: Validity, keep_through: date) -> Validity:
    """The period, not past the earlier certificate's end; a short-term one stays so."""
    if period.valid_through <= keep_through:
        return period
    limit = Limit.SHORT_TERM if period.limit is Limit.SHORT_TERM else Limit.SCHEME
    return replace(period, valid_through=keep_through, limit=limit)


def to_recover(facts: MemberFacts, usable: Myna, days: Days, policy: Policy) -> tuple[int, ...]:
    """Ids of the live certificates that come back because a マイナ保険証 has newly become usable.

    Source: domain.md §4 "Recovery on registration".
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
        return (
            row.registered_on is not None
            and held.issued_on is not None
            and row.registered_on > held.issued_on
        )
    known = held.known
    if known is not None and known.registered and held.ground == Ground.ANYONE:
        return False
    return known is None or not known.registered or (known.registered_on, known.expires_on) != (
        row.registered_on, row.expires_on,
    )  # fmt: skip
