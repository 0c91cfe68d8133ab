"""Loss, death, removal and annulment: the family's covers, void before the post, duties for what is in hand."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from certificates.models import EligibilityCertificate, Filing, LegacyCard, Recovery, Ruling
from certificates.requests import filings
from core.calendar import wareki
from core.errors import Refused
from core.transitions import advance
from members.models import Member
from tests.certificates.filings.office import ON, Office, codes, duty_of

pytestmark = pytest.mark.django_db


def lost_days(number: str = "1") -> list[date | None]:
    return list(Member.objects.filter(number=number).order_by("branch_number").values_list("lost_on", flat=True))


def test_the_whole_family_loses_cover_with_the_insured_person(office: Office) -> None:
    filing = office.file("loss", office.cover(), "2026-10-31", reason="retirement")
    assert lost_days() == [date(2026, 11, 1)] * 3
    assert lost_days("2") == [None]
    assert filing.status == "applied" and filing.applied_on == ON
    assert codes(filing) == ["covers_ended"]


@pytest.mark.parametrize("status", ["proposed", "approved", "printed"])
def test_what_is_not_posted_is_void_for_the_whole_family(office: Office, status: str) -> None:
    papers = [office.unposted(office.cover("1", branch), status) for branch in ("00", "01", "02")]
    other = office.unposted(office.cover("2"), status)
    office.file("loss", office.cover(), "2026-10-31", reason="retirement")
    for paper in papers:
        paper.refresh_from_db()
        assert paper.status == "voided"
    other.refresh_from_db()
    assert other.status == status
    assert not Recovery.objects.exists()


def test_what_is_in_hand_must_come_back_through_the_employer_on_retirement(office: Office) -> None:
    papers = [office.in_hand(office.cover("1", branch)) for branch in ("00", "01", "02")]
    filing = office.file("loss", office.cover(), "2026-11-09", reason="retirement")
    for paper in papers:
        duty = duty_of(paper)
        assert (duty.cause, duty.return_to, duty.opened_on) == ("loss", "establishment", ON)
        paper.refresh_from_db()
        assert paper.status == "sent"
    ids = {pk for one in filing.consequences if one["code"] == "recovery" for pk in one["ids"]}
    assert ids == set(Recovery.objects.values_list("pk", flat=True))


@pytest.mark.parametrize(
    ("coverage", "reason", "to"),
    [
        ("regular", "retirement", "establishment"),
        ("regular", "other", "insurer"),
        ("voluntary", "retirement", "insurer"),
        ("special_retired", "retirement", "insurer"),
    ],
)
def test_to_whom_a_lost_cover_s_paper_goes(office: Office, coverage: str, reason: str, to: str) -> None:
    Member.objects.filter(number="1").update(coverage_kind=coverage, acquired_on=date(2026, 1, 1))
    own, child = office.in_hand(office.cover()), office.in_hand(office.cover("1", "02"))
    office.file("loss", office.cover(), "2026-11-10", reason=reason)
    assert duty_of(own).return_to == duty_of(child).return_to == to


@pytest.mark.parametrize(
    ("lost_on", "due_on"),
    [
        # Received on 11-10: + 7 days by policy is 11-17; from a loss after that day, + 7 from it.
        ("2026-11-09", "2026-11-17"),
        ("2026-11-10", "2026-11-17"),
        ("2026-11-11", "2026-11-18"),
        ("2026-06-01", "2026-11-17"),
    ],
)
def test_due_on_is_seven_days_from_the_later_of_receipt_and_loss(office: Office, lost_on: str, due_on: str) -> None:
    paper = office.in_hand(office.cover())
    office.file("loss", office.cover(), lost_on)
    assert duty_of(paper).due_on.isoformat() == due_on


@pytest.mark.parametrize(("days", "wanted"), [(-1, False), (0, True), (1, True)])
def test_an_expired_paper_is_discarded_not_recovered(office: Office, days: int, wanted: bool) -> None:
    paper = office.in_hand(office.cover())
    EligibilityCertificate.objects.filter(pk=paper.pk).update(valid_through=ON + timedelta(days))
    office.file("loss", office.cover(), "2026-11-01")
    assert Recovery.objects.filter(certificate=paper).exists() is wanted


@pytest.mark.parametrize(("days", "wanted"), [(-1, False), (0, True), (1, True)])
def test_a_paper_that_ends_before_a_coming_loss_needs_no_recovery(office: Office, days: int, wanted: bool) -> None:
    paper, lost_on = office.in_hand(office.cover()), date(2026, 12, 1)
    EligibilityCertificate.objects.filter(pk=paper.pk).update(valid_through=lost_on + timedelta(days))
    office.file("loss", office.cover(), lost_on.isoformat())
    assert Recovery.objects.filter(certificate=paper).exists() is wanted


def test_no_second_duty_for_one_paper(office: Office) -> None:
    paper = office.in_hand(office.cover())
    Recovery.objects.create(certificate=paper, cause="registration", return_to="insurer", opened_on=ON, due_on=ON)
    office.file("loss", office.cover(), "2026-11-01")
    assert duty_of(paper).cause == "registration"


def test_a_paper_that_came_back_by_post_is_taken_back_at_once(office: Office) -> None:
    paper = office.in_hand(office.cover())
    advance(paper, "return", by=None, on=ON, reason="あて所に尋ねあたりません")
    filing = office.file("loss", office.cover(), "2026-11-01")
    paper.refresh_from_db()
    assert paper.status == "recovered" and "taken_back" in codes(filing)
    assert not Recovery.objects.exists()


def test_before_a_coming_loss_a_void_paper_is_replaced_by_one_that_ends_with_the_cover(office: Office) -> None:
    cover = office.cover("2")
    office.myna(cover, "not_registered")
    paper = office.unposted(cover, "approved")
    office.file("loss", cover, "2027-03-31", reason="retirement")
    paper.refresh_from_db()
    assert paper.status == "voided"
    fresh = EligibilityCertificate.objects.get(member=cover, status="proposed")
    assert (fresh.valid_through, fresh.limit) == (date(2027, 3, 31), "coverage_end")


@pytest.mark.parametrize(
    ("lost_on", "status"), [("2025-11-30", "recovered"), ("2025-12-01", "recovered"), ("2025-12-02", "valid")]
)
def test_a_legacy_card_is_recovered_if_lost_by_the_last_day(office: Office, lost_on: str, status: str) -> None:
    card = LegacyCard.objects.create(member=office.cover(), issued_on=date(2020, 4, 1))
    office.file("loss", office.cover(), lost_on)
    card.refresh_from_db()
    assert card.status == status


def test_on_death_the_claimant_returns_it(office: Office) -> None:
    own, wife = office.in_hand(office.cover()), office.in_hand(office.cover("1", "01"))
    office.file("death", office.cover(), "2026-11-08")
    assert (duty_of(own).cause, duty_of(own).return_to) == ("death", "claimant")
    assert (duty_of(wife).cause, duty_of(wife).return_to) == ("loss", "claimant")


def test_on_the_day_of_death_no_other_paper_is_made_for_the_dead(office: Office) -> None:
    own = office.unposted(office.cover())
    office.file("death", office.cover(), ON.isoformat())
    own.refresh_from_db()
    assert own.status == "voided" and lost_days() == [ON + timedelta(1)] * 3
    assert not EligibilityCertificate.objects.filter(status="proposed").exists()


@pytest.mark.parametrize(("days", "refused"), [(-1, False), (0, False), (1, True)])
def test_nobody_has_died_on_a_day_to_come(office: Office, days: int, refused: bool) -> None:
    day = ON + timedelta(days)
    shown = office.preview("death", office.cover(), day.isoformat())
    assert [f"死亡日（{wareki(day)}）が先の日付" in one for one in shown.refusals] == [True] * refused


def test_a_dependent_s_death_leaves_the_family_covered(office: Office) -> None:
    child, own = office.in_hand(office.cover("1", "02")), office.in_hand(office.cover())
    office.file("death", office.cover("1", "02"), "2026-11-08")
    assert lost_days() == [None, None, date(2026, 11, 9)]
    assert duty_of(child).cause == "death"
    assert not Recovery.objects.filter(certificate=own).exists()


def test_a_removed_dependent_returns_it_to_the_society(office: Office) -> None:
    wife = office.in_hand(office.cover("1", "01"))
    office.file("dependent_removed", office.cover("1", "01"), "2026-11-05")
    assert lost_days() == [None, date(2026, 11, 5), None]
    assert (duty_of(wife).cause, duty_of(wife).return_to) == ("removed", "insurer")


def test_a_backdated_loss_and_a_dependent_who_joined_after_it(office: Office) -> None:
    Member.objects.filter(number="1", branch_number="02").update(acquired_on=date(2026, 10, 1))
    child = office.in_hand(office.cover("1", "02"))
    office.file("loss", office.cover(), "2026-09-01")
    # The later cover never held a day.
    assert lost_days() == [date(2026, 9, 1), date(2026, 9, 1), date(2026, 10, 1)]
    assert duty_of(child).due_on == date(2026, 11, 17)


def test_a_day_on_record_is_moved_only_as_a_correction(office: Office) -> None:
    paper = office.in_hand(office.cover())
    office.file("loss", office.cover(), "2026-11-20")
    assert duty_of(paper).due_on == date(2026, 11, 27)
    with pytest.raises(Refused, match="すでに資格喪失日 令和8年11月20日 で喪失しています"):
        office.file("loss", office.cover(), "2026-11-25")
    office.file("loss", office.cover(), "2026-11-25", correct=True)
    assert lost_days() == [date(2026, 11, 25)] * 3
    assert duty_of(paper).due_on == date(2026, 12, 2)
    office.file("loss", office.cover(), "2026-11-15", correct=True)
    assert lost_days() == [date(2026, 11, 15)] * 3
    assert duty_of(paper).due_on == date(2026, 11, 22)


def test_a_correction_keeps_a_dependent_who_left_before(office: Office) -> None:
    office.file("dependent_removed", office.cover("1", "01"), "2026-05-01")
    office.file("loss", office.cover(), "2026-11-01")
    office.file("loss", office.cover(), "2026-11-03", correct=True)
    assert lost_days() == [date(2026, 11, 3), date(2026, 5, 1), date(2026, 11, 3)]


def test_a_loss_that_never_was_lifts_the_duties_and_the_cover_runs_on(office: Office) -> None:
    paper, voided = office.in_hand(office.cover()), office.unposted(office.cover("1", "01"))
    office.myna(office.cover("1", "01"), "not_registered")
    office.file("loss", office.cover(), "2026-11-01")
    filing = office.file("loss_annulled", office.cover(), "2026-11-01")
    assert lost_days() == [None] * 3
    duty = duty_of(paper)
    assert (duty.status, duty.outcome, duty.closed_by) == ("closed", "lifted", office.clerk)
    voided.refresh_from_db()
    assert voided.status == "voided"
    assert EligibilityCertificate.objects.filter(member__branch_number="01", status="proposed").count() == 1
    assert "duties_lifted" in codes(filing)


def test_an_annulled_loss_wants_the_number_still_free(office: Office) -> None:
    office.file("loss", office.cover("2"), "2026-11-01")
    office.file(
        "acquisition",
        None,
        "2026-11-02",
        symbol="101",
        number="2",
        branch_number="00",
        establishment_code="0001",
        name="鈴木 新",
        name_kana="スズキ アラタ",
        sex="1",
        birth_date="2000-01-01",
    )
    first = Member.objects.get(number="2", acquired_on=date(2010, 4, 1))
    with pytest.raises(Refused, match="別の資格"):
        office.file("loss_annulled", first, "2026-11-01")


def test_an_annulled_acquisition_leaves_an_empty_cover(office: Office) -> None:
    papers = [office.in_hand(office.cover("1", "00")), office.unposted(office.cover("1", "01"))]
    office.file("acquisition_annulled", office.cover(), "2010-04-01")
    assert lost_days() == [date(2010, 4, 1)] * 3
    assert (duty_of(papers[0]).cause, duty_of(papers[0]).return_to) == ("annulled", "insurer")
    assert duty_of(papers[0]).due_on == date(2026, 11, 17)
    papers[1].refresh_from_db()
    assert papers[1].status == "voided"
    with pytest.raises(Refused, match="取り消されています"):
        office.file("acquisition_annulled", office.cover(), "2010-04-01", reason="other")


@pytest.mark.parametrize(
    ("kind", "branch", "day", "says"),
    [
        ("loss", "00", "2010-03-31", "より前です"),
        ("loss", "00", "2010-04-01", "取得取消"),
        ("loss", "01", "2026-11-01", "扶養から外れる"),
        ("dependent_removed", "00", "2026-11-01", "資格喪失"),
        ("loss_annulled", "00", "2026-11-01", "喪失していません"),
        ("acquisition_annulled", "00", "2010-04-02", "資格取得日は平成22年4月1日"),
    ],
)
def test_refused_with_what_to_do(office: Office, kind: str, branch: str, day: str, says: str) -> None:
    filing = office.receive(kind, office.cover("1", branch), day)
    with pytest.raises(Refused, match=says):
        filings.apply(filing, by=office.clerk, on=ON)
    filing.refresh_from_db()
    assert filing.status == "received"
    assert not Member.objects.exclude(lost_on=None).exists()


def test_one_day_after_the_acquisition_may_be_lost(office: Office) -> None:
    office.file("loss", office.cover(), "2010-04-02")
    assert lost_days()[0] == date(2010, 4, 2)


def test_twice_is_once(office: Office) -> None:
    paper = office.in_hand(office.cover())
    first = office.file("loss", office.cover(), "2026-10-31", reason="retirement")
    second = office.file("loss", office.cover(), "2026-10-31", reason="retirement")
    assert first.pk == second.pk and second.consequences == first.consequences
    assert Filing.objects.count() == 1 and Recovery.objects.filter(certificate=paper).count() == 1


def test_a_refused_filing_may_be_filed_anew(office: Office) -> None:
    first = office.receive("loss", office.cover(), "2026-11-01")
    filings.refuse(first, reason="書類の不備", by=office.clerk, on=ON)
    second = office.file("loss", office.cover(), "2026-11-01")
    assert first.pk != second.pk and second.status == "applied"
    with pytest.raises(Refused, match="不受理"):
        filings.apply(first, by=office.clerk, on=ON)


def test_preview_says_it_all_and_writes_nothing(office: Office) -> None:
    paper, printed = office.in_hand(office.cover()), office.unposted(office.cover("1", "01"))
    rulings = Ruling.objects.count()
    shown = office.preview("loss", office.cover(), "2026-10-31", reason="retirement")
    assert [str(change) for change in shown.changes] == [
        f"101-1-{branch} 資格喪失日：（なし） → 令和8年11月1日" for branch in ("00", "01", "02")
    ]
    said = "\n".join(shown.consequences)
    assert f"発送前の資格確認書1件（{printed.serial}）を無効にします。" in said
    assert (
        f"手元の資格確認書1件（{paper.serial}）を令和8年11月17日までに回収します（資格喪失、返納先は事業所）。" in said
    )
    assert not shown.refusals
    printed.refresh_from_db()
    assert printed.status == "printed"
    assert not Recovery.objects.exists() and not Filing.objects.exists()
    assert Ruling.objects.count() == rulings and lost_days() == [None] * 3


def test_preview_answers_refusals_and_oddities(office: Office) -> None:
    refused = office.preview("loss", office.cover(), "2010-03-31")
    assert refused.refusals and not refused.changes
    assert office.preview("loss", None, "nonsense").refusals[0].startswith("「number」")
    odd = office.preview("loss", office.cover(), "2026-11-01", address="大阪府")
    assert "住所" in odd.oddities[0]


def test_the_number_must_be_this_person_s(office: Office) -> None:
    with pytest.raises(Refused, match="フリガナが登録と違います"):
        office.file("loss", office.cover(), "2026-11-01", name_kana="スズキ タロウ")
    with pytest.raises(Refused, match="生年月日が登録と違います"):
        office.file("loss", office.cover(), "2026-11-01", birth_date="1980-04-16")
    office.file("loss", office.cover(), "2026-11-01", name_kana="ﾔﾏﾀﾞ ﾀﾛｳ", birth_date=date(1980, 4, 15))
    assert lost_days()[0] == date(2026, 11, 1)
