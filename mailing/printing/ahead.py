"""The list that an establishment gets before its bundle: who will receive what. Source: print.md "Letters"."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from datetime import date
from itertools import groupby
from pathlib import Path
from typing import Any, Final

from django.db import connection

from certificates.models import Run
from core.calendar import wareki_month
from core.disk import write_whole
from core.errors import Refused
from core.models import Clerk
from core.paper.book import Book
from core.roles import DISPATCH
from core.transitions import record
from mailing.papers import kinds
from mailing.papers.kinds import sql
from mailing.papers.layouts import ahead
from mailing.planning.reading import PROTECTED_SQL
from members.functions import number_order_sql
from members.querysets import PEOPLE_JOINS, name_sql

INDEX: Final = "index.csv"
INDEX_COLUMNS = ("file", "establishment_code", "members")
_HOLDER = ("symbol", "number", "branch_number", "name")


def columns() -> tuple[str, ...]:
    """The columns of an establishment's CSV: whose the documents are, and how many of each kind."""
    return (*_HOLDER, *(kind.stem for kind in kinds.every()))


def _rows_sql() -> str:
    """One row per person, also of those who share a sheet of notices.

    Whoever is protected, or whose insured person is, stands on no list.
    """
    return f"""
SELECT e.id, e.code, e.name, m.symbol, m.number, m.branch_number, {name_sql("p")},
    {sql.counts()}
FROM mailing_dispatch t
JOIN mailing_envelope v ON v.dispatch_id = t.id
JOIN members_establishment e ON e.id = v.establishment_id
JOIN mailing_enclosure x ON x.envelope_id = v.id AND x.active
{sql.joins(everyone=True)}
JOIN members_member m ON m.id = {sql.first("member_id")} {PEOPLE_JOINS}
WHERE t.run_id = %s AND t.channel = 'establishment' AND t.status NOT IN ('sent', 'cancelled')
    AND NOT {PROTECTED_SQL} AND NOT coalesce(ip.nondisclosure OR ip.address_protected, false)
GROUP BY e.id, m.id, p.id
ORDER BY e.code COLLATE "C", e.id, {number_order_sql("m")}, m.id
"""


Row = tuple[Any, ...]


def write_lists(run: Run, to: Path, *, by: Clerk, on: date) -> dict[str, Any]:
    """Writes a PDF and a CSV for each establishment with a bundle of the run on its way, and an index.

    A repeat writes what the database says then. File names hold the establishment's code and nothing about anybody.

    Raises:
        Refused: the clerk may not, or no bundle for an establishment is planned.
    """
    if not by.can(DISPATCH):
        raise Refused(f"「配付予定一覧を作る」は{by.get_role_display()}の権限ではできません。")
    index: list[tuple[str, str, int]] = []
    for (pk, code, name), rows in _bundles(run):
        stem = f"{re.sub(r'[^0-9A-Za-z-]', '', code)}-{pk}"
        face = ahead.AheadFace(code, name, run.insurer.name, on, tuple(map(_line, rows)))
        with Book(to / f"{stem}.pdf", title=stem) as book:
            ahead.draw(book, face)
        write_whole(to / f"{stem}.csv", _csv(columns(), rows))
        index.append((stem, code, len(rows)))
    if not index:
        raise Refused(
            f"{wareki_month(run.month)}に事業所へ送る封筒の計画がありません。"
            f"`manage.py assemble {run.month:%Y-%m}` で封入を計画してから実行してください。"
        )
    write_whole(to / INDEX, _csv(INDEX_COLUMNS, index))
    members = sum(count for *_, count in index)
    record("announce", Run._meta.label, [run.pk], by=by, on=on, note={"establishments": len(index), "members": members})
    return {"establishments": len(index), "members": members}


def _bundles(run: Run) -> Iterator[tuple[tuple[int, str, str], list[Row]]]:
    with connection.cursor() as cursor:
        cursor.execute(_rows_sql(), [run.pk])
        for establishment, rows in groupby(cursor, key=lambda row: row[:3]):
            yield establishment, [row[3:] for row in rows]


def _line(row: Row) -> ahead.AheadRow:
    symbol, number, branch, name, *counts = row
    documents = "・".join(kind.label for kind, count in zip(kinds.every(), counts, strict=True) if count)
    return ahead.AheadRow(symbol, number, branch, name, documents)


def _csv(columns: tuple[str, ...], rows: Any) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)
    return text.getvalue().encode("utf-8")
