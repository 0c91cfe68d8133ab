"""Families whose post goes to more than one place: a student, an insured person posted away, someone abroad."""

from __future__ import annotations

import pytest

from mailing.models import Dispatch, Envelope
from mailing.services import assemble, print_dispatch, prove_dispatch
from tests.mailing.build import ON, Office

HOME = "東京都千代田区千代田一丁目一番"
AWAY = "大阪府大阪市北区梅田3-2-2"


def envelopes() -> list[tuple[str, str, int]]:
    """Address, recipient and sheets of each envelope that goes home, in order."""
    return [
        (e.address, e.recipient, e.enclosures.count())
        for e in Envelope.objects.filter(dispatch__channel="home").order_by("dispatch", "position")
    ]


@pytest.fixture
def family(office: Office) -> Office:
    office.certify(office.household("0001", ["山田 太郎", "山田 花子", "山田 次郎"], coverage_kind="voluntary"))
    return office


def test_a_student_with_an_address_of_the_own_gets_an_envelope_of_the_own(family: Office) -> None:
    family.address(family.members["0001-02"], "mailing", AWAY)
    assemble(family.run, by=family.clerk, on=ON)
    assert envelopes() == [(HOME, "山田 太郎", 2), (AWAY, "山田 次郎", 1)]


def test_a_student_at_an_employer_rides_with_the_family(office: Office) -> None:
    office.certify(office.household("0001", ["山田 太郎", "山田 花子"]))
    office.address(office.members["0001-01"], "mailing", AWAY)
    assemble(office.run, by=office.clerk, on=ON)
    (envelope,) = Envelope.objects.all()
    assert (envelope.establishment_id, envelope.enclosures.count()) == (office.establishments[0].pk, 2)


def test_somebody_abroad_without_a_postal_code_is_sent_to_the_mailing_address(office: Office) -> None:
    office.certify(office.household("0001", coverage_kind="voluntary", address="シンガポール共和国 ブキティマ通り10番"))
    office.address(office.members["0001-00"], "mailing", AWAY)
    assemble(office.run, by=office.clerk, on=ON)
    assert envelopes() == [(AWAY, "山田 太郎", 1)]


def test_an_address_abroad_prints_without_postal_code_and_without_barcode(office: Office) -> None:
    (member,) = office.household("0001", coverage_kind="voluntary", address="")
    member.person.addresses.create(
        use="residence", postal_code="", address="シンガポール共和国 ブキティマ通り10番", valid_from=ON
    )
    office.certify([member])
    (number,) = assemble(office.run, by=office.clerk, on=ON).dispatches
    dispatch = Dispatch.objects.get(pk=number)
    print_dispatch(dispatch, by=office.clerk, on=ON)
    assert prove_dispatch(dispatch)["envelopes"] == 1


def test_the_familys_paper_follows_the_insured_persons_mailing_address(family: Office) -> None:
    """単身赴任: whoever stays at home and should get post there needs a mailing address of the own."""
    family.address(family.members["0001-00"], "mailing", AWAY)
    family.members["0001-01"].person.addresses.create(
        use="mailing", postal_code="100-0001", address=HOME, valid_from=ON
    )
    assemble(family.run, by=family.clerk, on=ON)
    assert envelopes() == [(AWAY, "山田 太郎", 2), (HOME, "山田 花子", 1)]
