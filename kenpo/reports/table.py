"""A report as tables of cells, which the page, the PDF and the spreadsheet show alike. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

Cell = str | int | date | None


@dataclass(frozen=True, slots=True)
class Column:
    """``share``: its part of the width on paper; ``number``: set to the right; ``name``: in the typeface of names."""

    label: str
    share: float = 1.0
    number: bool = False
    name: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """``rows`` may be a stream that is read once; ``empty`` is said where there is none; ``size_pt``: type on paper."""

    title: str
    columns: tuple[Column, ...]
    rows: Iterable[tuple[Cell, ...]]
    note: str = ""
    empty: str = "該当はありません。"
    size_pt: float = 9.5


@dataclass(frozen=True, slots=True)
class Report:
    """``about``: lines under the title; ``seals``: whose signs the first page has boxes for; ``wide``: paper on its side."""

    title: str
    society: str
    made_on: date
    about: tuple[str, ...]
    tables: tuple[Table, ...]
    seals: tuple[str, ...] = field(default=())
    wide: bool = False
