"""The files of an invented society, as the tests read them."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import date
from pathlib import Path

from django.core.management import call_command

MONTH = date(2026, 11, 1)
Row = dict[str, str]
Society = Callable[..., tuple[Path, dict[str, int]]]


def table(folder: Path, name: str) -> list[Row]:
    with open(folder / f"{name}.csv", encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def fund_rows(path: Path) -> list[list[str]]:
    with open(path, encoding="utf-8", newline="") as handle:
        return list(csv.reader(handle))


def key(row: Row) -> tuple[str, str, str, str]:
    return row["insurer_number"], row["symbol"], row["number"], row["branch_number"]


def day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def certain(text: str) -> date:
    return date.fromisoformat(text)


def covered(row: Row, on: date) -> bool:
    lost_on = day(row["lost_on"])
    return certain(row["acquired_on"]) <= on and (lost_on is None or on < lost_on)


def case_rows(folder: Path, kind: str) -> list[Row]:
    """Rows of ``members.csv`` that ``cases.csv`` names for a kind."""
    keys = {key(row) for row in table(folder, "cases") if row["case"] == kind}
    return [row for row in table(folder, "members") if key(row) in keys]


def run(*arguments: str) -> tuple[int, str, str]:
    out, err = io.StringIO(), io.StringIO()
    try:
        call_command("invent", *arguments, stdout=out, stderr=err)
    except SystemExit as end:
        return int(end.code or 0), out.getvalue(), err.getvalue()
    return 0, out.getvalue(), err.getvalue()
