"""Until when what a member can show is usable, and the first day that no route covers. Pure.

Source: rules.md §4.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from certificates.rules.codes import Ground, Reason
from certificates.rules.facts import FundRow, HeldCard, HeldCertificate, MemberFacts
from certificates.rules.law import Law
from certificates.rules.validity import turns_70_day
from core.calendar import FAR_FUTURE, days_after, month_end_after, month_start
from members.policy import Policy

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


def row_of(facts: MemberFacts) -> FundRow | None:
    """The person's row as far as it can be used; a rejected, conflicting or double one cannot."""
    return facts.row if facts.row is not None and facts.row.usable else None


def expiry_last_day(expires_on: date, law: Law) -> date:
    """Last usable day of a マイナ保険証 whose 電子証明書 expires on a day. Source: law.toml."""
    return month_end_after(expires_on, law.myna_grace_months)


def expires_from(last_day: date, law: Law) -> date:
    """The other way round: the first expiry that lets a マイナ保険証 be used through the end of the day's month."""
    return month_start(month_end_after(last_day, -law.myna_grace_months))


def deregistration_last_day(accepted_on: date, law: Law) -> date:
    """Last usable day of a マイナ保険証 whose deregistration the fund took in on a day. Source: law.toml."""
    return month_end_after(accepted_on, law.deregistration_months)


def open_deregistration_last_day(facts: MemberFacts, row: FundRow | None, law: Law) -> date | None:
    """Last usable day that an open deregistration leaves; the earliest when there are several.

    Open until a row of the intake's day or later says not registered, or registered again after the intake.
    """
    days = [
        deregistration_last_day(accepted_on, law)
        for accepted_on in facts.deregistered_on
        if row is None
        or not (
            (row.state != "registered" and row.as_of >= accepted_on)
            or (row.state == "registered" and row.registered_on is not None and row.registered_on > accepted_on)
        )
    ]
    return min(days, default=None)


def myna(facts: MemberFacts, law: Law, *, on: date) -> Myna:
    """Until when the person's マイナ保険証 is a route, judged on a day.

    Source: rules.md §4 ``myna_last_day``.
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
    by_deregistration = open_deregistration_last_day(facts, row, law)
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
        Route(Reason.CERTIFICATE_IN_HAND, held.effective_on, certificate_last_day(held, facts.birth_date, policy, law))
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
    """The way the certificate takes: ``establishment`` or ``home``. Source: rules.md §4 ``arrives_on``, §10."""
    head = facts.insured.coverage_kind if facts.insured is not None else facts.coverage_kind
    always_home = head in ("voluntary", "special_retired")
    if always_home or facts.nondisclosure or facts.address_protected:
        return "home"
    return policy.certificate_channel
