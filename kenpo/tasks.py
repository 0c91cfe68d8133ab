from __future__ import annotations

from celery import shared_task

from core import clock
from core.background import do_job as do_job  # the worker finds them here
from core.background import do_waiting as do_waiting
from kenpo.month.daily import run_day


@shared_task(name="kenpo.daily")
def daily() -> None:
    """Every day at one in the morning; the same as ``manage.py daily``."""
    run_day(clock.today())
