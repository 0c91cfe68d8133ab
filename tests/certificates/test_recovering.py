from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db.models import QuerySet

from certificates.ending import close_what_ended
from certificates.models import (
    ElderlyBeneficiaryCertificate,
    EligibilityCertificate,
    Recovery,
)
from certificates.recovering import (
    due_reminders,
    give_up,
    lift,
    open_duties,
    rate,
    rate_of_all,
    recover_by_serial,
    recover_by_serials,
    remind,
    report_lost,
)
from certificates.serials import serial_text
from core.errors import BadInput, Refused
from core.models import Clerk, Event
from core.transitions import advance_many
from members.models import Member
from tests.mailing import build
from tests.mailing.build import Office

D = date
POSTED_ON = D(2026, 11, 10)
RECEIVED_ON = D(2026, 11, 12)
THROUGH = D(2031, 11, 5)
DAY = timedelta(days=1)


@pytest.fixture
def office(db: None, home: Path) -> Office:
    return build.office()


def post(papers: QuerySet[Any], by: Clerk, *more: str) -> None:
    for verb in ("approve", "print", "send", *more):
        reason = "宛先不明" if verb == "return" else ""
        advance_many(papers, verb, by=by, on=POSTED_ON, reason=reason)


def certificates(
    office: Office, members: list[Member], *more: str, through: date = THROUGH
) -> list[EligibilityCertificate]:
    """Posted certificates with real serials; ``more``: what happened to them afterwards."""
    ids = office.certify(members, approved=False)
    papers = EligibilityCertificate.objects.filter(pk__in=ids)
    for number, paper in enumerate(papers, start=office.serials * 10):
        paper.serial, paper.valid_through = serial_text(number), through
        paper.save()
    post(papers, office.clerk, *more)
    return list(papers.order_by("pk"))


def elderly(office: Office, member: Member, *, through: date = THROUGH) -> ElderlyBeneficiaryCertificate:
    paper = ElderlyBeneficiaryCertificate.objects.create(
        serial=serial_text(900 + member.pk), member=member, cause="turns_70", copayment_percent=20,
        issued_on=POSTED_ON, effective_on=POSTED_ON, valid_through=through, face_key="x",
    )  # fmt: skip
    post(ElderlyBeneficiaryCertificate.objects.filter(pk=paper.pk), office.clerk)
    paper.refresh_from_db()
    return paper


def duty(office: Office, paper: Any, *, on: date = RECEIVED_ON, cause: str = "loss", **days: Any) -> Recovery:
    (found,) = open_duties([paper], cause=cause, received_on=on, on=on, by=office.clerk, **days)
    return Recovery.objects.get(pk=found)


@pytest.fixture
def paper(office: Office) -> EligibilityCertificate:
    return certificates(office, office.household("0001"))[0]


# Opening


@pytest.mark.parametrize(
    ("lost_on", "received_on", "due_on"),
    [  # toyobo returns within 7 days of the filing; the law says 5 days after the loss
        (D(2026, 11, 13), D(2026, 11, 12), D(2026, 11, 19)),
        (D(2026, 11, 14), D(2026, 11, 12), D(2026, 11, 19)),
        (D(2026, 11, 15), D(2026, 11, 12), D(2026, 11, 20)),
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
        ("loss", "regular", "establishment"), ("loss", "voluntary", "insurer"),
        ("loss", "special_retired", "insurer"), ("removed", "regular", "insurer"),
        ("registration", "regular", "insurer"), ("death", "regular", "claimant"),
        ("death", "voluntary", "claimant"), ("annulled", "regular", "insurer"),
        ("face_changed", "regular", "insurer"), ("superseded", "regular", "insurer"),
        ("reissued", "regular", "insurer"),
    ],
)  # fmt: skip
def test_to_whom(office: Office, cause: str, coverage_kind: str, return_to: str) -> None:
    family = office.household("0001", ["山田 太郎", "山田 花子"], coverage_kind=coverage_kind)
    for paper in certificates(office, family):
        assert duty(office, paper, cause=cause).return_to == return_to


