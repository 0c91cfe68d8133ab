"""Tables as clerks keep them: written, changed, handed in."""

from __future__ import annotations

import csv
import io
from datetime import date, datetime
from pathlib import Path
from typing import Any

from django.test import Client
from django.urls import reverse
from django.utils import timezone

from kenpo.intake.tables import writing
from kenpo.intake.tables.kinds import KINDS

ON = date(2026, 11, 10)
NOW = timezone.make_aware(datetime(2026, 11, 10, 9, 0))


def written(code: str, form: str, tmp_path: Path) -> bytes:
    kind = KINDS[code]
    rows = kind.rows(kind.model._default_manager.all())
    if form != "xlsx":
        return b"".join(writing.csv_chunks(kind.names, rows, form))
    writing.write_xlsx(tmp_path / "t.xlsx", kind.names, rows)
    return (tmp_path / "t.xlsx").read_bytes()


def changed(code: str, **cells: str) -> bytes:
    """The table with other values in its first row."""
    rows = list(csv.DictReader(io.StringIO(written(code, "csv", Path()).decode("utf-8-sig"))))
    rows[0].update(cells)
    return table(list(rows[0]), *(list(row.values()) for row in rows))


def table(header: list[str], *rows: list[str], encoding: str = "utf-8") -> bytes:
    out = io.StringIO()
    csv.writer(out).writerows([header, *rows])
    return out.getvalue().encode(encoding)


def post(browser: Client, code: str, content: bytes, form: str = "csv") -> Any:
    upload = io.BytesIO(content)
    upload.name = "山田太郎.csv"
    return browser.post(reverse("table", args=[code]), {"form": form, "file": upload}, follow=True)
