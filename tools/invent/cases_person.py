"""Special cases of the person: name, age, address, individual number, protection, assistance."""

from __future__ import annotations

from calendar import isleap
from datetime import date, timedelta
from typing import NamedTuple

from tools.invent import addresses, names
from tools.invent.cases import Case
from tools.invent.households import Maker
from tools.invent.papers import ending, grant
from tools.invent.people import Cover
from tools.invent.registration import Myna, steady
from tools.invent.world import LEGACY_STOPPED_ON


class Kin(NamedTuple):
    """What somebody is to the head of a household, as a row of the register says it."""

    relationship: str
    sex: str


WIFE, SON, DAUGHTER = Kin("妻", "2"), Kin("長男", "1"), Kin("長女", "2")


def settled(m: Maker, age: float = 40, *, registered: bool, birth_date: date | None = None, sex: str = "") -> Cover:
    """Somebody insured for years with whom nothing happens around the month."""
    birth_date = birth_date or m.born(age)
    myna = steady(m.world, birth_date, registered=registered)
    return m.insured(birth_date=birth_date, myna=myna, acquired_on=m.world.day(-40, 1), sex=sex)


def unserved(
    m: Maker,
    age: float = 35,
    *,
    months_ago: int = 5,
    surname: names.Spelt | None = None,
    given: names.Spelt | None = None,
) -> Cover:
    """Somebody who joined some months ago, unregistered, with no certificate yet: an issue this month."""
    joined_on = max(m.world.day(-months_ago, 10), LEGACY_STOPPED_ON)
    cover = m.insured(age, acquired_on=joined_on, myna=Myna(), surname=surname, given=given)
    cover.certificate_chance = 0
    return cover


def _newborn(m: Maker, nth: int) -> list[Cover]:
    parent = settled(m, 31, registered=True)
    child = relative(m, parent, 1, DAUGHTER if nth % 2 else SON, m.world.day(0, 1 + nth % 4))
    child.person.number_state = "pending"
    child.person.individual_number = ""
    child.certificate_chance = 0
    child.kind_of_case = "newborn_pending"
    return [parent, child]


def relative(m: Maker, head: Cover, branch: int, kin: Kin, birth_date: date) -> Cover:
    """A son, daughter or wife of the head: a dependent, or in a municipal scheme insured in person."""
    relationship, sex = kin
    myna = Myna() if birth_date > m.world.as_ofs[0] else steady(m.world, birth_date, registered=True)
    if m.municipal:
        return m.townsperson(head, relationship, birth_date, sex=sex, myna=myna)
    return m.dependent(head, branch, relationship, birth_date, sex=sex, myna=myna)


def _born_years_ago(m: Maker, years: int, months: int, day: int) -> date:
    """The birthday ``years`` ago of a day relative to the month; a missing 29 February becomes the 28th."""
    on = m.world.day(months, day)
    return on.replace(year=on.year - years, day=28 if (on.month, on.day) == (2, 29) else on.day)


def _aging(m: Maker, nth: int, birth_date: date, ends_on: date | None) -> Cover:
    """Somebody at an age boundary: registered, or with a certificate that may end there, or without."""
    cover = settled(m, registered=nth % 3 == 1, birth_date=birth_date)
    if not m.municipal:
        cover.remuneration_yen = 320_000 if nth % 2 else 220_000
    if nth % 3 == 0:
        cover.certificate_chance = 1
        # Renewals run ahead of every other end; here the next one has not been sent, so this month must.
        last = ending(cover, ends_on, m.world, ground="not_registered") if ends_on else None
        if last is not None:
            cover.certificates.append(last)
    elif nth % 3 == 2:
        cover.certificate_chance = 0
    return cover


_REACHED_IN_MONTH = ((0, 15), (0, 2), (1, 1))  # the day before the birthday lies in the month


def _turns_70(m: Maker, nth: int) -> list[Cover]:
    months, day = ((0, 15), (0, 1), (1, 1), (0, 2), (1, 2))[nth % 5]
    birth_date = _born_years_ago(m, m.world.law.elderly_age, months, day)
    cover = _aging(m, nth, birth_date, m.world.day(0, 31) if (months, day) in _REACHED_IN_MONTH else None)
    if nth % 4 == 1 and not m.municipal:
        return [cover, relative(m, cover, 1, WIFE, m.born(67))]
    return [cover]


def _turns_75(m: Maker, nth: int) -> list[Cover]:
    months, day = ((0, 15), (0, 1), (1, 1), (0, 31), (0, 2))[nth % 5]
    cover = _aging(m, nth, _born_years_ago(m, m.world.law.late_elderly_age, months, day), None)
    if nth % 4 == 1 and not m.municipal:
        return [cover, relative(m, cover, 1, WIFE, m.born(68))]
    return [cover]


def _leap_day(years: int) -> date:
    """29 February of a year, or of the next year that has one."""
    while not isleap(years):
        years += 1
    return date(years, 2, 29)


def _leap_day_70(m: Maker, nth: int) -> list[Cover]:
    return [_aging(m, nth + 1, _leap_day(m.world.month.year - m.world.law.elderly_age), None)]


def _leap_day_75(m: Maker, nth: int) -> list[Cover]:
    year = m.world.month.year - m.world.law.late_elderly_age
    return [_aging(m, nth + 1, _leap_day(year if m.world.month.month <= 4 else year + 1), None)]


def _school_age(m: Maker, nth: int) -> list[Cover]:
    parent = settled(m, 36, registered=True)
    first_of_april = date(m.world.month.year - m.world.law.preschool_age, 4, 1)
    child = relative(m, parent, 1, SON, first_of_april + timedelta(days=nth % 3 - 1))
    if nth % 2:
        child.person.myna, child.certificate_chance = Myna(), 1
    child.kind_of_case = "school_age_boundary"
    return [parent, child]


