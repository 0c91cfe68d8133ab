"""Every state × verb of every document: the table allows it, or both the code and PostgreSQL refuse it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.apps import apps
from django.db import ProgrammingError, connection, models, transaction

from core import transitions
from core.errors import Fault, Refused
from core.lifecycle import Lifecycle, Transition
from core.models import Clerk, Event

DAY = date(2026, 11, 6)
DOCUMENTS = [model for model in apps.get_models() if isinstance(getattr(model, "lifecycle", None), Lifecycle)]
# What a check of the table asks for beyond "some value": a duty is about one paper.
ABSENT = {"certificates.recovery": ("elderly_certificate_id",)}
STATES = [(model, state) for model in DOCUMENTS for state in model.lifecycle.states]

pytestmark = pytest.mark.django_db


def name(value: Any) -> str | None:
    return value._meta.label_lower if isinstance(value, type) else str(value)


@pytest.fixture(autouse=True)
def _nothing_stays(db: None) -> Iterator[None]:
    """The documents here stand alone, without what they refer to; so they go before references are checked."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def _filled(field: models.Field, number: int) -> Any:
    """Some value for a column, whatever it means."""
    if field.is_relation:
        return number
    if field.choices:
        return field.flatchoices[0][0]
    by_kind = (
        (models.DateTimeField, datetime(2026, 11, 6, tzinfo=ZoneInfo("Asia/Tokyo"))),
        (models.DateField, DAY),
        (models.BooleanField, False),
        (models.JSONField, {}),
        (models.IntegerField, number),
        (models.BinaryField, b""),
    )
    return next((value for kind, value in by_kind if isinstance(field, kind)), str(number))


def document(model: type[models.Model], status: str, *, number: int = 1) -> Any:
    """A document in any state, put there past every guard; another ``number`` collides with no unique value."""
    values = {f.attname: _filled(f, number) for f in model._meta.concrete_fields if not f.primary_key}
    values |= dict.fromkeys(ABSENT.get(model._meta.label_lower, ()))
    made = model(**(values | {"status": status}))
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        made.save(force_insert=True)
        cursor.execute("SET LOCAL session_replication_role = DEFAULT")
    return made


