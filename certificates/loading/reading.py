"""Reads one CSV file as a stream: every cell checked, every mistake named by line and column, nothing held."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from operator import itemgetter
from pathlib import Path
from typing import Any, TextIO

from certificates.loading.columns import Column, Sheet
from certificates.loading.findings import Findings
from core.damage import told

ENCODING = "utf-8-sig"


class _NulError(Exception):
    """A NUL character: PostgreSQL cannot store it, and no text holds one."""


def _lines(file: TextIO) -> Iterator[str]:
    for line in file:
        if "\0" in line:
            raise _NulError
        yield line


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
        line = 1
        with self.path.open(encoding=ENCODING, newline="") as file:
            reader = csv.reader(_lines(file), strict=True)
            try:
                header = next(reader, [])
                if not self._take_header(header):
                    return
                line = reader.line_num + 1
                for values in self._values(reader, header):
                    line = reader.line_num + 1
                    yield values
            except UnicodeDecodeError:
                self._wrong(
                    "文字コードがUTF-8ではありません。UTF-8（CSV UTF-8）で保存し直してください。", None
                )
            except csv.Error:
                self._wrong('引用符（"）の対応が正しくありません。この行の前後を確認してください。', line)
            except _NulError:
                self._wrong("使えない文字（NUL）があります。この行の前後を確認してください。", line)

    def _wrong(self, expected: str, line: int | None, column: str | None = None) -> None:
        self.mistakes.add(self.sheet.file, expected, line=line, column=column)

    def _take_header(self, header: list[str]) -> bool:
        known = {column.source for column in self.sheet.columns}
        missing = [
            source
            for source in dict.fromkeys(c.source for c in self.sheet.columns if not c.optional)
            if source not in header
        ]
        for source in missing:
            self._wrong("この列がありません。1行目の列の名前を確認してください。", 1, source)
        doubled = [source for source in known if header.count(source) > 1]
        for source in doubled:
            self._wrong("同じ名前の列が二つあります。どちらかを消してください。", 1, source)
        for extra in header:
            if extra not in known:
                self.odd.add(self.sheet.file, "知らない列なので読みませんでした。", line=1, column=extra)
        self.told = tuple(c for c in self.sheet.columns if c.source in header)
        return not (missing or doubled)

    def _values(self, reader: Any, header: list[str]) -> Iterator[list[Any]]:
        width = len(header)
        pick = itemgetter(*(header.index(column.source) for column in self.told))
        parsers = [column.parse for column in self.told]
        looked_at = [(header.index(c.source), c.source, c.use) for c in self.told if c.use is not None]
        start = reader.line_num + 1
        for row in reader:
            line, start = start, reader.line_num + 1
            if len(row) != width:
                if row:
                    self._wrong(f"{width}列あるはずの行です（{len(row)}列でした）。", line)
                continue
            self.rows_read += 1
            try:
                values = [parse(cell) for parse, cell in zip(parsers, pick(row), strict=True)]
            except ValueError:
                values = self._one_by_one(pick(row), line)
            for place, source, use in looked_at:
                if damage := told(row[place], use):
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
                self._wrong(str(error), line, column.source)
        return values
