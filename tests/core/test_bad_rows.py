"""The list of bad rows can be read again, whatever stood in the row."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from core.bad_rows import bad_rows
from core.errors import Mistake


@pytest.mark.parametrize("cell", ["a\rb", "a\r\nb", "a\nb", 'a"b', "a,b", "\r"])
def test_a_cell_comes_back_as_it_was(tmp_path: Path, cell: str) -> None:
    path = tmp_path / "f.csv.errors.csv"
    with bad_rows(path) as rows:
        rows.head(["name", "line"])
        rows.add([Mistake("直してください。", column="name")], 7, [cell, "1"])
        rows.keep = True
    with path.open(encoding="utf-8", newline="") as file:
        head, row = csv.reader(file)
    assert head == ["line", "column", "reason", "name", "filed_line"]
    assert row == ["7", "name", "直してください。", cell, "1"]
