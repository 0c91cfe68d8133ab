"""The looks at everybody whose findings are kept: what each finds, and the work that counts one anew."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from itertools import chain
from typing import Any, Final

from certificates.decisions.forecast import running_out
from core import jobs, surveys
from core.background import begin, does
from core.models import Clerk, Job, Survey
from kenpo.people.board import gaps
from mailing.addresses.odd_addresses import odd_addresses
from members.damaged import OF_COVER, OF_EMPLOYER, damaged, damaged_employers
from members.models import Insurer
from members.overlaps import overlaps
from members.services import society
from members.unprintable import unprintable

MONTHS_AHEAD: Final = 24


def _gaps(insurer: Insurer, on: date) -> Survey:
    """Covers without a route in hand, by what they wait for (codes of ``Waiting``)."""
    return surveys.keep("gaps", on, ((gap.waiting.value, gap.read.member_id) for gap in gaps(insurer, on)))


def _unprintable(insurer: Insurer, on: date) -> Survey:
    """Covers with a text that cannot be printed; ``people``: whose registers hold one, ``places``: how many texts."""
    counts = {"people": 0, "places": 0}
    people: set[int] = set()

    def covers() -> Iterator[tuple[str, int]]:
        last = None
        for found in unprintable(on):
            people.add(found.person_id)
            counts.update(people=len(people), places=counts["places"] + 1)
            if found.member_id != last:  # those of one cover come together
                last = found.member_id
                yield "", found.member_id

    return surveys.keep("unprintable", on, covers(), counts=counts)


def _damaged(insurer: Insurer, on: date) -> Survey:
    """Covers and employers with a text that may be damaged; ``places``: how many texts."""
    counts = {"places": 0}

    def subjects() -> Iterator[tuple[str, int]]:
        last = None
        for one in chain(damaged(on), damaged_employers()):
            counts["places"] += 1
            subject = (OF_EMPLOYER, one.owner) if one.member_id is None else (OF_COVER, one.member_id)
            if subject != last:  # those of one subject come together
                last = subject
                yield subject

    return surveys.keep("damaged", on, subjects(), counts=counts)


def _addresses(insurer: Insurer, on: date) -> Survey:
    """Addresses that the post may not find, by what is odd about them."""
    with odd_addresses(insurer, on) as found:
        return surveys.keep("addresses", on, ((odd.oddity, odd.address_id) for odd in found))


def _overlaps(insurer: Insurer, on: date) -> Survey:
    """People with two covers that have days in common, once each."""
    people = list(dict.fromkeys(one.person_id for one in overlaps()))
    return surveys.keep("overlaps", on, (("", pk) for pk in people), counts={"people": len(people)})


def _running_out(insurer: Insurer, on: date) -> Survey:
    """How many certificates run out in each of the coming months (YYYY-MM)."""
    counted = running_out(on, MONTHS_AHEAD)
    return surveys.keep("running_out", on, (), counts={f"{month:%Y-%m}": n for month, n in counted.items()})


KINDS: Final[Mapping[str, Callable[[Insurer, date], Survey]]] = {
    "gaps": _gaps,
    "unprintable": _unprintable,
    "damaged": _damaged,
    "addresses": _addresses,
    "overlaps": _overlaps,
    "running_out": _running_out,
}


def count_all(insurer: Insurer, on: date) -> dict[str, Any]:
    """Every survey of the day, in place of those of the days before; the figures that a clerk reads in the job's outcome."""
    found = {kind: count(insurer, on).counts for kind, count in KINDS.items()}
    surveys.sweep(on)
    return {
        "gaps": sum(found["gaps"].values()),
        "gaps_waiting": found["gaps"],
        "unprintable": found["unprintable"]["people"],
        "damaged": found["damaged"]["places"],
        "overlaps": found["overlaps"]["people"],
    }


def ask(kind: str, on: date, *, by: Clerk) -> Job:
    """Asks for one survey of a day to be counted anew."""
    return begin(surveys.job_key(kind), by=by, order={"survey": kind, "on": on.isoformat()})


@does("survey")
def _count(asked: Mapping[str, Any], by: Clerk) -> None:
    kind = asked["survey"]
    with jobs.claim(surveys.job_key(kind), by=by) as job:
        survey = KINDS[kind](society(), date.fromisoformat(asked["on"]))
        job.outcome = {"on": asked["on"], "found": survey.lines.count()}
