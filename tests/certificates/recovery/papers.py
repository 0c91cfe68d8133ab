"""Posted papers and duties to hand them back."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db.models import QuerySet

from certificates.documents.serials import serial_text
from certificates.models import ElderlyBeneficiaryCertificate, EligibilityCertificate, Recovery
from certificates.recovery import open_duties
from core.models import Clerk
from core.transitions import advance_many
from members.models import Member
from tests.mailing.build import Office

D = date
POSTED_ON = D(2026, 11, 10)
RECEIVED_ON = D(2026, 11, 12)
THROUGH = D(2031, 11, 5)


def post(papers: QuerySet[Any], by: Clerk, *more: str) -> None:
    for verb in ("approve", "print", "send", *more):
        reason = "宛先不明" if verb == "return" else ""
        advance_many(papers, verb, by=by, on=POSTED_ON, reason=reason)


def certificates(
    office: Office, members: list[Member], *more: str, through: date = THROUGH
) -> list[EligibilityCertificate]:
    """Posted certificates with real serials; ``more``: what happened to them afterwards."""
    ids = office.certify(members, approved=False)
    papers = EligibilityCertificate.objects.filter(pk__in=ids)
    for number, paper in enumerate(papers, start=office.serials * 10):
        paper.serial, paper.valid_through = serial_text(number), through
        paper.save()
    post(papers, office.clerk, *more)
    return list(papers.order_by("pk"))


def elderly(office: Office, member: Member, *, through: date = THROUGH) -> ElderlyBeneficiaryCertificate:
    paper = ElderlyBeneficiaryCertificate.objects.create(
        serial=serial_text(900 + member.pk),
        member=member,
        cause="turns_70",
        copayment_percent=20,
        issued_on=POSTED_ON,
        effective_on=POSTED_ON,
        valid_through=through,
        face_key="x",
    )
    post(ElderlyBeneficiaryCertificate.objects.filter(pk=paper.pk), office.clerk)
    paper.refresh_from_db()
    return paper


def duty(office: Office, paper: Any, *, on: date = RECEIVED_ON, cause: str = "loss", **days: Any) -> Recovery:
    """A duty that was asked for on the day it opened."""
    (found,) = open_duties([paper], cause=cause, received_on=on, on=on, by=office.clerk, **days)
    Recovery.objects.filter(pk=found).update(requested_on=on)
    return Recovery.objects.get(pk=found)
