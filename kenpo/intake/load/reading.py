"""One file of a load folder as a stream: every cell checked, every mistake named by line and column, nothing held."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from operator import itemgetter
from pathlib import Path
from typing import Any

from core.csv_rows import UNKNOWN, CsvRows, open_csv
from core.damage import told
from core.errors import BadInput, Mistake
from kenpo.intake.load.columns import Column, Sheet
from kenpo.intake.load.findings import Findings


class CsvFile:
    """One file under its sheet; ``told`` are the sheet's columns that the file has, known with the first row."""

    def __init__(self, path: Path, sheet: Sheet, mistakes: Findings, odd: Findings) -> None:
        self.path, self.sheet = path, sheet
        self.mistakes, self.odd = mistakes, odd
        self.rows_read = 0
        self.told: tuple[Column, ...] = ()

    def rows(self) -> Iterator[list[Any]]:
        """The values of each row in the order of ``told``, and its line; a wrong cell is ``None``.

        What makes the rest of the file unreadable is a mistake too, and ends the rows.
        """
        columns = self.sheet.columns
        required = list(dict.fromkeys(c.source for c in columns if not c.optional))
        known = {column.source for column in columns}
        try:
            # What merely looks odd in a name is loaded and listed, so only what cannot be stored is refused.
            with open_csv(self.path, required=required, known=known, only_nul=True) as file:
                self.told = tuple(c for c in columns if c.source in file.names)
                for extra in file.unknown:
                    self.odd.add(self.sheet.file, UNKNOWN, line=1, column=extra)
                yield from self._values(file)
        except BadInput as bad:
            for mistake in bad.mistakes:
                self._wrong(mistake)

    def _wrong(self, mistake: Mistake) -> None:
        self.mistakes.add(self.sheet.file, mistake.expected, line=mistake.line, column=mistake.column)

    def _values(self, file: CsvRows) -> Iterator[list[Any]]:
        pick = itemgetter(*(file.names.index(column.source) for column in self.told))
        parsers = [column.parse for column in self.told]
        looked_at = [(file.names.index(c.source), c.source, c.use) for c in self.told if c.use is not None]
        for line, cells, mistakes in file:
            if mistakes:
                for mistake in mistakes:
                    self._wrong(mistake)
                continue
            self.rows_read += 1
            try:
                values = [parse(cell) for parse, cell in zip(parsers, pick(cells), strict=True)]
            except ValueError:
                values = self._one_by_one(pick(cells), line)
            for place, source, use in looked_at:
                if damage := told(cells[place], use):
                    self.odd.add(self.sheet.file, damage, line=line, column=source)
            values.append(line)
            yield values

    def _one_by_one(self, cells: Sequence[str], line: int) -> list[Any]:
        """The row's values with every mistake in it noted once."""
        values: list[Any] = []
        wrong: set[str] = set()
        for column, cell in zip(self.told, cells, strict=True):
            try:
                values.append(None if column.source in wrong else column.parse(cell))
            except ValueError as error:
                values.append(None)
                wrong.add(column.source)
                self._wrong(Mistake(str(error), line=line, column=column.source))
        return values
