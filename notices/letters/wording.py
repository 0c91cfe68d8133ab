"""The words of each letter, from dated TOML files that a clerk can read; the newest value not after the day counts.

A file has the form of ``core.parameters``; ``{…}`` is filled in when the letter is made.
"""

from __future__ import annotations

import string
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from core import parameters
from core.errors import Fault

FOLDER = Path(__file__).parent / "wording"


class Wording:
    """The words of one letter on one day."""

    def __init__(self, name: str, day: date) -> None:
        self._table = parameters.load(FOLDER / f"{name}.toml")
        self._day = day

    def raw(self, key: str) -> Any:
        """The value as written.

        Raises:
            Fault: no such key, or no wording for the day yet.
        """
        return self._table.at(key, self._day)

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
        raise Fault(
            f"文面の {{{'}・{'.join(sorted(unknown))}}} は埋められません。文面のファイルを確認してください。"
        )
    return template.format_map(values)


def placeholders(template: str) -> set[str]:
    """The names that a sentence wants filled in."""
    return {name for _, name, _, _ in string.Formatter().parse(template) if name is not None}
