"""The words of each letter, from the dated TOML file in its folder and the office's own changes; the newest value not after the day counts.

A file has the form of ``core.parameters``; ``{…}`` is filled in when the letter is made. No database is asked: the office's changes are
handed in for as long as a run lasts (``using``), so that a run reads them once.
"""

from __future__ import annotations

import string
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from core import parameters
from core.errors import Fault
from core.parameters import Dated, Parameters
from notices.letters import registry

Changes = Mapping[tuple[str, str], tuple[Dated, ...]]
_changes: ContextVar[Changes | None] = ContextVar("changes", default=None)
_municipal: ContextVar[bool] = ContextVar("municipal", default=False)


@contextmanager
def of_scheme(municipal: bool) -> Iterator[None]:
    """Lets letters speak as a municipal scheme does, or as an employers' society, until the block ends."""
    before = _municipal.set(municipal)
    try:
        yield
    finally:
        _municipal.reset(before)


def table(letter: str) -> Parameters:
    """A letter's places in the words of the scheme: a municipal one has its own for some of them.

    Raises:
        Fault: no such letter.
    """
    kind = registry.find(letter)
    if kind is None:
        raise Fault(f"文書「{letter}」はありません。")
    return _table(letter, kind.texts, _municipal.get())


@cache
def _table(letter: str, path: Path, municipal: bool) -> Parameters:
    written, name = parameters.load(path), f"{letter}.toml"
    own = path.with_suffix(".municipal.toml")
    if not municipal or not own.is_file():
        return Parameters(name, written.labels, written.values)
    other = parameters.load(own)
    return Parameters(name, {**written.labels, **other.labels}, {**written.values, **other.values})


@contextmanager
def using(changes: Changes) -> Iterator[None]:
    """Lets the changes count (by letter and key, the oldest first) until the block ends."""
    before = _changes.set(changes)
    try:
        yield
    finally:
        _changes.reset(before)


def in_use() -> Changes | None:
    """The changes that count now; ``None`` where nobody has handed any in."""
    return _changes.get()


class Wording:
    """The words of one letter on one day."""

    def __init__(self, name: str, day: date) -> None:
        self._name = name
        self._table = table(name)
        self._day = day

    def dated(self, key: str) -> Dated:
        """The value as written with its day and source. From the same day on, the office's own goes before the file's.

        Raises:
            Fault: no such key, or no wording for the day yet.
        """
        written = self._table.dated(key, self._day)
        changed = (_changes.get() or {}).get((self._name, key), ())
        newer = [each for each in changed if written.valid_from <= each.valid_from <= self._day]
        return newer[-1] if newer else written

    def raw(self, key: str) -> Any:
        """The value as written; what the office's own words of several cases do not say, the file says."""
        value, written = self.dated(key).value, self._table.dated(key, self._day).value
        return {**written, **value} if isinstance(value, dict) and isinstance(written, dict) else value

    def text(self, key: str, **values: Any) -> str:
        """One filled sentence."""
        return fill(self.raw(key), values)

    def texts(self, key: str, **values: Any) -> list[str]:
        """Filled paragraphs."""
        return [fill(text, values) for text in self.raw(key)]


def fill(template: str, values: Mapping[str, Any]) -> str:
    """The sentence with its ``{…}`` filled; what a value says is never read as a template.

    Raises:
        Fault: the wording asks for something that the letter does not know.
    """
    unknown = placeholders(template) - values.keys()
    if unknown:
        raise Fault(f"文面の {{{'}・{'.join(sorted(unknown))}}} は埋められません。文面のファイルを確認してください。")
    return template.format_map(values)


def placeholders(template: str) -> set[str]:
    """The names that a sentence wants filled in."""
    return {name for _, name, _, _ in string.Formatter().parse(template) if name is not None}
