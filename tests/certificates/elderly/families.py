"""Families near 70 and 75, with the days the tests of their papers play on."""

from __future__ import annotations

from datetime import date, timedelta

from certificates.decisions.elderly import approve_elderly
from certificates.models import ElderlyBeneficiaryCertificate
from core.models import Clerk
from core.transitions import advance_many
from members.models import Member
from tests.mailing.build import ON, Office

DAY = timedelta(1)
BORN = date(1956, 11, 15)  # reaches 70 on 2026-11-14
FIRST = date(2026, 12, 1)


def born(member: Member, day: date) -> Member:
    member.person.birth_date = day
    member.person.save()
    return member


def family(office: Office, *days: date, number: str = "0001", certified: bool = True) -> list[Member]:
    """A household with these birth dates; each with an approved certificate of November."""
    members = office.household(number, ["山田 太郎", "山田 花子", "山田 三郎"][: len(days)])
    for member, day in zip(members, days, strict=True):
        born(member, day)
    if certified:
        office.certify(members)
    return members


def posted(office: Office, other: Clerk) -> None:
    """Everything proposed is approved by the other clerk and leaves."""
    approve_elderly(by=other, on=ON)
    for verb in ("print", "send"):
        advance_many(ElderlyBeneficiaryCertificate.objects.all(), verb, by=office.clerk, on=ON)
