"""Between two runs: what was granted stays granted, and a duty opens on the day the paper becomes wrong."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

from certificates import recovery
from certificates.decisions.afterwards import explained
from certificates.models import EligibilityCertificate, Recovery, Ruling
from core.models import Clerk
from core.transitions import advance
from members.models import Member, Person
from tests.builders import POLICY
from tests.certificates.filings.office import ON, Office, codes, duty_of

pytestmark = pytest.mark.django_db
DAY = timedelta(1)
FIRST = date(2026, 12, 1)
NEW_SYMBOL = {"new_establishment_code": "0002", "new_symbol": "102", "new_number": "1"}


def granted(office: Office, ground: str, basis: str = "application", number: str = "1") -> EligibilityCertificate:
    """A posted certificate of this ground, held by somebody whose マイナ保険証 is usable by the fund's word."""
    paper = office.in_hand(office.cover(number))
    EligibilityCertificate.objects.filter(pk=paper.pk).update(ground=ground, basis=basis)
    office.myna(office.cover(number))
    paper.refresh_from_db()
    return paper


def newest(member: Member) -> EligibilityCertificate:
    return EligibilityCertificate.objects.filter(member=member).latest("pk")


@pytest.mark.parametrize(
    ("ground", "basis"),
    [
        ("lost_card", "application"),
        ("renewing_card", "application"),
        ("anyone", "application"),
        ("not_registered", "application"),
        ("deregistration", "application"),
        ("needs_assistance", "application"),
        ("assistance_renewal", "ex_officio"),
    ],
)
def test_a_changed_name_leaves_what_was_granted(office: Office, ground: str, basis: str) -> None:
    paper = granted(office, ground, basis)
    office.file("name_change", office.cover(), "2026-11-05", name="山本 太郎", name_kana="ヤマモト タロウ")
    new = newest(office.cover())
    paper.refresh_from_db()
    assert (paper.status, new.status, new.basis, new.ground) == ("superseded", "proposed", basis, ground)
    assert new.valid_through == paper.valid_through
    assert explained(Ruling.objects.latest("pk"))


def test_the_old_end_is_kept(office: Office) -> None:
    paper = granted(office, "lost_card")
    EligibilityCertificate.objects.filter(pk=paper.pk).update(valid_through=date(2027, 3, 31))
    office.file("symbol_change", None, "2026-11-10", establishment_code="0001", new_symbol="105")
    new = newest(office.cover(symbol="105"))
    assert (new.ground, new.valid_through, new.limit) == ("lost_card", date(2027, 3, 31), "scheme")


def test_what_was_issued_ex_officio_is_ruled_anew(office: Office) -> None:
    paper = granted(office, "not_registered", "ex_officio")
    office.file("name_change", office.cover(), "2026-11-05", name="山本 太郎", name_kana="ヤマモト タロウ")
    paper.refresh_from_db()
    assert paper.status == "superseded"
    assert Ruling.objects.latest("pk").reason == "myna_usable" and newest(office.cover()) == paper


@pytest.mark.parametrize(("lost_on", "issued"), [("2026-11-13", 0), ("2026-11-14", 1), ("2026-11-15", 1)])
def test_granted_still_only_where_paper_can_arrive(office: Office, lost_on: str, issued: int) -> None:
    """Straight home it takes three days: in hand on 11-13."""
    granted(office, "lost_card", number="2")
    Member.objects.filter(number="2").update(lost_on=lost_on)
    office.file("name_change", office.cover("2"), "2026-11-05", name="佐々木 一", name_kana="ササキ ハジメ")
    assert Ruling.objects.latest("pk").certificates.count() == issued


def test_the_share_of_somebody_of_71(tmp_path: Path, clerk: Clerk) -> None:
    """The certificate for a lost card showed 2割; with a remuneration of 300,000 a new one, 3割, is granted still."""
    office = Office(tmp_path / "elderly", clerk, POLICY)
    office.folder.establishment("0001", symbol="101")
    office.folder.insured("1", birth_date="1955-06-10", standard_monthly_remuneration_yen="200000")
    office.load()
    paper = granted(office, "lost_card")
    office.file("remuneration", office.cover(), "2026-10-01", standard_monthly_remuneration_yen="300000")
    new = newest(office.cover())
    paper.refresh_from_db()
    assert (paper.status, new.basis, new.ground) == ("superseded", "application", "lost_card")
    assert (new.status, new.valid_through) == ("proposed", paper.valid_through)


@pytest.mark.parametrize("left_before", [True, False])
def test_a_rehire_leaves_what_was_granted(office: Office, left_before: bool) -> None:
    granted(office, "lost_card", number="2")
    if left_before:
        office.file("loss", office.cover("2"), "2026-11-01")
    office.file("rehire", office.cover("2"), "2026-11-01", new_number="50")
    new = newest(office.cover("50"))
    assert (new.ground, new.basis, new.effective_on) == ("lost_card", "application", ON)


