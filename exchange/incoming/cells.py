"""One cell of a record: its text read by its column's parser, or rejected with the reason. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from typing import Any

from core.cells import NUMBER_MAX
from core.characters import BLANKS, CONTROL
from core.plausible import Window
from core.text import identifier_key, kana_key, whole_number
from exchange.profiles import Column, Profile
from exchange.rules.codes import RowReason

LIMITS = {"symbol": 40, "number": 40, "branch_number": 10, "name_kana": 200}
MEMO_LIMIT = 100_000
# A tab or a line end is a blank that the keys drop; no text holds any other control character.
_CONTROL = re.compile(f"[{re.escape(''.join(sorted(CONTROL - BLANKS)))}]")


class CellError(Exception):
    """One cell cannot be read; only the reason is kept, not the cell."""

    def __init__(self, reason: RowReason) -> None:
        self.reason = reason
        super().__init__(reason.value)


class Memo(dict[str, Any]):
    """Remembers what a cell's text means; dates and codes repeat a million times."""

    def __init__(self, read: Callable[[str], Any]) -> None:
        super().__init__()
        self._read = read

    def __missing__(self, cell: str) -> Any:
        if len(self) >= MEMO_LIMIT:
            self.clear()
        value = self[cell] = self._read(cell)
        return value


def date_reader(date_format: str) -> Callable[[str], date]:
    """Reads a day written in ``date_format`` (YYYY, MM, DD); ``CellError`` where the calendar has no such day."""
    pattern = re.escape(date_format)
    for part, digits in (("YYYY", 4), ("MM", 2), ("DD", 2)):
        pattern = pattern.replace(part, f"(?P<{part}>[0-9]{{{digits}}})")
    compiled = re.compile(pattern)

    def read(cell: str) -> date:
        found = compiled.fullmatch(cell)
        if found is None:
            raise CellError(RowReason.BAD_DATE)
        try:
            return date(int(found["YYYY"]), int(found["MM"]), int(found["DD"]))
        except ValueError:
            raise CellError(RowReason.BAD_DATE) from None

    return read


def _text_reader(column: Column) -> Callable[[str], str]:
    limit = LIMITS.get(column.field, 40)

    def read(cell: str) -> str:
        if _CONTROL.search(cell):
            raise CellError(RowReason.BAD_TEXT)
        if len(cell) > limit:
            raise CellError(RowReason.TOO_LONG)
        return cell

    return read


def _keyed_reader(column: Column) -> Callable[[str], tuple[str, str]]:
    text = _text_reader(column)
    key_of = kana_key if column.parser == "kana" else identifier_key

    def read(cell: str) -> tuple[str, str]:
        verbatim = text(cell)
        key = key_of(verbatim)
        if not key and not column.optional:
            raise CellError(RowReason.EMPTY)
        if len(key) > LIMITS[column.field]:
            raise CellError(RowReason.TOO_LONG)
        return verbatim, key

    return read


def _code_reader(column: Column) -> Callable[[str], Any]:
    codes = dict(column.codes)

    def read(cell: str) -> Any:
        try:
            return codes[cell]
        except KeyError:
            raise CellError(RowReason.UNKNOWN_CODE) from None

    return read


def _count(cell: str) -> int:
    count = whole_number(cell, most=NUMBER_MAX)
    if count is None:
        raise CellError(RowReason.UNKNOWN_CODE)
    return count


def reader(column: Column, profile: Profile) -> Callable[[str], Any]:
    """How one column's cell becomes a value; an empty cell, or a date's filler, is ``None`` if optional, else an error."""
    if column.parser in ("identifier", "kana"):
        return _keyed_reader(column)
    read: Callable[[str], Any]
    match column.parser:
        case "date":
            read = date_reader(profile.date_format)
        case "code":
            read = _code_reader(column)
        case "count":
            read = _count
        case _:
            read = _text_reader(column)

    fillers = profile.no_date if column.parser == "date" else ()

    def with_empty(cell: str) -> Any:
        if cell and cell not in fillers:
            return read(cell)
        if column.optional:
            return None
        raise CellError(RowReason.EMPTY)

    return with_empty


def iso(read: Callable[[str], Any], window: Window, on: date) -> Callable[[str], str | None]:
    """A date's cell as ISO text; ``CellError`` where the day lies outside its window as seen from ``on``."""

    def as_text(cell: str) -> str | None:
        day = read(cell)
        if day is not None and not window.holds(day, on):
            raise CellError(RowReason.OUTSIDE_WINDOW)
        return day.isoformat() if day else None

    return as_text
