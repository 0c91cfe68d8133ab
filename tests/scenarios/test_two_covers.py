"""Somebody with two covers at once, such as after a late loss: both named with their lines, days and employers."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from certificates.decisions.replay import differences
from certificates.models import Decision
from core.models import Clerk
from exchange.models import ExchangeFile, ExchangeRow
from kenpo.month import surveys
from members.models import Member
from members.overlaps import overlaps
from members.services import society
from tests.conftest import run_command
from tests.kenpo.reading import text_of
from tests.scenarios.office import Office
from tests.scenarios.people import Someone, registered

pytestmark = pytest.mark.django_db

ON = "2026-11-10"


@pytest.fixture
def office(home: Path, tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Office:
    monkeypatch.setattr("core.commands.ensure_migrated", lambda: None)
    return Office("toyobo", tmp_path / "in", settings)


@pytest.fixture
def desk(client: Client, db: None) -> Client:
    client.force_login(Clerk.objects.create_user("hanae", role="clerk", is_staff=True))
    return client


def late_loss(office: Office, *, lost_on: str = "") -> tuple[Someone, Someone]:
    """Hired by another employer on 10-05; the end of the first cover has not been reported, or is ``lost_on``."""
    office.establishment("0001")
    office.establishment("0002", name="第二製作所")
    office.joins(myna="2030-01-10")
    first = office.joins(fund=registered("2029-05-10"))
    second = office.goes_on_as(first, "2026-10-05", establishment_code="0002")
    office.changes(first, lost_on=lost_on)
    office.fund_says(second, registered("2031-02-10", since="2026-10-06"))
    return first, second


def test_both_lines_are_named_wherever_the_case_is_told(office: Office, desk: Client) -> None:
    first, second = late_loss(office)
    month = office.month("2026-11", on=ON)
    file = ExchangeFile.objects.get()
    lines = f"ファイル{file.pk}の3行目と4行目"
    for who in (first, second):
        assert (*month.answer(who), month[who].detail) == ("review", "row_unusable", "double")
        assert f"同じ方の行が二つ（{lines}）" in month[who].explanation
        assert lines in office.why(who)
    answer = run_command("answer", *second.key)
    assert (answer.out.splitlines()[0], lines in answer.out) == ("9", True)
    decision = Decision.objects.get(member=office.member(second))
    page = desk.get(reverse("admin:certificates_decision_change", args=[decision.pk]))
    assert lines in text_of(page.content.decode())
    row, other = ExchangeRow.objects.filter(person=decision.member.person).order_by("line_no")
    page = desk.get(reverse("admin:exchange_exchangerow_change", args=[row.pk]))
    assert f"ファイル {file.pk} の {other.line_no}行目" in text_of(page.content.decode())
    assert differences(decision.run) == (Decision.objects.count(), [])


def test_three_rows_are_three(office: Office) -> None:
    first, _ = late_loss(office)
    third = office.goes_on_as(first, "2026-10-20")
    office.changes(first, lost_on="")
    office.fund_says(third, registered("2031-03-10", since="2026-10-21"))
    month = office.month("2026-11", on=ON)
    assert "同じ方の行が三つ" in month[third].explanation
    assert "3行目と4行目と5行目" in month[third].explanation


def test_a_row_that_says_the_same_is_one(office: Office) -> None:
    first, second = late_loss(office)
    office.fund_says(second, first.fund)
    month = office.month("2026-11", on=ON)
    assert month.answer(second) == ("not_needed", "myna_usable")


@pytest.mark.parametrize(
    ("lost_on", "shared"),
    [
        ("2026-10-04", None),
        ("2026-10-05", None),
        ("2026-10-06", "令和8年10月5日から令和8年10月5日まで"),
        ("", "令和8年10月5日から（終わりの届出なし）"),
    ],
)
def test_covers_with_days_in_common_are_a_queue(office: Office, desk: Client, lost_on: str, shared: str | None) -> None:
    first, second = late_loss(office, lost_on=lost_on)
    office.month("2026-11", on=ON)
    surveys.KINDS["overlaps"](society(), date.fromisoformat(ON))
    queues = {queue.title: queue for queue in desk.get(reverse("admin:index")).context["waiting"]}
    assert ("資格の期間が重なる人" in queues) is (shared is not None)
    page = desk.get(reverse("admin:members_person_overlaps"))
    said = re.sub(r"\s|\d{4}-\d\d-\d\d", "", text_of(page.content.decode()))  # without the days on hover
    if shared is None:
        assert "資格の期間が重なる人はいません" in said
        return
    (line,) = page.context["lines"]
    assert (line.earlier.member, line.later.member) == (office.member(first), office.member(second))
    for words in (
        *map(str, (line.earlier.member, line.later.member)),
        "第二製作所",
        shared,
        "令和8年10月5日取得",
        line.said,
    ):
        assert words in said
    for cover in line.covers:
        assert desk.get(cover.filing).status_code == 200


def test_an_annulled_cover_has_no_days(office: Office) -> None:
    _, second = late_loss(office)
    office.month("2026-11", on=ON)
    assert len(list(overlaps())) == 1
    member = office.member(second)
    Member.objects.filter(pk=member.pk).update(lost_on=member.acquired_on)
    assert list(overlaps()) == []
