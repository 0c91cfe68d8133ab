"""Where the share stands on the certificate's face, the certificate itself follows it."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

from certificates.decisions import reading
from certificates.decisions.elderly import supersede_changed_shares
from certificates.decisions.shares_ahead import foresee_shares
from certificates.models import EligibilityCertificate, Recovery, Ruling
from certificates.recovery import begin_duties
from core.transitions import advance_many
from mailing.papers.faces import faces
from members.models import Member, ShareRelief
from members.services import policy_on
from tests.certificates.elderly.families import BORN, DAY, FIRST, family
from tests.mailing import build
from tests.mailing.build import DECIDED_ON, ON, Office

pytestmark = pytest.mark.django_db


@pytest.fixture
def facing(home: Path) -> Office:
    return build.office(share_on_face=True)


def carried(office: Office, member: Member) -> EligibilityCertificate:
    """A posted certificate that carries the share."""
    (pk,) = office.certify([member])
    certificates = EligibilityCertificate.objects.filter(pk=pk)
    for verb in ("print", "send"):
        advance_many(certificates, verb, by=office.clerk, on=DECIDED_ON)
    return certificates.get()


@pytest.mark.parametrize(("on", "ahead"), [(date(2026, 11, 29), 0), (date(2026, 11, 30), 0), (date(2026, 12, 1), 1)])
def test_a_share_that_changes_by_the_calendar_has_its_paper_before_the_day(
    facing: Office, on: date, ahead: int
) -> None:
    """The relief ends with the year: from December on the next run's paper would come too late."""
    (insured,) = family(facing, date(1956, 1, 1), certified=False)
    certificate = carried(facing, insured)
    ShareRelief.objects.create(member=insured, valid_from=date(2026, 8, 1), valid_through=date(2026, 12, 31))
    wanted = {"planned": ahead, "ruled": ahead, "issued": ahead}
    assert foresee_shares(on) == wanted and set(foresee_shares(on).values()) == {0}
    if not ahead:
        return
    new_year, new = date(2027, 1, 1), EligibilityCertificate.objects.latest("pk")
    assert (new.effective_on, new.status) == (new_year, "proposed")
    drawn = faces([certificate.pk, new.pk], policy_on(facing.insurer, on))
    assert (drawn[certificate.pk].copayment_percent, drawn[new.pk].copayment_percent) == (20, 30)
    for day, status in ((new_year - DAY, "sent"), (new_year, "superseded"), (new_year + DAY, "superseded")):
        facts = reading.facts_of(facing.insurer.pk, day, [insured.pk])[insured.pk]
        usable = [one.id for one in facts.certificates if one.effective_on <= day <= one.valid_through]
        assert usable == [certificate.pk if day < new_year else new.pk]
        begin_duties(day)
        assert set(supersede_changed_shares(day, by=None).values()) == {0}
        certificate.refresh_from_db()
        assert certificate.status == status
    assert EligibilityCertificate.objects.count() == 2
    assert Recovery.objects.get(certificate=certificate).status == "open"


@pytest.mark.parametrize(("days", "changed"), [(-1, False), (0, True), (1, True)])
def test_the_certificate_itself_is_superseded_on_the_first_day_of_the_new_share(
    facing: Office, days: int, changed: bool
) -> None:
    (insured,) = family(facing, date(1956, 1, 1), certified=False)
    certificate = carried(facing, insured)
    ShareRelief.objects.create(member=insured, valid_from=date(2026, 8, 1), valid_through=date(2026, 12, 31))
    on = date(2027, 1, 1) + timedelta(days)
    counts = supersede_changed_shares(on, by=facing.clerk)
    certificate.refresh_from_db()
    if not changed:
        assert (set(counts.values()), certificate.status) == ({0}, "sent")
        return
    assert counts == {"superseded": 1, "voided": 0, "ruled": 1, "issued": 1}
    assert certificate.status == "superseded"
    assert Recovery.objects.get(certificate=certificate).cause == "superseded"
    made = Ruling.objects.get()
    assert made.request == f"share:{certificate.pk}:{on.isoformat()}"
    # The fund has said nothing: the paper that was taken is bridged.
    assert (made.outcome, made.reason) == ("issue", "unsettled")
    assert set(supersede_changed_shares(on, by=facing.clerk).values()) == {0}


