"""The month's page counts its million decisions once, however often it shows them."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from certificates.models import Decision, Run
from core.models import Clerk
from core.web import page_url
from tests.conftest import run_command
from tests.story.month import DAY, invent_and_load


@pytest.fixture
def run(db: None, tmp_path: Path, home: Path, settings: Any) -> Run:
    invent_and_load(tmp_path / "in", members=80)
    assert run_command("run_month", "2026-11", "--by", "hanako", "--on", DAY).code == 0
    return Run.objects.get()


def test_the_answers_are_those_of_the_decisions(run: Run) -> None:
    rows = Counter(Decision.objects.values_list("outcome", "reason"))
    assert run.answers == rows and list(run.answers) == sorted(rows)


def test_the_months_page_groups_its_decisions_once(run: Run, client: Client) -> None:
    client.force_login(Clerk.objects.create_user("hanae", role="clerk", is_staff=True))
    with CaptureQueriesContext(connection) as queries:
        assert client.get(page_url(run)).status_code == 200
    grouped = [q["sql"] for q in queries if 'FROM "certificates_decision"' in q["sql"] and "GROUP BY" in q["sql"]]
    assert len(grouped) == 1, grouped
