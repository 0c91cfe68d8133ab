"""The ladder of reminders: who is reminded today, and the record that it was done."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import Q, QuerySet

from certificates.models import Recovery
from core.errors import Refused
from core.models import Clerk
from core.roles import EDIT
from core.transitions import lock_chain, record
from members.services import policy_on, society


def due_reminders(on: date) -> QuerySet[Recovery]:
    """Open duties whose next reminder is due on the day, by due date; ``reminders`` counts those already sent.

    Each step comes ``reminder_days`` after the due date, in order, and not before the days granted in the step before
    have passed; the first word is the request. Nobody is reminded of a paper that is back, expired, at the office as
    returned mail, or lost.

    Raises:
        Refused: the society has no settings for the day.
    Source: rules.md §9; policy ``reminder_days``, ``return_days``.
    """
    policy = policy_on(society(), on)
    rungs = Q(pk__in=())
    for step, days in enumerate(policy.reminder_days):
        rungs |= Q(reminders=step, due_on__lte=on - timedelta(days))
    granted = on - timedelta(policy.return_days)
    asked = Q(reminders__gt=0) | Q(requested_on__lt=granted)
    rested = Q(reminded_on=None) | Q(reminded_on__lt=granted)
    return wanted_back(on).filter(rungs, asked, rested)


def wanted_back(on: date) -> QuerySet[Recovery]:
    """Open duties about papers that are out and still valid on the day, by due date.

    Left out: what is at the office as returned mail, and what was lost (a duty that holds only if it is found).
    """
    out = Q()
    for paper in ("certificate", "elderly_certificate"):
        here = {f"{paper}__isnull": False, f"{paper}__valid_through__gte": on}
        out |= Q(**here) & ~Q(**{f"{paper}__status": "returned"})
    open_ones = Recovery.objects.filter(out, status="open").exclude(cause=Recovery.Cause.REISSUED)
    return open_ones.select_related("certificate__member", "elderly_certificate__member")


def remind(
    on: date, *, by: Clerk, only: Collection[int] | None = None, note: Mapping[str, Any] | None = None
) -> list[Recovery]:
    """Moves due duties one rung up and answers them, for printing; a second call the same day answers none.

    ``only``: ids of those whose letter can be printed; the others stay due. ``note``: what else the log keeps.

    Raises:
        Refused: the clerk may not, or the society has no settings for the day.
    """
    if not by.can(EDIT):
        raise Refused(f"「督促する」は{by.get_role_display()}の権限ではできません。")
    with transaction.atomic():
        lock_chain()
        due = [recovery for recovery in due_reminders(on) if only is None or recovery.pk in only]
        for step in sorted({recovery.reminders for recovery in due}):
            ids = [recovery.pk for recovery in due if recovery.reminders == step]
            _climb(ids, step, on)
            details = {**(note or {}), "step": step + 1}
            record("remind", Recovery._meta.label, ids, by=by, on=on, note=details)
        for recovery in due:
            recovery.reminders, recovery.reminded_on = recovery.reminders + 1, on
    return due


def _climb(ids: list[int], step: int, on: date) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE certificates_recovery SET reminders = reminders + 1, reminded_on = %s"
            " WHERE id = ANY(%s) AND reminders = %s",
            [on, ids, step],
        )
