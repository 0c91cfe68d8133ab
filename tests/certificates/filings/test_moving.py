"""Re-hire, move, 任意継続, 特例退職: new covers, the same people, what is open goes along, the family too."""

from __future__ import annotations

from datetime import date

import pytest

from certificates.decisions import ruling
from certificates.lifecycle import DEREGISTRATION
from certificates.models import Application, Deregistration, EligibilityCertificate, Inquiry, Recovery, Ruling
from core.errors import Refused
from core.transitions import carried_over_door
from members.models import Establishment, Insurer, Member, MynaStatus
from tests.builders import SECOND_INSURER
from tests.certificates.filings.office import ON, Office, codes, duty_of

pytestmark = pytest.mark.django_db


def family(number: str) -> list[Member]:
    return list(Member.objects.filter(number=number).order_by("branch_number"))


def open_requests(member: Member) -> tuple[Deregistration, Application, Inquiry]:
    carried_over_door(DEREGISTRATION)
    return (
        Deregistration.objects.create(
            person=member.person, member=member, accepted_on=date(2026, 10, 20), status="granted"
        ),
        Application.objects.create(
            member=member, kind="issue", ground="no_card", received_on=ON, received_via="mail", due_on=ON
        ),
        Inquiry.objects.create(person=member.person, member=member, opened_on=ON, due_on=ON),
    )


def test_a_re_hire_keeps_the_person_and_all_that_is_known(office: Office) -> None:
    old = office.cover()
    old.person.nondisclosure = True
    old.person.save()
    office.myna(old)
    requests = open_requests(old)
    office.file("loss", old, "2026-09-30", reason="retirement")
    filing = office.file("rehire", old, "2026-11-01", new_number="50", new_establishment_code="0002")
    new = office.cover("50", symbol="102")
    assert (new.person, new.establishment.code, new.symbol) == (old.person, "0002", "102")
    assert new.person.nondisclosure and MynaStatus.objects.get().person == new.person
    assert (new.standard_monthly_remuneration_yen, new.acquired_on) == (300_000, date(2026, 11, 1))
    for request in requests:
        request.refresh_from_db()
        assert request.member == new
    assert [(one.branch_number, one.kind, one.insured) for one in family("50")[1:]] == [
        ("01", "dependent", new),
        ("02", "dependent", new),
    ]
    assert [one.person for one in family("50")] == [one.person for one in family("1")]
    assert [one.lost_on for one in family("1")] == [date(2026, 10, 1)] * 3
    assert codes(filing).count("requests_moved") == 1


def test_a_re_hire_decides_the_family_anew_at_once(office: Office) -> None:
    office.myna(office.cover())
    office.myna(office.cover("1", "01"), "not_registered")
    office.file("loss", office.cover(), "2026-11-01")
    filing = office.file("rehire", office.cover(), "2026-11-01", new_number="50")
    issued = {c.member.branch_number: c.ground for c in EligibilityCertificate.objects.all()}
    assert issued == {"01": "not_registered"}
    outcomes = {r.member.branch_number: r.outcome for r in Ruling.objects.filter(request=f"filing:{filing.pk}")}
    assert outcomes == {"00": "not_needed", "01": "issue", "02": "wait"}


@pytest.mark.parametrize("held", [True, False])
@pytest.mark.parametrize("left_before", [True, False])
def test_who_held_paper_does_not_wait_for_the_fund_under_the_new_number(
    office: Office, held: bool, left_before: bool
) -> None:
    if held:
        office.unasked(office.cover("1", "02"))
    if left_before:
        office.file("loss", office.cover(), "2026-11-01")
    office.file("rehire", office.cover(), "2026-11-01", new_number="50")
    answer = Ruling.objects.get(member=office.cover("50", "02"))
    assert answer.outcome == ("issue" if held else "wait")
    if held:
        assert (answer.reason, answer.effective_on) == ("unsettled", ON)
        assert ruling.replayed(answer).certificate.valid_through == date(2027, 2, 28)


def test_without_a_loss_on_record_the_filing_itself_ends_the_old_cover(office: Office) -> None:
    papers = [office.in_hand(one) for one in family("1")[:2]]
    printed = office.unposted(family("1")[2])
    office.file("rehire", office.cover(), "2026-11-10", new_number="50")
    for paper in papers:
        paper.refresh_from_db()
        duty = duty_of(paper)
        assert paper.status == "superseded"
        assert (duty.cause, duty.return_to, duty.due_on) == ("superseded", "insurer", date(2026, 11, 20))
    printed.refresh_from_db()
    assert printed.status == "voided"


def test_a_move_still_to_come_leaves_today_s_paper_good(office: Office) -> None:
    paper = office.in_hand(office.cover("2"))
    office.myna(office.cover("2"), "not_registered")
    office.file(
        "establishment_move",
        office.cover("2"),
        "2026-12-01",
        new_establishment_code="0002",
        new_number="60",
        new_symbol="102",
    )
    paper.refresh_from_db()
    assert paper.status == "sent" and duty_of(paper).due_on == date(2026, 12, 8)
    fresh = EligibilityCertificate.objects.get(member__number="60")
    assert fresh.effective_on == date(2026, 12, 1)


def test_a_loss_duty_stays_the_one_duty(office: Office) -> None:
    paper = office.in_hand(office.cover("2"))
    office.file("loss", office.cover("2"), "2026-10-31", reason="retirement")
    office.file("rehire", office.cover("2"), "2026-11-05", new_number="50")
    paper.refresh_from_db()
    assert (duty_of(paper).cause, paper.status) == ("loss", "sent")


