"""A month's dispatch cut into days, in the database, by the command and on paper."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from core import clock
from core.models import Clerk
from core.web import list_url
from mailing.models import Dispatch, Enclosure
from mailing.papers import contents
from mailing.planning.days import DayLimit
from mailing.services import assemble, cancel, confirm, planned_days, print_dispatch, prove_dispatch, seal, send
from tests.mailing.build import ON, Office

TUESDAY, WEDNESDAY = date(2026, 11, 10), date(2026, 11, 11)


@pytest.fixture(autouse=True)
def _today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "today", lambda: ON)


def plans(dispatches: list[int]) -> list[tuple[date, int]]:
    return [(on, sheets) for on, _, sheets in planned_days(dispatches)]


def certify(office: Office, first: int, count: int, *, establishment: int = 0, kind: str = "regular") -> None:
    for n in range(first, first + count):
        office.certify(office.household(f"{n:04d}", establishment=establishment, coverage_kind=kind))


def test_a_month_is_cut_and_every_repeat_leaves_it_as_it_is(office: Office) -> None:
    certify(office, 1, 5, kind="voluntary")
    first = assemble(office.run, by=office.clerk, on=ON, limit=DayLimit(2, ON))
    assert plans(first.dispatches) == [(ON, 2), (TUESDAY, 2), (WEDNESDAY, 1)]
    before = list(Enclosure.objects.values_list("id", "envelope_id", "envelope__code"))
    for limit in (None, DayLimit(2, ON), DayLimit(5, TUESDAY)):
        assert assemble(office.run, by=office.clerk, on=ON, limit=limit) == first
    assert list(Enclosure.objects.values_list("id", "envelope_id", "envelope__code")) == before
    assert plans(first.dispatches) == [(ON, 2), (TUESDAY, 2), (WEDNESDAY, 1)]


def test_what_was_assembled_whole_is_not_cut_afterwards(office: Office) -> None:
    certify(office, 1, 3)
    first = assemble(office.run, by=office.clerk, on=ON)
    assert Dispatch.objects.get().planned_on is None
    assert assemble(office.run, by=office.clerk, on=ON, limit=DayLimit(1, ON)) == first
    assert Dispatch.objects.get().planned_on is None


def test_what_comes_later_fills_only_what_the_days_have_left(office: Office) -> None:
    certify(office, 1, 3, kind="voluntary")
    (one, two) = assemble(office.run, by=office.clerk, on=ON, limit=DayLimit(2, ON)).dispatches
    certify(office, 4, 2, kind="voluntary")
    again = assemble(office.run, by=office.clerk, on=ON, limit=DayLimit(2, ON))
    assert again.dispatches[:2] == [one, two]
    assert plans(again.dispatches) == [(ON, 2), (TUESDAY, 2), (WEDNESDAY, 1)]


def test_a_cancelled_day_has_room_again(office: Office) -> None:
    certify(office, 1, 4, kind="voluntary")
    first = assemble(office.run, by=office.clerk, on=ON, limit=DayLimit(2, ON)).dispatches
    cancel(Dispatch.objects.get(pk=first[0]), by=office.clerk, on=ON, reason="様式の変更")
    again = assemble(office.run, by=office.clerk, on=ON, limit=DayLimit(2, ON)).dispatches
    assert plans(again) == [(ON, 2), (TUESDAY, 2)]
    assert again[0] == first[1]


def test_each_days_dispatch_is_printed_proved_and_sent_by_itself_also_before_its_day(office: Office) -> None:
    certify(office, 1, 2)
    certify(office, 3, 2, establishment=1)
    dispatches = assemble(office.run, by=office.clerk, on=ON, limit=DayLimit(2, ON)).dispatches
    assert plans(dispatches) == [(ON, 2), (TUESDAY, 2)]
    for dispatch in Dispatch.objects.filter(pk__in=dispatches):
        print_dispatch(dispatch, by=office.clerk, on=ON)
        prove_dispatch(dispatch)
        confirm(dispatch, by=office.clerk, on=ON)
        seal(dispatch, by=office.clerk, on=ON)
        send(dispatch, by=office.clerk, on=ON)
    assert set(Dispatch.objects.values_list("status", "sent_on")) == {("sent", ON)}


def test_an_establishment_is_given_its_days_from_the_planned_day_on(office: Office) -> None:
    certify(office, 1, 1)
    certify(office, 2, 1, establishment=1)
    first, second = assemble(office.run, by=office.clerk, on=ON, limit=DayLimit(1, ON)).dispatches
    by = []
    for number in (first, second):
        dispatch = Dispatch.objects.get(pk=number)
        print_dispatch(dispatch, by=office.clerk, on=ON)
        dispatch.refresh_from_db()
        by.append(contents.hand_over_by(dispatch))
    assert by == [date(2026, 11, 19), date(2026, 11, 20)]
    late = Dispatch.objects.get(pk=first)
    late.printed_on = WEDNESDAY
    assert contents.hand_over_by(late) == date(2026, 11, 21)


def test_the_command_says_each_day_and_answers_as_without(office: Office, command: Callable) -> None:
    certify(office, 1, 3, kind="voluntary")
    done = command("assemble", "2026-11", "--by", "haraguchi", "--per-day", "2", "--from", "2026-11-21")
    assert done.code == 0, done.err
    one, two = done.json["dispatches"]
    assert done.out.splitlines()[:2] == [
        f"発送予定日 令和8年11月24日 発送 {one}（2枚）",
        f"発送予定日 令和8年11月25日 発送 {two}（1枚）",
    ]
    plain = command("assemble", "2026-11", "--by", "haraguchi")
    assert plain.json == done.json
    assert len(plain.out.splitlines()) == 1


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--per-day", "0"), "1以上"),
        (("--per-day", "-3"), "1以上"),
        (("--per-day", "千"), "整数"),
        (("--per-day", "5", "--from", "2026-11-08"), "過ぎています"),
        (("--per-day", "5", "--from", "2026/11/20"), "YYYY-MM-DD"),
        (("--per-day", "5", "--from", "2026-11-31"), "暦にありません"),
        (("--from", "2026-11-20"), "--per-day"),
    ],
)
def test_bad_options_exit_2_and_write_nothing(
    office: Office, command: Callable, options: tuple[str, ...], said: str
) -> None:
    certify(office, 1, 1)
    done = command("assemble", "2026-11", "--by", "haraguchi", *options)
    assert (done.code, Dispatch.objects.count()) == (2, 0)
    assert said in done.err


def test_what_is_past_its_planned_day_waits_on_the_first_page_until_it_is_sent(
    office: Office, client: Client, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    certify(office, 1, 2, kind="voluntary")
    first, second = assemble(office.run, by=office.clerk, on=ON, limit=DayLimit(1, ON)).dispatches
    client.force_login(Clerk.objects.create_user("kansa", role="auditor", is_staff=True))

    def told(today: date) -> tuple[str, list[str]]:
        monkeypatch.setattr(clock, "today", lambda: today)
        queues = {queue.title: queue for queue in client.get(reverse("admin:index")).context["waiting"]}
        if (late := queues.get("発送予定日を過ぎた発送")) is None:
            return "", []
        shown = client.get(late.url).context["cl"].result_list
        return str(late.count), [dispatch.pk for dispatch in shown]

    assert told(ON) == ("", [])
    assert told(TUESDAY) == ("1", [first])
    assert told(WEDNESDAY) == ("2", [second, first])
    cancel(Dispatch.objects.get(pk=first), by=office.clerk, on=ON, reason="様式の変更")
    assert told(WEDNESDAY) == ("1", [second])
    listed = client.get(list_url(Dispatch)).content.decode()
    assert "発送予定日" in listed and listed.count("過ぎています") == 1
    page = client.get(reverse("admin:mailing_dispatch_change", args=[second])).content.decode()
    assert "令和8年11月10日" in page and "過ぎています" in page


def test_a_sent_dispatch_is_not_late(office: Office) -> None:
    dispatch = Dispatch(planned_on=ON, status="sealed")
    assert [dispatch.late_on(day) for day in (date(2026, 11, 8), ON, TUESDAY)] == [False, False, True]
    dispatch.status = "sent"
    assert not dispatch.late_on(TUESDAY)
    assert not Dispatch(planned_on=None, status="sealed").late_on(TUESDAY)
