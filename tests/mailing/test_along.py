"""Whatever is clear goes with the next assembling of any kind, in the household's one envelope. Source: rules.md §10."""

from __future__ import annotations

from datetime import timedelta

import pytest

from certificates.models import EligibilityCertificate
from core.models import Clerk
from kenpo.month.closing import still_open
from mailing.models import Dispatch, Envelope
from mailing.services import assemble, assemble_day, cancel
from members.models import Address, Policy
from members.policy import build as build_policy
from tests.mailing.build import ON, Office
from tests.mailing.test_day import granted

NEXT = ON + timedelta(1)
SAFE = {"use": "safe", "valid_from": ON, "postal_code": "530-0001", "address": "大阪府大阪市北区梅田1-1-1"}


@pytest.fixture
def other(office: Office) -> Clerk:
    return Clerk.objects.create_user("tanaka", role="clerk")


def in_envelopes() -> dict[str, int]:
    """Per envelope the number of papers in it."""
    return {e.code: e.enclosures.filter(active=True).count() for e in Envelope.objects.order_by("code")}


def held_for_an_address(office: Office) -> EligibilityCertificate:
    """A protected person's paper that the month's assembly had to leave out."""
    office.certify(office.household("1"))
    (member,) = office.household("2", address_protected=True)
    office.certify([member])
    assemble(office.run, by=office.clerk, on=ON)
    Address.objects.create(person=member.person, **SAFE)
    return EligibilityCertificate.objects.get(member=member)


def test_the_day_s_paper_travels_in_the_household_s_envelope_of_the_month(office: Office, other: Clerk) -> None:
    husband, wife = office.household("1", ["山田 太郎", "山田 花子"])
    office.certify([husband])
    granted(office, other, wife)
    answer = assemble(office.run, by=office.clerk, on=ON)
    assert (len(answer.dispatches), answer.enclosed["certificates"], list(in_envelopes().values())) == (1, 2, [2])
    assert assemble_day(ON, by=office.clerk).dispatches == []


def test_what_the_month_held_leaves_with_the_next_day(office: Office) -> None:
    paper = held_for_an_address(office)
    answer = assemble_day(NEXT, by=office.clerk)
    (dispatch,) = Dispatch.objects.filter(pk__in=answer.dispatches)
    assert (dispatch.run, dispatch.to_safe_address, answer.enclosed["certificates"]) == (None, True, 1)
    assert paper.enclosures.filter(active=True).exists()
    assert assemble_day(NEXT, by=office.clerk).dispatches == answer.dispatches


def test_a_month_is_not_closed_while_its_paper_lies_in_a_day_s_dispatch(office: Office) -> None:
    held_for_an_address(office)
    (own,) = Dispatch.objects.filter(run=office.run)
    answer = assemble_day(NEXT, by=office.clerk)
    cancel(own, by=office.clerk, on=NEXT, reason="やり直し")
    assert still_open(office.run) == ["まだ送っていない発送が 1件あります。発送するか取り消してから締めてください。"]
    cancel(Dispatch.objects.get(pk__in=answer.dispatches), by=office.clerk, on=NEXT, reason="やり直し")
    assert "まだ封入していない" in still_open(office.run)[0]


def test_a_month_that_nobody_assembled_waits_for_its_own(office: Office, other: Clerk) -> None:
    office.certify(office.household("1"))
    (member,) = office.household("2")
    granted(office, other, member)
    assert assemble_day(ON, by=office.clerk).enclosed["certificates"] == 1


def test_under_other_settings_it_leaves_in_a_dispatch_of_its_month(office: Office) -> None:
    paper = held_for_an_address(office)
    Policy.objects.create(
        insurer=office.insurer, valid_from=NEXT, values=build_policy("toyobo", {"form": "card"}).as_json()
    )
    answer = assemble_day(NEXT, by=office.clerk)
    (dispatch,) = Dispatch.objects.filter(pk__in=answer.dispatches)
    assert (dispatch.run, dispatch.form) == (office.run, "postcard")
    assert paper.enclosures.get(active=True).envelope.dispatch_id == dispatch.pk
