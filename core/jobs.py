"""One process per piece of work: claim, progress, outcome, also when the last holder was killed."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from enum import StrEnum
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from core.errors import BadInput, Fault, Refused
from core.models import Clerk, Job

GRACE_SECONDS = 10.0
WAITS_AT_MOST = timedelta(minutes=10)
"""A job nobody has begun for so long may be asked for again: its message was lost."""


_HOLDERS = (
    "FROM pg_locks WHERE locktype = 'advisory' AND granted"
    " AND ((classid::bigint << 32) | objid::bigint) = hashtextextended(%s, 0)"
    " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
)


def _try_lock(key: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(hashtextextended(%s, 0))", [key])
        return bool(cursor.fetchone()[0])


def _held(key: str) -> bool:
    """Whether a session holds the claim; looking takes nothing, so that it stands in nobody's way."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT EXISTS (SELECT 1 {_HOLDERS})", [key])
        return bool(cursor.fetchone()[0])


def _unlock(key: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_unlock(hashtextextended(%s, 0))", [key])


def _process_lives(process_id: int) -> bool:
    try:
        os.kill(process_id, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    # A killed child that nobody has waited for yet still has a number; it works no more.
    try:
        with open(f"/proc/{process_id}/stat", encoding="ascii", errors="replace") as stat:
            return stat.read().rsplit(")", 1)[1].split()[0] not in ("Z", "X")
    except (OSError, IndexError):
        return True


def _end_orphan(key: str) -> None:
    """Ends the database session of a holder whose process is dead but whose lock lingers."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT pg_terminate_backend(pid) {_HOLDERS}", [key])


def _acquire(key: str) -> None:
    deadline = time.monotonic() + GRACE_SECONDS
    while not _try_lock(key):
        holder = Job.objects.filter(key=key).values_list("host", "process_id").first()
        here = socket.gethostname()
        if holder is not None and (holder[0] != here or _process_lives(holder[1])):
            raise Refused("同じ処理がいま実行中です。終わるのを待ってから、もう一度実行してください。")
        if holder is not None:
            _end_orphan(key)
        if time.monotonic() > deadline:
            raise Refused("同じ処理がいま実行中です。終わるのを待ってから、もう一度実行してください。")
        time.sleep(0.05)


def ask(key: str, *, by: Clerk, order: Mapping[str, Any]) -> tuple[Job, bool]:
    """The job's row, waiting for whoever will do it; ``False`` where it waits or runs already, so that it is begun once."""
    with transaction.atomic():
        fresh = {"state": Job.State.WAITING, "actor": by, "order": dict(order), "attempts": 0}
        job, created = Job.objects.select_for_update().get_or_create(key=key, defaults=fresh)
        if created:
            return job, True
        if under_way(job):
            return job, False
        for name, value in {**fresh, "attempts": job.attempts, "step": "", "outcome": {}, "message": ""}.items():
            setattr(job, name, value)
        job.started_at, job.ended_at = timezone.now(), None
        job.save()
    return job, True


class Standing(StrEnum):
    """Where a job is: its row's state, and whether somebody is there to go on."""

    WAITING = "waiting"
    FORGOTTEN = "forgotten"
    RUNNING = "running"
    STOPPED = "stopped"
    DONE = "done"
    REFUSED = "refused"
    FAILED = "failed"


def standing(job: Job) -> Standing:
    """Where the job is, from its facts alone: state, how long it has waited, whether its claim is held.

    The row is read again where nobody holds the claim, since the job may have ended after the row was read.
    """
    if job.state == Job.State.RUNNING and not _held(job.key):
        now = Job.objects.get(pk=job.pk)
        for name in ("state", "step", "outcome", "message", "started_at", "ended_at"):
            setattr(job, name, getattr(now, name))
        if job.state == Job.State.RUNNING and not _held(job.key):
            return Standing.STOPPED
    if job.state == Job.State.WAITING:
        waited = timezone.now() - job.started_at
        return Standing.WAITING if waited < WAITS_AT_MOST else Standing.FORGOTTEN
    return Standing(job.state)


def under_way(job: Job) -> bool:
    """Whether somebody does the job now, or will in a moment; a killed holder counts as nobody."""
    return standing(job) in (Standing.WAITING, Standing.RUNNING)


def waited_for(key: str) -> Job | None:
    """The job of that key while somebody does it, or will in a moment."""
    job = Job.objects.filter(key=key, state__in=(Job.State.WAITING, Job.State.RUNNING)).first()
    return job if job is not None and under_way(job) else None


def wait(key: str, why: str) -> None:
    """Says on a waiting job's row why nobody has begun it."""
    Job.objects.filter(key=key, state=Job.State.WAITING).update(message=why)


def refuse(key: str, why: str) -> None:
    """Ends a job that was refused before anybody had claimed it."""
    Job.objects.filter(key=key, state=Job.State.WAITING).update(
        state=Job.State.REFUSED, message=why, ended_at=timezone.now()
    )


def foreseen(job: Job) -> list[str]:
    """Why a job was refused or failed, a sentence each; nothing where a failure left no more than its kind."""
    unforeseen = job.state == Job.State.FAILED and job.message.isidentifier() and job.message.isascii()
    return [] if unforeseen else job.message.splitlines()


@contextmanager
def claim(key: str, *, by: Clerk | None = None) -> Iterator[Job]:
    """Holds ``key`` for this process and keeps a Job row that tells how it went.

    The lock is the database session's, so a killed process gives it back. The same key may run again
    later; its row counts the attempts.

    Raises:
        Refused: another living process holds the key.
    """
    _acquire(key)
    try:
        job, created = Job.objects.get_or_create(key=key, defaults={"actor": by})
        if not created:
            job.attempts += 1
            job.started_at = timezone.now()
        job.state, job.ended_at, job.message, job.actor = Job.State.RUNNING, None, "", by
        job.host, job.process_id = socket.gethostname(), os.getpid()
        job.save()
        try:
            yield job
        except (Refused, BadInput) as refusal:
            _end(job, Job.State.REFUSED, str(refusal))
            raise
        except Fault as fault:
            _end(job, Job.State.FAILED, str(fault))
            raise
        except BaseException as failure:
            # The text of an unexpected error may quote a row, so only its kind is kept.
            _end(job, Job.State.FAILED, type(failure).__name__)
            raise
        _end(job, Job.State.DONE, "")
    finally:
        _unlock(key)


def step(job: Job, name: str, outcome: dict[str, Any] | None = None) -> None:
    """Says on the job's row which step is under way (called between transactions)."""
    job.step = name
    if outcome is not None:
        job.outcome = outcome
    job.save(update_fields=["step", "outcome"])


def _end(job: Job, state: Any, message: str) -> None:
    if not connection.is_usable():
        return
    job.state, job.message, job.ended_at = state, message, timezone.now()
    job.save(update_fields=["state", "message", "ended_at", "outcome", "step"])
