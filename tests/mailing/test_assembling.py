from __future__ import annotations

from datetime import date

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from core.errors import Refused
from core.models import Clerk
from mailing.envelopes import HOLDS
from mailing.models import Dispatch, Enclosure, Envelope
from mailing.services import Hold, assemble, cancel, holds_of
from notices.services import draft
from tests.kenpo.reading import latin_words
from tests.mailing.build import ON, Office

RARE = "\U000e0fff"  # not a character anybody has


def run(office: Office):  # type: ignore[no-untyped-def]
    return assemble(office.run, by=office.clerk, on=ON)


def test_twice_is_once(office: Office) -> None:
    office.certify(office.household("0001", ["山田 太郎", "山田 花子"]))
    office.certify(office.household("0002", establishment=1))
    first = run(office)
    before = list(Enclosure.objects.values_list("id", "envelope_id", "certificate_id"))
    assert run(office) == first
    assert list(Enclosure.objects.values_list("id", "envelope_id", "certificate_id")) == before
    assert (first.enclosed["certificates"], first.held) == (3, {})


def test_voluntary_members_get_a_dispatch_straight_home(office: Office) -> None:
    office.certify(office.household("0001"))
    office.certify(office.household("0002", ["任意 一郎", "任意 二郎"], coverage_kind="voluntary"))
    run(office)
    home = Dispatch.objects.get(channel="home")
    (envelope,) = home.envelopes.all()
    assert (envelope.recipient, envelope.postal_code, envelope.establishment) == ("任意 一郎", "100-0001", None)
    assert envelope.enclosures.count() == 2
    assert Dispatch.objects.get(channel="establishment").counts["certificates"] == 1


@pytest.mark.parametrize("flag", ["nondisclosure", "address_protected"])
def test_a_protected_person_is_held_then_rides_alone_to_the_safe_address(office: Office, flag: str) -> None:
    members = office.household("0001", ["山田 太郎", "山田 花子"])
    hidden = members[1]
    setattr(hidden.person, flag, True)
    hidden.person.save()
    office.certify(members)
    first = run(office)
    assert first.held == {"protected": 1}
    assert [(h.member_id, h.reason) for h in first.holds] == [(hidden.pk, "protected")]
    office.address(hidden, "safe", "大阪市北区梅田一丁目")
    second = run(office)
    assert (second.held, second.enclosed["certificates"]) == ({}, 2)
    assert second.dispatches[0] == first.dispatches[0]
    apart = Dispatch.objects.get(to_safe_address=True)
    (envelope,) = apart.envelopes.all()
    assert (apart.channel, envelope.address, envelope.recipient) == ("home", "大阪市北区梅田一丁目", "山田 花子")
    assert envelope.enclosures.get().certificate.member == hidden


def test_a_character_without_glyph_is_named_by_code_point_and_holds_nobody_else(office: Office) -> None:
    members = [*office.household("0001", [f"山{RARE}田 太郎"]), *office.household("0002")]
    office.certify(members)
    answer = run(office)
    assert (answer.held, answer.enclosed["certificates"]) == ({"missing_glyph": 1}, 1)
    (hold,) = answer.holds
    assert hold.member_id == members[0].pk
    assert "U+E0FFF" in " ".join(hold.places)
    assert "太郎" not in " ".join(hold.places)


def test_a_face_changed_since_the_decision_and_an_ended_cover_are_held(office: Office) -> None:
    changed, left, stays = (office.household(f"{n:04d}")[0] for n in (1, 2, 3))
    office.certify([changed, left, stays])
    changed.person.name = "佐藤 太郎"
    changed.person.save()
    left.lost_on = ON
    left.save()
    assert run(office).held == {"cover_ended": 1, "face_changed": 1}


def test_the_last_day_of_cover_is_still_cover(office: Office) -> None:
    (member,) = office.household("0001")
    office.certify([member])
    member.lost_on = date(2026, 11, 10)
    member.save()
    assert run(office).held == {}


def test_a_name_too_long_for_the_form_is_held(office: Office) -> None:
    office.certify(office.household("0001", ["寿限無" * 60]))
    answer = run(office)
    assert answer.held == {"does_not_fit": 1}
    assert "氏名" in answer.holds[0].places


def test_home_without_an_address_is_held(office: Office) -> None:
    office.certify(office.household("0001", coverage_kind="voluntary", address=""))
    assert run(office).held == {"address_missing": 1}
    assert [h.reason for h in holds_of(office.run, on=ON)] == ["address_missing"]


def test_proposed_certificates_stay_out(office: Office) -> None:
    office.certify(office.household("0001"), approved=False)
    assert run(office).dispatches == []


def test_an_unapproved_month_and_an_auditor_are_refused(office: Office) -> None:
    auditor = Clerk.objects.create_user("auditor", role="auditor")
    with pytest.raises(Refused, match="権限"):
        assemble(office.run, by=auditor, on=ON)
    office.run.status = "proposed"
    with pytest.raises(Refused, match="承認"):
        run(office)


def test_successors_lie_in_the_same_envelope(office: Office) -> None:
    members = office.household("0001")
    office.certify(members)
    office.certify(members, sequence=1)
    run(office)
    (envelope,) = Envelope.objects.all()
    assert [x.certificate.sequence for x in envelope.enclosures.order_by("position")] == [0, 1]


def test_a_cancelled_dispatch_gives_its_certificates_back(office: Office) -> None:
    office.certify(office.household("0001"))
    (first,) = run(office).dispatches
    cancel(Dispatch.objects.get(pk=first), by=office.clerk, on=ON, reason="様式の変更")
    again = run(office)
    assert (again.enclosed["certificates"], len(again.dispatches)) == (1, 1)
    assert again.dispatches != [first]


def test_a_serial_belongs_to_one_dispatch(office: Office) -> None:
    office.certify(office.household("0001"))
    run(office)
    enclosure = Enclosure.objects.get()
    with pytest.raises(IntegrityError), transaction.atomic():
        Enclosure.objects.create(envelope=enclosure.envelope, certificate=enclosure.certificate, position=2)


def test_notices_ride_with_the_certificates_of_their_household(office: Office) -> None:
    members = office.household("0001", ["山田 太郎", "山田 花子"])
    alone = office.household("0002")
    for member in [*members, *alone]:
        member.fund_registered_on = date(2026, 10, 15)
        member.save()
    office.certify(members[:1])
    assert draft(office.run, by=office.clerk, on=ON) == 3
    answer = run(office)
    assert (answer.enclosed["certificates"], answer.enclosed["notices"]) == (1, 3)
    kinds = {d.kind: (d.counts["certificates"], d.counts["notices"]) for d in Dispatch.objects.all()}
    assert kinds == {"certificate": (1, 2), "notice": (0, 1)}


def test_the_number_of_queries_does_not_grow_with_the_people(office: Office) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            run(office)
        return len(captured)

    office.certify(office.household("0001"))
    few = queries()
    for n in range(2, 12):
        office.certify(office.household(f"{n:04d}", ["山田 太郎", "山田 花子"]))
    assert queries() <= few
    assert Enclosure.objects.count() == 21


@pytest.mark.parametrize("reason", list(HOLDS))
def test_a_hold_is_told_in_words_alone(reason: str) -> None:
    said = Hold("certificate", 1, 2, reason).told("101-1-00")
    assert said.endswith(HOLDS[reason])
    assert latin_words(said) == set()
