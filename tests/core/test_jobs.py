"""One process per piece of work: a living holder is respected, a killed one is not waited for."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest
from django.db import connection

from core import jobs
from core.errors import BadInput, Refused
from core.models import Clerk, Job

HOLD = """
import os, sys, time
import django
django.setup()
from core import jobs
with jobs.claim("month 2026-11"):
    print("holding", flush=True)
    time.sleep(120)
"""

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.concurrency]


@pytest.fixture
def holder(other_process):
    """Another process that holds the key until it is told otherwise."""
    process = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-c", HOLD], env=other_process, stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        assert process.stdout.readline().strip() == "holding"
        yield process
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def test_a_second_process_is_refused_while_the_first_lives(holder) -> None:
    with pytest.raises(Refused), jobs.claim("month 2026-11"):
        pytest.fail("two holders at once")
    row = Job.objects.get(key="month 2026-11")
    assert (row.state, row.process_id) == (Job.State.RUNNING, holder.pid)


def test_another_key_is_free_meanwhile(holder) -> None:
    with jobs.claim("month 2026-12") as job:
        assert job.state == Job.State.RUNNING


def test_a_killed_holder_is_followed_at_once(holder, clerk: Clerk) -> None:
    holder.send_signal(signal.SIGKILL)
    # Dead, but not buried: as under a supervisor that is slow to take notice.
    os.waitid(os.P_PID, holder.pid, os.WEXITED | os.WNOWAIT)
    with jobs.claim("month 2026-11", by=clerk) as job:
        assert job.attempts == 2
        assert job.actor == clerk
    assert Job.objects.get(key="month 2026-11").state == Job.State.DONE


def test_the_row_tells_how_it_went(clerk: Clerk) -> None:
    with jobs.claim("month 2026-11", by=clerk) as job:
        jobs.step(job, "match", {"rows": 3})
    row = Job.objects.get(key="month 2026-11")
    assert (row.state, row.step, row.outcome, row.attempts) == (Job.State.DONE, "match", {"rows": 3}, 1)
    assert row.ended_at is not None


@pytest.mark.parametrize("refusal", [Refused("帯域を外れました。"), BadInput("列がありません。")])
def test_a_refusal_is_kept_with_its_reason(refusal: Exception) -> None:
    with pytest.raises(type(refusal)), jobs.claim("month 2026-11"):
        raise refusal
    row = Job.objects.get(key="month 2026-11")
    assert (row.state, row.message) == (Job.State.REFUSED, str(refusal))


def test_an_unexpected_failure_keeps_only_its_kind() -> None:
    with pytest.raises(ZeroDivisionError), jobs.claim("month 2026-11"):
        raise ZeroDivisionError("山田 太郎")
    row = Job.objects.get(key="month 2026-11")
    assert (row.state, row.message) == (Job.State.FAILED, "ZeroDivisionError")
    with jobs.claim("month 2026-11") as again:
        assert again.attempts == 2


def test_the_lock_is_given_back() -> None:
    with jobs.claim("month 2026-11"):
        pass
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_locks JOIN pg_database d ON d.oid = database"
            " WHERE locktype = 'advisory' AND granted AND d.datname = current_database()"
        )
        assert cursor.fetchone()[0] == 0
