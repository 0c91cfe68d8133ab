"""The periods of a certificate to issue and of its successors, and an issue that is granted whatever the table says. Pure.

Source: rules.md §4 "Successor", §5.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from certificates.rules.codes import Detail, Ground, Limit, Outcome, Reason, cause_of
from certificates.rules.facts import MemberFacts
from certificates.rules.law import Law
from certificates.rules.monthly.routes import ASSISTED, Days, Route, channel_of, myna, routes_of, uncovered_from
from certificates.rules.validity import Validity, last_day_of_cover, short_term_end, validity
from core.calendar import days_after
from core.errors import Refused
from members.policy import Policy


@dataclass(frozen=True, slots=True)
class Decided:
    """The answer for one member; days as in interfaces.md's decision columns.

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


def kind_of(facts: MemberFacts, need_from: date) -> str:
    """``renewal`` when a live certificate took effect on or before the day of need, else ``new``."""
    return "renewal" if any(held.effective_on <= need_from for held in facts.certificates) else "new"


def arrival(facts: MemberFacts, days: Days, policy: Policy, serves_through: date) -> tuple[date, bool]:
    """The day the paper is in hand, and whether it goes straight home because its usual way would be too slow."""
    usual = days_after(days.issue_on, policy.arrives_after_days(channel_of(facts, policy)))
    home = days_after(days.issue_on, policy.arrives_after_days("home"))
    return (home, True) if usual > serves_through >= home else (usual, False)


def periods(
    facts: MemberFacts, effective_on: date, reason: str, *, need_from: date, days: Days, policy: Policy, law: Law
) -> tuple[Validity, tuple[Validity, ...], tuple[int, ...]]:
    """The certificate's period, those of its successors in the same envelope, and the ids it replaces.

    A live certificate that takes effect after ``need_from`` and is not yet posted gives way. A successor follows
    while a day of cover before the next run's paper is covered by no route.

    Raises:
        core.errors.Refused: a ``fixed`` scheme has no date left.
    Source: rules.md §4 "Successor", §5.
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
        )
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
        Outcome.ISSUE,
        cause_of(ground),
        None,
        kind_of(facts, effective_on),
        effective_on,
        first,
        successors,
        straight_home=straight_home,
        replaced=replaced,
    )


def _kept(period: Validity, keep_through: date) -> Validity:
    """The period, not past the earlier certificate's end; a short-term one stays so."""
    if period.valid_through <= keep_through:
        return period
    limit = Limit.SHORT_TERM if period.limit is Limit.SHORT_TERM else Limit.SCHEME
    return replace(period, valid_through=keep_through, limit=limit)