def test_a_move_under_the_same_number_only_changes_the_employer(office: Office) -> None:
    Establishment.objects.create(insurer=office.cover().insurer, code="0003", name="第三", symbol="101")
    paper = office.in_hand(office.cover())
    office.file("establishment_move", office.cover(), "2026-11-01", new_establishment_code="0003")
    assert [one.establishment.code for one in family("1")] == ["0003"] * 3
    paper.refresh_from_db()
    assert paper.status == "sent" and not Recovery.objects.exists()


def test_a_removed_dependent_does_not_come_along(office: Office) -> None:
    office.file("dependent_removed", office.cover("1", "01"), "2026-11-01")
    office.file("loss", office.cover(), "2026-11-01")
    office.file("rehire", office.cover(), "2026-11-01", new_number="50")
    assert [one.branch_number for one in family("50")] == ["00", "02"]


def test_a_dependent_over_75_does_not_come_along(office: Office) -> None:
    wife = office.cover("1", "01").person
    wife.birth_date = date(1951, 11, 1)
    wife.save()
    office.file("rehire", office.cover(), "2026-11-01", new_number="50")
    assert [one.branch_number for one in family("50")] == ["00", "02"]


def test_voluntary_begins_with_the_loss_and_takes_the_family(office: Office) -> None:
    office.file("loss", office.cover(), "2026-10-31", reason="retirement")
    filing = office.file("voluntary", office.cover(), "2026-11-01", new_symbol="900", new_number="7")
    covers = list(Member.objects.filter(symbol="900").order_by("branch_number"))
    assert [one.coverage_kind for one in covers] == ["voluntary"] * 3
    assert [one.acquired_on for one in covers] == [date(2026, 11, 1)] * 3
    assert codes(filing).count("cover_opened") == 3
    paper = office.in_hand(covers[0])
    office.file("loss", covers[0], "2026-11-08", reason="retirement")
    assert duty_of(paper).return_to == "insurer"


@pytest.mark.parametrize(("day", "says"), [("2026-10-31", "令和8年11月1日"), ("2026-11-02", "令和8年11月1日")])
def test_voluntary_on_another_day_is_refused(office: Office, day: str, says: str) -> None:
    office.file("loss", office.cover(), "2026-11-01")
    with pytest.raises(Refused, match=says):
        office.file("voluntary", office.cover(), day, new_number="7")


def test_voluntary_wants_a_loss_first(office: Office) -> None:
    with pytest.raises(Refused, match="先に資格喪失"):
        office.file("voluntary", office.cover(), "2026-11-01", new_number="7")


@pytest.mark.parametrize(("lost_on", "odd"), [("2026-10-22", False), ("2026-10-21", True), ("2026-10-20", True)])
def test_voluntary_is_to_be_filed_within_20_days(office: Office, lost_on: str, odd: bool) -> None:
    office.file("loss", office.cover(), lost_on)
    shown = office.preview("voluntary", office.cover(), lost_on, new_number="7")
    assert any("20日" in one for one in shown.oddities) is odd and not shown.refusals


@pytest.mark.parametrize(("acquired_on", "odd"), [("2026-09-02", True), ("2026-09-01", False), ("2026-08-31", False)])
def test_voluntary_wants_two_months_before(office: Office, acquired_on: str, odd: bool) -> None:
    Member.objects.filter(number="2").update(acquired_on=acquired_on)
    office.file("loss", office.cover("2"), "2026-11-01")
    shown = office.preview("voluntary", office.cover("2"), "2026-11-01", new_number="7")
    assert any("2か月" in one for one in shown.oddities) is odd


def test_special_retired_under_the_second_number(office: Office) -> None:
    society = office.cover().insurer
    second = Insurer.objects.create(number=SECOND_INSURER, name="特例", main=society)
    office.file("loss", office.cover(), "2026-11-01")
    office.file(
        "special_retired",
        office.cover(),
        "2026-11-01",
        new_insurer_number=SECOND_INSURER,
        new_symbol="9",
        new_number="5",
    )
    covers = list(Member.objects.filter(insurer=second).order_by("branch_number"))
    assert [(one.coverage_kind, one.establishment.code) for one in covers] == [("special_retired", "0001")] * 3


def test_twice_is_once_also_when_the_covers_have_moved(office: Office) -> None:
    old = office.cover()
    first = office.file("rehire", old, "2026-11-01", new_number="50")
    second = office.file("rehire", old, "2026-11-01", new_number="50")
    assert first.pk == second.pk and len(family("50")) == 3


@pytest.mark.parametrize(
    ("branch", "day", "data", "says"),
    [
        ("01", "2026-11-01", {"new_number": "50"}, "家族は一緒に移ります"),
        ("00", "2010-04-01", {"new_number": "50"}, "より後ではありません"),
        ("00", "2026-11-01", {"new_number": "2"}, "期間の重なる資格"),
        ("00", "2026-11-01", {"new_number": "50", "new_establishment_code": "99"}, "登録されていません"),
        ("00", "2026-11-01", {"new_number": "50", "new_insurer_number": "06137251"}, "保険者番号"),
    ],
)
def test_refused(office: Office, branch: str, day: str, data: dict[str, str], says: str) -> None:
    count = Member.objects.count()
    with pytest.raises(Refused, match=says):
        office.file("rehire", office.cover("1", branch), day, **data)
    assert Member.objects.count() == count and not Member.objects.exclude(lost_on=None).exists()


def test_a_re_hire_before_the_known_loss_is_refused(office: Office) -> None:
    office.file("loss", office.cover(), "2026-12-01")
    with pytest.raises(Refused, match="令和8年12月1日で、異動日にはまだ資格があります"):
        office.file("rehire", office.cover(), "2026-11-15", new_number="50")


def test_a_move_with_another_symbol_wants_a_number(office: Office) -> None:
    with pytest.raises(Refused, match="新しい記号と番号"):
        office.file("establishment_move", office.cover(), "2026-11-01", new_establishment_code="0002")
