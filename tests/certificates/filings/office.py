"""A small office for tests of filings: a loaded family, what they hold, and a form handed in."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from certificates.decisions import ruling
from certificates.models import EligibilityCertificate, Filing, Recovery
from certificates.requests import filings
from certificates.rules.codes import Basis, Ground
from core.models import Clerk
from core.transitions import advance
from kenpo.intake.load import load
from members.models import Member, MynaStatus
from tests.builders import POLICY, Folder

ON = date(2026, 11, 10)


class Office:
    """Loads people on ``ON`` and files for them as one clerk. The preset's ``return_days`` are 7."""

    def __init__(self, path: Path, clerk: Clerk, policy: str = POLICY) -> None:
        self.folder = Folder(path, policy)
        self.clerk = clerk

    def load(self) -> Office:
        load(self.folder.write(), on=ON)
        return self

    def cover(self, number: str = "1", branch: str = "00", symbol: str = "101") -> Member:
        """The cover begun last under a number."""
        found = Member.objects.filter(symbol=symbol, number=number, branch_number=branch)
        return found.order_by("-acquired_on", "-pk")[0]

    def receive(
        self, kind: str, member: Member | None, effective_on: str, *, received_on: date = ON, **data: Any
    ) -> Filing:
        told = {"effective_on": effective_on, **data}
        return filings.receive(kind, member, told, received_on=received_on, via="establishment", by=self.clerk, on=ON)

    def file(self, kind: str, member: Member | None, effective_on: str, *, on: date = ON, **data: Any) -> Filing:
        """Received and applied."""
        filing = self.receive(kind, member, effective_on, **data)
        return filings.apply(filing, by=self.clerk, on=on)

    def preview(self, kind: str, member: Member | None, effective_on: str, **data: Any) -> filings.Preview:
        told = filings.FilingData(kind, member, {"effective_on": effective_on, **data}, ON)
        return filings.preview(told, on=ON)

    def unposted(self, member: Member, status: str = "printed") -> EligibilityCertificate:
        """A certificate of today's face that has come as far as ``status``."""
        count = EligibilityCertificate.objects.count()
        made = ruling.issue(
            member.pk,
            cause="application",
            request=f"test:{count}",
            ground=Ground.NO_CARD,
            basis=Basis.APPLICATION,
            on=ON,
            by=None,
        )
        certificate = made.certificates.get(sequence=0)
        for verb, reached in (("approve", "approved"), ("print", "printed"), ("send", "sent")):
            if certificate.status == status:
                break
            advance(certificate, verb, by=None, on=ON)
            assert certificate.status == reached
        return certificate

    def in_hand(self, member: Member) -> EligibilityCertificate:
        return self.unposted(member, "sent")

    def unasked(self, member: Member) -> EligibilityCertificate:
        """One in hand that was issued ex officio, because of the missing registration."""
        paper = self.in_hand(member)
        EligibilityCertificate.objects.filter(pk=paper.pk).update(basis=Basis.EX_OFFICIO, ground=Ground.NOT_REGISTERED)
        return paper

    def myna(self, member: Member, state: str = "registered", expires_on: date = date(2030, 4, 15)) -> None:
        """What the fund's file of the last month's end said."""
        registered = state == "registered"
        MynaStatus.objects.create(
            person=member.person,
            as_of=date(2026, 10, 31),
            source="monthly",
            state=state,
            registered_on=date(2023, 4, 1) if registered else None,
            e_certificate_expires_on=expires_on if registered else None,
        )


def duty_of(certificate: EligibilityCertificate) -> Recovery:
    """The one duty about a certificate."""
    return Recovery.objects.get(certificate=certificate)


def codes(filing: Filing) -> list[str]:
    """The consequences' codes, in order."""
    return [one["code"] for one in filing.consequences]
