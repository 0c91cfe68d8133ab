"""Months that an earlier version of the program decided and stored still replay, whatever was moved or renamed since.

``tests/files/stored_months`` keeps two invented societies of 150 as they stood in the database before modules moved into
rooms: a table's name and columns, then its rows as PostgreSQL writes them.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from certificates.decisions.replay import differences
from certificates.models import Decision, Run

pytestmark = pytest.mark.django_db
STORED = sorted((Path(__file__).parents[1] / "files" / "stored_months").glob("*.jsonl"))


def restore(path: Path) -> Run:
    """Puts the rows where they were. What they refer to beyond these tables was not kept, and no trigger asks for it."""
    with connection.cursor() as cursor, path.open(encoding="utf-8") as lines:
        cursor.execute("SET LOCAL session_replication_role = replica")
        insert = ""
        for line in lines:
            row: Any = json.loads(line)
            if isinstance(row, dict):
                columns = ", ".join(f'"{name}"' for name in row["columns"])
                places = ", ".join(["%s"] * len(row["columns"]))
                insert = f"INSERT INTO {row['table']} ({columns}) VALUES ({places})"
            else:
                cursor.execute(insert, row)
        cursor.execute("SET LOCAL session_replication_role = origin")
    return Run.objects.get()


@pytest.mark.parametrize("path", STORED, ids=lambda path: path.stem)
def test_a_month_that_was_stored_before_replays(path: Path) -> None:
    run = restore(path)
    assert differences(run) == (150, [])
    outcomes = set(run.decisions.values_list("outcome", flat=True))
    assert outcomes == {"wait", "issue", "review", "not_needed", "not_covered"}


@pytest.mark.parametrize("path", STORED, ids=lambda path: path.stem)
def test_a_stored_answer_that_the_rules_do_not_give_would_be_told(path: Path) -> None:
    run = restore(path)
    issued = Decision.objects.filter(outcome="issue").earliest("pk")
    Decision.objects.filter(pk=issued.pk).update(outcome="not_needed")
    checked, different = differences(run)
    assert checked == 150
    assert [(one.stored.member_id, one.columns) for one in different] == [
        (issued.member_id, (("outcome", "not_needed", "issue"),))
    ]
