"""Duties to hand paper back: for which papers, until when, to whom."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from certificates.models import EligibilityCertificate, Recovery
from certificates.recovery import open_duties
from core.models import Event
from members.models import Member
from tests.certificates.recovery.papers import D, certificates, duty, elderly
from tests.mailing.build import Office


@pytest.mark.parametrize(
    ("lost_on", "received_on", "due_on"),
    [  # toyobo returns within 7 days of the filing and of the day the paper becomes wrong
        (D(2026, 11, 11), D(2026, 11, 12), D(2026, 11, 19)),
        (D(2026, 11, 12), D(2026, 11, 12), D(2026, 11, 19)),
        (D(2026, 11, 13), D(2026, 11, 12), D(2026, 11, 20)),
        (None, D(2026, 11, 12), D(2026, 11, 19)),
    ],
)
def test_due_is_the_later_of_loss_and_filing(
    office: Office, paper: Any, lost_on: date | None, received_on: date, due_on: date
) -> None:
    assert duty(office, paper, on=received_on, lost_on=lost_on).due_on == due_on


@pytest.mark.parametrize(("through", "opened"), [(11, 0), (12, 1), (13, 1)])
def test_only_what_is_still_valid_on_the_day(office: Office, through: int, opened: int) -> None:
    papers = certificates(office, office.household("0001"), through=D(2026, 11, through))
    day = D(2026, 11, 12)
    assert len(open_duties(papers, cause="face_changed", received_on=day, on=day, by=None)) == opened


@pytest.mark.parametrize(("through", "opened"), [(29, 0), (30, 1)])
def test_what_expires_before_a_loss_to_come_is_no_duty(office: Office, through: int, opened: int) -> None:
    papers = certificates(office, office.household("0001"), through=D(2026, 11, through))
    day = D(2026, 11, 12)
    ids = open_duties(papers, cause="loss", received_on=day, lost_on=D(2026, 11, 30), on=day, by=None)
    assert len(ids) == opened


def test_every_state_that_left_the_office_and_no_other(office: Office) -> None:
    waiting = office.certify(office.household("0001"))
    certificates(office, office.household("0002"))
    certificates(office, office.household("0003"), "return")
    certificates(office, office.household("0004"), "supersede")
    certificates(office, office.household("0005"), "recover")
    day = D(2026, 11, 12)
    ids = open_duties(
        EligibilityCertificate.objects.all(), cause="superseded", received_on=day, on=day, by=office.clerk
    )
    found = Recovery.objects.filter(pk__in=ids).values_list("certificate__member__number", flat=True)
    assert sorted(found) == ["0002", "0003", "0004"]
    assert not Recovery.objects.filter(certificate_id__in=waiting).exists()
    assert Event.objects.filter(verb="open", subject=Recovery._meta.label).count() == 3


def test_one_open_duty_per_paper_of_either_kind(office: Office) -> None:
    (member,) = office.household("0001")
    papers = [*certificates(office, [member]), elderly(office, member)]
    day = D(2026, 11, 12)
    first = open_duties(papers, cause="loss", received_on=day, on=day, by=None)
    assert len(first) == 2
    assert open_duties(papers, cause="death", received_on=day, on=day, by=None) == []
    assert set(Recovery.objects.values_list("cause", flat=True)) == {"loss"}


@pytest.mark.parametrize(
    ("cause", "coverage_kind", "return_to"),
    [
        ("loss", "regular", "establishment"),
        ("loss", "voluntary", "insurer"),
        ("loss", "special_retired", "insurer"),
        ("removed", "regular", "insurer"),
        ("registration", "regular", "insurer"),
        ("death", "regular", "claimant"),
        ("death", "voluntary", "claimant"),
        ("annulled", "regular", "insurer"),
        ("face_changed", "regular", "insurer"),
        ("superseded", "regular", "insurer"),
        ("reissued", "regular", "insurer"),
    ],
)
def test_to_whom(office: Office, cause: str, coverage_kind: str, return_to: str) -> None:
    family = office.household("0001", ["山田 太郎", "山田 花子"], coverage_kind=coverage_kind)
    for paper in certificates(office, family):
        assert duty(office, paper, cause=cause).return_to == return_to


def test_a_dependent_follows_the_insured_persons_kind(office: Office) -> None:
    family = office.household("0001", ["山田 太郎", "山田 花子"], coverage_kind="voluntary")
    Member.objects.filter(pk=family[1].pk).update(coverage_kind="regular")
    paper = certificates(office, family)[1]
    assert duty(office, paper).return_to == "insurer"
