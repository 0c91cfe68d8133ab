"""Values of the law, dated, each with its source; read from TOML, never from code.

A file is a table of keys; each key has ``label``, ``source`` and ``values``: a list of
``{from = date, value = …, source = …}``. Asking for an unknown key, or for a day before the
first value, is an error: nothing is ever a silent default.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

from core.calendar import wareki
from core.errors import Fault


@dataclass(frozen=True, slots=True)
class Dated:
    """One value with the day it applies from and the text it comes from."""

    valid_from: date
    value: Any
    source: str


@dataclass(frozen=True)
class Parameters:
    """All dated values of one file."""

    name: str
    labels: Mapping[str, str]
    values: Mapping[str, tuple[Dated, ...]]

    def at(self, key: str, day: date) -> Any:
        """The value of ``key`` in force on ``day``.

        Raises:
            Fault: unknown key, or a day before the first value.
        """
        return self.dated(key, day).value

    def dated(self, key: str, day: date) -> Dated:
        """Like ``at``, with the source of the value."""
        if key not in self.values:
            raise Fault(f"パラメーター「{key}」は{self.name}にありません。")
        in_force = [v for v in self.values[key] if v.valid_from <= day]
        if not in_force:
            raise Fault(f"パラメーター「{key}」には{wareki(day)}の値がありません。")
        return in_force[-1]


@cache
def load(path: Path) -> Parameters:
    """Reads and checks one parameter file.

    Raises:
        Fault: a key without source or values, or values out of order.
    """
    table = tomllib.loads(path.read_text(encoding="utf-8"))
    labels: dict[str, str] = {}
    values: dict[str, tuple[Dated, ...]] = {}
    for key, entry in table.items():
        dated = tuple(Dated(v["from"], v["value"], v.get("source", entry.get("source", ""))) for v in entry["values"])
        if not dated or any(not v.source for v in dated) or not entry.get("label"):
            raise Fault(f"{path.name} の「{key}」に名称・出典・値のどれかがありません。")
        if any(a.valid_from >= b.valid_from for a, b in pairwise(dated)):
            raise Fault(f"{path.name} の「{key}」の値が日付の順に並んでいません。")
        labels[key] = entry["label"]
        values[key] = dated
    return Parameters(path.name, labels, values)
