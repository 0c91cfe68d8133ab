"""Holding back single proposals of a month before it is approved, and deciding about those people again.

A proposal held back is void: it is no route, so the board shows the person and the next month decides anew. Who cannot
wait for that is decided again at once, by the same rules on what is known that day.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from django.db import transaction
from django.db.models import QuerySet

from certificates.decisions import ruling as rulings
from certificates.models import ElderlyBeneficiaryCertificate, EligibilityCertificate, Ruling, Run
from core.errors import Refused
from core.models import Clerk, Event
from core.roles import APPROVE
from core.transitions import advance_many, lock_chain

WHY = "交付を止めた："


def hold_back(run: Run, members: Collection[int], *, reason: str, by: Clerk, on: date) -> int:
    """Takes these covers' proposals out of the run before its approval; answers how many certificates are void now.

    A repeat changes nothing.

    Raises:
        Refused: the month does not await approval, no reason is given, or the clerk may not.
    """
    if not by.can(APPROVE):
        raise Refused(f"交付を止めることは{by.get_role_display()}の権限ではできません。")
    if not reason.strip():
        raise Refused("交付を止める理由を書いてください。")
    with transaction.atomic():
        lock_chain()
        run = Run.objects.select_for_update().get(pk=run.pk)
        if run.status != "proposed":
            raise Refused(f"この月は「{run.get_status_display()}」です。交付を止められるのは、承認を待つ間だけです。")
        held = [
            advance_many(
                model.objects.filter(run=run, member__in=list(members), status="proposed"),
                "void",
                by=by,
                on=on,
                reason=WHY + reason.strip(),
                note={"run": run.pk},
            )
            for model in (EligibilityCertificate, ElderlyBeneficiaryCertificate)
        ]
    return len(held[0])


def held_back(run: Run) -> QuerySet[EligibilityCertificate]:
    """The run's certificates that were held back, one a person, in the order of their serials."""
    events = Event.objects.filter(
        subject=EligibilityCertificate._meta.label, verb="void", note__reason__startswith=WHY, note__run=run.pk
    )
    mine = EligibilityCertificate.objects.filter(run=run, status="voided", sequence=0)
    return mine.filter(pk__in=events.values("subject_id"))


def decided_again(certificate: EligibilityCertificate) -> Ruling | None:
    """What was ruled since about the person whose certificate was held back."""
    return Ruling.objects.filter(request=_request(certificate), member=certificate.member_id).first()


def why_not_again(certificate: EligibilityCertificate) -> str:
    """Why nothing can be decided again about this certificate's person, empty when it can."""
    if certificate.run is None or not held_back(certificate.run).filter(pk=certificate.pk).exists():
        return "承認の前に交付を止めた資格確認書ではありません。"
    if decided_again(certificate) is not None:
        return "すでに判定をやり直しています。個別判定の画面で確かめてください。"
    return ""


def decide_again(certificate: EligibilityCertificate, *, by: Clerk, on: date) -> Ruling:
    """Decides about the person anew on what is known on ``on``; what is proposed awaits a second clerk.

    Raises:
        Refused: it was not held back, or has been decided again.
    """
    if why := why_not_again(certificate):
        raise Refused(why)
    return rulings.rule(
        certificate.member_id, cause=Ruling.Cause.HELD_BACK, request=_request(certificate), on=on, by=by
    )


def _request(certificate: EligibilityCertificate) -> str:
    return f"eligibilitycertificate:{certificate.pk}"