def test_a_dependent_follows_the_insured_persons_kind(office: Office) -> None:
    family = office.household("0001", ["山田 太郎", "山田 花子"], coverage_kind="voluntary")
    Member.objects.filter(pk=family[1].pk).update(coverage_kind="regular")
    paper = certificates(office, family)[1]
    assert duty(office, paper).return_to == "insurer"


# Closing


def test_a_scan_recovers_and_closes(office: Office, paper: EligibilityCertificate) -> None:
    opened = duty(office, paper)
    scan = recover_by_serial(f" {paper.serial} ", by=office.clerk, on=D(2026, 11, 16), channel="mail")
    assert (scan.result, scan.document_id, scan.recovery_id) == ("recovered", paper.pk, opened.pk)
    paper.refresh_from_db()
    opened.refresh_from_db()
    assert paper.status == "recovered"
    assert (opened.status, opened.outcome, opened.closed_on) == ("closed", "recovered", D(2026, 11, 16))
    assert opened.closed_by == office.clerk
    before = Event.objects.count()
    again = recover_by_serial(paper.serial, by=office.clerk, on=D(2026, 11, 17), channel="mail")
    assert again.result == "already" and "すでに" in again.sentence
    assert Event.objects.count() == before


def test_without_a_duty_it_is_taken_all_the_same(office: Office, paper: EligibilityCertificate) -> None:
    scan = recover_by_serial(paper.serial, by=office.clerk, on=D(2026, 11, 16), channel="counter")
    paper.refresh_from_db()
    assert (scan.result, scan.recovery_id, paper.status) == ("recovered", None, "recovered")


def test_the_elderly_certificate_too(office: Office) -> None:
    paper = elderly(office, office.household("0001")[0])
    opened = duty(office, paper)
    scan = recover_by_serial(paper.serial, by=office.clerk, on=D(2026, 11, 16), channel="counter")
    assert (scan.subject, scan.recovery_id) == ("elderly_certificate", opened.pk)


def test_bad_serials(office: Office, paper: EligibilityCertificate) -> None:
    wrong = paper.serial[:-1] + str((int(paper.serial[-1]) + 1) % 10)
    for text in (wrong, "", "12345", "N00000000018", serial_text(77_777)):
        with pytest.raises(BadInput):
            recover_by_serial(text, by=office.clerk, on=D(2026, 11, 16), channel="mail")
    with pytest.raises(BadInput, match="経路"):
        recover_by_serial(paper.serial, by=office.clerk, on=D(2026, 11, 16), channel="pigeon")


def test_what_was_never_sent_is_refused(office: Office) -> None:
    (pk,) = office.certify(office.household("0001"))
    EligibilityCertificate.objects.filter(pk=pk).update(serial=serial_text(5))
    with pytest.raises(Refused, match="発送していない"):
        recover_by_serial(serial_text(5), by=office.clerk, on=D(2026, 11, 16), channel="mail")


def test_a_lost_one_that_turns_up_is_written_down_once(office: Office, paper: EligibilityCertificate) -> None:
    report_lost(paper, by=office.clerk, on=D(2026, 11, 13))
    for day in (16, 17):
        scan = recover_by_serial(paper.serial, by=office.clerk, on=D(2026, 11, day), channel="mail")
        assert scan.result == "ended" and scan.taken
    paper.refresh_from_db()
    assert paper.status == "lost"
    assert Event.objects.filter(verb="turn_up", subject_id=paper.pk).count() == 1


def test_a_hundred_in_a_row(office: Office, django_assert_max_num_queries: Any) -> None:
    families = [office.household(f"{n:04d}")[0] for n in range(100)]
    papers = certificates(office, families)
    open_duties(papers, cause="loss", received_on=POSTED_ON, on=POSTED_ON, by=None)
    serials = [p.serial for p in papers]
    with django_assert_max_num_queries(25):
        scans = recover_by_serials(
            [*serials[:50], "x", *serials[50:], serials[0]],
            by=office.clerk,
            on=D(2026, 11, 16),
            channel="mail",
        )
    assert [s.result for s in scans] == ["recovered"] * 50 + ["misread"] + ["recovered"] * 50 + ["already"]
    assert not Recovery.objects.filter(status="open").exists()


