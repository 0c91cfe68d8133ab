"""Celery: the schedule stands in code; without ``REDIS_URL`` tasks run at once, in the caller."""

from __future__ import annotations

import os
from typing import Any

from celery import Celery
from celery.schedules import crontab
from celery.signals import worker_init, worker_ready

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kenpo.settings")

from django.conf import settings

from core.broker import celery_settings

app = Celery("kenpo")
app.conf.update(
    **celery_settings(settings.REDIS_URL),
    result_backend=None,
    task_always_eager=not settings.REDIS_URL,
    task_eager_propagates=True,
    # A task is acknowledged when it is done, so a killed worker's task comes again; every task may be repeated.
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    task_ignore_result=True,
    task_serializer="json",
    accept_content=["json"],
    timezone=settings.TIME_ZONE,
    broker_connection_retry_on_startup=True,
    worker_prefetch_multiplier=1,
    beat_schedule={
        "daily": {"task": "kenpo.daily", "schedule": crontab(hour=1, minute=0)},
        "waiting": {"task": "kenpo.waiting", "schedule": 60.0},
    },
)
app.autodiscover_tasks()


@worker_init.connect
def _sweep(**_: Any) -> None:
    """What an earlier process left behind when it was killed goes."""
    from core.scratch import sweep

    sweep()


@worker_ready.connect
def _begin_waiting(**_: Any) -> None:
    """What was asked for while there was no queue is begun as soon as a worker is there."""
    app.send_task("kenpo.waiting")
