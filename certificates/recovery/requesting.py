"""返納のお願い: the first word of a duty, once. Source: rules.md §9."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from certificates.models import Recovery
from certificates.recovery.duties import PAPERS, REPLACED
from certificates.recovery.reminding import wanted_back
from core.errors import Refused
from core.models import Clerk
from core.roles import EDIT
from core.transitions import lock_chain, record

COMING = ("proposed", "approved", "returned")
"""States of a replacement that a request waits for: it is not printed yet, or the post brought it back."""


def due_requests(on: date) -> QuerySet[Recovery]:
    """Open duties that have had no letter yet, by due date; of a lost or expired paper nothing is asked.

    Left out is what a replacement is made for that is not printed yet: the request travels in its envelope.
    """
    return _unasked(wanted_back(on)).filter(opened_on__lte=on).exclude(_replacement_comes())


def due_with_replacement(on: date) -> QuerySet[Recovery]:
    """Duties, open or planned, about replaced papers that are out, and about which nothing was said yet."""
    out = Q()
    for paper in PAPERS.values():
        out |= Q(**{f"{paper}__status__in": ("sent", "superseded"), f"{paper}__valid_through__gte": on})
    return _unasked(Recovery.objects.filter(out, status__in=("planned", "open"), cause__in=REPLACED))


def _unasked(duties: QuerySet[Recovery]) -> QuerySet[Recovery]:
    return duties.filter(requested_on=None, reminders=0)


def _replacement_comes() -> Q:
    found = Q()
    for model, paper in PAPERS.items():
        newer = model._default_manager.filter(
            member__person=OuterRef(f"{paper}__member__person"), pk__gt=OuterRef(paper), status__in=COMING
        )
        found |= Q(Exists(newer), **{f"{paper}__isnull": False})
    return Q(found, cause__in=REPLACED)


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
        note_asked([recovery.pk for recovery in due], by=by, on=on, note=note or {})
        for recovery in due:
            recovery.requested_on = on
    return due


def note_asked(
    ids: Iterable[int], *, by: Clerk, on: date, note: Mapping[str, Any], until: Mapping[int, date] | None = None
) -> None:
    """Writes down that a letter asks for these papers. Within the caller's transaction.

    ``until``: the day that the letter names, where it is not the duty's own; the duty has that day from now on.
    """
    asked = list(ids)
    Recovery.objects.filter(pk__in=asked, requested_on=None).update(requested_on=on)
    days = until or {}
    for day in sorted(set(days.values())):
        Recovery.objects.filter(pk__in=[pk for pk in days if days[pk] == day]).update(due_on=day)
    record("request", Recovery._meta.label, asked, by=by, on=on, note=dict(note))


def take_back_requests(ids: Iterable[int], *, by: Clerk, on: date, note: Mapping[str, Any]) -> None:
    """Writes down that the letter about these papers did not go, so that another one will. Within the caller's transaction."""
    back = list(ids)
    Recovery.objects.filter(pk__in=back).update(requested_on=None)
    record("take_back_request", Recovery._meta.label, back, by=by, on=on, note=dict(note))
