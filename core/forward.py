"""One day, forward only: no step of a document is dated before the steps that are recorded for it.

The steps that the system takes by itself are dated by the job that takes them, whose days ``kenpo.month.daily`` keeps in order;
they are neither asked nor counted here. Source: rules.md §10; architecture.md "Lifecycles".
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from django.db import connection, models

from core.calendar import wareki
from core.errors import Refused
from core.lifecycle import Lifecycle
from core.roles import SYSTEM

# Asked first: as a rule no document of the kind has a later day at all, whatever their number.
_ANY_LATER = 'SELECT EXISTS (SELECT 1 FROM core_event WHERE subject = %s AND "on" > %s)'
_NEWEST_LATER = """
SELECT verb, "on" FROM core_event
WHERE subject = %s AND "on" > %s AND verb = ANY(%s) AND subject_id = ANY(%s) ORDER BY "on" DESC, seq DESC LIMIT 1
"""


def require_forward(model: type[models.Model], ids: Collection[int], step: str, *, on: date) -> None:
    """Raises ``Refused``, with both days, where ``step`` would be dated before a recorded step of one of the documents.

    ``step`` is the step's Japanese name.
    """
    if (found := _newest_after(model, ids, on)) is not None:
        verb, day = found
        lifecycle: Lifecycle = model.lifecycle
        require_not_before(f"{lifecycle.label}の「{step}」の", on, f"「{_counted(lifecycle)[verb]}」", day)


def not_before_the_last(model: type[models.Model], ids: Collection[int], *, on: date) -> date:
    """``on``, or the newest day recorded for the documents where that is later: the day of a step that nobody named."""
    found = _newest_after(model, ids, on)
    return on if found is None else found[1]


def _counted(lifecycle: Lifecycle) -> dict[str, str]:
    """The verbs of the steps that clerks take, with their names."""
    return {t.verb: t.label for t in lifecycle.transitions if t.permission != SYSTEM} | dict(lifecycle.beginnings)


def _newest_after(model: type[models.Model], ids: Collection[int], on: date) -> tuple[str, date] | None:
    """Verb and day of the newest step recorded for one of the documents, where that is after ``on``."""
    lifecycle: Lifecycle = model.lifecycle
    if not lifecycle.forward:
        return None
    label = model._meta.label
    with connection.cursor() as cursor:
        cursor.execute(_ANY_LATER, [label, on])
        if not cursor.fetchone()[0]:
            return None
        cursor.execute(_NEWEST_LATER, [label, on, list(_counted(lifecycle)), list(ids)])
        found: tuple[str, date] | None = cursor.fetchone()
    return found


def require_not_before(step: str, on: date, earlier: str, day: date | None) -> None:
    """Raises ``Refused``, with both days, where ``on`` is before the ``day`` of an earlier step (none: not taken yet)."""
    if day is not None and on < day:
        raise Refused(
            f"{step}日（{wareki(on)}）が、記録済みの{earlier}の日（{wareki(day)}）より前です。"
            "何も変えていません。日付と、パソコンの時計を確かめてください。"
        )
