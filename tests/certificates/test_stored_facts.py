"""What SQL reads of stored facts by name is what was stored."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest
from django.db import connection

from certificates.rules.facts import (
    FundRow,
    MemberFacts,
    as_json,
    from_json,
    number_state_sql,
    row_as_of_sql,
    row_file_sql,
)

pytestmark = pytest.mark.django_db
SINCE, BORN = date(2020, 4, 1), date(1990, 4, 1)
ROW = FundRow("registered", date(2026, 10, 31), "daily", date(2023, 4, 1), date(2030, 4, 1), 7, 12, ((8, 3),))


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        (MemberFacts(SINCE, BORN), (None, None, None)),
        (MemberFacts(SINCE, BORN, row=ROW, number_state="mismatch"), (ROW.as_of, ROW.file_id, "mismatch")),
        (MemberFacts(SINCE, BORN, row=FundRow("absent", ROW.as_of)), (ROW.as_of, None, None)),
    ],
)
def test_sql_reads_the_facts_as_they_were_stored(facts: MemberFacts, said: tuple[Any, ...]) -> None:
    stored = as_json(facts)
    names = ", ".join(name("stored.facts") for name in (row_as_of_sql, row_file_sql, number_state_sql))
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {names} FROM (SELECT %s::jsonb AS facts) stored", [json.dumps(stored)])
        assert cursor.fetchone() == said
    assert from_json(stored) == facts
