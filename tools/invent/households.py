"""Ordinary households, one at a time: somebody at work, perhaps with spouse, children, a parent."""

from __future__ import annotations

from bisect import bisect
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import accumulate

from stdnum.jp import in_

from certificates.rules.copayment import elderly_shares
from tools.invent import addresses, names
from tools.invent.addresses import Address
from tools.invent.employers import Employers
from tools.invent.people import Cover, Establishment, Person
from tools.invent.registration import Myna, drawn
from tools.invent.world import World

# 標準報酬月額 by grade, yen (健康保険法 40条, 50 grades).
GRADES_YEN = (
    58_000,
    68_000,
    78_000,
    88_000,
    98_000,
    104_000,
    110_000,
    118_000,
    126_000,
    134_000,
    142_000,
    150_000,
    160_000,
    170_000,
    180_000,
    190_000,
    200_000,
    220_000,
    240_000,
    260_000,
    280_000,
    300_000,
    320_000,
    340_000,
    360_000,
    380_000,
    410_000,
    440_000,
    470_000,
    500_000,
    530_000,
    560_000,
    590_000,
    620_000,
    650_000,
    680_000,
    710_000,
    750_000,
    790_000,
    830_000,
    880_000,
    930_000,
    980_000,
    1_030_000,
    1_090_000,
    1_150_000,
    1_210_000,
    1_270_000,
    1_330_000,
    1_390_000,
)
_SONS = ("長男", "次男", "三男", "四男")
_DAUGHTERS = ("長女", "次女", "三女", "四女")
# Ages from–to and weight: people at work, and the members of a municipal scheme.
_AT_WORK = ((18, 23, 8), (23, 30, 18), (30, 40, 24), (40, 50, 24), (50, 60, 19), (60, 65, 6), (65, 70, 1))
_IN_TOWN = ((20, 30, 9), (30, 40, 11), (40, 50, 13), (50, 60, 15), (60, 65, 14), (65, 70, 20), (70, 74, 18))


def _chooser(bands: tuple[tuple[int, int, int], ...]) -> tuple[tuple[tuple[int, int, int], ...], list[int]]:
    return bands, list(accumulate(weight for _, _, weight in bands))


