"""What PostgreSQL's planner is told after a step that wrote much, so that the next step does not work by old statistics."""

from __future__ import annotations

from typing import Final

from django.db import connection, models

MANY: Final = 1_000
"""Rows; what fewer change is left to PostgreSQL's own housekeeping, which comes within minutes."""


def refresh_statistics(*tables: type[models.Model] | str, written: int = MANY) -> None:
    """Looks at the tables anew if a step has written ``written`` rows and these are many; at the end of the step.

    A table another session holds is passed over, not waited for. So is, with a warning of the server, a table that the
    installation's role does not own and may not maintain: the step has succeeded all the same.
    Source: PostgreSQL manual (ANALYZE, "Notes" and SKIP_LOCKED).
    """
    if written < MANY:
        return
    names = [table if isinstance(table, str) else table._meta.db_table for table in tables]
    with connection.cursor() as cursor:
        quoted = ", ".join(connection.ops.quote_name(name) for name in names)
        cursor.execute(f"ANALYZE (SKIP_LOCKED) {quoted}")
