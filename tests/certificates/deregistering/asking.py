"""Requests to cut the link, as the tests make them."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from certificates.models import Deregistration
from certificates.requests import deregistration as deregistrations
from core.models import Clerk
from members.models import Member, MynaStatus

DAY = timedelta(days=1)
TODAY = date(2026, 11, 10)
EFFECT = date(2026, 12, 31)  # for an intake in November
Clerks = tuple[Clerk, Clerk]


def _says(member: Member, as_of: date = date(2026, 10, 31), state: str = "registered", **more: Any) -> None:
    values = {"source": "monthly", "registered_on": date(2024, 1, 1)} if state == "registered" else {}
    values |= {"e_certificate_expires_on": date(2030, 1, 1)} if state == "registered" else {}
    MynaStatus.objects.create(person=member.person, as_of=as_of, state=state, **({"source": "monthly"} | values | more))


def _receive(member: Member, by: Clerk, on: date = TODAY) -> Deregistration:
    return deregistrations.receive(member, received_on=on, via="counter", by=by, on=on)


def _granted(member: Member, by: Clerk, accepted_on: date) -> Deregistration:
    made = _receive(member, by)
    deregistrations.grant([made.pk], accepted_on=accepted_on, file=1, by=by, on=accepted_on)
    made.refresh_from_db()
    return made
