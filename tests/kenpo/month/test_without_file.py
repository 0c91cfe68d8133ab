"""A month whose file does not come: decided on what is known, said so, and corrected when it comes."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from certificates.decisions import ruling
from certificates.decisions.afterwards import explained
from certificates.models import Decision, Ruling, Run
from core.calendar import business_days_after, wareki
from core.models import Clerk
from core.transitions import advance
from core.web import page_url
from exchange.models import ExchangeFile
from kenpo.month.month import _ordinary_percent
from members.services import policy_on, society
from tests.conftest import run_command
from tests.kenpo.reading import text_of
from tools import invent

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("home")]

MONTH, NEXT = date(2026, 11, 1), date(2026, 12, 1)
TENTH = business_days_after(NEXT - timedelta(days=1), 10)
REASON = "基金の都合で届かないため"


@pytest.fixture
def society_of_november(tmp_path: Path, settings: Any) -> Path:
    """An invented society whose November is proposed; December's file has not come."""
    settings.KENPO_TODAY = date(2026, 11, 10)
    folder = tmp_path / "in"
    invent.write(folder, members=40, seed=1, month=MONTH, preset="toyobo")
    for name in ("hanako", "taro"):
        assert run_command("clerk", name).code == 0
    assert run_command("load", folder).code == 0
    for file in sorted(folder.glob("fund_2026-11*.csv")):
        assert run_command("receive", file).code == 0
    assert run_command("run_month", "2026-11", "--by", "hanako").code == 0
    settings.KENPO_TODAY = TENTH
    return folder


def without(*more: str, on: date = TENTH) -> Any:
    return run_command("run_month", "2026-12", "--by", "hanako", "--on", on, "--without-file", REASON, *more)


def late_files(folder: Path) -> list[Path]:
    """December's files: November's rows under another day, one person fewer registered."""
    made = []
    for file in sorted(folder.glob("fund_2026-11*.csv")):
        text = file.read_text().replace(",20261031,", ",20261130,")
        head, rest = text.split("\n", 1)
        cells = head.split(",")
        cells[3] = "20261215"
        late = folder / f"late_{file.name.replace('2026-11', '2026-12')}"
        late.write_text(",".join(cells) + "\n" + rest)
        made.append(late)
    return made


@pytest.mark.usefixtures("society_of_november")
@pytest.mark.parametrize(("days", "code"), [(-1, 1), (0, 0), (1, 0)])
def test_it_may_run_from_the_tenth_business_day(days: int, code: int) -> None:
    on = TENTH + timedelta(days=days)
    answer = without(on=on)
    assert answer.code == code
    if code:
        assert "第10営業日" in answer.err
        assert wareki(TENTH) in answer.err
        assert not Run.objects.filter(month=NEXT).exists()
    else:
        assert (answer.json["status"], answer.json["files"], answer.json["without_file"]) == ("proposed", [], True)


@pytest.mark.usefixtures("society_of_november")
def test_the_run_keeps_the_reason_and_every_explanation_says_so(tmp_path: Path) -> None:
    assert without().code == 0
    run = Run.objects.get(month=NEXT)
    assert (run.without_file_reason, run.as_of) == (REASON, date(2026, 11, 30))
    assert run.informed_through == date(2026, 10, 31)
    out = tmp_path / "decisions.csv"
    assert run_command("export_decisions", "2026-12", out).code == 0
    lines = out.read_text().splitlines()[1:]
    words = "月次ファイルが届いていないため、令和8年10月31日までの情報で判定しました"
    assert len(lines) == Decision.objects.filter(run=run).count() > 0
    assert [line for line in lines if words not in line] == []
    assert not any("令和8年11月30日時点" in line for line in lines)
    assert run_command("replay", "2026-12").code == 0
    assert without().json == run_command("run_month", "2026-12", "--by", "hanako", "--on", TENTH).json


def test_with_its_file_there_it_is_refused_and_without_a_reason_too(society_of_november: Path, settings: Any) -> None:
    assert run_command("run_month", "2026-12", "--by", "hanako", "--without-file", " ").code == 2
    for file in late_files(society_of_november):
        assert run_command("receive", file).code == 0
    answer = without()
    assert (answer.code, "届いています" in answer.err) == (1, True)


def test_the_file_that_comes_later_is_a_correction(society_of_november: Path) -> None:
    assert without().code == 0
    decisions = list(Decision.objects.order_by("pk").values())
    for file in late_files(society_of_november):
        assert run_command("receive", file).code == 2  # two clerks: who receives it is asked for
        answer = run_command("receive", file, "--by", "hanako")
        assert (answer.code, answer.json["correction"]) == (0, True), answer.err
        assert run_command("accept_correction", answer.json["file"], "--by", "hanako").code == 1
        assert run_command("accept_correction", answer.json["file"], "--by", "taro").code == 0
    assert {f.status for f in ExchangeFile.objects.all()} == {"applied"}
    assert list(Decision.objects.order_by("pk").values()) == decisions


def test_before_any_month_nothing_is_known(tmp_path: Path, settings: Any) -> None:
    settings.KENPO_TODAY = TENTH
    invent.write(tmp_path / "in", members=40, seed=1, month=MONTH, preset="toyobo")
    assert run_command("clerk", "hanako").code == 0
    assert run_command("load", tmp_path / "in").code == 0
    answer = without()
    assert (answer.code, "まだ一度も" in answer.err) == (1, True)


