"""The temporary tables that a load works in; they end with its transaction."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from kenpo.intake.load.columns import Sheet
from kenpo.intake.load.findings import Findings
from kenpo.intake.load.reading import CsvFile


def make_table(cursor: Any, name: str, definition: str, parameters: Any = None) -> None:
    """A temporary table of this transaction; ``definition`` is ``(columns)`` or a SELECT."""
    cursor.execute(f"DROP TABLE IF EXISTS pg_temp.{name} CASCADE")
    if definition.startswith("("):
        cursor.execute(f"CREATE TEMP TABLE {name} {definition} ON COMMIT DROP")
    else:
        cursor.execute(f"CREATE TEMP TABLE {name} ON COMMIT DROP AS {definition}", parameters)
        cursor.execute(f"ANALYZE {name}")


def stage(cursor: Any, path: Path, sheet: Sheet, mistakes: Findings, odd: Findings) -> CsvFile:
    """Copies the file's rows into the sheet's temporary table, which stays empty without the file."""
    columns = ", ".join(f"{column.name} {column.type}" for column in sheet.columns)
    make_table(cursor, sheet.table, f"({columns}, line integer)")
    file = CsvFile(path, sheet, mistakes, odd)
    rows = file.rows() if path.exists() else iter(())
    first = next(rows, None)
    if first is not None:
        names = ", ".join([column.name for column in file.told] + ["line"])
        with cursor.copy(f"COPY {sheet.table} ({names}) FROM STDIN") as copy:
            copy.write_row(first)
            for row in rows:
                copy.write_row(row)
        cursor.execute(f"ANALYZE {sheet.table}")
    return file
