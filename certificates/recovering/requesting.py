"""返納のお願い: the first word of a duty, once. Source: domain.md §9."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from typing import Any

from django.db import transaction

from certificates.models import Recovery
from certificates.recovering.reminding import wanted_back
from core.errors import Refused
from core.models import Clerk
from core.roles import EDIT
from core.transitions import lock_chain, record


def due_requests(on: date) -> list[Recovery]:
    """Open duties that have had no letter yet, by due date; of a lost or expired paper nothing is asked."""
    return list(wanted_back(on).filter(requested_on=None, reminders=0, opened_on__lte=on))


def note_requests(
    on: date, *, by: Clerk, only: Collection[int], note: Mapping[str, Any] | None = None
) -> list[Recovery]:
    """Notes that these duties are asked for and answers them, for printing; one asked for before is left out.

    ``note``: what else the log keeps.

    Raises:
        Refused: the clerk may not.
    """
    if not by.can(EDIT):
        raise Refused(f"「返納をお願いする」は{by.get_role_display()}の権限ではできません。")
    with transaction.atomic():
        lock_chain()
        due = [recovery for recovery in due_requests(on) if recovery.pk in only]
        ids = [recovery.pk for recovery in due]
        Recovery.objects.filter(pk__in=ids, requested_on=None).update(requested_on=on)
        record("request", Recovery._meta.label, ids, by=by, on=on, note=dict(note or {}))
        for recovery in due:
            recovery.requested_on = on
    return due