class Maker:
    """Makes persons and covers of one world; the recipes of special cases build on the same pieces."""

    def __init__(self, world: World, employers: Employers) -> None:
        self.world = world
        self.employers = employers
        self.municipal = world.society.municipal
        self._people = world.stream("people")
        self._names = world.stream("names")
        self._homes = world.stream("homes")
        self._myna = world.stream("myna")
        self._ages = _chooser(_IN_TOWN if self.municipal else _AT_WORK)
        self._registered = 0.74 if self.municipal else 0.82
        self._shares = world.stream("shares")
        self._numbered = 0
        self._households = 0
        self._keys = 0

    def household(self, room: int) -> list[Cover]:
        """The next ordinary household, of at most ``room`` members."""
        head = self.insured(self._age())
        family = [head]
        relatives = self._townspeople if self.municipal else self._dependents
        for relative in relatives(head):
            if len(family) >= room:
                break
            family.append(relative)
        self._perhaps_gone(family)
        return family

    def insured(
        self,
        age: float = 40,
        *,
        birth_date: date | None = None,
        sex: str = "",
        acquired_on: date | None = None,
        myna: Myna | None = None,
        surname: names.Spelt | None = None,
        given: names.Spelt | None = None,
        establishment: Establishment | None = None,
        home: Address | None = None,
    ) -> Cover:
        """An insured person with a number of their own."""
        draw = self._people.random
        birth_date = birth_date or self.born(age)
        person = self.person(
            birth_date,
            sex or ("1" if draw() < (0.5 if self.municipal else 0.66) else "2"),
            home or self.home(),
            surname=surname or names.surname(self._names),
            given=given,
            myna=myna,
        )
        at = establishment or self.employers.current
        cover = Cover(
            person,
            at,
            at.next_number(),
            "00",
            "世帯主" if self.municipal else "本人",
            acquired_on or self._joined(birth_date),
            remuneration_yen=None if self.municipal else self._remuneration(birth_date),
        )
        if self.municipal:
            self._households += 1
            cover.household, cover.head = f"S{self._households:06d}", True
            cover.share_percent = self._share(birth_date)
        return cover

    def _share(self, birth_date: date) -> int | None:
        """What the municipality tells of whoever is or soon will be 70: seldom the higher share."""
        law = self.world.law
        if self.world.month.year - birth_date.year < law.elderly_age - 1:
            return None
        lower, higher = elderly_shares(law)
        return higher if self._shares.random() < 0.12 else lower

    def dependent(
        self,
        insured: Cover,
        branch: int,
        relationship: str,
        birth_date: date,
        *,
        sex: str,
        acquired_on: date | None = None,
        myna: Myna | None = None,
        surname: names.Spelt | None = None,
    ) -> Cover:
        """A member of the insured person's family under the same number."""
        kana, spelling = insured.person.kana.split(" ", 1)[0], insured.person.name.split(" ", 1)[0]
        person = self.person(birth_date, sex, insured.person.address, surname=surname or (spelling, kana), myna=myna)
        since = acquired_on or max(insured.acquired_on, birth_date)
        cover = Cover(person, insured.establishment, insured.number, f"{branch:02d}", relationship, since, insured)
        cover.coverage_kind = insured.coverage_kind
        return cover

    def person(
        self,
        birth_date: date,
        sex: str,
        home: Address,
        *,
        surname: names.Spelt,
        given: names.Spelt | None = None,
        myna: Myna | None = None,
    ) -> Person:
        """Somebody with a name of their generation and a history of マイナ保険証."""
        first = given or names.given(self._names, sex=sex, born=birth_date.year)
        known = myna or drawn(self._myna, self.world, birth_date, registered=self._registered)
        somebody = Person(f"{surname[0]} {first[0]}", f"{surname[1]} {first[1]}", sex, birth_date, home, known)
        if self._people.random() < 0.02:
            somebody.individual_number = self.individual_number()
        return somebody

    def home(self) -> Address:
        society = self.world.society
        if self.municipal:
            return addresses.in_town(self._homes, society.town)
        return addresses.home(self._homes)

    def individual_number(self) -> str:
        """Twelve digits that pass the check and come only once: a full-period step through eleven digits."""
        self._numbered += 1
        eleven = f"{(20_230_417_003 + self._numbered * 37_140_551_317) % 10**11:011d}"
        return eleven + str(in_.calc_check_digit(eleven))

    def join(self, *persons: Person) -> None:
        """Marks covers as one person's: everything known of the first is known of the others."""
        self._keys += 1
        for person in persons:
            person.key = f"P{self._keys:06d}"

    def born(self, age: float) -> date:
        """A birth date for somebody of that age, in years at the month's start."""
        return date.fromordinal(self.world.month.toordinal() - int((age + self._people.random()) * 365.25) - 1)

    def _age(self) -> int:
        bands, weights = self._ages
        first, end, _ = bands[bisect(weights, self._people.random() * weights[-1])]
        return first + int(self._people.random() * (end - first))

    def _joined(self, birth_date: date) -> date:
        """When somebody of that birth date joined: seldom lately, mostly on the first of April."""
        draw = self._people.random
        today = self.world.as_of.toordinal()
        adult_on = birth_date.toordinal() + (0 if self.municipal else int(18.3 * 365.25))
        since = date.fromordinal(today - int(draw() ** 0.8 * max(0, min(today - adult_on, 40 * 365))))
        if draw() < 0.6:
            april = date(since.year, 4, 1)
            if adult_on <= april.toordinal() and april <= self.world.as_of:
                return april
        first = since.replace(day=1)
        return first if first.toordinal() >= adult_on else since

    def _remuneration(self, birth_date: date) -> int | None:
        age = self.world.month.year - birth_date.year
        if age < 16:
            return None
        centre = 17 + min(age - 16, 34) * 0.42 if age < 60 else 19.0
        grade = int(self._people.gauss(centre, 4.5))
        return GRADES_YEN[min(max(grade, 0), len(GRADES_YEN) - 1)]

    def _dependents(self, head: Cover) -> Iterator[Cover]:
        draw = self._people.random
        age, branch = self.world.month.year - head.person.birth_date.year, 0
        man = head.person.sex == "1"
        if age >= 27 and draw() < (0.42 if man else 0.04):
            branch += 1
            born = self.born(max(20.0, min(73.0, age - 4 + draw() * 6)))
            since = date.fromordinal(max(head.acquired_on.toordinal(), born.toordinal() + 20 * 366))
            since = min(since, self.world.as_ofs[0])
            if since < head.acquired_on:
                since = head.acquired_on
            yield self.dependent(head, branch, "妻" if man else "夫", born, sex="2" if man else "1", acquired_on=since)
        for relationship, born, sex in self._children(age, 0.62 if man else 0.22):
            branch += 1
            yield self.dependent(head, branch, relationship, born, sex=sex)
        if 35 <= age <= 60 and draw() < 0.03:
            branch += 1
            born = self.born(min(73.5, age + 24 + draw() * 6))
            yield self.dependent(head, branch, "母", born, sex="2")

    def _townspeople(self, head: Cover) -> Iterator[Cover]:
        """The rest of a municipal household: everybody insured, everybody with a number of their own."""
        draw = self._people.random
        age = self.world.month.year - head.person.birth_date.year
        if age >= 27 and draw() < 0.45:
            sex = "2" if head.person.sex == "1" else "1"
            born = self.born(max(20.0, min(73.0, age - 3 + draw() * 5)))
            yield self.townsperson(head, "妻" if sex == "2" else "夫", born, sex=sex)
        for relationship, born, sex in self._children(age, 0.3):
            yield self.townsperson(head, relationship, born, sex=sex)

    def townsperson(
        self, head: Cover, relationship: str, birth_date: date, *, sex: str, myna: Myna | None = None
    ) -> Cover:
        """Somebody of the head's household who is insured in person."""
        kana, spelling = head.person.kana.split(" ", 1)[0], head.person.name.split(" ", 1)[0]
        cover = self.insured(
            birth_date=birth_date,
            sex=sex,
            surname=(spelling, kana),
            home=head.person.address,
            acquired_on=max(head.acquired_on, birth_date),
            myna=myna,
        )
        cover.relationship = relationship
        cover.household, cover.head = head.household, False
        return cover

    def _children(self, age: int, likelihood: float) -> Iterator[tuple[str, date, str]]:
        draw = self._people.random
        if not 27 <= age <= 57 or draw() >= likelihood:
            return
        sons = daughters = 0
        child_age = min(20.0, max(0.3, age - 31 + draw() * 6))
        for _ in range(1 + int(draw() * 2.3)):
            if child_age < 0.3:
                return
            if draw() < 0.51:
                relationship, sex, sons = _SONS[sons], "1", sons + 1
            else:
                relationship, sex, daughters = _DAUGHTERS[daughters], "2", daughters + 1
            yield relationship, self.born(child_age), sex
            child_age -= 2 + draw() * 2

    def _perhaps_gone(self, family: list[Cover]) -> None:
        """One household in forty left in the last half year, all together."""
        draw = self._people.random
        if draw() >= 0.025:
            return
        lost_on = self.world.as_of - timedelta(days=int(draw() * 180))
        if all(c.acquired_on < lost_on <= c.person.last_day_before_75(self.world.law) for c in family):
            for cover in family:
                cover.lost_on = lost_on
