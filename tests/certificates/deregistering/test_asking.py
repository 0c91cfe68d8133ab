"""利用登録解除 as it is asked for, accepted and withdrawn."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from certificates.decisions import ruling as rulings
from certificates.models import Deregistration, EligibilityCertificate, Recovery
from certificates.requests import deregistration as deregistrations
from core.errors import BadInput, Refused
from core.models import Clerk, Event
from core.transitions import advance_many
from kenpo.intake.load import load
from members.models import Member, MynaStatus
from members.services import society
from tests.builders import Folder
from tests.certificates.deregistering.asking import DAY, EFFECT, TODAY, Clerks, _granted, _receive, _says

pytestmark = pytest.mark.django_db


def test_another_clerks_acceptance_issues_and_approves(member: Member, clerks: Clerks) -> None:
    made = _receive(member, clerks[0])

    ruling = deregistrations.accept(made, by=clerks[1], on=TODAY)

    paper = EligibilityCertificate.objects.get(member=member)
    assert ruling is not None
    assert (ruling.cause, ruling.request) == ("deregistration", f"deregistration:{made.pk}")
    assert (paper.ground, paper.basis, paper.effective_on) == ("deregistration", "application", TODAY)
    assert (paper.status, made.status) == ("approved", "received")
    assert str(rulings.replayed(ruling).reason) == ruling.reason


def test_who_took_it_in_leaves_the_approval_to_another(member: Member, clerks: Clerks) -> None:
    made = _receive(member, clerks[0])

    deregistrations.accept(made, by=clerks[0], on=TODAY)
    deregistrations.accept(made, by=clerks[0], on=TODAY)
    assert EligibilityCertificate.objects.get().status == "proposed"
    deregistrations.accept(made, by=clerks[1], on=TODAY)

    assert EligibilityCertificate.objects.get().status == "approved"
    assert Event.objects.filter(subject=deregistrations.LABEL, verb="accept").count() == 1


def test_an_open_request_is_answered_again(member: Member, clerks: Clerks) -> None:
    first = _receive(member, clerks[0])
    assert _receive(member, clerks[1], TODAY + DAY) == first

    deregistrations.grant([first.pk], accepted_on=TODAY, file=1, by=clerks[0], on=TODAY)

    assert _receive(member, clerks[1], TODAY + DAY) == first
    assert Deregistration.objects.count() == 1


def test_after_a_new_registration_the_next_request_is_a_new_one(member: Member, clerks: Clerks) -> None:
    first = _granted(member, clerks[0], TODAY)
    _says(member, date(2027, 1, 31), registered_on=date(2027, 1, 15))

    second = _receive(member, clerks[0], date(2027, 2, 5))

    assert second != first
    assert second.status == "received"


@pytest.mark.parametrize(
    ("state", "words"),
    [("not_registered", "利用登録がない"), ("returned", "カードが返納されている"), ("absent", "個別照会")],
)
def test_whoever_is_not_registered_is_told_so(member: Member, clerks: Clerks, state: str, words: str) -> None:
    _says(member, date(2026, 11, 8), state)

    with pytest.raises(Refused, match=words):
        _receive(member, clerks[0])

    assert not Deregistration.objects.exists()


def test_whoever_the_fund_has_never_named_is_asked_about_first(member: Member, clerks: Clerks) -> None:
    MynaStatus.objects.all().delete()

    with pytest.raises(Refused, match="個別照会"):
        _receive(member, clerks[0])


@pytest.mark.parametrize(
    ("on", "taken"), [(date(2026, 11, 9), True), (date(2026, 11, 10), True), (date(2026, 11, 11), False)]
)
def test_after_the_last_day_of_cover_it_is_another_insurers(
    member: Member, clerks: Clerks, on: date, taken: bool
) -> None:
    Member.objects.update(lost_on=date(2026, 11, 11))
    member.refresh_from_db()
    if taken:
        assert _receive(member, clerks[0], on).status == "received"
        return
    with pytest.raises(Refused, match="資格が終わっている"):
        _receive(member, clerks[0], on)


@pytest.mark.parametrize(
    ("changed", "column"), [({"received_on": TODAY + DAY}, "received_on"), ({"via": "pigeon"}, "via")]
)
def test_a_bad_form_is_refused_by_column(member: Member, clerks: Clerks, changed: dict[str, Any], column: str) -> None:
    with pytest.raises(BadInput) as bad:
        deregistrations.receive(member, **{"received_on": TODAY, **changed}, by=clerks[0], on=TODAY)

    assert [mistake.column for mistake in bad.value.mistakes] == [column]


def test_an_auditor_takes_nothing_in(member: Member) -> None:
    auditor = Clerk.objects.create_user("kansa", role="auditor")

    with pytest.raises(Refused, match="監査の権限では"):
        _receive(member, auditor)


@pytest.mark.parametrize(("through", "issued"), [(EFFECT - DAY, 1), (EFFECT, 1), (EFFECT + DAY, 0)])
def test_a_certificate_in_hand_beyond_the_effect_is_enough(
    tmp_path: Path, clerks: Clerks, through: date, issued: int
) -> None:
    folder = Folder(tmp_path / "in").insured("1").certificate("1", valid_through=through.isoformat())
    load(folder.write(), on=TODAY)
    member = Member.objects.get()
    _says(member)

    ruling = deregistrations.accept(_receive(member, clerks[0]), by=clerks[1], on=TODAY)

    assert (ruling is not None) == bool(issued)
    assert EligibilityCertificate.objects.filter(ground="deregistration").count() == issued
    assert deregistrations.to_request(society()).count() == 1


def test_one_that_ends_too_soon_ends_with_the_new_one_and_comes_back(tmp_path: Path, clerks: Clerks) -> None:
    load(Folder(tmp_path / "in").insured("1").certificate("1", valid_through="2026-12-31").write(), on=TODAY)
    member = Member.objects.get()
    _says(member)

    deregistrations.accept(_receive(member, clerks[0]), by=clerks[1], on=TODAY)

    old, new = EligibilityCertificate.objects.order_by("pk")
    assert (old.status, new.status) == ("superseded", "approved")
    assert Recovery.objects.get(certificate=old).cause == "superseded"


def test_a_withdrawal_voids_the_unposted_certificate(member: Member, clerks: Clerks) -> None:
    made = _receive(member, clerks[0])
    deregistrations.accept(made, by=clerks[1], on=TODAY)

    deregistrations.withdraw(made, reason="本人の申出", by=clerks[0], on=TODAY)

    assert made.status == "withdrawn"
    assert EligibilityCertificate.objects.get().status == "voided"
    with pytest.raises(Refused, match="新しく受け付けて"):
        deregistrations.accept(made, by=clerks[1], on=TODAY)
    assert _receive(member, clerks[0], TODAY + DAY) != made


def test_a_posted_certificate_stays_with_its_holder(member: Member, clerks: Clerks) -> None:
    made = _receive(member, clerks[0])
    deregistrations.accept(made, by=clerks[1], on=TODAY)
    papers = EligibilityCertificate.objects.all()
    for verb in ("print", "send"):
        advance_many(papers, verb, by=clerks[0], on=TODAY)

    deregistrations.withdraw(made, reason="本人の申出", by=clerks[0], on=TODAY)

    assert papers.get().status == "sent"


def test_nothing_is_withdrawn_from_the_fund(member: Member, clerks: Clerks) -> None:
    made = _receive(member, clerks[0])
    deregistrations.accept(made, by=clerks[1], on=TODAY)
    deregistrations.hand_over([made.pk], file=1, by=clerks[0], on=TODAY)
    with pytest.raises(Refused, match="基金に取下げを申し出て"):
        deregistrations.withdraw(made, reason="本人の申出", by=clerks[0], on=TODAY)

    deregistrations.grant([made.pk], accepted_on=TODAY, file=1, by=clerks[0], on=TODAY)

    with pytest.raises(Refused, match="改めて利用登録をする"):
        deregistrations.withdraw(made, reason="本人の申出", by=clerks[0], on=TODAY)
    assert EligibilityCertificate.objects.get().status == "approved"


def test_what_was_taken_back_from_the_fund_can_be_withdrawn(member: Member, clerks: Clerks) -> None:
    made = _receive(member, clerks[0])
    deregistrations.hand_over([made.pk], file=1, by=clerks[0], on=TODAY)
    deregistrations.take_back([made.pk], file=1, by=clerks[0], on=TODAY)

    deregistrations.withdraw(made, reason="本人の申出", by=clerks[0], on=TODAY)

    assert made.status == "withdrawn"