def test_who_may_not(office: Office, paper: EligibilityCertificate) -> None:
    auditor = Clerk.objects.create_user("kansa", role="auditor")
    opened = duty(office, paper)
    for act in (
        lambda: recover_by_serial(paper.serial, by=auditor, on=POSTED_ON, channel="mail"),
        lambda: report_lost(paper, by=auditor, on=POSTED_ON),
        lambda: give_up(opened, reason="転居先不明", by=auditor, on=POSTED_ON),
        lambda: lift(opened, "取下げ", by=auditor, on=POSTED_ON),
        lambda: remind(POSTED_ON, by=auditor),
    ):
        with pytest.raises(Refused, match="権限"):
            act()
    opened.refresh_from_db()
    assert opened.status == "open"


def test_lost_given_up_lifted(office: Office) -> None:
    papers = certificates(office, office.household("0001", ["山田 太郎", "山田 花子", "山田 次郎"]))
    lost, gone, kept = (duty(office, paper) for paper in papers)
    assert report_lost(papers[0], by=office.clerk, on=D(2026, 11, 20)) == [lost.pk]
    with pytest.raises(Refused, match="理由"):
        give_up(gone, reason=" ", by=office.clerk, on=D(2026, 11, 20))
    give_up(gone, reason="転居先不明", by=office.clerk, on=D(2026, 11, 20))
    with pytest.raises(Refused, match="理由"):
        lift(kept, "", by=office.clerk, on=D(2026, 11, 20))
    lift(kept, "喪失届の取下げ", by=office.clerk, on=D(2026, 11, 20))
    assert list(Recovery.objects.order_by("pk").values_list("status", "outcome", "closed_on")) == [
        ("closed", "lost", D(2026, 11, 20)),
        ("closed", "unrecoverable", D(2026, 11, 20)),
        ("closed", "lifted", D(2026, 11, 20)),
    ]
    states = EligibilityCertificate.objects.order_by("pk").values_list("status", flat=True)
    assert list(states) == ["lost", "unrecoverable", "sent"]
    with pytest.raises(Refused):
        give_up(gone, reason="もう一度", by=office.clerk, on=D(2026, 11, 21))
    assert duty(office, papers[2]).pk > kept.pk  # needed again later


# Reminders


@pytest.mark.parametrize(
    ("step", "days"), [(0, (13, 14, 15)), (1, (29, 30, 31)), (2, (59, 60, 61))]
)  # fmt: skip
def test_each_step_on_its_day(office: Office, paper: Any, step: int, days: tuple[int, ...]) -> None:
    opened = duty(office, paper)
    for earlier in (14, 30, 60)[:step]:
        assert [r.pk for r in remind(opened.due_on + earlier * DAY, by=office.clerk)] == [opened.pk]
    assert [len(due_reminders(opened.due_on + n * DAY)) for n in days] == [0, 1, 1]
    (reminded,) = remind(opened.due_on + days[1] * DAY, by=office.clerk, note={"file": "x"})
    assert (reminded.reminders, reminded.reminded_on) == (step + 1, opened.due_on + days[1] * DAY)
    assert remind(opened.due_on + days[1] * DAY, by=office.clerk) == []
    opened.refresh_from_db()
    assert opened.reminders == step + 1
    notes = Event.objects.filter(verb="remind").order_by("seq").values_list("note", flat=True)
    assert [n["step"] for n in notes] == list(range(1, step + 2)) and notes[step]["file"] == "x"


def test_three_steps_and_no_fourth(office: Office, paper: Any) -> None:
    opened = duty(office, paper)
    for days in (14, 30, 60):
        assert len(remind(opened.due_on + days * DAY, by=office.clerk)) == 1
    assert due_reminders(opened.due_on + 400 * DAY) == []


