"""Long work outside the request: a page asks for it, a worker does it, the job's row tells how far it is.

Without ``REDIS_URL`` it is done at once, in the caller. While nothing answers there the job waits, says so, and is begun
as soon as a worker reaches the queue again. The queue carries the job's id and nothing else.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Mapping
from typing import Any

from celery import shared_task
from kombu.exceptions import OperationalError

from core import jobs
from core.errors import BadInput, Fault, Refused, place_of
from core.models import Clerk, Job

Work = Callable[[Mapping[str, Any], Clerk], object]
_WORK: dict[str, Work] = {}
log = logging.getLogger(__name__)

QUEUE_SILENT = (
    "順番を待っています。裏で処理を進める仕組み（Redis）が応答しないため、まだ始められません。応答が戻ると自動で始まります。"
    "10分たっても始まらないときは、管理者に知らせてください。"
)


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
            log.error("job %s waits: the queue does not answer", job.pk)
            jobs.wait(job.key, QUEUE_SILENT)
        job.refresh_from_db()
    return job


@shared_task(name="kenpo.job")
def do_job(job_id: int) -> None:
    """Does one job as it was asked for. However it ends, the job's row says so."""
    job = Job.objects.select_related("actor").get(pk=job_id)
    assert job.actor is not None  # only a clerk asks
    if job.state not in (Job.State.WAITING, Job.State.RUNNING):
        return  # done already: told of once more, after the queue had been silent
    try:
        _WORK[re.split(r"[ :]", job.key)[0]](job.order, job.actor)
    except (Refused, BadInput) as refusal:
        jobs.refuse(job.key, str(refusal))
    except Fault as fault:
        log.error("job %s failed: %s", job_id, place_of(fault))
        jobs.refuse(job.key, str(fault))
    except Exception as failure:
        # Its text may quote a row. The claim has kept its kind on the job's row.
        log.error("job %s failed: %s", job_id, place_of(failure))
        jobs.refuse(job.key, "始められませんでした。もう一度実行し、続くときは管理者に知らせてください。")


@shared_task(name="kenpo.waiting")
def do_waiting() -> None:
    """Begins every job that was asked for while the queue did not answer."""
    silent = Job.objects.filter(state=Job.State.WAITING, message=QUEUE_SILENT)
    for job_id in silent.order_by("started_at").values_list("pk", flat=True):
        do_job(job_id)
