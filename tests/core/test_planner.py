"""Statistics after a step that wrote much: refreshed where much was written, and never in the way of the step."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest
from django.db import connection

from core import planner
from core.models import Event
from core.planner import refresh_statistics
from core.transitions import record

pytestmark = pytest.mark.django_db


@pytest.fixture
def table() -> Iterator[str]:
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE planner_rows AS SELECT n FROM generate_series(1, 3000) AS n")
        yield "planner_rows"


def rows_known(table: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT reltuples FROM pg_class WHERE relname = %s", [table])
        return int(cursor.fetchone()[0])


@pytest.mark.parametrize(("written", "known"), [(999, -1), (1000, 3000), (1001, 3000)])
def test_what_wrote_many_rows_refreshes_the_statistics(table: str, written: int, known: int) -> None:
    refresh_statistics(table, written=written)
    assert rows_known(table) == known


def test_a_role_that_may_not_maintain_a_table_goes_on_without(table: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("CREATE ROLE planner_clerk")
        cursor.execute("GRANT SELECT, INSERT, UPDATE ON planner_rows TO planner_clerk")
        cursor.execute("SET LOCAL ROLE planner_clerk")
        refresh_statistics(table)
        cursor.execute("SELECT count(*) FROM planner_rows")
        assert cursor.fetchone()[0] == 3000
        cursor.execute("RESET ROLE")
    assert rows_known(table) == -1


def test_many_events_refresh_the_statistics_of_the_log(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(planner, "MANY", 3)
    known = rows_known("core_event")
    record("open", "x", [1, 2], by=None, on=date(2026, 11, 10), note={})
    assert rows_known("core_event") == known
    record("open", "x", [3, 4, 5], by=None, on=date(2026, 11, 10), note={})
    assert rows_known("core_event") == Event.objects.count() == 5
