"""Special cases of マイナ保険証, of certificates that run out, and of the fund's file."""

from __future__ import annotations

from datetime import date, timedelta

from tools.invent import names
from tools.invent.cases import Case
from tools.invent.cases_person import settled, unserved
from tools.invent.fund import ODDITIES
from tools.invent.households import Maker
from tools.invent.papers import ending, grant
from tools.invent.people import Cover
from tools.invent.registration import Myna, expiring, steady
from tools.invent.world import LEGACY_STOPPED_ON

_DAY = timedelta(days=1)


def _expiring_on(m: Maker, expires_on: date, age: float = 42) -> Cover:
    """Registered, joined so lately that no 健康保険証 was ever issued, the 電子証明書 left to run out."""
    joined_on = max(m.world.day(-14, 1), LEGACY_STOPPED_ON)
    cover = m.insured(age, acquired_on=joined_on, myna=expiring(expires_on))
    cover.certificate_chance = 0
    return cover


def _grace_over(m: Maker, nth: int) -> list[Cover]:
    return [_expiring_on(m, m.world.day(*((-4, 31), (-4, 1))[nth % 2]))]


def _grace_ends_in_month(m: Maker, nth: int) -> list[Cover]:
    """Expired on the first, the last but one, the last day of the month whose grace ends with this month."""
    expires_on = (m.world.day(-3, 1), m.world.day(-3, 31), m.world.day(-3, 31) - _DAY)[nth % 3]
    return [_expiring_on(m, expires_on)]


def _grace_ends_next_month(m: Maker, nth: int) -> list[Cover]:
    return [_expiring_on(m, m.world.day(*((-2, 1), (-2, 31))[nth % 2]))]


def _expires_around_month(m: Maker, nth: int) -> list[Cover]:
    return [_expiring_on(m, m.world.day(*((-1, 31), (0, 1), (0, 31), (1, 1))[nth % 4]))]


def _expired(m: Maker, nth: int) -> list[Cover]:
    """Long expired; half of them hold the certificate that the society sent when the grace ended."""
    cover = _expiring_on(m, m.world.day(-8 - nth % 6, 17), 51)
    cover.certificate_chance = nth % 2
    return [cover]


def _expiry_blank(m: Maker, nth: int) -> list[Cover]:
    cover = settled(m, 36, registered=True)
    cover.person.myna.expires_on = None
    return [cover]


def _card_returned(m: Maker, nth: int) -> list[Cover]:
    cover = _expiring_on(m, m.world.day(20, 9), 47)
    cover.person.myna.returned_on = m.world.day(*((-1, 12), (-5, 20))[nth % 2])
    cover.person.myna.registered_though_returned = nth % 4 >= 2
    cover.certificate_chance = nth % 2
    return [cover]


def _no_certificate(m: Maker, nth: int) -> list[Cover]:
    return [unserved(m, 25 + nth % 30, months_ago=1 if nth % 2 == 0 else 7)]


def _certificate_ends(months: int, m: Maker, nth: int) -> list[Cover]:
    joined_on = max(m.world.day(-9, 1), LEGACY_STOPPED_ON)
    cover = m.insured(33, acquired_on=joined_on, myna=Myna())
    cover.certificate_chance = 0
    certificate = ending(cover, m.world.day(months, 31), m.world)
    cover.certificates += [certificate] if certificate else []
    return [cover]


def _released(m: Maker, accepted_on: date, released_on: date | None) -> Cover:
    cover = _expiring_on(m, m.world.day(22, 5), 38)
    cover.deregistered_on = max(accepted_on, LEGACY_STOPPED_ON + _DAY)
    cover.person.myna.released_on = released_on
    return cover


def _deregistration_open(m: Maker, nth: int) -> list[Cover]:
    return [_released(m, m.world.day(*((-1, 10), (-1, 31), (-1, 1), (0, 1))[nth % 4]), None)]


def _deregistration_done(m: Maker, nth: int) -> list[Cover]:
    """The link is cut; half were given the certificate with the acceptance, half still lack it."""
    cover = _released(m, m.world.day(-4, 8), m.world.day(-3, 31))
    if nth % 2 == 0 and cover.deregistered_on is not None:
        grant(cover, cover.deregistered_on, "not_registered", m.world)
    return [cover]


def _deregistration_undone(m: Maker, nth: int) -> list[Cover]:
    """Registered anew after the release: the request is settled, the new registration counts."""
    cover = _released(m, m.world.day(-6, 8), m.world.day(-5, 31))
    cover.person.myna.again_on = m.world.day(-4, 20)
    return [cover]


def _deregistration_overdue(m: Maker, nth: int) -> list[Cover]:
    """Still registered under the old date though the link should have been cut: a case to chase."""
    return [_released(m, m.world.day(-4, 8), None)]


def _odd(oddity: str, m: Maker, nth: int) -> list[Cover]:
    born = m.born(45)
    given = names.SMALL_KANA_GIVEN[nth % 4] if oddity == "fund_small_kana" else None
    myna = steady(m.world, born, registered=True)
    sex = "1" if nth % 2 == 0 else "2"
    cover = m.insured(birth_date=born, sex=sex, acquired_on=m.world.day(-50, 1), myna=myna, given=given)
    cover.oddity = oddity
    return [cover]


def _oddity(kind: str) -> Case:
    harmless = kind in ("fund_small_kana", "fund_half_width", "fund_wide_digits", "fund_no_branch")
    return Case(kind, lambda m, nth: _odd(kind, m, nth), per=500 if harmless else 5000)


CASES = [
    Case("no_certificate", _no_certificate, per=500, least=2),
    Case("e_certificate_expired", _expired, per=1500, least=2),
    Case("grace_over", _grace_over, per=4000, least=2),
    Case("grace_ends_in_month", _grace_ends_in_month, per=3000, least=3),
    Case("grace_ends_next_month", _grace_ends_next_month, per=3000, least=2),
    Case("e_certificate_expires_around_month", _expires_around_month, per=1500, least=4),
    Case("expiry_blank", _expiry_blank, per=10_000, least=2),
    Case("card_returned", _card_returned, per=2000, least=2),
    Case("certificate_ended_last_month", lambda m, nth: _certificate_ends(-1, m, nth), per=5000),
    Case("certificate_ends_in_month", lambda m, nth: _certificate_ends(0, m, nth), per=1500, least=2),
    Case("certificate_ends_next_month", lambda m, nth: _certificate_ends(1, m, nth), per=1500, least=2),
    Case("deregistration_open", _deregistration_open, per=2500, least=4),
    Case("deregistration_done", _deregistration_done, per=2500, least=2),
    Case("deregistration_undone", _deregistration_undone, per=8000),
    Case("deregistration_overdue", _deregistration_overdue, per=8000),
    *(_oddity(kind) for kind in ODDITIES),
]
