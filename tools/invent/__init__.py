"""Invents a health insurance society: a whole load folder and three months of the fund's files.

Everybody in it is made up. The same arguments give the same bytes, in any process; memory does not grow
with the number of members. ``cases.csv`` tells where each special case is.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

from core.disk import writing_in
from tools.invent import cases_cover, cases_myna, cases_person
from tools.invent.cases import Schedule
from tools.invent.employers import Employers
from tools.invent.files import LoadFolder
from tools.invent.households import Maker
from tools.invent.papers import settle
from tools.invent.people import Cover
from tools.invent.world import World, frame

__all__ = ["kinds", "write"]

# In the order in which a tiny society gets them.
CASES = [*cases_person.CASES, *cases_cover.CASES, *cases_myna.CASES]
_STRANGERS_PER = 400  # one row in so many is about somebody unknown: a quarter of a per cent


def write(directory: Path, *, members: int, seed: int, month: date, preset: str) -> dict[str, int]:
    """Writes the folder; answers rows per file and cases per kind.

    Raises:
        BadInput: no members, a month outside the system's time, an unknown preset.
        Fault: the folder cannot be written, or has no room.
    """
    world = frame(members=members, seed=seed, month=month, preset=preset)
    employers = Employers(world)
    maker = Maker(world, employers)
    schedule = Schedule(world, CASES)
    found = dict.fromkeys(kinds(world), 0)
    with writing_in(directory), LoadFolder(directory, world) as folder:
        establishments = folder.establishments(employers.all())
        while (rows := folder.counts["members"]) < members:
            employers.advance(rows)
            for case, nth in schedule.due(rows):
                room = members - folder.counts["members"]
                if case.size <= room:
                    family = case.build(maker, nth)
                    if not any(cover.kind_of_case for cover in family):
                        family[0].kind_of_case = case.kind
                    found[case.kind] += 1
                    _add(family, folder, world)
            if folder.counts["members"] < members:
                _add(maker.household(members - folder.counts["members"]), folder, world)
        strangers = _strangers(members)
        folder.strangers(strangers, employers.regular[0].symbol)
        folder.close_fund_files()
    return {**folder.counts, "establishments": establishments, "fund_unmatched": strangers, **found}


def kinds(world: World) -> list[str]:
    """The kinds of special case that a society of this preset can hold."""
    return [case.kind for case in CASES if case.applies(world)]


def _strangers(members: int) -> int:
    return max(1, members // _STRANGERS_PER) if members >= 100 else 0


def _add(family: list[Cover], folder: LoadFolder, world: World) -> None:
    for cover in family:
        settle(cover, world)
        folder.member(cover)
