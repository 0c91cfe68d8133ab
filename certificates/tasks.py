from __future__ import annotations

from celery import shared_task

from certificates.ending import close_what_ended
from core import clock


@shared_task(name="certificates.close_what_ended")
def close_what_ended_today() -> None:
    """Daily: what ended yesterday is marked so."""
    close_what_ended(clock.today())
