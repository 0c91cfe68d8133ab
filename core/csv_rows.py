"""The one reader of CSV files: header and rows with their lines, each mistake by line and column.

What makes a file unreadable (encoding, quoting, header) raises; what is wrong with one row stands on the row, so that a
caller may take the others. A line is the one on which a row starts, as an editor counts them.
Source: interfaces.md "CSV"; RFC 4180.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple, TextIO

from core.bad_rows import ERRORS, RENAMED
from core.characters import CONTROL_CLASS
from core.errors import BadInput, Mistake

LINE_MAX = 1_048_576
"""Characters of one line; no row of ours comes near, and a file without line ends must not fill the memory."""

EMPTY_FILE = "ファイルが空です。1行目に列の名前、2行目から値を入れてください。"
NOT_THERE = "ファイルが見つかりません。場所を確認してください。"
NOT_OPEN = "ファイルを開けません。場所と名前を確認してください。"
NOT_UTF8 = "文字コードがUTF-8ではありません。UTF-8（CSV UTF-8）で保存し直してください。"
QUOTES = '引用符（"）の対応が正しくありません。この行の前後を確認してください。'
TOO_LONG = '長すぎる行か値があります。この行の前後で、引用符（"）の対応と行の終わりを確認してください。'
MISSING = "この列がありません。1行目の列の名前を確認してください。"
DOUBLED = "同じ名前の列が二つあります。どちらかを消してください。"
UNNAMEABLE = "列の名前に使えない文字があります。1行目を入れ直してください。"
UNREADABLE = "改行や使えない文字があります。取り除いてください。"
NUL = "使えない文字（NUL）があります。取り除いてください。"
UNKNOWN = "知らない列なので読みませんでした。"

# With the error handler ``surrogateescape`` a byte that is none of the encoding's becomes one of these.
_UNDECODED = re.compile("[\udc80-\udcff]")
_TAB = "\t"
_CONTROL = re.compile(f"[{CONTROL_CLASS}]")


class CsvRow(NamedTuple):
    """One row: where it starts, its own cells, and what is wrong with it whatever its columns mean."""

    line: int
    cells: list[str]
    mistakes: tuple[Mistake, ...] = ()


class CsvRows:
    """The rows of one file. ``names``: its columns, without those that a list of errors adds in front (``annotated``).

    ``unknown``: the named columns that nobody reads, whatever stands there. A cell may hold a tab, which is a blank; with ``only_nul``, any
    character but NUL, which PostgreSQL cannot hold.

    Raises (here and while rows are read):
        BadInput: nothing is in the file, a column is missing or stands twice, bytes are not of the encoding, a quote is
            open, a line or cell is too long; by line.
    """

    def __init__(
        self,
        lines: Iterable[str],
        *,
        required: Sequence[str] = (),
        known: Collection[str] | None = None,
        only_nul: bool = False,
    ) -> None:
        self._lines = _Lines(lines, only_nul=only_nul)
        self._reader = csv.reader(self._lines, strict=True)
        self._bad, self._said = (_holds_nul, NUL) if only_nul else (unreadable, UNREADABLE)
        line, header = next(self._records(), (1, []))
        if not header:
            raise BadInput(Mistake(EMPTY_FILE, line=1))
        header = [name.strip() for name in header]
        while header and not header[-1]:
            header.pop()
        self.annotated = len(ERRORS) if tuple(header[: len(ERRORS)]) == ERRORS else 0
        self.names = [name.removeprefix(RENAMED) for name in header[self.annotated :]]
        check_header(self.names, line, required=required, known=known)
        self.unknown = [] if known is None else [n for n in self.names if n and n not in known]

    def __iter__(self) -> Iterator[CsvRow]:
        width = len(self.names)
        for line, cells in self._records():
            own = cells[self.annotated :] if self.annotated else cells
            while len(own) > width and not own[-1]:
                own.pop()
            if len(own) != width:
                said = f"列の数が見出しと違います。{width}列のはずが{len(own)}列あります。行を確認してください。"
                yield CsvRow(line, own, (Mistake(said, line=line),))
            elif self._lines.suspect or self._reader.line_num > line:
                yield CsvRow(line, own, tuple(self._unreadable(line, own)))
            else:
                yield CsvRow(line, own)

    def _unreadable(self, line: int, cells: Sequence[str]) -> Iterator[Mistake]:
        for name, cell in zip(self.names, cells, strict=True):
            if self._bad(cell) and name not in self.unknown:
                yield Mistake(self._said, line=line, column=name or None)

    def _records(self) -> Iterator[tuple[int, list[str]]]:
        """Every row that holds anything, with the line on which it starts."""
        while True:
            start = self._reader.line_num + 1
            self._lines.suspect = False
            try:
                cells = next(self._reader, None)
            except csv.Error as error:
                said = TOO_LONG if "field limit" in str(error) else QUOTES
                raise BadInput(Mistake(said, line=start)) from None
            if cells is None:
                return
            if any(map(str.strip, cells)):
                yield start, cells


class _Lines:
    """Lines on their way to the parser. ``suspect``: what a cell may not hold stood in one since it was last reset."""

    def __init__(self, lines: Iterable[str], *, only_nul: bool = False) -> None:
        self._lines, self._number, self.suspect = iter(lines), 0, False
        self._only_nul = only_nul

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = next(self._lines)
        self._number += 1
        if len(line) >= LINE_MAX:
            raise BadInput(Mistake(TOO_LONG, line=self._number))
        if not line.isascii() and _UNDECODED.search(line):
            raise BadInput(Mistake(NOT_UTF8, line=self._number))
        if not self.suspect:
            self.suspect = self._holds_suspect(line)
        return line

    def _holds_suspect(self, line: str) -> bool:
        if self._only_nul:
            return "\0" in line
        return _CONTROL.search(line, 0, len(line.rstrip("\r\n"))) is not None


def _holds_nul(cell: str) -> bool:
    return "\0" in cell


def unreadable(cell: str) -> bool:
    """Whether a control character stands in a cell; a tab is a blank."""
    return _CONTROL.search(cell.replace(_TAB, "")) is not None


def check_header(
    names: Sequence[str], line: int, *, required: Sequence[str] = (), known: Collection[str] | None = None
) -> None:
    """Raises BadInput: a column of ``required`` is missing, or one of ``known`` (else any) stands twice; by name."""
    mistakes = [Mistake(MISSING, line=line, column=name) for name in required if name not in names]
    mistakes += [
        Mistake(DOUBLED, line=line, column=name)
        for name in dict.fromkeys(names)
        if name and (known is None or name in known) and names.count(name) > 1
    ]
    if any(_CONTROL.search(name) for name in names):
        mistakes.append(Mistake(UNNAMEABLE, line=line))
    if mistakes:
        raise BadInput(mistakes)


@contextmanager
def open_csv(
    path: Path, *, required: Sequence[str] = (), known: Collection[str] | None = None, only_nul: bool = False
) -> Iterator[CsvRows]:
    """The rows of a UTF-8 file, with or without a BOM. Raises as ``CsvRows``, and BadInput: it cannot be opened."""
    with _opened(path) as file:
        yield CsvRows(_lines_of(file), required=required, known=known, only_nul=only_nul)


@contextmanager
def open_lines(path: Path) -> Iterator[Iterator[str]]:
    """The lines of a UTF-8 file without columns. Raises BadInput: it cannot be opened; as it is read, by line."""
    with _opened(path) as file:
        yield _Lines(_lines_of(file))


def _lines_of(file: TextIO) -> Iterator[str]:
    return iter(lambda: file.readline(LINE_MAX), "")


def _opened(path: Path) -> TextIO:
    try:
        return path.open(encoding="utf-8-sig", errors="surrogateescape", newline="")
    except FileNotFoundError:
        raise BadInput(NOT_THERE) from None
    except (OSError, ValueError):
        raise BadInput(NOT_OPEN) from None
