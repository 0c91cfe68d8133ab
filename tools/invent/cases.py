"""Which special cases an invented society holds, how often, and when the next one is due.

A case is a small household with something particular about it. Cases come spread over the whole society;
their number grows with it, and from 200 members on every kind is there.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from tools.invent.households import Maker
from tools.invent.people import Cover
from tools.invent.world import World

Build = Callable[[Maker, int], list[Cover]]
ENOUGH_FOR_ALL = 200


@dataclass(frozen=True, slots=True)
class Case:
    """One kind: ``build(maker, nth)`` makes at most ``size`` rows, for one in ``per`` members.

    Never fewer than ``least`` nor more than ``most``; ``employed`` leaves out the municipal scheme, which knows neither
    dependents nor employers, ``special_retired`` every society without 特例退職 members.
    """

    kind: str
    build: Build
    size: int = 1
    per: int = 4000
    least: int = 1
    most: int | None = None
    employed: bool = False
    special_retired: bool = False

    def applies(self, world: World) -> bool:
        if self.employed and world.society.municipal:
            return False
        return not self.special_retired or bool(world.society.second_number)

    def wanted(self, members: int) -> int:
        """How many of the kind a society of that size has."""
        if members < ENOUGH_FOR_ALL:
            return 1
        count = max(self.least, members // self.per)
        return count if self.most is None else min(count, self.most)


class Schedule:
    """Hands out the cases in the order of the rows at which they are due."""

    def __init__(self, world: World, cases: list[Case]) -> None:
        self._members = world.members
        self._cases = [case for case in cases if case.applies(world)]
        self._due: list[tuple[float, int, int]] = []
        for index in range(len(self._cases)):
            self._plan(index, 0)
        heapq.heapify(self._due)

    def _plan(self, index: int, nth: int) -> None:
        wanted = self._cases[index].wanted(self._members)
        if nth < wanted:
            spread = (nth + (index + 1) / (len(self._cases) + 1)) / wanted
            heapq.heappush(self._due, (spread * self._members * 0.8, index, nth))

    def due(self, rows: int) -> Iterator[tuple[Case, int]]:
        """The cases due by ``rows`` rows; each with its number within the kind, which varies its details."""
        while self._due and self._due[0][0] <= rows:
            _, index, nth = heapq.heappop(self._due)
            self._plan(index, nth + 1)
            yield self._cases[index], nth
