"""A document's decision once more under a new serial: same enrollment, days and limit; it awaits approval like the first."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from typing import Any

from django.db import connection, models

from certificates.documents.serials import draw
from core.models import Clerk
from core.planner import refresh_statistics
from core.transitions import record
from members.models import Insurer


def copies(
    model: type[models.Model],
    columns: str,
    ids: Collection[int],
    insurer: Insurer,
    *,
    by: Clerk | None,
    on: date,
    note: Mapping[str, Any],
) -> list[int]:
    """The same decisions proposed under new serials, in the order of the old ones; within the caller's transaction.

    ``columns``: what is taken over, as SQL; ``note`` names the dispatch and says why.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {model._meta.db_table} (serial, {columns}, status)"
            f" SELECT certificates_serial(%s + row_number() OVER (ORDER BY id) - 1), {columns}, 'proposed'"
            f" FROM {model._meta.db_table} WHERE id = ANY(%s) ORDER BY id RETURNING id",
            [draw(insurer, len(ids)), list(ids)],
        )
        made = [row[0] for row in cursor.fetchall()]
    refresh_statistics(model, written=len(made))
    record("propose", model._meta.label, made, by=by, on=on, note=note)
    return made
