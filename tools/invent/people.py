"""Persons and their spells of cover, as the files will speak of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta

from certificates.rules.law import Law
from core.calendar import FAR_FUTURE, age_reached_on, last_day_of_years
from tools.invent.addresses import Address
from tools.invent.registration import Myna

_DAY = timedelta(days=1)


@dataclass(slots=True)
class Person:
    """One human being who does not exist. ``sex`` is 1 or 2; ``key`` joins several covers."""

    name: str
    kana: str
    sex: str
    birth_date: date
    address: Address
    myna: Myna
    number_state: str = "registered"
    individual_number: str = ""
    resident: bool = True
    nondisclosure: bool = False
    needs_assistance: bool = False
    address_protected: bool = False
    mailing: Address | None = None
    printed_name: str = ""
    sex_on_back: bool = False
    key: str = ""
    _last_before_75: date | None = None

    def last_day_before_75(self, law: Law) -> date:
        """Last day before the 75th birthday, worked out once: every file asks for it."""
        if self._last_before_75 is None:
            self._last_before_75 = age_reached_on(self.birth_date, law.late_elderly_age)
        return self._last_before_75

    @property
    def usable_number(self) -> bool:
        """Whether the insurer itself knows nothing that bars マイナ保険証."""
        return self.number_state in ("registered", "pending") and not self.nondisclosure


@dataclass(slots=True)
class Establishment:
    """An employer, with the counter of the numbers it has given out; ``width`` pads them with zeros."""

    insurer_number: str
    code: str
    name: str
    address: Address
    symbol: str
    width: int = 0
    last_number: int = 0

    def next_number(self) -> str:
        self.last_number += 1
        return str(self.last_number).zfill(self.width)


@dataclass(frozen=True, slots=True)
class Certificate:
    """A 資格確認書 already in the member's hands."""

    basis: str
    issued_on: date
    effective_on: date
    valid_through: date
    ground: str


@dataclass(slots=True)
class Cover:
    """One row of ``members.csv`` and what hangs on it.

    ``certificate_chance`` is how likely the society has already sent what the member would otherwise lack
    (0 leaves ``certificates`` as they are); ``oddity`` is what the fund's file does to this member. ``household`` (its
    key), ``head`` and ``share_percent`` are a municipal scheme's.
    """

    person: Person
    establishment: Establishment
    number: str
    branch: str
    relationship: str
    acquired_on: date
    insured: Cover | None = None
    lost_on: date | None = None
    coverage_kind: str = "regular"
    remuneration_yen: int | None = None
    fund_registered_on: date | None = None
    certificate_chance: float = 0.94
    certificates: list[Certificate] = field(default_factory=list)
    legacy_card: tuple[date, date | None] | None = None
    deregistered_on: date | None = None
    oddity: str = ""
    household: str = ""
    head: bool = False
    share_percent: int | None = None
    kind_of_case: str = ""

    def expected_last_day(self, law: Law) -> date:
        """Last day of cover by age, term and the insured person; a loss filed later is not in it."""
        last = FAR_FUTURE
        if self.person.resident:
            last = self.person.last_day_before_75(law)
        if self.coverage_kind == "voluntary" and self.insured is None:
            last = min(last, last_day_of_years(self.acquired_on, law.voluntary_years))
        if self.insured is not None:
            last = min(last, self.insured.expected_last_day(law))
        return last

    def last_day(self, law: Law) -> date:
        """Last day of cover, ``FAR_FUTURE`` when nothing ends it."""
        last = self.expected_last_day(law)
        if self.lost_on is not None:
            last = min(last, self.lost_on - _DAY)
        if self.insured is not None and self.insured.lost_on is not None:
            last = min(last, self.insured.lost_on - _DAY)
        return last

    def known_to_fund(self, as_of: date, last_day: date) -> bool:
        """Whether the monthly file of a 基準日 speaks of this cover, which ends on ``last_day``."""
        if (self.fund_registered_on or self.acquired_on) > as_of or last_day < as_of:
            return False
        return self.person.number_state != "pending"
