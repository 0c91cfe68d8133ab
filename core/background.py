"""Long work outside the request: a page asks for it, a worker does it, the job's row tells how far it is.

Without ``REDIS_URL``, or while nothing answers there, it is done at once, in the caller. The queue carries the job's id
and nothing else.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Mapping
from typing import Any

from celery import shared_task
from kombu.exceptions import OperationalError

from core import jobs
from core.errors import BadInput, Refused
from core.models import Clerk, Job

Work = Callable[[Mapping[str, Any], Clerk], object]
_WORK: dict[str, Work] = {}
log = logging.getLogger(__name__)


def does(kind: str) -> Callable[[Work], Work]:
    """Names the function that does every job whose key begins with ``kind``; it claims the job's key itself."""

    def known(work: Work) -> Work:
        _WORK[kind] = work
        return work

    return known


def begin(key: str, *, by: Clerk, order: Mapping[str, Any]) -> Job:
    """Asks for the work and answers its job; asked twice at once, it is done once. ``order`` is kept as JSON."""
    job, new = jobs.ask(key, by=by, order=order)
    if new:
        try:
            do_job.delay(job.pk)
        except OperationalError:
            do_job(job.pk)
        job.refresh_from_db()
    return job


@shared_task(name="kenpo.job")
def do_job(job_id: int) -> None:
    """Does one job as it was asked for. However it ends, the job's row says so."""
    job = Job.objects.select_related("actor").get(pk=job_id)
    assert job.actor is not None  # only a clerk asks
    try:
        _WORK[re.split(r"[ :]", job.key)[0]](job.order, job.actor)
    except (Refused, BadInput) as refusal:
        jobs.refuse(job.key, str(refusal))
    except Exception as failure:
        # Its text may quote a row. The claim has kept its kind on the job's row.
        log.error("job %s failed: %s", job_id, type(failure).__name__)
        jobs.refuse(job.key, "始められませんでした。もう一度実行し、続くときは管理者に知らせてください。")
