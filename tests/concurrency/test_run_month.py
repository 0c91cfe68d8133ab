"""A month run by a process that is killed, and by two at once."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection, transaction

from core import jobs
from tests.conftest import run_command
from tests.story.month import DAY, everything_stored, invent_and_load

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.concurrency]

RUN = ["run_month", "2026-11", "--by", "hanako", "--on", DAY]
MOMENTS = 10


def _start(environment: dict[str, str], home: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, str(settings.BASE_DIR / "manage.py"), *RUN],
        env={**environment, "KENPO_TODAY": DAY},
        cwd=settings.BASE_DIR,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def test_a_month_killed_at_ten_moments_ends_as_an_undisturbed_one(
    tmp_path: Path, home: Path, other_process: dict[str, str]
) -> None:
    invent_and_load(tmp_path / "in", members=3_000)
    started = time.monotonic()
    with transaction.atomic():
        assert run_command(*RUN).code == 0
        undisturbed = everything_stored()
        transaction.set_rollback(True)
    took = time.monotonic() - started
    assert not everything_stored()["decisions"]

    for moment in range(MOMENTS):
        process = _start(other_process, home)
        try:
            process.wait(timeout=0.6 + took * moment / MOMENTS)
        except subprocess.TimeoutExpired:
            process.kill()
        process.communicate()

    assert run_command(*RUN).code == 0
    assert everything_stored() == undisturbed


def test_of_two_at_once_one_works_and_the_other_says_so(
    tmp_path: Path, home: Path, other_process: dict[str, str]
) -> None:
    invent_and_load(tmp_path / "in", members=60)

    with jobs.claim(_key()):
        refused = _start(other_process, home)
        _, error = refused.communicate(timeout=60)

    assert refused.returncode == 1
    assert "実行中" in error.decode()
    assert run_command(*RUN).code == 0


def _key() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT number FROM members_insurer WHERE main_id IS NULL")
        return f"month:{cursor.fetchone()[0]}:2026-11"