def test_a_late_office_skips_no_step_and_grants_each_its_days(office: Office, paper: Any) -> None:
    opened = duty(office, paper)
    late = opened.due_on + 70 * DAY
    assert remind(late, by=office.clerk)[0].reminders == 1
    # toyobo grants 7 days in each letter
    assert [len(due_reminders(late + n * DAY)) for n in (6, 7, 8)] == [0, 0, 1]


def test_nobody_is_reminded_of_what_is_back_expired_or_at_the_office(office: Office) -> None:
    back, lost, returned, reissued, out = (
        certificates(office, office.household(f"000{n}"))[0] for n in range(5)
    )
    short = certificates(office, office.household("0009"), through=D(2026, 12, 3))[0]
    for paper in (back, lost, returned, short, out):
        duty(office, paper)
    duty(office, reissued, cause="reissued")
    day = D(2026, 11, 19) + 14 * DAY
    assert len(due_reminders(day)) == 5
    recover_by_serial(back.serial, by=office.clerk, on=day, channel="mail")
    report_lost(lost, by=office.clerk, on=day)
    advance_many(
        EligibilityCertificate.objects.filter(pk=returned.pk),
        "return",
        by=office.clerk,
        on=day,
        reason="宛先不明",
    )
    assert {r.certificate_id for r in due_reminders(day)} == {short.pk, out.pk}
    assert {r.certificate_id for r in due_reminders(day + DAY)} == {out.pk}


def test_only_those_whose_letter_can_be_printed(office: Office) -> None:
    first, second = (duty(office, certificates(office, office.household(f"000{n}"))[0]) for n in (1, 2))
    day = first.due_on + 14 * DAY
    assert [r.pk for r in remind(day, by=office.clerk, only={second.pk})] == [second.pk]
    assert [r.pk for r in due_reminders(day)] == [first.pk]


def test_the_ladder_is_policy(db: None, home: Path) -> None:
    office = build.office(reminder_days=[3])
    opened = duty(office, certificates(office, office.household("0001"))[0])
    assert [len(due_reminders(opened.due_on + n * DAY)) for n in (2, 3, 4)] == [0, 1, 1]
    remind(opened.due_on + 3 * DAY, by=office.clerk)
    assert due_reminders(opened.due_on + 99 * DAY) == []


# The end by the calendar


@pytest.mark.parametrize(("on", "ended"), [(29, 0), (30, 0), (31, 1)])
def test_expiry_closes_the_duty(office: Office, on: int, ended: int) -> None:
    (member,) = office.household("0001")
    through = D(2026, 12, 30)
    papers = [*certificates(office, [member], through=through), elderly(office, member, through=through)]
    open_duties(papers, cause="loss", received_on=POSTED_ON, on=POSTED_ON, by=None)
    counts = close_what_ended(D(2026, 12, on))
    assert counts == {
        "certificates": ended, "elderly_certificates": ended, "recoveries": 2 * ended, "legacy_cards": 0,
    }  # fmt: skip
    assert Recovery.objects.filter(status="open").count() == 2 - 2 * ended
    assert set(close_what_ended(D(2026, 12, on)).values()) == {0}
    if ended:
        assert set(Recovery.objects.values_list("outcome", "closed_on")) == {("expired", D(2026, 12, 31))}
        assert {p.status for p in EligibilityCertificate.objects.all()} == {"expired"}
        assert {p.status for p in ElderlyBeneficiaryCertificate.objects.all()} == {"expired"}


# The rate


