"""The list of a CSV's bad rows, handed back with line, column, reason and the row's own cells."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from core.disk import text_part
from core.errors import Mistake

ERRORS = ("line", "column", "reason")
# A column of the file whose name the list of errors uses itself stands there, and is read, under this name.
RENAMED = "filed_"
ERRORS_SUFFIX = ".errors.csv"


class BadRows:
    """The list of bad rows, written as they are found; it takes its name only when it is whole and ``keep`` is set."""

    def __init__(self, file: IO[str]) -> None:
        self._writer = csv.writer(file, lineterminator="\n")
        # A lone CR ends a line for whoever reads, but Python quotes it only since 3.13.
        self._quoting = csv.writer(file, lineterminator="\n", quoting=csv.QUOTE_ALL)
        self.keep = False

    def head(self, header: Sequence[str]) -> None:
        self._writer.writerow([*ERRORS, *(RENAMED + name if name in ERRORS else name for name in header)])

    def add(self, mistakes: Sequence[Mistake], line: int, cells: Sequence[str]) -> None:
        columns = "・".join(dict.fromkeys(m.column for m in mistakes if m.column))
        reasons = " ".join(dict.fromkeys(m.expected for m in mistakes))
        writer = self._quoting if any("\r" in cell for cell in cells) else self._writer
        writer.writerow([line, columns, reasons, *cells])


@contextmanager
def bad_rows(path: Path) -> Iterator[BadRows]:
    """The list at ``path``, readable by its owner only, since it holds people's data; a list of an earlier try goes."""
    with text_part(path, final=lambda: path if rows.keep else None) as file:
        rows = BadRows(file)
        yield rows
    if not rows.keep:
        path.unlink(missing_ok=True)
