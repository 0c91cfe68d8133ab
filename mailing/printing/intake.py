"""Small CSV files about what was posted: all rows, or the good ones with the bad ones handed back as a file."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from django.db import transaction

from core.bad_rows import ERRORS_SUFFIX, bad_rows
from core.csv_rows import open_csv
from core.errors import Mistake

ROWS_TOLD = 200
"""Bad rows that are told one by one; the errors file has them all."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of one row: taken, there already, or not, with the reason beside its column. ``warning``: odd, but taken."""

    taken: bool = False
    already: bool = False
    mistake: Mistake | None = None
    warning: str = ""

    @property
    def mistakes(self) -> tuple[Mistake, ...]:
        return (self.mistake,) if self.mistake else ()


@dataclass
class Taken:
    """What became of a file's rows; ``refused`` tells the first of the bad ones, the errors file all.

    ``already_lines``: where the rows start that brought nothing new.
    """

    taken: int = 0
    bad: int = 0
    errors_file: Path | None = None
    refused: list[Mistake] = field(default_factory=list)
    odd: list[Mistake] = field(default_factory=list)
    already_lines: list[int] = field(default_factory=list)

    @property
    def already(self) -> int:
        return len(self.already_lines)

    def tell(self, mistakes: Sequence[Mistake], line: int) -> None:
        """Keeps the first bad rows."""
        if self.bad <= ROWS_TOLD:
            self.refused += [Mistake(one.expected, line=line, column=one.column) for one in mistakes]


class _NothingTaken(Exception):  # noqa: N818 - takes everything back; the caller answers
    pass


def take_file(
    path: Path,
    columns: tuple[str, str],
    take: Callable[[Sequence[tuple[str, str]]], Sequence[Verdict]],
    *,
    take_good: bool = False,
) -> Taken:
    """Hands every row's two cells to ``take`` and lists the bad rows in ``<FILE>.errors.csv``.

    With a bad row and without ``take_good`` nothing is taken. The corrected list may be handed in as it is.

    Raises:
        BadInput: the file cannot be read; nothing is taken, no list is written.
        Refused: the clerk may not.
    """
    errors_path = path.with_name(path.name + ERRORS_SUFFIX)
    taken = Taken()
    with open_csv(path, required=columns, known=columns) as file:
        rows = list(file)
    places = [file.names.index(name) for name in columns]
    with bad_rows(errors_path) as errors:
        errors.head(file.names)
        whole = [row for row in rows if not row.mistakes]
        try:
            with transaction.atomic():
                told = [(row.cells[places[0]].strip(), row.cells[places[1]].strip()) for row in whole]
                said = dict(zip((row.line for row in whole), take(told), strict=True))
                for row in rows:
                    verdict = said.get(row.line, Verdict())
                    taken.taken += verdict.taken
                    if verdict.already:
                        taken.already_lines.append(row.line)
                    if mistakes := row.mistakes or verdict.mistakes:
                        taken.bad += 1
                        errors.add(mistakes, row.line, row.cells)
                        taken.tell(mistakes, row.line)
                    if verdict.warning:
                        taken.odd.append(Mistake(verdict.warning, line=row.line))
                if taken.bad and not take_good:
                    raise _NothingTaken
        except _NothingTaken:
            taken.taken = 0
            taken.odd.clear()
            taken.already_lines.clear()
        errors.keep = taken.bad > 0
    taken.errors_file = errors_path if taken.bad else None
    return taken