def test_whoever_has_no_other_route_gets_a_new_one_at_once(facing: Office) -> None:
    from members.models import MynaStatus

    (insured,) = family(facing, date(1956, 1, 1), certified=False)
    certificate = carried(facing, insured)
    MynaStatus.objects.create(person=insured.person, as_of=date(2026, 10, 31), source="monthly", state="not_registered")
    ShareRelief.objects.create(member=insured, valid_from=DECIDED_ON, valid_through=ON - DAY)
    assert supersede_changed_shares(ON, by=facing.clerk)["issued"] == 1
    new = EligibilityCertificate.objects.exclude(pk=certificate.pk).get()
    assert (new.effective_on, new.status, new.kind) == (ON, "proposed", "new")


def test_the_insured_persons_70_ends_the_spouses_certificate(facing: Office) -> None:
    _, spouse = family(facing, BORN, date(1954, 3, 10), certified=False)
    certificate = carried(facing, spouse)
    assert supersede_changed_shares(FIRST - DAY, by=facing.clerk)["superseded"] == 0
    assert supersede_changed_shares(FIRST, by=facing.clerk)["superseded"] == 1
    certificate.refresh_from_db()
    assert certificate.status == "superseded"


def test_what_is_known_to_be_printed_goes_before_the_facts(facing: Office) -> None:
    """Remuneration is not dated: a certificate printed with 2割 before it rose is found by what was printed."""
    (insured,) = family(facing, date(1956, 1, 1), certified=False)
    certificate = carried(facing, insured)
    assert supersede_changed_shares(ON, by=facing.clerk)["superseded"] == 0
    assert supersede_changed_shares(ON, by=facing.clerk, printed={certificate.pk: 30})["superseded"] == 0
    assert supersede_changed_shares(ON, by=facing.clerk, printed={certificate.pk: 20})["superseded"] == 1


def test_one_that_is_not_posted_is_void_and_one_without_a_share_stays(facing: Office) -> None:
    late, young = (family(facing, day, number=n)[0] for day, n in ((date(1956, 1, 1), "0001"), (BORN, "0002")))
    for member in (late, young):
        ShareRelief.objects.create(member=member, valid_from=DECIDED_ON, valid_through=ON - DAY)
    counts = supersede_changed_shares(ON, by=facing.clerk)
    assert (counts["superseded"], counts["voided"]) == (0, 1)
    statuses = EligibilityCertificate.objects.order_by("pk").values_list("member_id", "status")
    assert set(statuses) == {(late.pk, "voided"), (late.pk, "proposed"), (young.pk, "approved")}
    assert not Recovery.objects.exists()


def test_where_the_share_stands_apart_no_certificate_is_touched(office: Office) -> None:
    (insured,) = family(office, date(1956, 1, 1), certified=False)
    carried(office, insured)
    ShareRelief.objects.create(member=insured, valid_from=DECIDED_ON, valid_through=ON - DAY)
    assert set(supersede_changed_shares(ON, by=office.clerk).values()) == {0}


def test_a_share_found_by_the_daily_job_leaves_what_was_granted(facing: Office) -> None:
    """Of a usable マイナ保険証 the table would say: not needed."""
    from members.models import MynaStatus

    (insured,) = family(facing, date(1956, 1, 1), certified=False)
    certificate = carried(facing, insured)
    EligibilityCertificate.objects.filter(pk=certificate.pk).update(basis="application", ground="lost_card")
    MynaStatus.objects.create(
        person=insured.person,
        as_of=date(2026, 10, 31),
        source="monthly",
        state="registered",
        e_certificate_expires_on=date(2030, 1, 1),
    )
    ShareRelief.objects.create(member=insured, valid_from=DECIDED_ON, valid_through=ON - DAY)
    assert supersede_changed_shares(ON, by=facing.clerk)["issued"] == 1
    new = EligibilityCertificate.objects.exclude(pk=certificate.pk).get()
    assert (new.ground, new.basis, new.effective_on) == ("lost_card", "application", ON)
