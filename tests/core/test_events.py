"""The event log: insert-only, chained by PostgreSQL, and an altered row is found."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from core.models import Clerk, Event
from core.transitions import record
from tests.conftest import run_command

pytestmark = pytest.mark.django_db
DAY = date(2026, 11, 6)


def write(*ids: int, verb: str = "approve", by: Clerk | None = None) -> None:
    record(verb, "certificates.EligibilityCertificate", ids, by=by, on=DAY, note={"to": "approved"})


@contextmanager
def triggers_off() -> Iterator[None]:
    """What somebody with the database's own password could do."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # no check may be pending while the table changes
        cursor.execute("ALTER TABLE core_event DISABLE TRIGGER USER")
        yield
        cursor.execute("ALTER TABLE core_event ENABLE TRIGGER USER")


def test_rows_are_numbered_and_chained_also_within_one_statement(clerk: Clerk) -> None:
    write(5, 3, 4, by=clerk)
    write(9)
    rows = list(Event.objects.order_by("seq"))
    assert [row.subject_id for row in rows] == [3, 4, 5, 9]
    assert [row.seq for row in rows] == list(range(rows[0].seq, rows[0].seq + 4))
    assert bytes(rows[0].previous_hash) == b""
    for earlier, later in itertools.pairwise(rows):
        assert bytes(later.previous_hash) == bytes(earlier.hash)
    assert len({bytes(row.hash) for row in rows}) == 4


def test_what_is_noted_of_single_ones_stands_beside_what_is_noted_of_all() -> None:
    own: dict[int, dict[str, Any]] = {3: {"ruling": 1}, 5: {"ruling": 2, "run": None}, 9: {"ruling": 3}}
    record("void", "certificates.EligibilityCertificate", [5, 3, 4], by=None, on=DAY, note={"to": "voided"}, each=own)
    assert [(row.subject_id, row.note) for row in Event.objects.order_by("seq")] == [
        (3, {"to": "voided", "ruling": 1}),
        (4, {"to": "voided"}),
        (5, {"to": "voided", "ruling": 2, "run": None}),
    ]


def test_a_raw_insert_is_chained_as_well() -> None:
    write(1)
    with connection.cursor() as cursor:
        cursor.execute(
            'INSERT INTO core_event (seq, "on", verb, subject, subject_id, note, previous_hash, hash)'
            " VALUES (999, '2026-11-06', 'x', 'y', 2, '{}', 'forged', 'forged')"
        )
    first, second = Event.objects.order_by("seq")
    assert second.seq == first.seq + 1
    assert bytes(second.previous_hash) == bytes(first.hash)


@pytest.mark.parametrize("statement", ["UPDATE core_event SET verb = 'other'", "DELETE FROM core_event"])
def test_a_written_row_cannot_be_changed_or_removed(statement: str) -> None:
    write(1)
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert Event.objects.get().verb == "approve"


def test_an_untouched_log_verifies() -> None:
    write(1, 2, 3)
    answer = run_command("verify_log")
    assert (answer.code, answer.json["events"]) == (0, 3)
    assert answer.json["head"] == bytes(Event.objects.latest("seq").hash).hex()


def test_an_empty_log_verifies() -> None:
    assert run_command("verify_log").json == {"events": 0, "head": ""}


@pytest.mark.parametrize(
    "change",
    [
        "verb = 'reject'",
        "subject_id = 77",
        "subject = 'other'",
        "\"on\" = '2026-11-07'",
        "at = at + interval '1 second'",
        'note = \'{"to": "voided"}\'',
        "hash = 'x'::bytea",
        "previous_hash = 'x'::bytea",
    ],
)
def test_an_altered_row_is_named(change: str) -> None:
    write(1, 2, 3)
    second = Event.objects.order_by("seq")[1].seq
    with triggers_off(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE core_event SET {change} WHERE seq = %s", [second])
    answer = run_command("verify_log")
    assert answer.code == 1
    assert str(second) in answer.err


def test_an_altered_row_with_its_hash_recomputed_is_found_at_the_next_row() -> None:
    write(1, 2, 3)
    second = Event.objects.order_by("seq")[1].seq
    with triggers_off(), connection.cursor() as cursor:
        cursor.execute("UPDATE core_event SET verb = 'reject' WHERE seq = %s", [second])
        cursor.execute("UPDATE core_event e SET hash = core_event_hash(e) WHERE seq = %s", [second])
    answer = run_command("verify_log")
    assert answer.code == 1
    assert str(second + 1) in answer.err


@pytest.mark.parametrize("place", [0, 1])
def test_a_removed_row_is_found(place: int) -> None:
    write(1, 2, 3)
    removed = Event.objects.order_by("seq")[place].seq
    with triggers_off(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM core_event WHERE seq = %s", [removed])
    answer = run_command("verify_log")
    assert answer.code == 1
    assert str(removed + 1) in answer.err