def test_a_move_known_ahead_leaves_the_old_paper_right_until_the_day(office: Office) -> None:
    """Another number is another cover: its paper is proposed at once, and the old one is due back from that day on."""
    paper, wife = granted(office, "renewing_card"), office.unposted(office.cover("1", "01"), "approved")
    old = office.cover()
    filing = office.file("establishment_move", old, "2026-12-01", **NEW_SYMBOL)
    new = newest(office.cover(symbol="102"))
    assert (new.status, new.ground, new.basis, new.effective_on) == ("proposed", "renewing_card", "application", FIRST)
    assert new.valid_through == paper.valid_through
    duty = duty_of(paper)
    assert (duty.status, duty.opened_on) == ("planned", FIRST)
    # Received 11-10; wrong from 12-01: the law's five days, the policy's seven.
    assert duty.due_on == date(2026, 12, 8)
    assert "recovery" in codes(filing)
    # What is still to be posted goes out, for it is right until then.
    wife.refresh_from_db()
    assert wife.status == "approved"

    for on, status, opened in ((FIRST - DAY, "sent", "planned"), (FIRST, "superseded", "open")):
        recovery.begin_duties(on)
        paper.refresh_from_db()
        duty.refresh_from_db()
        assert (paper.status, duty.status) == (status, opened)
    wife.refresh_from_db()
    assert (wife.status, duty_of(wife).status) == ("voided", "closed")
    assert set(recovery.begin_duties(FIRST + DAY).values()) == {0}


@pytest.mark.parametrize(
    ("effective_on", "status", "due_on"),
    [
        ("2026-11-09", "open", date(2026, 11, 17)),  # receipt + 7
        ("2026-11-10", "open", date(2026, 11, 17)),
        ("2026-11-11", "planned", date(2026, 11, 18)),  # the day it becomes wrong + 7
    ],
)
def test_a_duty_opens_on_the_day_of_the_loss(office: Office, effective_on: str, status: str, due_on: date) -> None:
    paper = office.in_hand(office.cover("2"))
    told = (date.fromisoformat(effective_on) - DAY).isoformat()
    office.file("loss", office.cover("2"), told, reason="retirement")
    duty = duty_of(paper)
    assert office.cover("2").lost_on == date.fromisoformat(effective_on)
    assert (duty.status, duty.due_on, duty.return_to) == (status, due_on, "establishment")
    assert duty.opened_on == max(ON, date.fromisoformat(effective_on))
    recovery.begin_duties(date(2026, 11, 11))
    duty.refresh_from_db()
    paper.refresh_from_db()
    assert (duty.status, paper.status) == ("open", "sent")


def test_an_annulled_loss_lifts_what_was_planned(office: Office) -> None:
    paper = office.in_hand(office.cover("2"))
    office.file("loss", office.cover("2"), "2026-11-30")
    office.file("loss_annulled", office.cover("2"), "2026-11-30")
    assert (duty_of(paper).status, duty_of(paper).outcome) == ("closed", "lifted")


def test_a_loss_brought_forward_opens_its_duty(office: Office) -> None:
    paper = office.in_hand(office.cover("2"))
    office.file("loss", office.cover("2"), "2026-11-30")
    assert duty_of(paper).status == "planned"
    office.file("loss", office.cover("2"), "2026-11-05", correct=True)
    duty = duty_of(paper)
    assert (duty.status, duty.opened_on, duty.due_on) == ("open", ON, date(2026, 11, 17))


def test_what_becomes_wrong_earlier_comes_back_earlier(office: Office) -> None:
    paper = granted(office, "lost_card", number="2")
    office.file("loss", office.cover("2"), "2026-12-31")
    office.file("name_change", office.cover("2"), "2026-11-10", name="佐々木 一", name_kana="ササキ ハジメ")
    paper.refresh_from_db()
    planned, now = Recovery.objects.filter(certificate=paper).order_by("pk")
    assert (planned.status, planned.outcome, now.status, now.cause) == ("closed", "lifted", "open", "face_changed")
    assert paper.status == "superseded"


def test_nothing_is_due_before_its_replacement_is_in_hand(office: Office) -> None:
    """Receipt + 7 is 11-17; the new one is in hand ten days after posting."""
    paper = granted(office, "lost_card")
    filing = office.file("name_change", office.cover(), "2026-11-10", name="山本 太郎", name_kana="ヤマモト タロウ")
    duty, new = duty_of(paper), newest(office.cover())
    assert duty.due_on == date(2026, 11, 20)
    assert [one["due_on"] for one in filing.consequences if one["code"] == "recovery"] == ["2026-11-20"]
    recovery.wait_for_replacements(date(2026, 11, 14))
    duty.refresh_from_db()
    assert duty.due_on == date(2026, 11, 24)
    for verb in ("approve", "print"):
        advance(new, verb, by=None, on=date(2026, 11, 14))
    advance(new, "send", by=None, on=date(2026, 11, 16), sent_on=date(2026, 11, 16), arrives_on=date(2026, 11, 26))
    assert recovery.wait_for_replacements(date(2026, 11, 17)) == [duty.pk]
    assert recovery.wait_for_replacements(date(2026, 11, 30)) == []
    duty.refresh_from_db()
    assert duty.due_on == date(2026, 11, 26)


def test_no_certificate_for_one_day(office: Office) -> None:
    """Removed from the family tomorrow: a paper that was to be posted is void, and none is made for the day left."""
    wife = office.cover("1", "01")
    paper = office.unposted(wife, "approved")
    Person.objects.filter(pk=wife.person_id).update(individual_number_state="unregistered")
    office.file("dependent_removed", wife, "2026-11-11")
    paper.refresh_from_db()
    assert paper.status == "voided"
    ruling = Ruling.objects.latest("pk")
    assert (ruling.outcome, ruling.reason) == ("not_needed", "too_late_for_paper")
    assert newest(wife) == paper
