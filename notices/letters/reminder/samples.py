"""Reminders with invented people."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from certificates.models import Recovery
from notices.letters.registry import Draw
from notices.letters.reminder.letter import LAST_STEP, ReminderFace
from notices.letters.samples import EMPLOYER, SENDER, asked_of, drawn, papers


def samples(day: date, longest: bool) -> list[Draw]:
    """Each step, each cause and each place to return to, at least once."""
    return drawn(
        [
            ReminderFace(
                step,
                cause,
                to,
                asked_of(longest, cause),
                SENDER[longest],
                day,
                day - timedelta(14),
                day + timedelta(28),
                EMPLOYER[longest],
                papers(day, longest),
            ).letter()
            for step, cause, to in _cases(longest)
        ]
    )


def _cases(longest: bool) -> Iterator[tuple[int, str, str]]:
    places = Recovery.ReturnTo.values
    for step in range(1, LAST_STEP + 1):
        yield step, "loss", "establishment"
        if longest:
            for number, cause in enumerate(Recovery.Cause.values):
                yield step, cause, places[number % len(places)]