@pytest.mark.usefixtures("society_of_november")
@pytest.mark.parametrize(
    ("shares", "compared"),
    [([], None), ([40], None), ([40, 2], 2.0), ([2, 12], 12.0), ([2, 13], None), ([40, 2, 30], None)],
)
def test_the_issue_gate_leaves_out_a_first_month_and_a_mass_round(shares: list[int], compared: float | None) -> None:
    run = Run.objects.get()
    months = [date(2026, 1 + at, 1) for at in range(len(shares))]
    for month, share in zip(months, shares, strict=True):
        run.pk, run.month, run.status = None, month, "open"
        run.counts = {"outcomes": {"issue": share, "not_needed": 100 - share}}
        run._state.adding = True
        run.save()
        for status in ("applied", "decided", "proposed"):
            Run.objects.filter(pk=run.pk).update(status=status)
    now = Run(insurer=society(), month=date(2026, 1 + len(shares), 1))
    assert _ordinary_percent(now, policy_on(society(), TENTH)) == compared


@pytest.fixture
def desk(client: Client) -> Client:
    client.force_login(Clerk.objects.create_user("hanae", role="approver", is_staff=True))
    return client


@pytest.mark.usefixtures("society_of_november")
@pytest.mark.parametrize(("days", "offered"), [(-1, False), (0, True), (1, True)])
def test_the_page_offers_it_from_its_day_and_asks_why(desk: Client, settings: Any, days: int, offered: bool) -> None:
    on = TENTH + timedelta(days=days)
    settings.KENPO_TODAY = on
    url = f"{reverse('month_without_file')}?month=2026-12"
    month = desk.get(f"{reverse('month')}?month=2026-12").content.decode()
    assert ("月次ファイルなしで判定する" in text_of(month)) is offered
    page = desk.get(url)
    told = {"decided_on": on.isoformat(), "issue_on": on.isoformat()}
    if not offered:
        assert page.status_code == 409
        assert "第10営業日" in text_of(page.content.decode())
        assert desk.post(url, {**told, "reason": REASON}).status_code == 409
        assert not Run.objects.filter(month=NEXT).exists()
        return
    assert page.status_code == 200
    assert desk.post(url, {**told, "reason": " "}).context["form"].errors["reason"]
    assert not Run.objects.filter(month=NEXT).exists()
    assert desk.post(url, {**told, "reason": REASON}).status_code == 302
    run = Run.objects.get(month=NEXT)
    assert (run.status, run.without_file_reason, run.decided_on) == ("proposed", REASON, on)
    again = desk.get(url)
    assert again.status_code == 409
    assert "月次ファイルなしで判定する" not in text_of(desk.get(page_url(run)).content.decode())


def test_with_the_file_there_or_without_the_right_it_is_not_offered(
    society_of_november: Path, client: Client, desk: Client
) -> None:
    for file in late_files(society_of_november):
        assert run_command("receive", file).code == 0
    url = f"{reverse('month_without_file')}?month=2026-12"
    refused = desk.get(url)
    assert refused.status_code == 409
    said = text_of(refused.content.decode())
    assert "届いています" in said and "--without-file" not in said
    client.force_login(Clerk.objects.create_user("auditor", role="auditor", is_staff=True))
    assert client.get(url).status_code == 403


@pytest.mark.usefixtures("society_of_november")
def test_a_held_month_without_a_file_goes_on_by_a_second_clerk(desk: Client) -> None:
    run_without = {"month": NEXT, "as_of": date(2026, 11, 30), "decided_on": TENTH, "issue_on": TENTH}
    hanako = Clerk.objects.get(username="hanako")
    run = Run.objects.create(
        insurer=society(),
        run_by=hanako,
        file_hash="",
        policy=policy_on(society(), TENTH).as_json(),
        without_file_reason=REASON,
        informed_through=date(2026, 10, 31),
        **run_without,
    )
    advance(run, "hold", by=hanako, on=TENTH, held_reasons=["前月と大きく違います。"])
    url = reverse("admin:certificates_run_force", args=[run.pk])
    assert desk.post(url, {"reason": "確かめた"}).status_code == 302
    run.refresh_from_db()
    assert (run.status, run.without_file_reason) == ("proposed", REASON)


def test_what_is_ruled_on_says_so_too_until_the_file_has_come(society_of_november: Path) -> None:
    assert without().code == 0
    words = "月次ファイルが届いていないため、令和8年10月31日までの情報で判定しました"
    decision = Decision.objects.filter(run__month=NEXT, outcome="not_needed").order_by("pk")[0]
    hanako = Clerk.objects.get(username="hanako")

    def ruled(request: str) -> str:
        made = ruling.rule(decision.member_id, cause="filing", request=request, on=TENTH, by=hanako)
        return explained(made)

    assert words in ruled("filing:1")
    for file in late_files(society_of_november):
        answer = run_command("receive", file, "--by", "hanako")
        assert run_command("accept_correction", answer.json["file"], "--by", "taro").code == 0
    assert words not in ruled("filing:2")
    assert words in explained(Ruling.objects.get(request="filing:1"))
