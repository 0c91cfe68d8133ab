"""What members already hold: legacy 健康保険証 and 資格確認書 that the society sent earlier.

Dates keep to rules.md §5. A loss filed after a certificate went out does not shorten it, as in life.
"""

from __future__ import annotations

from datetime import date, timedelta

from certificates.rules.validity import turns_70_day
from core.calendar import FAR_FUTURE, last_day_of_years, last_month_day, month_end_after, next_month_day
from tools.invent.people import Certificate, Cover
from tools.invent.world import LEGACY_LAST_DAY, LEGACY_STOPPED_ON, World

_DAY = timedelta(days=1)
_FIRST_MASS_ROUND = date(2025, 10, 6)


def valid_through(cover: Cover, effective_on: date, world: World) -> date:
    """Last day of a certificate that takes effect on a day: the earliest limit of rules.md §5 known by then."""
    policy = world.policy
    last = last_day_of_years(effective_on, policy.expiry_years)
    if policy.expiry_scheme == "annual":
        last = last_month_day(policy.expiry_day, last)
    if policy.share_on_face and effective_on.year >= cover.person.birth_date.year + world.law.elderly_age - 5:
        turns_70 = turns_70_day(cover.person.birth_date, world.law)
        if effective_on <= turns_70:
            last = min(last, turns_70)
        elif policy.share_review_day:
            last = min(last, next_month_day(policy.share_review_day, effective_on))
    return min(last, cover.expected_last_day(world.law))


def ending(
    cover: Cover, last: date, world: World, *, basis: str = "ex_officio", ground: str = "unsettled"
) -> Certificate | None:
    """A certificate that ends on ``last``, short-term as a rule; none when no lawful one could have been sent."""
    for months in (-3, -2, -1):
        effective_on = month_end_after(last, months - 1) + timedelta(days=15)
        if effective_on <= world.as_of and _can_end(cover, effective_on, last, world):
            return Certificate(basis, effective_on, effective_on, last, ground)
    effective_on = max(last.replace(day=1), LEGACY_STOPPED_ON)
    issued_on = max(min(effective_on - timedelta(days=12), world.day(-1, 20)), LEGACY_STOPPED_ON)
    if _can_end(cover, effective_on, last, world):
        return Certificate(basis, issued_on, effective_on, last, ground)
    return None


def _can_end(cover: Cover, effective_on: date, last: date, world: World) -> bool:
    within = effective_on >= LEGACY_STOPPED_ON and cover.acquired_on <= effective_on <= last
    return within and valid_through(cover, effective_on, world) >= last


def settle(cover: Cover, world: World) -> None:
    """Gives a cover its legacy card and, where the society has already acted, its certificates."""
    draw = world.stream("papers").random
    if cover.acquired_on < LEGACY_STOPPED_ON <= cover.last_day(world.law) and draw() < 0.88:
        cover.legacy_card = _legacy_card(cover, world)
    if cover.certificate_chance <= 0 or cover.certificates:
        return
    for start, until, ground in _days_without_myna(cover, world):
        usual = cover.certificate_chance
        if until < world.day(-2, 1):
            usual = min(usual, 0.3)  # registered since: most have handed theirs back
        if draw() < usual:
            _send(cover, start, until, ground, world)


def _legacy_card(cover: Cover, world: World) -> tuple[date, date | None]:
    renewed_on = date(2023, 8, 1) if world.society.municipal else date(2019, 10, 1)
    return max(cover.acquired_on, renewed_on), world.policy.legacy_last_day if world.society.municipal else None


def _days_without_myna(cover: Cover, world: World) -> list[tuple[date, date, str]]:
    """Spells of cover in which マイナ保険証 would not do: first day, last day, ground of the certificate."""
    person, myna = cover.person, cover.person.myna
    begins = cover.acquired_on
    if begins < LEGACY_STOPPED_ON:
        begins = LEGACY_STOPPED_ON
        if cover.legacy_card is not None:
            begins = (cover.legacy_card[1] or LEGACY_LAST_DAY) + _DAY
    if person.nondisclosure:
        return [(begins, FAR_FUTURE, "nondisclosure")]
    if not person.usable_number:
        return [(begins, FAR_FUTURE, "number_unregistered")]
    if myna.registered_on is None:
        return [(begins, FAR_FUTURE, "not_registered")]
    spells = []
    if myna.registered_on > begins:
        spells.append((begins, myna.registered_on, "not_registered"))
    lapsed_on = myna.lapses_on(world.law)
    if lapsed_on is not None and lapsed_on < world.day(1, 31):
        spells.append((max(lapsed_on + _DAY, begins), FAR_FUTURE, "e_certificate_expired"))
    ended_on = myna.released_on or myna.returned_on
    if ended_on is not None:
        spells.append((max(ended_on, begins), myna.again_on or FAR_FUTURE, "not_registered"))
    return spells


def _send(cover: Cover, start: date, until: date, ground: str, world: World) -> None:
    """The certificates that the society sent of itself for a spell without マイナ保険証.

    They reach beyond the next month's end, so that the month asked for meets no mass renewal of its own.
    """
    stream = world.stream("papers")
    issued_on = _first_issue(cover, start, int(stream.random() * 20), world)
    effective_on = max(start, issued_on)
    if issued_on > world.as_of + timedelta(days=4) or effective_on > cover.last_day(world.law):
        return
    if start > world.day(1, 31) and stream.random() < 0.5:
        return  # the legacy card still carries them; half of the society is served later
    _follow(cover, Certificate("ex_officio", issued_on, effective_on, until, ground), world)


def grant(cover: Cover, on: date, ground: str, world: World) -> None:
    """A certificate granted on application on a day, and its renewals."""
    _follow(cover, Certificate("application", on, on, FAR_FUTURE, ground), world)


def _follow(cover: Cover, first: Certificate, world: World) -> None:
    """Adds certificate after certificate, from the first one on until its ``valid_through`` (when wanted)."""
    horizon, oldest = world.day(1, 31), world.day(-4, 1)
    issued_on, effective_on = first.issued_on, first.effective_on
    while effective_on <= min(first.valid_through, cover.last_day(world.law)):
        last = valid_through(cover, effective_on, world)
        if last < effective_on:
            return
        if last >= oldest:
            cover.certificates.append(Certificate(first.basis, issued_on, effective_on, last, first.ground))
        if last >= horizon:
            return
        effective_on = last + _DAY
        issued_on = max(issued_on, min(effective_on - timedelta(days=20), world.day(-1, 20)))


def _first_issue(cover: Cover, start: date, later_days: int, world: World) -> date:
    """When the first certificate went out: the mass round, the joining, or just before the route ran out."""
    if start <= cover.acquired_on + _DAY:
        issued_on = start + timedelta(days=3 + later_days // 2)
    elif cover.legacy_card is not None and start == (cover.legacy_card[1] or LEGACY_LAST_DAY) + _DAY:
        mass = _FIRST_MASS_ROUND - timedelta(days=120 if world.society.municipal else 0)
        issued_on = min(mass, world.day(-2, 1) - timedelta(days=24)) + timedelta(days=later_days)
    elif start > LEGACY_STOPPED_ON:
        issued_on = start - timedelta(days=later_days)
    else:  # the legacy card was lost or taken back: one by one, whenever that was told
        issued_on = min(start + timedelta(days=14 * later_days), world.day(-3, 15))
    return max(issued_on, LEGACY_STOPPED_ON, cover.acquired_on)
