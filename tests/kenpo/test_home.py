"""The first page: how far the month is, the one button that comes next, who has no route, what waits, the charts."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from certificates.decisions.forecast import forecast, running_out
from certificates.models import Application, Decision, EligibilityCertificate
from core.models import Clerk, Job, Survey
from kenpo import deadlines
from kenpo.pages import home_charts
from kenpo.pages.home_queues import queues
from members.models import Establishment, Member, Person
from members.services import society
from tests.conftest import run_command
from tests.kenpo.reading import latin_words, text_of
from tests.story.month import DAY, invent_and_load, play

ON = date.fromisoformat(DAY)
MOST_QUERIES = 52


def own_words() -> set[str]:
    people = Person.objects.values_list("name", "printed_name", "name_kana")
    names = {text for row in [*people, *Establishment.objects.values_list("name")] for text in row}
    return names | set(Clerk.objects.values_list("username", flat=True))


@pytest.fixture
def office(db: None, tmp_path: Path, home: Path, settings: Any, client: Client) -> Client:
    """A clerk at the first page of a society whose month has files and is not run."""
    settings.KENPO_TODAY = ON
    invent_and_load(tmp_path / "in", members=80)
    client.force_login(Clerk.objects.create_user("hanae", role="clerk", is_staff=True))
    return client


def said(client: Client) -> str:
    answer = client.get(reverse("admin:index"))
    assert answer.status_code == 200
    text = text_of(answer.content.decode())
    assert not latin_words(text, data=own_words()), latin_words(text, data=own_words())
    return text


def test_it_names_the_one_step_that_comes_next(office: Client) -> None:
    assert "次にすること：突合" in said(office) and "月次判定を行う" in said(office)
    assert run_command("run_month", "2026-11", "--by", "hanako", "--on", DAY).code == 0
    assert "次にすること：承認" in said(office)
    page = office.get(reverse("admin:index"))
    assert page.content.decode().count('class="kenpo-step" href') == 1


def test_a_month_that_is_done_has_nothing_left(office: Client, tmp_path: Path) -> None:
    play(tmp_path)
    page = office.get(reverse("admin:index")).context
    assert [stage.title for stage in page["stages"] if not stage.done] == ["締め"]
    assert page["deadlines"][1].done


def test_before_anything_is_loaded_it_says_whom_to_ask(client: Client, db: None) -> None:
    client.force_login(Clerk.objects.create_user("hanae", role="clerk", is_staff=True))
    text = text_of(client.get(reverse("admin:index")).content.decode())
    assert "加入者を取り込む" in text and not latin_words(text, data={"hanae"})


def test_people_without_a_route_stand_as_the_daily_job_counted_them(office: Client, settings: Any) -> None:
    assert "まだ数えていません。" in said(office)
    assert run_command("run_month", "2026-11", "--by", "hanako", "--on", DAY).code == 0
    outcome = run_command("daily", "--on", DAY).json
    counted = int(run_command("gaps", "--on", DAY).out.split()[-1])
    assert outcome["gaps"] == counted == sum(outcome["gaps_waiting"].values()) > 0
    text = said(office)
    assert f"{counted}人" in text and "今日はまだ数えていません。" not in text
    shown = office.get(reverse("admin:index")).context["without"]
    for words, count, url in shown.waiting:
        board = office.get(url)
        assert board.context["wanted"].label == words and len(board.context["lines"]) == count
    settings.KENPO_TODAY = ON + timedelta(days=1)
    assert "今日はまだ数えていません。" in said(office)


def test_the_figure_stands_although_the_next_count_fails(office: Client) -> None:
    run_command("daily", "--on", DAY)
    Job.objects.filter(key__startswith="daily:").update(state=Job.State.FAILED, outcome={})
    shown = office.get(reverse("admin:index")).context["without"]
    assert shown.known and shown.at and shown.total > 0


@pytest.mark.parametrize(("due", "late"), [(ON - timedelta(days=1), 1), (ON, 0), (ON + timedelta(days=1), 0)])
def test_a_queue_is_late_from_the_day_after_its_earliest_day(office: Client, due: date, late: int) -> None:
    member = Member.objects.earliest("pk")
    for day in (due, ON + timedelta(days=9)):
        Application.objects.create(
            member=member, kind="issue", ground="lost_card", received_on=day, received_via="mail", due_on=day
        )
    queue = next(
        queue
        for queue in queues(ON, None, {}, Clerk.objects.get(username="hanae"))
        if queue.title == "交付を決めていない申請"
    )
    assert (queue.count, queue.day, queue.late) == (2, due, late)
    assert ("1件 過ぎています" in said(office)) is bool(late)


def test_a_case_leaves_its_queue_when_it_is_ruled_on(office: Client, settings: Any) -> None:
    run_command("run_month", "2026-11", "--by", "hanako", "--on", DAY)
    run = Decision.objects.earliest("pk").run
    open_cases = Decision.objects.filter(outcome__in=("review", "wait")).count()
    titles = ("要確認の判定", "照会中の判定")
    assert (
        sum(q.count for q in queues(ON, run, {}, Clerk.objects.get(username="hanae")) if q.title in titles)
        == open_cases
        > 0
    )
    settings.KENPO_TODAY = date(2026, 12, 1)
    assert run_command("daily", "--on", "2026-12-01").json["settled"] == open_cases
    assert not [q for q in queues(ON, run, {}, Clerk.objects.get(username="hanae")) if q.title in titles]


def test_names_that_cannot_be_printed_are_a_queue_once_counted(office: Client) -> None:
    assert not [
        q for q in queues(ON, None, {}, Clerk.objects.get(username="hanae")) if q.title == "印刷できない字がある人"
    ]
    assert (
        next(
            q
            for q in queues(
                ON, None, {"unprintable": Survey(counts={"people": 3})}, Clerk.objects.get(username="hanae")
            )
            if q.title == "印刷できない字がある人"
        ).count
        == 3
    )


def test_it_asks_as_often_for_few_as_for_many(office: Client) -> None:
    run_command("run_month", "2026-11", "--by", "hanako", "--on", DAY)
    asked = []
    for first in (1, 6):
        with CaptureQueriesContext(connection) as queries:
            office.get(reverse("admin:index"))
        asked.append(len(queries))
        member = Member.objects.earliest("pk")
        for day in range(first, first + 5):
            Application.objects.create(
                member=member,
                kind="issue",
                ground="lost_card",
                received_on=ON + timedelta(days=day),
                received_via="mail",
                due_on=ON,
            )
    assert asked[0] == asked[1] <= MOST_QUERIES, asked


@pytest.mark.parametrize(
    ("month", "file", "dispatch"),
    [
        (date(2026, 11, 1), date(2026, 11, 5), date(2026, 11, 30)),
        (date(2026, 12, 1), date(2026, 12, 7), date(2026, 12, 28)),  # the 5th a Saturday; closed from the 29th
        (date(2027, 1, 1), date(2027, 1, 5), date(2027, 1, 29)),
        (date(2027, 5, 1), date(2027, 5, 6), date(2027, 5, 31)),  # after the holidays
    ],
)
def test_the_months_last_days_are_working_days(month: date, file: date, dispatch: date) -> None:
    assert (deadlines.file_due(month), deadlines.dispatch_due(month)) == (file, dispatch)


@pytest.mark.parametrize(
    ("on", "words", "late"),
    [
        (date(2026, 11, 4), "あと1営業日です", False),
        (date(2026, 11, 5), "今日までです", False),
        (date(2026, 11, 6), "1営業日 遅れています", True),
        (date(2026, 11, 9), "2営業日 遅れています", True),
    ],
)
def test_lateness_is_said_in_working_days(on: date, words: str, late: bool) -> None:
    found = deadlines.deadlines(date(2026, 11, 1), on, received=False, sent=False)[0]
    assert (found.words, found.late) == (words, late)
    assert not deadlines.deadlines(date(2026, 11, 1), on, received=True, sent=False)[0].late


def test_the_sheet_of_the_month_marks_closed_days_and_today() -> None:
    days = [d for week in deadlines.weeks(date(2026, 12, 1), date(2026, 12, 28)) for d in week if d]
    assert len(days) == 31
    assert [d.day.day for d in days if d.closed] == [5, 6, 12, 13, 19, 20, 26, 27, 29, 30, 31]
    assert [d.day.day for d in days if d.today] == [28]
    assert {d.day.day: d.marks for d in days if d.marks} == {7: ("受付期限",), 28: ("発送期限",)}
    assert deadlines.notes(date(2026, 12, 1)) and deadlines.notes(date(2027, 4, 1))
    assert not deadlines.notes(date(2026, 11, 1))


def test_running_out_agrees_with_the_forecast_of_everybody(office: Client) -> None:
    run_command("run_month", "2026-11", "--by", "hanako", "--on", DAY)
    ahead = {entry.month: entry.counts["certificates"] for entry in forecast(society(), ON, 60)}
    counted = running_out(ON, 60)
    assert counted == ahead and sum(counted.values()) > 0


def test_running_out_counts_the_last_certificate_of_who_is_covered(office: Client) -> None:
    EligibilityCertificate.objects.all().delete()
    today = {"acquired_on__lt": ON, "lost_on": None, "insured": None}
    first, second = Member.objects.filter(**today).order_by("pk")[:2]
    for serial, member, through in (
        ("1", first, date(2026, 11, 30)),
        ("2", first, date(2027, 1, 31)),
        ("3", second, date(2028, 10, 31)),
        ("4", second, date(2026, 11, 9)),
    ):
        EligibilityCertificate.objects.create(
            serial=serial,
            member=member,
            basis="ex_officio",
            issued_on=ON,
            effective_on=ON,
            valid_through=through,
            face_key="x",
        )
    counts = running_out(ON, 24)
    assert {m: n for m, n in counts.items() if n} == {date(2027, 1, 1): 1, date(2028, 10, 1): 1}
    assert len(counts) == 24 and min(counts) == date(2026, 11, 1)
    Member.objects.filter(pk=first.pk).update(lost_on=ON)
    assert sum(running_out(ON, 24).values()) == 1


def test_the_charts_hold_the_numbers_they_draw(office: Client) -> None:
    run_command("run_month", "2026-11", "--by", "hanako", "--on", DAY)
    chart = home_charts.issues()
    issued = Decision.objects.filter(outcome="issue").count()
    assert chart.rows[-1][0] == "令和8年11月" and chart.rows[-1][-1] == f"{issued}人"
    heights = {bar.colour: bar.height for bar in chart.bars}
    named = dict(zip(chart.head[1:-1], chart.rows[-1][1:-1], strict=True))
    tallest = max(chart.legend, key=lambda pair: heights[pair[0]])[1]
    assert named[tallest] == max(named.values(), key=lambda text: int(text.rstrip("人")))
    rate = home_charts.registration()
    assert rate.rows[-1][0] == "令和8年10月" and rate.rows[-1][1].endswith("％")
    drawn = 'class="kenpo-chart"'
    assert office.get(reverse("admin:index")).content.decode().count(drawn) == 2  # the third is not counted yet
    run_command("daily", "--on", DAY)
    page = office.get(reverse("admin:index")).content.decode()
    assert page.count(drawn) == 3 and page.count("表で見る") == 3
