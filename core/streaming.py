"""Reading what is too much for memory: a cursor in the server, whose query is planned for all of its rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from itertools import count
from typing import Any, Final

from django.db import connection, transaction

BATCH: Final = 5_000
"""Rows that are fetched at a time."""
_numbers = count(1)


@contextmanager
def streamed(query: str, params: Mapping[str, Any], *, row_factory: Any = None) -> Iterator[Iterator[Any]]:
    """The rows of a query, fetched in batches while the block lasts.

    PostgreSQL plans a cursor for its first tenth of the rows, with a lookup per row where one join would do; all of them
    are wanted here. Source: PostgreSQL manual (``cursor_tuple_fraction``).
    """
    with transaction.atomic():
        connection.ensure_connection()
        with connection.cursor() as setting:
            setting.execute("SET LOCAL cursor_tuple_fraction = 1")
        rows = {} if row_factory is None else {"row_factory": row_factory}
        with connection.connection.cursor(name=f"kenpo_rows_{next(_numbers)}", **rows) as cursor:
            cursor.itersize = BATCH
            cursor.execute(query, params)
            yield cursor