def _remove(made: Any) -> None:
    """Past every guard, as it was put there: some kinds are never deleted."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        type(made).objects.filter(pk=made.pk)._raw_delete(using="default")
        cursor.execute("SET LOCAL session_replication_role = DEFAULT")


def _raw_update(made: Any, status: str) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f'UPDATE "{made._meta.db_table}" SET status = %s WHERE id = %s', [status, made.pk])


def test_every_document_with_a_status_has_a_lifecycle_and_guards() -> None:
    assert len(DOCUMENTS) >= 5
    for model in DOCUMENTS:
        guards = {trigger.name for trigger in model._meta.triggers}
        assert {"status_change", "status_begin"} <= guards, model
        assert [value for value, _ in model._meta.get_field("status").choices] == list(model.lifecycle.states)


@pytest.mark.parametrize(("model", "state"), STATES, ids=name)
def test_each_verb_moves_or_is_refused_with_a_reason(model: Any, state: str) -> None:
    made = document(model, state)
    for verb, transition in model.lifecycle.by_verb.items():
        before = Event.objects.count()
        with transaction.atomic():
            if state in transition.sources:
                transitions.advance(made, verb, by=None, on=DAY, reason="試験のため")
                assert made.status == transition.target
                event = Event.objects.latest("seq")
                assert (event.verb, event.subject, event.subject_id) == (verb, model._meta.label, made.pk)
                assert event.note["to"] == transition.target
            else:
                with pytest.raises(Refused) as refusal:
                    transitions.advance(made, verb, by=None, on=DAY, reason="試験のため")
                assert model.lifecycle.states[state] in str(refusal.value)
                assert (made.status, Event.objects.count()) == (state, before)
            transaction.set_rollback(True)
        made.refresh_from_db()


@pytest.mark.parametrize(("model", "state"), STATES, ids=name)
def test_postgresql_refuses_every_change_that_the_table_does_not_list(model: Any, state: str) -> None:
    made = document(model, state)
    allowed = {target for source, target in model.lifecycle.pairs() if source == state}
    for target in set(model.lifecycle.states) - allowed - {state}:
        with pytest.raises(ProgrammingError):
            _raw_update(made, target)
    made.refresh_from_db()
    assert made.status == state


@pytest.mark.parametrize(("model", "state"), STATES, ids=name)
def test_postgresql_refuses_a_beginning_in_the_middle(model: Any, state: str) -> None:
    made = document(model, state)
    copied = {f.attname: getattr(made, f.attname) for f in model._meta.concrete_fields if not f.primary_key}
    _remove(made)
    if state in model.lifecycle.initial:
        with transaction.atomic():
            model.objects.create(**copied)
        return
    with pytest.raises(ProgrammingError), transaction.atomic():
        model.objects.create(**copied)
    with transaction.atomic():
        transitions.carried_over_door(model.lifecycle)
        if state in model.lifecycle.carried_over:
            model.objects.create(**copied)
        else:
            with pytest.raises(ProgrammingError), transaction.atomic():
                model.objects.create(**copied)


def test_the_door_opens_for_one_kind_of_document_only() -> None:
    carried = [model for model in DOCUMENTS if model.lifecycle.carried_over]
    assert len(carried) >= 2
    for model, other in zip(carried, carried[1:] + carried[:1], strict=True):
        made = document(model, model.lifecycle.carried_over[0])
        copied = {f.attname: getattr(made, f.attname) for f in model._meta.concrete_fields if not f.primary_key}
        _remove(made)
        with pytest.raises(ProgrammingError), transaction.atomic():
            transitions.carried_over_door(other.lifecycle)
            model.objects.create(**copied)


def test_of_a_set_only_those_move_that_may() -> None:
    model = next(m for m in DOCUMENTS if m.lifecycle.carried_over)
    verb, transition = next(iter(model.lifecycle.by_verb.items()))
    other = next(s for s in model.lifecycle.states if s not in (*transition.sources, transition.target))
    moving, staying = document(model, transition.sources[0]), document(model, other, number=2)
    ids = transitions.advance_many(model.objects.all(), verb, by=None, on=DAY, reason="試験のため")
    staying.refresh_from_db()
    assert ids == [moving.pk]
    assert staying.status == other
    assert transitions.advance_many(model.objects.all(), verb, by=None, on=DAY, reason="試験のため") == []


def test_a_role_without_the_capability_is_refused(clerk: Clerk) -> None:
    clerk.role = "auditor"
    for model in DOCUMENTS:
        for transition in model.lifecycle.transitions:
            if transition.permission == "system":
                continue
            with pytest.raises(Refused, match="権限"):
                transitions.advance_many(model.objects.none(), transition.verb, by=clerk, on=DAY, reason="試験のため")


def test_a_reason_that_is_asked_for_must_be_given() -> None:
    asking = [(m, t) for m in DOCUMENTS for t in m.lifecycle.transitions if "reason" in t.asks]
    assert asking
    for model, transition in asking:
        with pytest.raises(Refused, match="理由"):
            transitions.advance_many(model.objects.all(), transition.verb, by=None, on=DAY, reason="  ")


def test_an_unknown_verb_is_a_fault() -> None:
    with pytest.raises(Fault):
        transitions.advance_many(DOCUMENTS[0].objects.all(), "vanish", by=None, on=DAY)


@pytest.mark.parametrize(
    "broken",
    [
        {"transitions": (Transition("go", ("a",), "c", "", ""),)},
        {"initial": ("c",)},
        {"carried_over": ("c",)},
        {"transitions": (Transition("go", ("a",), "b", "", ""), Transition("go", ("b",), "a", "", ""))},
    ],
)
def test_a_table_that_is_not_whole_is_refused(broken: dict[str, Any]) -> None:
    whole = {"name": "x", "label": "x", "states": {"a": "A", "b": "B"}, "initial": ("a",), "transitions": ()}
    Lifecycle(**whole)
    with pytest.raises(ValueError, match="x:"):
        Lifecycle(**(whole | broken))
