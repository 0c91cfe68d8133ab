"""The only writer of any status: ``advance`` for one document, ``advance_many`` for a set.

Both are one guarded UPDATE and one Event per document, in one transaction. What the table does not
list, PostgreSQL refuses as well (``guards``).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

import pgtrigger
from django.core.exceptions import EmptyResultSet
from django.db import connection, models, transaction
from django.db.models import QuerySet

from core.errors import Fault, Refused
from core.forward import require_forward
from core.lifecycle import Lifecycle, Transition
from core.models import EVENT_CHAIN_LOCK, Clerk, Event
from core.planner import refresh_statistics
from core.roles import SYSTEM

DOOR = "kenpo.door"


def guards(lifecycle: Lifecycle) -> list[pgtrigger.Trigger]:
    """PostgreSQL's half of the lifecycle: no change and no beginning that the table does not list.

    A document carried over from another system may begin in ``carried_over`` states, but only while
    the session has opened that door (see ``carried_over_door``).
    """
    begin = ", ".join(f"'{s}'" for s in lifecycle.initial)
    carried = ", ".join(f"'{s}'" for s in lifecycle.carried_over) or "''"
    return [
        pgtrigger.FSM(name="status_change", field="status", transitions=lifecycle.pairs()),
        pgtrigger.Trigger(
            name="status_begin",
            when=pgtrigger.Before,
            operation=pgtrigger.Insert,
            func=f"""
                IF NEW.status IN ({begin}) THEN RETURN NEW; END IF;
                IF current_setting('{DOOR}', true) = '{lifecycle.name}' AND NEW.status IN ({carried})
                    THEN RETURN NEW; END IF;
                RAISE EXCEPTION 'pgtrigger: {lifecycle.name} cannot begin as %', NEW.status;
            """,
        ),
    ]


def carried_over_door(lifecycle: Lifecycle) -> None:
    """Opens, for this transaction, the named door for documents that began in another system."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config(%s, %s, true)", [DOOR, lifecycle.name])


def lock_chain() -> None:
    """Takes the event chain's lock first, so that two transitions never wait for each other crosswise."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [EVENT_CHAIN_LOCK])


def record(
    verb: str,
    subject: str,
    ids: Iterable[int],
    *,
    by: Clerk | None,
    on: date,
    note: Mapping[str, Any],
    each: Mapping[int, Mapping[str, Any]] | None = None,
) -> None:
    """Writes one Event per id. ``note`` holds ids, counts and reasons, never personal data.

    ``each``: what is noted besides of single ones, by id.
    """
    from django.db.backends.postgresql.psycopg_any import Jsonb

    own = each or {}
    with connection.cursor() as cursor:
        cursor.execute(
            'INSERT INTO core_event ("on", actor_id, verb, subject, subject_id, note)'
            " SELECT %s, %s, %s, %s, id, %s || coalesce(own.note, '{}') FROM unnest(%s::bigint[]) AS id"
            " LEFT JOIN unnest(%s::bigint[], %s::jsonb[]) AS own(of, note) ON own.of = id ORDER BY id",
            [
                on,
                by.pk if by else None,
                verb,
                subject,
                Jsonb(dict(note)),
                list(ids),
                list(own),
                [Jsonb(dict(one)) for one in own.values()],
            ],
        )
        refresh_statistics(Event, written=cursor.rowcount)


def check_permission(by: Clerk | None, transition: Transition) -> None:
    """Raises ``Refused`` when the clerk's role does not include the transition's capability."""
    if by is not None and not by.can(transition.permission):
        raise Refused(f"「{transition.label}」は{by.get_role_display()}の権限ではできません。")


def _asked(transition: Transition, reason: str) -> None:
    if "reason" in transition.asks and not reason.strip():
        raise Refused(f"「{transition.label}」には理由を書いてください。")


def advance(
    document: models.Model,
    verb: str,
    *,
    by: Clerk | None,
    on: date,
    reason: str = "",
    note: Mapping[str, Any] | None = None,
    **fields: Any,
) -> None:
    """Moves one document by ``verb`` and refreshes it.

    Raises:
        Refused: the table does not allow it from the present status, the day is before a recorded step's, or the
            clerk may not.
    """
    changed = advance_many(
        type(document)._default_manager.filter(pk=document.pk), verb, by=by, on=on, reason=reason, note=note, **fields
    )
    document.refresh_from_db()
    if not changed:
        lifecycle: Lifecycle = document.lifecycle
        raise Refused(lifecycle.why_not(document.status, verb))


def advance_many(
    documents: QuerySet[Any],
    verb: str,
    *,
    by: Clerk | None,
    on: date,
    reason: str = "",
    note: Mapping[str, Any] | None = None,
    each: Mapping[int, Mapping[str, Any]] | None = None,
    **fields: Any,
) -> list[int]:
    """Moves every document of the set that may take ``verb``; answers the ids that moved.

    One UPDATE guarded by the present status: of two callers at once each document moves for one.
    ``fields`` are further columns set in the same statement; ``note`` and ``each`` as in ``record``.

    Raises:
        Refused: ``on`` is before a recorded step of one of them, no reason was given, or the clerk may not.
    """
    lifecycle: Lifecycle = documents.model.lifecycle
    transition = lifecycle.by_verb.get(verb)
    if transition is None:
        raise Fault(f"{lifecycle.label}に「{verb}」という操作はありません。")
    check_permission(by, transition)
    _asked(transition, reason)
    table = documents.model._meta.db_table
    columns = {"status": transition.target, **fields}
    targets = [documents.model._meta.get_field(name) for name in columns]
    assignments = ", ".join(f'"{field.column}" = %s' for field in targets)
    values = [
        field.get_db_prep_save(getattr(value, "pk", value), connection)
        for field, value in zip(targets, columns.values(), strict=True)
    ]
    inner = documents.order_by().filter(status__in=transition.sources).values("pk").query
    try:
        inner_sql, inner_params = inner.sql_with_params()
    except EmptyResultSet:  # a filter that nothing can match, such as an empty list of ids
        return []
    with transaction.atomic():
        lock_chain()
        with connection.cursor() as cursor:
            cursor.execute(
                f'UPDATE "{table}" SET {assignments} WHERE id IN ({inner_sql}) AND status = ANY(%s) RETURNING id',
                [*values, *inner_params, list(transition.sources)],
            )
            ids = [row[0] for row in cursor.fetchall()]
        refresh_statistics(documents.model, written=len(ids))
        if ids:
            if by is not None and transition.permission != SYSTEM:
                require_forward(documents.model, ids, transition.label, on=on)
            details = {**(note or {}), "to": transition.target}
            if reason:
                details["reason"] = reason
            record(verb, documents.model._meta.label, ids, by=by, on=on, note=details, each=each)
    return sorted(ids)