@pytest.mark.parametrize(
    ("back_on", "recovered"), [(D(2026, 12, 11), 1), (D(2026, 12, 12), 1), (D(2026, 12, 13), 0)]
)
def test_within_one_month_of_the_duty(office: Office, paper: Any, back_on: date, recovered: int) -> None:
    duty(office, paper)
    recover_by_serial(paper.serial, by=office.clerk, on=back_on, channel="mail")
    (row,) = rate(D(2026, 11, 30))
    assert (row.opened, row.recovered, row.percent) == (1, recovered, 100.0 * recovered)
    assert rate_of_all(D(2026, 11, 30)) == (1, recovered) and rate_of_all(D(2026, 12, 1)) == (0, 0)
    assert rate(D(2026, 10, 1)) == rate(D(2026, 12, 1)) == []


def test_a_month_from_the_31st_ends_with_the_short_month(office: Office, paper: Any) -> None:
    duty(office, paper, on=D(2027, 1, 31))
    recover_by_serial(paper.serial, by=office.clerk, on=D(2027, 3, 1), channel="mail")
    assert rate(D(2027, 1, 1))[0].recovered == 0


def test_rate_by_establishment_and_way_back(office: Office) -> None:
    ones = certificates(office, [office.household(f"000{n}")[0] for n in range(4)])
    twos = certificates(office, office.household("0009", ["山田 太郎", "山田 花子"], establishment=1))
    day = D(2026, 11, 12)
    open_duties(ones, cause="loss", received_on=day, on=day, by=None)
    open_duties(twos, cause="removed", received_on=day, on=day, by=None)
    for paper, channel in ((ones[0], "establishment"), (ones[1], "mail"), (twos[0], "counter")):
        recover_by_serial(paper.serial, by=office.clerk, on=day, channel=channel)
    report_lost(ones[2], by=office.clerk, on=day)
    lift(Recovery.objects.get(certificate=twos[1]), "届出の取下げ", by=office.clerk, on=day)
    first, second = rate(day)
    assert (first.establishment_code, first.return_to) == ("001", "establishment")
    assert (first.opened, first.recovered, first.otherwise, first.percent) == (4, 2, 1, 50.0)
    assert first.came_by == {"establishment": 1, "mail": 1, "counter": 0}
    assert (second.establishment_code, second.return_to) == ("002", "insurer")
    assert (second.opened, second.recovered, second.came_by["counter"]) == (1, 1, 1)
    assert rate_of_all(day) == (5, 3)


# Commands


def test_recover_takes_the_good_and_lists_the_bad(office: Office, command: Any, tmp_path: Path) -> None:
    papers = certificates(office, [office.household(f"000{n}")[0] for n in range(3)])
    listed = tmp_path / "scans.txt"
    listed.write_text(
        f"{papers[0].serial}\n\n123\n{serial_text(77_777)}\n{papers[1].serial}\n", encoding="utf-8"
    )
    answer = command("recover", "--file", listed, "--by", "haraguchi", "--on", "2026-11-16")
    assert answer.code == 2
    assert answer.json == {"recovered": 2, "already": 0, "ended": 0, "bad": 2}
    assert [line.split(":")[0] for line in answer.err.splitlines()] == ["scans.txt 3行目", "scans.txt 4行目"]
    again = command("recover", papers[0].serial, papers[2].serial, "--by", "haraguchi", "--on", "2026-11-16")
    assert (again.code, again.json) == (0, {"recovered": 1, "already": 1, "ended": 0, "bad": 0})
    assert command("recover", "--by", "haraguchi").code == 2
    assert command("recover", papers[0].serial, "--by", "nobody").code == 2


def test_rate_and_close_ended_on_the_command_line(office: Office, paper: Any, command: Any) -> None:
    duty(office, paper)
    answer = command("recovery_rate", "2026-11")
    assert answer.out.splitlines()[1] == "001,establishment,1,0,0,0.0,0,0,0"
    assert answer.json == {"month": "2026-11", "opened": 1, "recovered": 0, "percent": 0.0}
    assert command("recovery_rate", "2026-09").json["percent"] is None
    assert command("recovery_rate", "2026-9").code == 2
    closed = command("close_ended", "--on", "2031-11-06")
    assert closed.json["certificates"] == closed.json["recoveries"] == 1
    assert set(command("close_ended", "--on", "2031-11-06").json.values()) == {0}
