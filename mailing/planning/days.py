"""Cuts planned envelopes into dispatch days that the print room and the post can take. Pure.

A day takes at most so many sheets. An establishment's bundle stays whole unless it alone is more than a day takes; then
it has days of its own. A household's envelopes of one dispatch are never divided, so that a day is above the limit only
where one household is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from core.calendar import business_days_after, is_business_day, wareki
from core.errors import BadInput
from mailing.envelopes import DispatchKey, EnvelopePlan, Plan, numbered


@dataclass(frozen=True, slots=True)
class DayLimit:
    """At most ``per_day`` sheets on each business day from ``first`` on."""

    per_day: int
    first: date

    @staticmethod
    def checked(per_day: int, first: date | None, *, on: date) -> DayLimit:
        """The limit as a clerk gives it on the day ``on``; without ``first`` it begins on that day.

        Raises:
            BadInput: no sheet at all a day, or a day that has passed.
        """
        if per_day < 1:
            raise BadInput("1日に発送する枚数は、1以上で指定してください。")
        if first is not None and first < on:
            raise BadInput(
                f"発送の最初の日（{wareki(first)}）は過ぎています。封入を計画する日（{wareki(on)}）以後の日を指定してください。"
            )
        return DayLimit(per_day, first or on)


@dataclass(frozen=True, slots=True)
class DayPart:
    """What of one planned dispatch leaves on one day (``None``: not cut); its positions count from 1."""

    key: DispatchKey
    on: date | None
    envelopes: tuple[EnvelopePlan, ...]


def sheets(envelopes: Sequence[EnvelopePlan]) -> int:
    """How many papers lie in these envelopes."""
    return sum(len(envelope.papers) for envelope in envelopes)


def uncut(plan: Plan) -> list[DayPart]:
    """The plan's dispatches, each whole and for no day."""
    return [DayPart(key, None, tuple(envelopes)) for key, envelopes in plan.dispatches.items()]


def cut(plan: Plan, limit: DayLimit, taken: Mapping[date, int]) -> list[DayPart]:
    """The plan's envelopes by dispatch and day, in their order; ``taken``: sheets that days have to take already."""
    days = _Days(limit, taken)
    parts: list[DayPart] = []
    for key, envelopes in plan.dispatches.items():
        placed = [(day, unit) for bundle in _bundles(envelopes) for day, unit in days.place(bundle)]
        for day, units in groupby(placed, key=lambda p: p[0]):
            parts.append(DayPart(key, day, tuple(numbered(e for _, unit in units for e in unit))))
    return parts


_Unit = list[EnvelopePlan]


def _bundles(envelopes: Sequence[EnvelopePlan]) -> Iterator[list[_Unit]]:
    """What should leave on one day, in units that must: an establishment's households, or straight home one household."""
    for establishment, bundle in groupby(envelopes, key=lambda e: e.establishment_id):
        units = _households(list(bundle))
        if establishment is not None:
            yield list(units)
        else:
            yield from ([unit] for unit in units)


def _households(envelopes: Sequence[EnvelopePlan]) -> Iterator[_Unit]:
    """Envelopes of one household each; of several where two with one number lie in between each other."""
    last = {envelope.household_id: place for place, envelope in enumerate(envelopes)}
    unit: _Unit = []
    ends = 0
    for place, envelope in enumerate(envelopes):
        unit.append(envelope)
        ends = max(ends, last[envelope.household_id])
        if place == ends:
            yield unit
            unit = []


class _Days:
    """The days being filled, one after the other; never back to an earlier one."""

    def __init__(self, limit: DayLimit, taken: Mapping[date, int]) -> None:
        self._per_day = limit.per_day
        self._taken = dict(taken)
        self._day = limit.first if is_business_day(limit.first) else business_days_after(limit.first, 1)

    def place(self, bundle: list[_Unit]) -> Iterator[tuple[date, _Unit]]:
        """Each unit with its day."""
        whole = sum(map(sheets, bundle))
        alone = whole > self._per_day
        self._go_on(whole)
        for unit in bundle:
            self._go_on(sheets(unit))
            self._taken[self._day] = self._used() + sheets(unit)
            yield self._day, unit
        if alone:
            self._day = business_days_after(self._day, 1)

    def _used(self) -> int:
        return self._taken.get(self._day, 0)

    def _go_on(self, count: int) -> None:
        """To the first day with room for so many; what is more than any day takes begins an empty one."""
        while self._used() and self._used() + count > self._per_day:
            self._day = business_days_after(self._day, 1)
