"""What the tests of the desk's pages type, press and read."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.test import Client
from django.urls import reverse

from certificates.decisions import ruling
from certificates.models import (
    Application,
    Deregistration,
    ElderlyBeneficiaryCertificate,
    EligibilityCertificate,
    Filing,
    Inquiry,
    Recovery,
    Ruling,
)
from certificates.requests import applications, deregistration, filings, inquiries
from certificates.requests.applications.intake import Form
from core.models import Clerk
from core.transitions import advance
from exchange import outgoing
from exchange.models import OutgoingFile
from members.models import Member, MynaStatus
from tests.kenpo.reading import page_of, text_of

ON = date(2026, 11, 10)
DOCUMENTS = (
    Application,
    Deregistration,
    Inquiry,
    Filing,
    Ruling,
    ElderlyBeneficiaryCertificate,
    Recovery,
    EligibilityCertificate,
    OutgoingFile,
)


def list_of(model: type) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")


def said(answer: Any) -> str:
    return text_of(answer.content.decode())


def member(number: str = "1", branch: str = "00") -> Member:
    return Member.objects.get(number=number, branch_number=branch, lost_on=None)


def registered(one: Member, as_of: date = date(2026, 10, 31)) -> None:
    MynaStatus.objects.create(
        person=one.person,
        as_of=as_of,
        source="monthly",
        state="registered",
        registered_on=date(2023, 4, 1),
        e_certificate_expires_on=date(2030, 1, 1),
    )


def apply_for(browser: Client, one: Member, ground: str = "lost_card", **told: str) -> Any:
    paper = {
        "received_on": "2026-11-10",
        "via": "establishment",
        "ground": ground,
        "applicant": "insured",
        "proxy_relationship": "",
        **told,
    }
    return browser.post(page_of(one, "application"), paper, follow=True)


def in_hand(one: Member) -> EligibilityCertificate:
    made = ruling.issue(
        one.pk,
        cause="application",
        request=f"test:{one.pk}",
        ground=applications.intake.Ground.NO_CARD,
        basis=applications.outcome.Basis.APPLICATION,
        on=ON,
        by=None,
    )
    certificate = made.certificates.get(sequence=0)
    for verb in ("approve", "print", "send"):
        advance(certificate, verb, by=None, on=ON)
    return certificate


def file(browser: Client, document: Any, kind: str, told: dict[str, str]) -> Any:
    """The form sent, checked; answers the page that shows what would change."""
    return browser.post(f"{page_of(document, 'filing')}?kind={kind}", {**told, "stage": "check"})


def save(browser: Client, document: Any, kind: str, shown: Any) -> Any:
    sealed = {"sealed": shown.context["sealed"], "stage": "save"}
    return browser.post(f"{page_of(document, 'filing')}?kind={kind}", sealed, follow=True)


def everything(clerk: Clerk, people: Iterable[Member]) -> None:
    """One of every kind of document for each of these members, whose card is usable."""
    for place, one in enumerate(people):
        made = applications.receive(one, Form("issue", "lost_card", ON, "mail"), on=ON, by=clerk)
        applications.grant(made, by=clerk, on=ON)
        deregistration.receive(one, received_on=ON, by=clerk, on=ON)
        inquiries.open_for(one, by=clerk, on=ON)
        address = {"effective_on": "2026-11-10", "address": f"大阪市{place}"}
        filings.receive("address", one, address, received_on=ON, via="mail", by=clerk)
        paper = ElderlyBeneficiaryCertificate.objects.create(
            serial=f"9000000000{place:02d}",
            member=one,
            cause="turns_70",
            copayment_percent=20,
            issued_on=ON,
            effective_on=ON,
            valid_through=date(2027, 7, 31),
            face_key="",
        )
        outgoing.make_all("inquiry", by=clerk, on=ON)
        Recovery.objects.create(elderly_certificate=paper, cause="loss", opened_on=ON, due_on=date(2026, 11, 20))
