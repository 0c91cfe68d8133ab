"""Reminders on their days, and the rate of what came back."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from certificates.models import EligibilityCertificate, Recovery
from certificates.recovery import (
    due_reminders,
    lift,
    open_duties,
    rate,
    rate_of_all,
    recover_by_serial,
    remind,
    report_lost,
)
from core.models import Event
from core.transitions import advance_many
from tests.certificates.recovery.papers import D, certificates, duty
from tests.mailing import build
from tests.mailing.build import Office

DAY = timedelta(days=1)


@pytest.mark.parametrize(("step", "days"), [(0, (13, 14, 15)), (1, (29, 30, 31)), (2, (59, 60, 61))])
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
    assert not due_reminders(opened.due_on + 400 * DAY)


def test_a_late_office_skips_no_step_and_grants_each_its_days(office: Office, paper: Any) -> None:
    opened = duty(office, paper)
    late = opened.due_on + 70 * DAY
    assert remind(late, by=office.clerk)[0].reminders == 1
    # toyobo grants 7 days in each letter
    assert [len(due_reminders(late + n * DAY)) for n in (6, 7, 8)] == [0, 0, 1]


def test_nobody_is_reminded_of_what_is_back_expired_or_at_the_office(office: Office) -> None:
    back, lost, returned, reissued, out = (certificates(office, office.household(f"000{n}"))[0] for n in range(5))
    short = certificates(office, office.household("0009"), through=D(2026, 12, 3))[0]
    for paper in (back, lost, returned, short, out):
        duty(office, paper)
    duty(office, reissued, cause="reissued")
    day = D(2026, 11, 19) + 14 * DAY
    assert len(due_reminders(day)) == 5
    recover_by_serial(back.serial, by=office.clerk, on=day, channel="mail")
    report_lost(lost, by=office.clerk, on=day)
    advance_many(
        EligibilityCertificate.objects.filter(pk=returned.pk), "return", by=office.clerk, on=day, reason="宛先不明"
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
    assert not due_reminders(opened.due_on + 99 * DAY)


@pytest.mark.parametrize(("back_on", "recovered"), [(D(2026, 12, 11), 1), (D(2026, 12, 12), 1), (D(2026, 12, 13), 0)])
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
