"""Requests to the fund, as the tests make and read them."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

from certificates.models import Deregistration
from certificates.requests import deregistration as deregistrations
from core.models import Clerk
from exchange import outgoing
from exchange.models import OutgoingFile
from members.models import Member
from tests.builders import INSURER

DAY = timedelta(days=1)
TODAY = date(2026, 11, 10)
INTAKE = date(2026, 11, 12)
Clerks = tuple[Clerk, Clerk]


def accepted(member: Member, clerks: Clerks, on: date = TODAY) -> Deregistration:
    made = deregistrations.receive(member, received_on=on, by=clerks[0], on=on)
    deregistrations.accept(made, by=clerks[1], on=on)
    return made


def make_file(by: Clerk, kind: str = "deregistration", on: date = TODAY, number: str = INSURER) -> OutgoingFile | None:
    return outgoing.make(kind, number, by=by, on=on)


def made_file(by: Clerk, **more: Any) -> OutgoingFile:
    file = make_file(by, **more)
    assert file is not None
    return file


def text_of_file(file: OutgoingFile, home: Path) -> str:
    return (home / outgoing.place_of(file)).read_bytes().decode()
