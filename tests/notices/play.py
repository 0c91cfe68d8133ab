"""Short ways to say who joined, what was sent, and what a sheet shows."""

from __future__ import annotations

from datetime import date
from typing import Any

from core import crypto
from mailing.models import Dispatch
from mailing.services import assemble, assemble_day, confirm, print_dispatch, prove_dispatch, seal, send
from members.models import IndividualNumber, Member, Policy
from notices import services
from notices.models import EligibilityNotice
from tests.mailing.build import ON, Office

JOINED = date(2026, 10, 5)
NUMBERS = ("123456789018", "987654321019", "111122223338", "444455556662")


def joined(office: Office, number: str, *names: str, on: date = JOINED, **more: Any) -> list[Member]:
    """A household registered by the fund on a day."""
    members = office.household(number, names or ("山田 太郎",), **more)
    for member in members:
        member.acquired_on = member.fund_registered_on = on
        member.save()
    return members


def numbered(member: Member, number: str, state: str = "registered") -> None:
    """A stored 個人番号, and what the office says of it."""
    IndividualNumber.objects.create(
        person=member.person, sealed=crypto.encrypt(number.encode()), blind_index=crypto.blind_index(number)
    )
    say(member, individual_number_state=state)


def say(member: Member, **facts: Any) -> None:
    """Changes facts of the person."""
    for name, value in facts.items():
        setattr(member.person, name, value)
    member.person.save()


def rule(**values: Any) -> None:
    """Changes settings."""
    policy = Policy.objects.get()
    policy.values = {**policy.values, **values}
    policy.save()


def drafted(office: Office, on: date = ON) -> list[tuple[str, str]]:
    """Number and cause of all notices that are not void, in the order of their numbers, after drafting."""
    services.draft(office.run, by=office.clerk, on=on)
    return now()


def now() -> list[tuple[str, str]]:
    found = EligibilityNotice.objects.exclude(status="voided").order_by("serial")
    return list(found.values_list("member__number", "cause"))


def posted(office: Office, on: date = ON) -> None:
    """Everything drafted is printed and sent, as paper that left before this story begins."""
    ids = list(EligibilityNotice.objects.filter(leader__isnull=True).values_list("id", flat=True))
    services.advance_sheets(ids, "print", by=office.clerk, on=on)
    services.advance_sheets(ids, "send", by=office.clerk, on=on, sent_on=on)


def sheets() -> list[list[str]]:
    """Who stands together, by number and branch, sheet by sheet; void ones are left out."""
    found: dict[int, list[str]] = {}
    for notice in EligibilityNotice.objects.exclude(status="voided").select_related("member").order_by("serial"):
        name = f"{notice.member.number}-{notice.member.branch_number}"
        found.setdefault(notice.leader_id or notice.pk, []).append(name)
    return list(found.values())


def dispatches(office: Office, *, day: bool = False) -> list[Dispatch]:
    """The envelopes of the run, or of the day."""
    answer = assemble_day(ON, by=office.clerk) if day else assemble(office.run, by=office.clerk, on=ON)
    return list(Dispatch.objects.filter(pk__in=answer.dispatches).order_by("pk"))


def printed(office: Office, *, day: bool = False) -> Dispatch:
    """The one dispatch, printed."""
    (dispatch,) = dispatches(office, day=day)
    print_dispatch(dispatch, by=office.clerk, on=ON)
    return dispatch


def leave(dispatch: Dispatch, office: Office) -> None:
    """Proved, pulled, sealed and posted."""
    prove_dispatch(dispatch)
    confirm(dispatch, by=office.clerk, on=ON)
    seal(dispatch, by=office.clerk, on=ON)
    send(dispatch, by=office.clerk, on=ON)
