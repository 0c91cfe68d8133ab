"""A year played: after each day nobody holds two, nobody is left without, no duty is lost."""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tests.story.claims import duties_off_their_day, untrue, wrong_without_duty
from tests.story.year import Year, due_but_missing, duties_missing, months_that_differ, overlapping, stories

pytestmark = [pytest.mark.django_db, pytest.mark.story]

# The year at full size is for a release: KENPO_WHOLE_YEAR=1 plays every working day of a larger society.
WHOLE = os.environ.get("KENPO_WHOLE_YEAR") == "1"


def test_a_year_leaves_nobody_with_two_and_nobody_without(tmp_path: Path, home: Path, settings: Any) -> None:
    start = date(2026, 1, 5)
    year = (
        Year(tmp_path, start, members=3_000, filings=2_000, applications=500, deregistrations=50)
        if WHOLE
        else Year(tmp_path, start, members=200, filings=90, applications=30, deregistrations=10, every=18)
    )
    settings.KENPO_TODAY = start
    year.begin()
    days = year.days()

    for day in days:
        settings.KENPO_TODAY = day
        year.play(day, 1 / len(days))

        assert not (both := overlapping(day)), stories([c.member_id for pair in both for c in pair], day)
        assert not (missing := due_but_missing(day)), stories([g.read.member_id for g in missing], day)
        assert not duties_missing(day), day
        assert not (wrong := wrong_without_duty(day)), stories(wrong, day)
        assert not (off := duties_off_their_day(day)), off
        assert not (said := untrue(day)), "\n".join(said) + stories([int(one.split()[1]) for one in said], day)

    assert not months_that_differ()
    assert year.counts["months"] == 12
    assert (year.counts["months_without_file"], year.counts["corrections"]) == (2, 5)
