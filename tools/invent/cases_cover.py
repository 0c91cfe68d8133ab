"""Special cases of the cover: joining, leaving, coming back, going on as 任意継続 or 特例退職."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from tools.invent.cases import Case
from tools.invent.cases_person import DAUGHTER, SON, WIFE, relative, settled, unserved
from tools.invent.households import Maker
from tools.invent.people import Cover, Establishment
from tools.invent.registration import Myna, steady

_DAY = timedelta(days=1)


def _joined_after_file(m: Maker, nth: int) -> list[Cover]:
    cover = m.insured(26, acquired_on=m.world.day(0, (1, 3, 10)[nth % 3]))
    cover.certificate_chance = 0
    return [cover]


def _registered_late(m: Maker, nth: int) -> list[Cover]:
    """Joined before the 基準日, told to the fund after it: not in the file, and rightly so."""
    cover = m.insured(28, acquired_on=m.world.day(-1, 20))
    cover.fund_registered_on = m.world.day(0, 1 + nth % 3)
    cover.certificate_chance = 0
    return [cover]


def _with_family(m: Maker, cover: Cover, nth: int) -> list[Cover]:
    if nth % 2 or m.municipal:
        return [cover]
    return [cover, relative(m, cover, 1, WIFE, m.born(38))]


def _gone(family: list[Cover], lost_on: date) -> list[Cover]:
    for cover in family:
        cover.lost_on = lost_on
    return family


def _left_before(m: Maker, nth: int) -> list[Cover]:
    lost_on = (m.world.as_of, m.world.as_of - 9 * _DAY, m.world.day(-2, 21))[nth % 3]
    return _gone(_with_family(m, settled(m, 41, registered=nth % 3 != 1), nth), lost_on)


def _leaves_in_month(m: Maker, nth: int) -> list[Cover]:
    lost_on = m.world.day(0, (15, 1, 31)[nth % 3])
    return _gone(_with_family(m, settled(m, 39, registered=nth % 3 != 1), nth), lost_on)


def _leaves_later(m: Maker, nth: int) -> list[Cover]:
    lost_on = m.world.day(*((1, 1), (1, 20), (2, 1), (2, 16))[nth % 4])
    cover = unserved(m, 37) if nth % 2 else settled(m, 59, registered=True)
    return _gone([cover], lost_on)


def _another_cover(m: Maker, old: Cover, at: Establishment, acquired_on: date) -> Cover:
    """The same person under a new number."""
    m.join(old.person)
    remuneration = old.remuneration_yen
    return Cover(old.person, at, at.next_number(), "00", "本人", acquired_on, remuneration_yen=remuneration)


def _rehired(m: Maker, nth: int) -> list[Cover]:
    old = settled(m, 61, registered=nth % 2 == 0)
    old.lost_on = m.world.day(-8, 1)
    new = _another_cover(m, old, m.employers.current, m.world.day(-2, 1))
    new.certificate_chance = nth % 4 == 1
    new.kind_of_case = "rehired"
    return [old, new]


def _moved_employer(m: Maker, nth: int) -> list[Cover]:
    old = settled(m, 43, registered=nth % 2 == 0)
    old.lost_on = m.world.day(-1, 1)
    new = _another_cover(m, old, m.employers.another(), old.lost_on)
    new.certificate_chance = nth % 4 == 1
    new.kind_of_case = "moved_employer"
    return [old, new]


def _moved_to_voluntary(m: Maker, nth: int) -> list[Cover]:
    old = settled(m, 60, registered=nth % 2 == 0)
    old.lost_on = m.world.day(-3, 1)
    new = _another_cover(m, old, m.employers.voluntary, old.lost_on)
    new.coverage_kind, new.certificate_chance = "voluntary", 1
    new.kind_of_case = "moved_to_voluntary"
    return [old, new]


def _voluntary_since(m: Maker, acquired_on: date, *, registered: bool) -> Cover:
    born = m.born(61)
    cover = m.insured(
        birth_date=born,
        acquired_on=acquired_on,
        myna=steady(m.world, born, registered=registered),
        establishment=m.employers.voluntary,
    )
    cover.coverage_kind, cover.certificate_chance = "voluntary", 1
    return cover


def _voluntary(m: Maker, nth: int) -> list[Cover]:
    cover = _voluntary_since(m, m.world.day(-16 + nth % 10, 1), registered=nth % 3 > 0)
    if nth % 3:
        return [cover]
    return [cover, relative(m, cover, 1, WIFE, m.born(58))]


def _voluntary_ends(m: Maker, nth: int) -> list[Cover]:
    """Two years run out on the last day before the month, in it, on its last day, in the next month."""
    last = m.world.day(*((0, 15), (-1, 31), (0, 31), (1, 10))[nth % 4])
    begins = last + _DAY
    day = 28 if (begins.month, begins.day) == (2, 29) else begins.day
    year = begins.year - m.world.law.voluntary_years
    return [_voluntary_since(m, begins.replace(year=year, day=day), registered=nth % 2 == 1)]


def _special_retired(m: Maker, nth: int) -> list[Cover]:
    born = m.born(62 + nth % 9)
    cover = m.insured(
        birth_date=born,
        acquired_on=m.world.day(-20 - nth % 12, 1),
        myna=steady(m.world, born, registered=nth % 4 > 0),
        establishment=m.employers.special_retired,
    )
    cover.coverage_kind = "special_retired"
    cover.certificate_chance = 1
    if nth % 2 == 0:
        return [cover]
    wife = relative(m, cover, 1, WIFE, m.born(60))
    return [cover, wife]


def _dependent_removed(m: Maker, nth: int) -> list[Cover]:
    head = settled(m, 48, registered=True)
    child = relative(m, head, 1, DAUGHTER if nth % 2 else SON, m.born(22))
    child.lost_on = m.world.day(*((-1, 15), (0, 1), (-1, 1))[nth % 3])
    child.kind_of_case = "dependent_removed"
    return [head, child]


def _number_used_twice(m: Maker, nth: int) -> list[Cover]:
    """A dependent who went to work and came back: one branch number, two covers in turn."""
    head = settled(m, 49, registered=True)
    first = relative(m, head, 1, DAUGHTER, m.born(23))
    first.lost_on = m.world.day(-9, 1)
    m.join(first.person)
    second = replace(first, acquired_on=m.world.day(-2, 11), lost_on=None, certificates=[])
    second.kind_of_case = "number_used_twice"
    return [head, first, second]


def _parent(m: Maker, nth: int) -> list[Cover]:
    head = settled(m, 45, registered=True)
    born = m.born(71 if nth % 2 else 68)
    mother = m.dependent(head, 1, "母", born, sex="2", myna=steady(m.world, born, registered=False))
    mother.certificate_chance = 1
    mother.kind_of_case = "parent"
    return [head, mother]


def _family(m: Maker, nth: int) -> list[Cover]:
    head = settled(m, 40, registered=nth % 2 == 0, sex="1")
    family = [head, relative(m, head, 1, WIFE, m.born(38)), relative(m, head, 2, SON, m.born(9))]
    family.append(relative(m, head, 3, DAUGHTER, m.born(5)))
    family[3].person.myna = Myna()
    return family


CASES = [
    Case("family", _family, size=4, per=2000, employed=True),
    Case("parent", _parent, size=2, per=1000, employed=True),
    Case("joined_after_file", _joined_after_file, per=500),
    Case("fund_registered_late", _registered_late, per=2500),
    Case("left_before_as_of", _left_before, size=2, per=800, least=3),
    Case("leaves_in_month", _leaves_in_month, size=2, per=1000, least=3),
    Case("leaves_later", _leaves_later, per=1500, least=2),
    Case("rehired", _rehired, size=2, per=2000, employed=True),
    Case("moved_employer", _moved_employer, size=2, per=2000, employed=True),
    Case("voluntary", _voluntary, size=2, per=120, least=2, employed=True),
    Case("moved_to_voluntary", _moved_to_voluntary, size=2, per=1500, employed=True),
    Case("voluntary_ends_soon", _voluntary_ends, per=1500, least=4, employed=True),
    Case("special_retired", _special_retired, size=2, per=60, least=2, special_retired=True),
    Case("dependent_removed", _dependent_removed, size=2, per=1500, least=2, employed=True),
    Case("number_used_twice", _number_used_twice, size=3, per=5000, employed=True),
]
