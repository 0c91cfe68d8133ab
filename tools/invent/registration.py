"""One person's マイナ保険証 through time: registration, the 電子証明書 and its renewals, return, release."""

from __future__ import annotations

from calendar import isleap
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from random import Random

from certificates.rules.law import Law
from certificates.rules.monthly import expiry_last_day
from tools.invent.world import World

_REGISTRATION_OPENED = date(2021, 10, 20).toordinal()
_NEVER = "0,,,0,"


@lru_cache(maxsize=16_384)  # a few thousand days make up nearly every row
def compact(day: date | None) -> str:
    """YYYYMMDD, empty for none."""
    return "" if day is None else day.isoformat().replace("-", "")


def birthday_in(birth_date: date, year: int) -> date:
    """The birthday in a year; 28 February stands in for 29 February."""
    if birth_date.month == 2 and birth_date.day == 29 and not isleap(year):
        return date(year, 2, 28)
    return birth_date.replace(year=year)


@dataclass(slots=True)
class Myna:
    """What the fund would say on any day.

    ``expires_on`` is the first expiry; with ``renews`` it moves on by five years, ``lead_days`` before it
    runs out (negative: after). ``released_on`` ends the registration, ``returned_on`` the card; ``again_on``
    starts anew.
    """

    registered_on: date | None = None
    expires_on: date | None = None
    renews: bool = True
    lead_days: int = 30
    released_on: date | None = None
    returned_on: date | None = None
    registered_though_returned: bool = False
    again_on: date | None = None

    def expiry_on(self, day: date) -> date | None:
        """Expiry of the 電子証明書 as known on a day."""
        expiry = self.expires_on
        if expiry is None or not self.renews:
            return expiry
        while (expiry - day).days <= self.lead_days:
            expiry = birthday_in(expiry, expiry.year + 5)
        return expiry

    def row(self, as_of: date) -> str:
        """The fund row's last five cells on a 基準日: registration, day, expiry, returned, day."""
        since = self.registered_on
        if since is None or since > as_of:
            return _NEVER
        if self.returned_on is not None and self.returned_on <= as_of:
            if self.registered_though_returned:
                return f"1,{compact(since)},{compact(self.expires_on)},1,{compact(self.returned_on)}"
            return f"0,,,1,{compact(self.returned_on)}"
        if self.again_on is not None and self.again_on <= as_of:
            since = self.again_on
        elif self.released_on is not None and self.released_on <= as_of:
            return _NEVER
        return f"1,{compact(since)},{compact(self.expiry_on(as_of))},0,"

    def lapses_on(self, law: Law) -> date | None:
        """Last day of the months' grace after an expiry that is never renewed; none otherwise."""
        if self.registered_on is None or self.expires_on is None or self.renews:
            return None
        return expiry_last_day(self.expires_on, law)


def drawn(stream: Random, world: World, birth_date: date, *, registered: float) -> Myna:
    """An ordinary person's history; ``registered`` is the share of people who are registered by now."""
    draw = stream.random
    if draw() >= registered:
        return Myna()
    opened = max(_REGISTRATION_OPENED, birth_date.toordinal() + 60)
    span = world.as_of.toordinal() - opened
    if span <= 0:
        return Myna()
    since = opened + int(draw() ** 1.6 * span)  # most people in the first years
    expires_on = birthday_in(birth_date, date.fromordinal(since - int(draw() * 700)).year + 5)
    return Myna(date.fromordinal(since), expires_on, draw() < 0.985, int(draw() * 95) - 10)


def steady(world: World, birth_date: date, *, registered: bool) -> Myna:
    """A history in which nothing happens around the month."""
    if not registered:
        return Myna()
    since = max(world.day(-26, 15), birth_date + timedelta(days=60))
    return Myna(since, birthday_in(birth_date, world.month.year + 2))


def expiring(expires_on: date) -> Myna:
    """Registered for years; the 電子証明書 ends on a given day and is not renewed."""
    since = max(birthday_in(expires_on, expires_on.year - 4), date.fromordinal(_REGISTRATION_OPENED + 30))
    return Myna(since, expires_on, False, 0)
