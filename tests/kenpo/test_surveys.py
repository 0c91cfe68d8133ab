"""Lists that are kept: counted by the daily job or a button, read by pages, each line as it stands now."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from certificates.decisions.gaps import gaps
from core import surveys
from core.models import Clerk, Job, Survey, SurveyLine
from kenpo.month.surveys import KINDS, count_all
from mailing.addresses.odd_addresses import odd_addresses
from members.models import Member, Person
from members.services import society
from tests.conftest import run_command
from tests.kenpo.reading import text_of
from tests.story.month import DAY, invent_and_load

ON = date.fromisoformat(DAY)
BOARDS = {
    "gaps": "gaps",
    "addresses": "addresses",
    "unprintable": "admin:members_person_unprintable",
    "damaged": "admin:members_person_damaged",
}


@pytest.fixture
def office(db: None, tmp_path: Path, home: Path, settings: Any, client: Client) -> Client:
    settings.KENPO_TODAY = ON
    invent_and_load(tmp_path / "in", members=80)
    assert run_command("run_month", "2026-11", "--by", "hanako", "--on", DAY).code == 0
    client.force_login(Clerk.objects.create_user("hanae", role="clerk", is_staff=True))
    return client


def said(client: Client, kind: str, **asked: str) -> str:
    return text_of(client.get(reverse(BOARDS[kind]), asked).content.decode())


def press(client: Client, kind: str, on: date = ON) -> str:
    answer = client.post(reverse("survey", args=[kind]), {"on": on.isoformat()}, follow=True)
    assert answer.status_code == 200
    return text_of(answer.content.decode())


@pytest.mark.parametrize("kind", BOARDS)
def test_a_page_looks_at_nobody_until_the_button_is_pressed(office: Client, kind: str) -> None:
    assert "まだ数えていません" in said(office, kind) and not Survey.objects.exists()
    assert "数え直しました。" in press(office, kind)
    assert "に数えました" in said(office, kind) and Survey.objects.get().kind == kind


@pytest.mark.parametrize("kind", BOARDS)
def test_a_page_asks_as_often_for_few_as_for_many(office: Client, kind: str) -> None:
    run_command("daily", "--on", DAY)
    survey = Survey.objects.get(kind=kind)
    lines = list(survey.lines.all()) or [SurveyLine(survey=survey, subject_id=Member.objects.earliest("pk").pk)]
    assert len(lines) > 2 or kind != "gaps"
    of_each_kind = list({line.group: line for line in reversed(lines)}.values())
    asked = []
    for shown in (of_each_kind, lines):
        survey.lines.all().delete()
        SurveyLine.objects.bulk_create(
            SurveyLine(survey=survey, place=place, group=line.group, subject_id=line.subject_id)
            for place, line in enumerate(shown)
        )
        with CaptureQueriesContext(connection) as queries:
            office.get(reverse(BOARDS[kind]))
        asked.append(len(queries))
    assert asked[0] == asked[1], asked


def test_the_daily_job_keeps_every_list_of_the_day_and_no_older_one(office: Client) -> None:
    count_all(society(), ON - timedelta(days=1))
    run_command("daily", "--on", DAY)
    assert {(each.kind, each.on) for each in Survey.objects.all()} == {(kind, ON) for kind in KINDS}
    kept = list(Survey.objects.get(kind="gaps").lines.values_list("group", "subject_id"))
    assert kept == [(gap.waiting.name.lower(), gap.read.member_id) for gap in gaps(society(), ON)] != []
    with odd_addresses(society(), ON) as found:
        assert list(Survey.objects.get(kind="addresses").lines.values_list("group", "subject_id")) == [
            (odd.oddity, odd.address_id) for odd in found
        ]


def test_the_list_is_the_kept_one_and_its_lines_are_looked_at_again(office: Client) -> None:
    press(office, "gaps")
    lines = office.get(reverse("gaps")).context["lines"]
    gone = next(line.member for line in lines if not line.member.dependents.exists())
    Member.objects.filter(pk=gone.pk).update(lost_on=ON)
    again = office.get(reverse("gaps")).context
    assert [line.member for line in again["lines"]] == [line.member for line in lines]
    assert [line.member for line in again["lines"] if line.closed] == [gone]
    assert again["total"] == len(lines)
    press(office, "gaps")
    assert gone not in [line.member for line in office.get(reverse("gaps")).context["lines"]]


def test_another_day_is_counted_beside_today(office: Client) -> None:
    press(office, "gaps")
    later = ON + timedelta(days=40)
    asked = {"on": later.isoformat()}
    assert "まだ数えていません" in said(office, "gaps", **asked)
    press(office, "gaps", later)
    assert office.get(reverse("gaps"), asked).context["total"] == len(gaps(society(), later))
    shown = office.get(reverse("gaps")).context
    assert shown["kept"]["survey"].on == ON and shown["total"] == len(gaps(society(), ON))


@pytest.mark.parametrize(("days", "stale"), [(-1, True), (0, False)])
def test_a_list_of_a_day_before_says_that_today_is_missing(office: Client, days: int, stale: bool) -> None:
    count_all(society(), ON + timedelta(days=days))
    for kind in BOARDS:
        assert ("今日はまだ数えていません" in said(office, kind)) is stale


def test_a_list_being_counted_offers_no_second_button(office: Client) -> None:
    Job.objects.create(key=surveys.job_key("gaps"), state=Job.State.WAITING)
    assert "いま数えています" in said(office, "gaps")
    assert 'name="on" value="2026-11-10">' in office.get(reverse("gaps")).content.decode()
    assert "数え始めました" in press(office, "gaps") and not Survey.objects.exists()


def test_counting_again_takes_the_place_of_what_was_counted(office: Client) -> None:
    surveys.keep("gaps", ON, [("decision", 1), ("approval", 2), ("decision", 3)])
    survey = surveys.keep("gaps", ON, [("decision", 7)], counts={"people": 1})
    assert survey.counts == {"decision": 1, "people": 1}
    assert list(SurveyLine.objects.values_list("place", "group", "subject_id")) == [(0, "decision", 7)]


def test_a_recorded_form_leaves_the_queue_at_once(office: Client) -> None:
    person = Member.objects.filter(insured=None, dependents=None).earliest("pk").person
    Person.objects.filter(pk=person.pk).update(name="渡\u9089\U000e0102 一郎")
    press(office, "unprintable")
    assert "U+9089" in office.get(reverse(BOARDS["unprintable"])).content.decode()
    Person.objects.filter(pk=person.pk).update(name="渡\u9089 一郎")
    assert "U+9089" not in office.get(reverse(BOARDS["unprintable"])).content.decode()


def test_only_a_press_counts_and_only_what_has_a_page(office: Client) -> None:
    assert office.get(reverse("survey", args=["gaps"])).status_code == 405
    assert office.post(reverse("survey", args=["running_out"])).status_code == 404
    assert Client().post(reverse("survey", args=["gaps"])).status_code == 302
    assert not Survey.objects.exists()
