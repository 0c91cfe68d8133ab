"""What the tests of the load share: a folder with everything, the database's whole state, where mistakes were found."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.db import connection

from core.errors import BadInput
from kenpo.intake.load import load, load_folder
from tests.builders import Folder

DAY = date(2026, 11, 6)
NUMBER_A, NUMBER_B = "123456789018", "987654321093"
TABLES = (
    "members_insurer",
    "members_policy",
    "members_establishment",
    "members_person",
    "members_member",
    "members_address",
    "members_individualnumber",
    "members_personhistory",
    "members_memberhistory",
    "certificates_legacycard",
    "certificates_eligibilitycertificate",
    "certificates_deregistration",
    "certificates_serialcounter",
    "core_event",
)


def state() -> dict[str, list[Any]]:
    """Every row of every table with the place it lies in, so that even an UPDATE to equal values shows."""
    rows = {}
    with connection.cursor() as cursor:
        for table in TABLES:
            cursor.execute(f"SELECT t.ctid::text, t.xmin::text, t::text FROM {table} t ORDER BY t::text")
            rows[table] = cursor.fetchall()
    return rows


def whole(folder: Folder) -> Folder:
    """A folder with something of everything."""
    folder.insured("1", mailing_address="東京都千代田区架空1-1", mailing_postal_code="100-0001")
    folder.dependent("1", individual_number=NUMBER_A, fund_registered_on="2020-05-01")
    folder.insured("2", name="佐藤 次郎", person_key="P2", lost_on="2026-04-01", printed_name="ジロー・サトウ")
    folder.insured("7", name="佐藤 次郎", person_key="P2", acquired_on="2026-04-01", sex_on_back="1")
    folder.legacy_card("1").legacy_card("1", branch_number="01", valid_through="2025-03-31")
    folder.certificate("2", effective_on="2025-12-02").certificate("7", effective_on="2026-04-01", basis="application")
    return folder.deregistration("1")


def mistakes(folder: Folder) -> list[tuple[str | None, int | None, str | None]]:
    """Where the load finds mistakes; nothing may have been kept."""
    before = state()
    with pytest.raises(BadInput) as bad:
        load(folder.write(), on=DAY)
    assert state() == before
    return [(m.file, m.line, m.column) for m in bad.value.mistakes]


def odd(folder: Folder) -> list[tuple[str | None, int | None, str | None]]:
    loaded = load_folder(folder.write(), on=DAY)
    assert loaded.counts["odd"] == len(loaded.odd)
    return [(m.file, m.line, m.column) for m in loaded.odd]
