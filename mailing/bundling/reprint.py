"""書損・再印刷: what was spoiled or lost before the post gets a new serial; the old one is void and says why.

The decision stays the same: same cover, days and limit. What changed meanwhile comes out by the pull list,
which sees to what is still needed (``mailing.planning.leaving``). Source: rules.md §10 (nothing is printed twice under one serial).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.db import models, transaction

from certificates.lifecycle import CERTIFICATE
from core.errors import Refused
from core.models import Clerk, Event
from core.roles import DISPATCH
from core.transitions import advance, advance_many, check_permission, lock_chain
from mailing.bundling import pulls
from mailing.models import Dispatch, Enclosure
from mailing.papers import kinds
from mailing.papers.kinds import DocumentKind
from mailing.papers.requests import leave_envelopes
from mailing.papers.totals import recount
from mailing.planning import leaving
from mailing.printing import stock

WHY = "再印刷："


def reprint(document: models.Model, *, reason: str, by: Clerk, on: date) -> list[models.Model]:
    """Voids a printed document that was spoiled or lost before the post; answers what takes its place.

    A certificate awaits a second clerk's approval and is enclosed with the next assembly; a sheet of notices is drafted
    anew. The pull list names the old one until it is confirmed to be out.

    Raises:
        Refused: it is not printed or already sent, something on it has changed, no reason is given, or the clerk
            may not.
    """
    _may(by)
    with transaction.atomic():
        lock_chain()
        enclosure = _enclosure_of(document)
        dispatch = enclosure.envelope.dispatch
        kind = kinds.of_row(enclosure)
        paper: Any = enclosure.document
        if dispatch.status not in pulls.OPEN or paper.status != "printed":
            raise Refused(
                "再印刷は、印刷してから発送するまでの間だけできます。発送した後は、再交付の申請を受け付けてください。"
            )
        if enclosure.pk in leaving.find(dispatch, on=on):
            raise Refused(
                "印刷した後に、この方の資格・内容・送付先が変わっています。引抜きの一覧で確かめて引き抜いてください。"
                "必要な方には、新しい内容で作られます。"
            )
        _spoil(dispatch, kind, [paper.serial], reason=reason, by=by, on=on)
        return _anew(dispatch, kind, [paper.pk], reason=reason, by=by, on=on)


def undo(dispatch: Dispatch, *, reason: str, by: Clerk, on: date) -> dict[str, int]:
    """Gives up a dispatch that is printed and not sealed: its papers are void, and whoever is still due gets new ones.

    Who left or changed meanwhile is pulled, as from a list (``leaving.take_out``). Answers how many were voided and made anew.

    Raises:
        Refused: it is sealed or sent, no reason is given, or the clerk may not.
    """
    voided = made = 0
    with transaction.atomic():
        lock_chain()
        dispatch.refresh_from_db()
        still = set(Enclosure.objects.filter(envelope__dispatch=dispatch, active=True).values_list("pk", flat=True))
        changed = leaving.find(dispatch, on=on)
        advance(dispatch, "cancel", by=by, on=on, reason=reason)
        for kind in kinds.every():
            printed = Enclosure.objects.filter(pk__in=still, **{f"{kind.column}__status": "printed"})
            columns = ("pk", f"{kind.column}_id", f"{kind.column}__serial")
            rows = list(printed.order_by("pk").values_list(*columns))
            if not rows:
                continue
            _spoil(dispatch, kind, [serial for _, _, serial in rows], reason=reason, by=by, on=on)
            right = [pk for enclosure, pk, _ in rows if enclosure not in changed]
            made += len(_anew(dispatch, kind, right, reason=reason, by=by, on=on))
            voided += len(rows)
        leaving.take_out(dispatch, changed, by=by, on=on)
        leave_envelopes(still, by=by, on=on)
        recount(dispatch)
    return {"voided": voided, "made": made}


def _enclosure_of(document: models.Model) -> Enclosure:
    kind = kinds.of(document)
    enclosed = Enclosure.objects.filter(**{kind.column: kind.sheet_id(document)}, active=True)
    enclosure = enclosed.select_related("envelope__dispatch__insurer", *kinds.columns()).first()
    if enclosure is None:
        raise Refused("印刷した発送に入っていないため、再印刷はできません。")
    return enclosure


def _spoil(dispatch: Dispatch, kind: DocumentKind, serials: Sequence[str], *, reason: str, by: Clerk, on: date) -> None:
    if reason.strip():  # without one the voiding refuses, in the lifecycle's own words
        stock.spoil(dispatch, serials, kind.blank(dispatch.form), reason=reason, by=by, on=on)


def _anew(
    dispatch: Dispatch, kind: DocumentKind, ids: Sequence[int], *, reason: str, by: Clerk, on: date
) -> list[models.Model]:
    """Voids these printed documents and makes others in their place."""
    if not ids:
        return []
    note = {"dispatch": dispatch.pk, "reprint": True}
    void_reason = WHY + reason if reason.strip() else ""
    return kind.remake(ids, dispatch.insurer, reason=reason, void_reason=void_reason, by=by, on=on, note=note)


def _copied() -> list[type[models.Model]]:
    """The models of the kinds that are made once more under a new serial, and so await approval."""
    return [kind.model for kind in kinds.every() if kind.copied]


def waiting_of(dispatch: Dispatch) -> int:
    """How many documents, made anew after spoiled ones of the dispatch, await approval."""
    return sum(
        model._default_manager.filter(
            status="proposed",
            pk__in=Event.objects.filter(
                subject=model._meta.label, verb="propose", note__has_key="reprint", note__dispatch=dispatch.pk
            ).values("subject_id"),
        ).count()
        for model in _copied()
    )


def is_reprint(document: models.Model) -> bool:
    """Whether the document was made in place of a spoiled or lost one."""
    told = Event.objects.filter(subject=document._meta.label, subject_id=document.pk, verb="propose")
    return told.filter(note__has_key="reprint").exists()


def approve(*, by: Clerk, on: date, dispatch: Dispatch | None = None, document: models.Model | None = None) -> int:
    """Approves reprints: of one document, of everything a dispatch gave up, or all that wait; answers how many.

    Raises:
        Refused: the clerk may not, or asked for the reprints (two pairs of eyes).
    """
    check_permission(by, CERTIFICATE.by_verb["approve"])
    approved = refused = 0
    with transaction.atomic():
        lock_chain()
        for model in _copied():
            if document is not None and not isinstance(document, model):
                continue
            mine = Event.objects.filter(subject=model._meta.label, verb="propose", note__has_key="reprint")
            if document is not None:
                mine = mine.filter(subject_id=document.pk)
            if dispatch is not None:
                mine = mine.filter(note__dispatch=dispatch.pk)
            others = mine.exclude(actor=by).values("subject_id")
            proposed = model._default_manager.filter(status="proposed")
            refused += proposed.filter(pk__in=mine.filter(actor=by).values("subject_id")).count()
            approved += len(
                advance_many(proposed.filter(pk__in=others), "approve", by=by, on=on, note={"reprint": True})
            )
    if refused and not approved:
        raise Refused("再印刷を求めた担当者は承認できません。別の担当者が承認してください。")
    return approved


def _may(by: Clerk) -> None:
    if not by.can(DISPATCH):
        raise Refused(f"「再印刷する」は{by.get_role_display()}の権限ではできません。")
