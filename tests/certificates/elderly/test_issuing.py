"""The 高齢受給者証 in the database: proposed once, approved by another, replaced when the share changes."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from certificates.decisions.elderly import approve_elderly, propose_elderly
from certificates.documents.serials import valid
from certificates.models import ElderlyBeneficiaryCertificate, Recovery
from core.errors import Refused
from core.models import Clerk, Event
from core.transitions import advance_many
from members.models import Policy, ShareRelief
from members.policy import build as build_policy
from tests.certificates.elderly.families import BORN, DAY, FIRST, family, posted
from tests.conftest import run_command
from tests.mailing.build import DECIDED_ON, ON, Office

pytestmark = pytest.mark.django_db


def shares() -> list[tuple[Any, ...]]:
    found = ElderlyBeneficiaryCertificate.objects.order_by("serial")
    return list(found.values_list("member_id", "copayment_percent", "effective_on", "status"))


def none(**counts: int) -> dict[str, int]:
    return {"proposed": 0, "superseded": 0, "voided": 0} | counts


def test_a_family_gets_one_each_in_the_order_of_the_lists_and_only_once(office: Office) -> None:
    insured, spouse, child = family(office, BORN, date(1955, 3, 1), date(1990, 1, 1))
    assert propose_elderly(None, by=office.clerk, on=ON) == none(proposed=3)
    made = list(ElderlyBeneficiaryCertificate.objects.order_by("serial"))
    assert [(m.member_id, m.cause, m.copayment_percent, m.effective_on, m.run) for m in made] == [
        (insured.pk, "turns_70", 30, FIRST, None),
        (spouse.pk, "with_certificate", 20, ON, None),
        # From December on the spouse's share follows the insured person's.
        (spouse.pk, "share_change", 30, FIRST, None),
    ]
    assert all(valid(m.serial) for m in made)
    assert (made[0].issued_on, made[0].valid_through) == (ON, date(2027, 8, 31))
    events = Event.objects.count()
    assert propose_elderly(None, by=office.clerk, on=ON) == none()
    assert Event.objects.count() == events and child.pk


def test_of_a_run_they_belong_to_it_and_later_only_to_days(office: Office) -> None:
    family(office, BORN)
    office.run.status = "proposed"
    assert propose_elderly(office.run, by=office.clerk, on=DECIDED_ON)["proposed"] == 1
    made = ElderlyBeneficiaryCertificate.objects.get()
    assert (made.run, made.issued_on) == (office.run, DECIDED_ON)
    assert propose_elderly(office.run, by=office.clerk, on=DECIDED_ON) == none()
    office.run.status = "approved"
    family(office, BORN, number="0002")
    assert propose_elderly(office.run, by=office.clerk, on=DECIDED_ON) == none()
    assert propose_elderly(None, by=office.clerk, on=ON) == none(proposed=1)


@pytest.mark.parametrize("on_face", [False, True])
def test_the_setting_decides_whether_there_is_any(office: Office, on_face: bool) -> None:
    Policy.objects.create(
        insurer=office.insurer,
        valid_from=ON,
        preset="toyobo",
        values=build_policy("toyobo", {"share_on_face": on_face}).as_json(),
    )
    family(office, date(1956, 1, 1))
    assert propose_elderly(None, by=office.clerk, on=ON)["proposed"] == (0 if on_face else 1)


def test_without_a_certificate_there_is_none(office: Office) -> None:
    family(office, date(1956, 1, 1), certified=False)
    assert propose_elderly(None, by=office.clerk, on=ON) == none()


@pytest.mark.parametrize(("days", "changed"), [(-1, False), (0, True), (1, True)])
def test_on_the_first_day_of_a_new_share_the_old_one_is_superseded(
    office: Office, other: Clerk, days: int, changed: bool
) -> None:
    """Relief until the end of the year: the paper for the new share is there before, the old one ends on its day."""
    (insured,) = family(office, date(1956, 1, 1))
    new_year = date(2027, 1, 1)
    relief = ShareRelief.objects.create(member=insured, valid_from=date(2026, 8, 1), valid_through=None)
    propose_elderly(None, by=office.clerk, on=ON)
    posted(office, other)
    relief.valid_through = new_year - DAY
    relief.save()
    counts = propose_elderly(None, by=office.clerk, on=new_year + timedelta(days))
    assert counts == none(proposed=1, superseded=int(changed))
    old, new = ElderlyBeneficiaryCertificate.objects.order_by("serial")
    assert (old.status, old.copayment_percent) == ("superseded" if changed else "sent", 20)
    assert (new.cause, new.copayment_percent) == ("share_change", 30)
    assert new.effective_on == max(new_year, new_year + timedelta(days))
    duties = Recovery.objects.filter(elderly_certificate=old)
    assert [(d.cause, d.status) for d in duties] == ([("superseded", "open")] if changed else [])


def test_remuneration_of_the_insured_person_changes_the_whole_family(office: Office, other: Clerk) -> None:
    insured, _ = family(office, date(1956, 1, 1), date(1955, 1, 1))
    propose_elderly(None, by=office.clerk, on=ON)
    posted(office, other)
    insured.standard_monthly_remuneration_yen = 260_000
    insured.save()
    assert propose_elderly(None, by=office.clerk, on=ON + DAY) == none(proposed=2, superseded=2)
    assert {row[1:3] for row in shares()} == {(30, ON), (20, ON + DAY)}


def test_what_was_not_posted_is_void_and_made_anew_for_the_same_day(office: Office) -> None:
    (insured,) = family(office, BORN)
    propose_elderly(None, by=office.clerk, on=ON)
    insured.standard_monthly_remuneration_yen = 200_000
    insured.save()
    assert propose_elderly(None, by=office.clerk, on=ON) == none(proposed=1, voided=1)
    assert [row[1:] for row in shares()] == [(30, FIRST, "voided"), (20, FIRST, "proposed")]
    assert not Recovery.objects.exists()


def test_a_new_name_makes_it_wrong_on_its_face(office: Office, other: Clerk) -> None:
    (insured,) = family(office, date(1956, 1, 1))
    propose_elderly(None, by=office.clerk, on=ON)
    posted(office, other)
    insured.person.name = "佐藤 太郎"
    insured.person.save()
    # The certificate is wrong as well: until another is there, no new paper is due beside it.
    assert propose_elderly(None, by=office.clerk, on=ON + DAY) == none(superseded=1)
    assert Recovery.objects.get().cause == "face_changed"
    office.certify([insured], sequence=1)
    assert propose_elderly(None, by=office.clerk, on=ON + DAY) == none(proposed=1)


def test_one_that_came_back_by_post_is_taken_back_without_a_duty(office: Office, other: Clerk) -> None:
    (insured,) = family(office, date(1956, 1, 1))
    propose_elderly(None, by=office.clerk, on=ON)
    posted(office, other)
    papers = ElderlyBeneficiaryCertificate.objects.all()
    advance_many(papers, "return", by=office.clerk, on=ON, reason="転居先不明")
    insured.standard_monthly_remuneration_yen = 200_000
    insured.save()
    propose_elderly(None, by=office.clerk, on=ON + DAY)
    assert [row[3] for row in shares()] == ["recovered", "proposed"]
    assert not Recovery.objects.exists()


def test_two_pairs_of_eyes(office: Office, other: Clerk) -> None:
    family(office, date(1956, 1, 1))
    propose_elderly(None, by=office.clerk, on=ON)
    with pytest.raises(Refused, match="別の担当者"):
        approve_elderly(by=office.clerk, on=ON)
    with pytest.raises(Refused, match="権限"):
        approve_elderly(by=Clerk.objects.create_user("auditor", role="auditor"), on=ON)
    assert approve_elderly(by=other, on=ON) == 1
    assert approve_elderly(by=other, on=ON) == 0
    assert ElderlyBeneficiaryCertificate.objects.get().status == "approved"


def test_an_auditor_proposes_nothing(office: Office) -> None:
    with pytest.raises(Refused, match="権限"):
        propose_elderly(None, by=Clerk.objects.create_user("auditor", role="auditor"), on=ON)


def test_the_number_of_queries_does_not_grow_with_the_people(
    office: Office, django_assert_max_num_queries: Any
) -> None:
    for n in range(1, 9):
        family(office, date(1956, 1, n), date(1955, 1, n), number=f"{n:04d}")
    with django_assert_max_num_queries(20):
        assert propose_elderly(None, by=office.clerk, on=ON)["proposed"] == 16


def test_the_command_proposes_and_the_other_clerk_approves(office: Office, other: Clerk) -> None:
    family(office, BORN)
    day = ("--on", ON.isoformat())
    said = run_command("elderly", "--by", "haraguchi", *day)
    assert (said.code, said.json) == (0, {"proposed": 1, "superseded": 0, "voided": 0})
    assert run_command("elderly", "--by", "haraguchi", *day).json == {"proposed": 0, "superseded": 0, "voided": 0}
    assert run_command("elderly", "--approve", "--by", "haraguchi", *day).code == 1
    assert run_command("elderly", "--approve", "--by", "tanaka", *day).json == {"approved": 1}