def _nondisclosure(m: Maker, nth: int) -> list[Cover]:
    cover = settled(m, 38, registered=nth % 2 == 0, sex="2")
    child = relative(m, cover, 1, DAUGHTER, m.born(7))
    for each in (cover, child):
        each.person.nondisclosure = each.person.address_protected = True
        each.certificate_chance = nth % 2
        each.kind_of_case = "nondisclosure"
    return [cover, child]


def _address_protected(m: Maker, nth: int) -> list[Cover]:
    cover = unserved(m, 33) if nth % 2 == 0 else settled(m, 45, registered=True)
    cover.person.address_protected = True
    if nth % 2:
        cover.person.mailing = addresses.home(m.world.stream("mailing"))
    return [cover]


def _number_state(state: str, nth: int, m: Maker) -> list[Cover]:
    cover = settled(m, 44, registered=state == "mismatch")
    cover.person.number_state, cover.person.individual_number = state, ""
    cover.certificate_chance = nth % 2
    return [cover]


def _assistance(m: Maker, nth: int) -> list[Cover]:
    """Registered, and a certificate was granted because somebody else must show it."""
    cover = settled(m, 62, registered=True)
    cover.person.needs_assistance = True
    grant(cover, max(m.world.day(-5, 11), LEGACY_STOPPED_ON), "needs_assistance", m.world)
    return [cover]


def _assistance_renewal(m: Maker, nth: int) -> list[Cover]:
    cover = settled(m, 58, registered=True)
    cover.person.needs_assistance = True
    last = ending(cover, m.world.day(0, 31), m.world, basis="application", ground="needs_assistance")
    cover.certificates += [last] if last else []
    return [cover]


def _written(m: Maker, nth: int, spellings: tuple[names.Spelt, ...]) -> list[Cover]:
    surname = spellings[nth % len(spellings)]
    if nth % 3 == 0:
        return [unserved(m, 30, surname=surname)]
    return [m.insured(47, surname=surname)]


def _glyphless(m: Maker, nth: int) -> list[Cover]:
    surname, given = names.GLYPHLESS_NAMES[nth % len(names.GLYPHLESS_NAMES)]
    return [unserved(m, 34, months_ago=1, surname=surname, given=given)]


def _printed_name(m: Maker, nth: int) -> list[Cover]:
    legal, kana, printed = names.FOREIGN_NAMES[nth % len(names.FOREIGN_NAMES)]
    cover = unserved(m, 29) if nth % 2 == 0 else settled(m, 39, registered=True)
    cover.person.name, cover.person.kana, cover.person.printed_name = legal, kana, printed
    return [cover]


def _sex_on_back(m: Maker, nth: int) -> list[Cover]:
    cover = unserved(m, 27) if nth % 2 == 0 else settled(m, 33, registered=False)
    cover.person.sex_on_back = True
    return [cover]


def _mailing_at_work(m: Maker, nth: int) -> list[Cover]:
    """単身赴任: the paper goes to where the father works, the family stays where it is registered."""
    cover = unserved(m, 46) if nth % 2 == 0 else settled(m, 46, registered=False)
    cover.person.mailing = addresses.home(m.world.stream("mailing"))
    if m.municipal:
        return [cover]
    return [cover, relative(m, cover, 1, WIFE, m.born(44))]


def _mailing_student(m: Maker, nth: int) -> list[Cover]:
    parent = settled(m, 50, registered=True)
    child = relative(m, parent, 1, DAUGHTER if nth % 2 else SON, m.born(20))
    child.person.mailing = addresses.home(m.world.stream("mailing"))
    child.kind_of_case = "mailing_student"
    return [parent, child]


def _nonresident(m: Maker, nth: int) -> list[Cover]:
    """Posted abroad, no entry in the residents' register; cover goes on past 75."""
    cover = settled(m, 76 if nth % 2 else 48, registered=False)
    person = cover.person
    person.mailing, person.address = person.address, ("", "シンガポール共和国 ブキティマ通り10番")
    person.resident, person.number_state, person.individual_number = False, "unregistered", ""
    cover.certificate_chance = 1
    return [cover]


CASES = [
    Case("newborn_pending", _newborn, size=2, per=1500),
    Case("turns_70", _turns_70, size=2, per=1000, least=5),
    Case("turns_75", _turns_75, size=2, per=1500, least=5),
    Case("missing_glyph", _glyphless, per=1000, most=2),
    Case("rare_kanji", lambda m, nth: _written(m, nth, names.RARE_SURNAMES), per=400, least=7),
    Case("variation_selector", lambda m, nth: _written(m, nth, names.VARIATION_SURNAMES), per=2000, least=4),
    Case("nondisclosure", _nondisclosure, size=2, per=2500, least=2),
    Case("address_protected", _address_protected, per=2500, least=2),
    Case("number_unregistered", lambda m, nth: _number_state("unregistered", nth, m), per=1200, least=2),
    Case("number_mismatch", lambda m, nth: _number_state("mismatch", nth, m), per=2500, least=2),
    Case("assistance_certificate", _assistance, per=2500),
    Case("assistance_renewal", _assistance_renewal, per=5000),
    Case("leap_day_70", _leap_day_70, per=10_000),
    Case("leap_day_75", _leap_day_75, per=10_000),
    Case("school_age_boundary", _school_age, size=2, per=2500, least=3),
    Case("printed_name", _printed_name, per=1000, least=2),
    Case("sex_on_back", _sex_on_back, per=4000, least=2),
    Case("mailing_away_at_work", _mailing_at_work, size=2, per=1500),
    Case("mailing_student", _mailing_student, size=2, per=1500),
    Case("nonresident", _nonresident, per=3000, least=2, employed=True),
]
