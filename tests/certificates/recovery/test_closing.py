"""Duties end: by a scan, by loss, given up, by the calendar, by command."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from certificates.documents.serials import serial_text
from certificates.models import ElderlyBeneficiaryCertificate, EligibilityCertificate, Recovery
from certificates.recovery import give_up, lift, open_duties, recover_by_serial, recover_by_serials, remind, report_lost
from certificates.recovery.ending import close_what_ended
from core.errors import BadInput, Refused
from core.models import Clerk, Event
from tests.certificates.recovery.papers import POSTED_ON, D, certificates, duty, elderly
from tests.mailing.build import Office


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
            [*serials[:50], "x", *serials[50:], serials[0]], by=office.clerk, on=D(2026, 11, 16), channel="mail"
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


@pytest.mark.parametrize(("on", "ended"), [(29, 0), (30, 0), (31, 1)])
def test_expiry_closes_the_duty(office: Office, on: int, ended: int) -> None:
    (member,) = office.household("0001")
    through = D(2026, 12, 30)
    papers = [*certificates(office, [member], through=through), elderly(office, member, through=through)]
    open_duties(papers, cause="loss", received_on=POSTED_ON, on=POSTED_ON, by=None)
    counts = close_what_ended(D(2026, 12, on))
    assert counts == {"certificates": ended, "elderly_certificates": ended, "recoveries": 2 * ended, "legacy_cards": 0}
    assert Recovery.objects.filter(status="open").count() == 2 - 2 * ended
    assert set(close_what_ended(D(2026, 12, on)).values()) == {0}
    if ended:
        assert set(Recovery.objects.values_list("outcome", "closed_on")) == {("expired", D(2026, 12, 31))}
        assert {p.status for p in EligibilityCertificate.objects.all()} == {"expired"}
        assert {p.status for p in ElderlyBeneficiaryCertificate.objects.all()} == {"expired"}


def test_recover_takes_the_good_and_lists_the_bad(office: Office, command: Any, tmp_path: Path) -> None:
    papers = certificates(office, [office.household(f"000{n}")[0] for n in range(3)])
    listed = tmp_path / "scans.txt"
    listed.write_text(f"{papers[0].serial}\n\n123\n{serial_text(77_777)}\n{papers[1].serial}\n", encoding="utf-8")
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
