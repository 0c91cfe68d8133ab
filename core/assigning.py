"""Who works on which case: a clerk takes it, lets it go, or is given it by somebody who may approve."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import models, transaction
from django.db.models import Exists, OuterRef, QuerySet, Subquery

from core.calendar import wareki
from core.errors import Refused
from core.models import Assignment, Clerk
from core.roles import APPROVE
from core.transitions import lock_chain, record


@dataclass(frozen=True, slots=True)
class Cases:
    """The cases of one kind: those that still wait for somebody, and the capability their work needs."""

    model: type[models.Model]
    waiting: Callable[[], QuerySet[Any]]
    permission: str

    @property
    def subject(self) -> str:
        return str(self.model._meta.label)

    def assigned(self) -> QuerySet[Assignment]:
        return Assignment.objects.filter(subject=self.subject)

    def held_by(self, clerk: Clerk) -> QuerySet[Any]:
        """The waiting cases of the clerk."""
        return self.waiting().filter(pk__in=self.assigned().filter(clerk=clerk).values("subject_id"))

    def free(self) -> QuerySet[Any]:
        """The waiting cases that nobody has taken."""
        return self.waiting().filter(~Exists(self.assigned().filter(subject_id=OuterRef("pk"))))

    def with_holder(self, found: QuerySet[Any]) -> QuerySet[Any]:
        """The rows, each with the ``holder`` of its case: a clerk's user name, or none."""
        held = self.assigned().filter(subject_id=OuterRef("pk"))
        return found.annotate(holder=Subquery(held.values("clerk__username")[:1]))


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of one case, in words; ``done``: it is now as it was wished."""

    id: int
    said: str
    done: bool


def take(cases: Cases, ids: Sequence[int], *, by: Clerk, on: date) -> list[Verdict]:
    """Takes every case that waits and that nobody holds; answers one verdict per id, in order.

    Raises:
        Refused: the clerk may not do this work.
    """
    _check(by, cases)
    with transaction.atomic():
        lock_chain()  # of two clerks at once the second sees what the first took
        open_ids, held = _waiting(cases, ids), _held(cases, ids)
        new = [pk for pk in dict.fromkeys(ids) if pk in open_ids and pk not in held]
        Assignment.objects.bulk_create(
            Assignment(subject=cases.subject, subject_id=pk, clerk=by, since=on) for pk in new
        )
        record("take", cases.subject, new, by=by, on=on, note={})
    return [_taken(pk, pk in new, open_ids, held.get(pk), by) for pk in ids]


def _taken(pk: int, new: bool, open_ids: set[int], held: Assignment | None, by: Clerk) -> Verdict:
    if new:
        return Verdict(pk, "担当にしました。", True)
    if pk not in open_ids:
        return Verdict(pk, "すでに終わっているため、担当は要りません。", False)
    assert held is not None
    if held.clerk_id == by.pk:
        return Verdict(pk, "すでにあなたの担当です。", True)
    return Verdict(pk, _somebody_else(held), False)


def _somebody_else(held: Assignment) -> str:
    return (
        f"{held.clerk}さんが{wareki(held.since)}から担当しています。代わるときは、{held.clerk}さんが「担当を外す」を押すか、"
        "承認の権限のある方がその画面で「担当を替える」を押してください。"
    )


def let_go(cases: Cases, ids: Sequence[int], *, by: Clerk, on: date) -> list[Verdict]:
    """Gives back every case that the clerk holds; answers one verdict per id, in order.

    Raises:
        Refused: the clerk may not do this work.
    """
    _check(by, cases)
    with transaction.atomic():
        lock_chain()
        held = _held(cases, ids)
        mine = [pk for pk in dict.fromkeys(ids) if pk in held and held[pk].clerk_id == by.pk]
        cases.assigned().filter(subject_id__in=mine).delete()
        record("let_go", cases.subject, mine, by=by, on=on, note={})
    return [_let_go(pk, pk in mine, held.get(pk)) for pk in ids]


def _let_go(pk: int, mine: bool, held: Assignment | None) -> Verdict:
    if mine:
        return Verdict(pk, "担当を外しました。", True)
    if held is None:
        return Verdict(pk, "だれの担当でもありません。", True)
    return Verdict(pk, _somebody_else(held), False)


def hand_to(cases: Cases, pk: int, to: Clerk, *, by: Clerk, on: date) -> None:
    """Gives one case to a clerk, whoever holds it.

    Raises:
        Refused: ``by`` may not approve, ``to`` may not do this work, or the case waits no longer.
    """
    if not by.can(APPROVE):
        raise Refused(f"「担当を替える」は{by.get_role_display()}の権限ではできません。")
    _check(to, cases)
    with transaction.atomic():
        lock_chain()
        if pk not in _waiting(cases, [pk]):
            raise Refused("すでに終わっているため、担当は要りません。")
        cases.assigned().update_or_create(subject=cases.subject, subject_id=pk, defaults={"clerk": to, "since": on})
        record("assign", cases.subject, [pk], by=by, on=on, note={"clerk": to.username})


def _check(clerk: Clerk, cases: Cases) -> None:
    if not clerk.can(cases.permission):
        raise Refused(f"{clerk}さん（{clerk.get_role_display()}）は、この仕事を担当できません。")


def _waiting(cases: Cases, ids: Iterable[int]) -> set[int]:
    return set(cases.waiting().filter(pk__in=list(ids)).values_list("pk", flat=True))


def _held(cases: Cases, ids: Iterable[int]) -> dict[int, Assignment]:
    found = cases.assigned().filter(subject_id__in=list(ids)).select_related("clerk")
    return {one.subject_id: one for one in found}
