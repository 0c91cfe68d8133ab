"""The list of a CSV's bad rows, handed back with line, column, reason and the row's own cells."""

from __future__ import annotations

import csv
import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from core.errors import Mistake

ERRORS = ("line", "column", "reason")
# A column of the file whose name the list of errors uses itself stands there, and is read, under this name.
RENAMED = "filed_"
ERRORS_SUFFIX = ".errors.csv"


class BadRows:
    """The list of bad rows, written as they are found; it takes its name only when it is whole and ``keep`` is set."""

    def __init__(self, file: IO[str]) -> None:
        self._writer = csv.writer(file, lineterminator="\n")
        self.keep = False

    def head(self, header: Sequence[str]) -> None:
        self._writer.writerow([*ERRORS, *(RENAMED + name if name in ERRORS else name for name in header)])

    def add(self, mistakes: Sequence[Mistake], line: int, cells: Sequence[str]) -> None:
        columns = "・".join(dict.fromkeys(m.column for m in mistakes if m.column))
        reasons = " ".join(dict.fromkeys(m.expected for m in mistakes))
        self._writer.writerow([line, columns, reasons, *cells])


@contextmanager
def bad_rows(path: Path) -> Iterator[BadRows]:
    """The list at ``path``, readable by its owner only, since it holds people's data; a list of an earlier try goes."""
    with tempfile.NamedTemporaryFile(
        "w", dir=path.parent, prefix=".", suffix=ERRORS_SUFFIX, encoding="utf-8", newline="", delete=False
    ) as file:
        rows = BadRows(file)
        try:
            yield rows
        except BaseException:
            os.unlink(file.name)
            raise
    if rows.keep:
        os.replace(file.name, path)
    else:
        os.unlink(file.name)
        path.unlink(missing_ok=True)
