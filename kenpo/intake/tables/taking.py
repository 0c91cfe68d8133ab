"""A table's rows handed to the service that takes such a file in, which stays the only one that writes.

Each answers the mistakes by place of the row in what it was given; the good rows are in. It runs in the caller's
transaction, which decides whether that stays.
"""

from __future__ import annotations

import csv
import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import islice
from pathlib import Path

from certificates.requests.applications import bulk as applications
from certificates.requests.filings import taking as filings
from core import scratch
from core.errors import BadInput, Mistake
from core.models import Clerk
from kenpo.intake.load import findings
from kenpo.intake.load.service import load_folder
from kenpo.intake.tables.columns import PEOPLE
from kenpo.intake.tables.reading import ROWS_MAX
from mailing.post import tracking

Rows = Sequence[Sequence[str]]
ROUNDS_MAX = 20
_ESTABLISHMENTS = ("insurer_number", "code", "name", "postal_code", "address", "symbol")


@dataclass
class Outcome:
    """Mistakes by place in the rows that were given; what merely looks odd, with the place where it has one.

    ``already``: the places of the good rows that brought nothing new, where the service can tell; ``None``: it cannot.
    """

    mistakes: dict[int, list[Mistake]] = field(default_factory=dict)
    odd: list[tuple[int | None, str]] = field(default_factory=list)
    already: set[int] | None = None

    def wrong(self, place: int, mistake: Mistake) -> None:
        self.mistakes.setdefault(place, []).append(mistake)


Take = Callable[[Sequence[str], Rows, Clerk, date], Outcome]


def _write(path: Path, header: Sequence[str], rows: Rows) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n", quoting=csv.QUOTE_ALL)  # a lone CR in a cell, too
        writer.writerow(header)
        writer.writerows(rows)


def through_load(name: str) -> Take:
    """Rows of one file of a load folder. A load is all or nothing, so it is asked again without the bad rows."""

    def take(header: Sequence[str], rows: Rows, by: Clerk, on: date) -> Outcome:
        outcome, left = Outcome(), list(range(len(rows)))
        for _ in range(ROUNDS_MAX):
            if not left:
                return outcome
            bad = _load_once(name, header, [rows[at] for at in left], on, outcome)
            outcome.odd = [(None if at is None else left[at], said) for at, said in outcome.odd]
            for at, mistake in bad:
                outcome.wrong(left[at], mistake)
            if not bad:
                return outcome
            wrong = {at for at, _ in bad}
            left = [place for at, place in enumerate(left) if at not in wrong]
        raise BadInput("誤りが多く、読み切れません。表を分けて取り込んでください。")

    return take


def _load_once(name: str, header: Sequence[str], rows: Rows, on: date, outcome: Outcome) -> list[tuple[int, Mistake]]:
    with scratch.folder() as folder:
        home = folder
        _write(home / findings.ESTABLISHMENTS, _ESTABLISHMENTS, ())
        _write(home / findings.MEMBERS, [one.name for one in PEOPLE if one.required], ())
        _write(home / name, header, rows)
        try:
            outcome.odd = [_told(odd) for odd in load_folder(home, on=on, keep=ROWS_MAX).odd if odd.file == name]
        except BadInput as bad:
            return _of_rows(bad, name)
    return []


def _of_rows(bad: BadInput, name: str) -> list[tuple[int, Mistake]]:
    """Each mistake with the place of its row. Raises BadInput: one is about the file as a whole."""
    placed = [
        (mistake.line - 2, mistake)
        for mistake in bad.mistakes
        if mistake.file in (name, None) and mistake.line and mistake.line > 1
    ]
    whole = [
        Mistake(m.expected, column=m.column)
        for m in bad.mistakes
        if (m.file in (name, None) and m.line == 1) or m.file not in (name, None)
    ]
    if whole or not placed:
        raise BadInput(whole or bad.mistakes)
    return placed


def _told(odd: Mistake) -> tuple[int | None, str]:
    """An oddity with the place of its row; its line is that of the working file."""
    place = odd.line - 2 if odd.line and odd.line > 1 else None
    return place, f"「{odd.column}」：{odd.expected}" if odd.column else odd.expected


def through_filings(header: Sequence[str], rows: Rows, by: Clerk, on: date) -> Outcome:
    """Filings: received and, where their day has come, applied."""
    with scratch.folder() as folder:
        path = folder / "filings.csv"
        _write(path, header, rows)
        taken = filings.take_file(path, by=by, on=on, take_good=True)
        return Outcome(_listed(taken.errors_file), [_told(odd) for odd in taken.odd], _places(taken.already_lines))


def through_tracking(header: Sequence[str], rows: Rows, by: Clerk, on: date) -> Outcome:
    """Numbers of the post by envelope."""
    with scratch.folder() as folder:
        path = folder / "tracking.csv"
        _write(path, header, rows)
        taken = tracking.numbers_from_file(path, by=by, on=on, take_good=True)
        return Outcome(_listed(taken.errors_file), [_told(odd) for odd in taken.odd], _places(taken.already_lines))


def _places(lines: Iterable[int]) -> set[int]:
    """The rows that stand on these lines of a working file."""
    return {line - 2 for line in lines}


def _listed(errors: Path | None) -> dict[int, list[Mistake]]:
    found: dict[int, list[Mistake]] = {}
    if errors is not None:
        with errors.open(encoding="utf-8", newline="") as file:
            for line, column, reason, *_ in islice(csv.reader(file), 1, None):
                found.setdefault(int(line) - 2, []).append(Mistake(reason, column=column or None))
    return found


def through_applications(header: Sequence[str], rows: Rows, by: Clerk, on: date) -> Outcome:
    """Applications, received."""
    with scratch.folder() as folder:
        path = folder / "applications.csv"
        _write(path, header, rows)
        taken = applications.receive_file(path, on=on, by=by, take_good=True)
        outcome = Outcome(odd=[_told(odd) for odd in taken.odd], already=_places(taken.already))
        for mistake in taken.mistakes:
            outcome.wrong((mistake.line or 2) - 2, mistake)
        return outcome
