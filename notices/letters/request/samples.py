"""Requests with invented people."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from certificates.models import Recovery
from notices.letters.registry import Draw
from notices.letters.request.letter import RequestFace
from notices.letters.samples import EMPLOYER, SENDER, asked_of, drawn, papers


def samples(day: date, longest: bool) -> list[Draw]:
    """Each cause, each place to return to and each way to go on, at least once; one paper and several."""
    several = papers(day, longest)
    until, later = day + timedelta(7), day + timedelta(3)
    return drawn(
        [
            RequestFace(
                cause,
                to,
                asked_of(longest, cause),
                SENDER[longest],
                day,
                until,
                None if cause == "registration" else later,
                then,
                EMPLOYER[longest],
                several if number else several[:1],
            ).letter()
            for number, (cause, to, then) in enumerate(_cases(longest))
        ]
    )


def _cases(longest: bool) -> Iterator[tuple[str, str, str]]:
    yield "face_changed", "insurer", "coming"
    yield "loss", "establishment", ""
    yield "registration", "insurer", "myna"
    if longest:
        causes = [cause for cause in Recovery.Cause.values if cause != Recovery.Cause.REISSUED]
        for number, cause in enumerate(causes):
            for then in ("enclosed", "former", "posted", "asking"):
                yield cause, Recovery.ReturnTo.values[number % len(Recovery.ReturnTo.values)], then
