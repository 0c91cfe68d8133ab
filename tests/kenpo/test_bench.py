"""The benchmarks, and the bound on what a list counts. How long anything took is never asserted."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest
from django.contrib.sessions.models import Session
from django.db import connection
from django.http import HttpResponseServerError
from django.test import Client
from django.test.utils import CaptureQueriesContext

from core.models import Clerk, Event
from core.web import list_url
from core.web.pages import FirstPages
from kenpo.pages.admin_site import navigation
from members.models import Member
from tests.conftest import run_command
from tests.story.month import DAY, invent_and_load
from tools import bench, bench_desk

pytestmark = pytest.mark.django_db


@pytest.fixture
def society(tmp_path: Path, settings) -> None:
    settings.KENPO_TODAY = date.fromisoformat(DAY)
    invent_and_load(tmp_path, members=80)
    assert run_command("run_month", "2026-11", "--by", "hanako", "--on", DAY).code == 0


def test_every_page_of_the_menu_is_measured_and_nothing_is_left_behind(society: None, tmp_path: Path) -> None:
    kept = [model.objects.count() for model in (Clerk, Event, Session)]
    out = tmp_path / "deep" / "bench.json"
    answer = run_command("bench", "--desk-only", "--requests", "2", "--out", out)
    assert answer.code == 0, answer.err
    desk = json.loads(out.read_text(encoding="utf-8"))["desk"]
    assert answer.json["desk"] == desk
    assert desk["requests"] == 2
    pages = desk["pages"]
    menu = {str(item["title"]) for group in navigation(None) for item in group["items"]}
    assert menu <= set(pages)
    assert {"ある人", "ある加入者", "電話：カナの始め", "電話：漢字の姓", "電話：生年月日", "電話：発行番号"} <= set(
        pages
    )
    assert any(title.startswith("待ち：") for title in pages)
    assert {page["requests"] for page in pages.values()} == {2}
    assert min(page["ratio"] for page in pages.values()) == 1
    assert all(0 < page["queries"][0] <= page["queries"][1] for page in pages.values())
    assert all(title in answer.out for title in pages)
    assert [model.objects.count() for model in (Clerk, Event, Session)] == kept


def test_a_page_that_fails_ends_the_benchmark(society: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench_desk.Client, "get", lambda *_: HttpResponseServerError())
    answer = run_command("bench", "--desk-only", "--requests", "1")
    assert answer.code == 1
    assert "500" in answer.err


def test_a_slow_page_is_asked_once(society: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench_desk, "MOST_SECONDS", 0)
    desk = run_command("bench", "--desk-only", "--requests", "5").json["desk"]
    assert {page["requests"] for page in desk["pages"].values()} == {1}


def grown(small: float, large: float) -> list[str]:
    sizes = ({"step": bench.Measured(seconds, 100.0)} for seconds in (small, large))
    return bench.too_slow(bench.compared(*sizes))


@pytest.mark.parametrize(
    ("small", "large", "slow"),
    [
        (2.0, 11.1, False),
        (2.0, 11.2, False),
        (2.0, 11.3, True),  # 1.4 × 4 times as long
        (0.4, 2.8, False),
        (0.4, 2.9, True),  # half a second at least is reckoned with
        (0.0, 2.7, False),
        (0.0, 2.9, True),
    ],
)
def test_a_step_may_grow_little_faster_than_the_society(small: float, large: float, slow: bool) -> None:
    assert grown(small, large) == (["step"] if slow else [])


@pytest.fixture
def played(monkeypatch: pytest.MonkeyPatch) -> dict[tuple[str, str], float]:
    """Every command of the benchmark as if it had been run: seconds by size of the society (of its home) and name."""
    seconds: dict[tuple[str, str], float] = {}
    sizes: dict[Path, str] = {}

    def command(home: Path, arguments: list[str]) -> bench.Measured:
        if arguments[0] == "invent":
            sizes[home] = arguments[arguments.index("--members") + 1]
            folder = Path(arguments[1])
            folder.mkdir()
            (folder / f"fund_{bench.MONTH}.csv").write_text("H\n" + "D,1,1,00,1,20261010,20300101,0,\n" * 9 + "T\n")
        started = 1.0
        return bench.Measured(started + seconds.get((sizes.get(home, ""), arguments[0]), 0.0), 100.0)

    monkeypatch.setattr(bench, "_command", command)
    monkeypatch.setattr(bench, "_desk", lambda *_: {"people": 1, "requests": 1, "pages": {}})
    return seconds


def test_a_step_that_grows_faster_than_the_society_fails_the_benchmark(
    played: dict[tuple[str, str], float], tmp_path: Path
) -> None:
    played |= {("200", "assemble"): 1.0, ("800", "assemble"): 4.0}
    linear = run_command("bench", "--members", "200")
    assert linear.code == 0, linear.err
    assert linear.json["steps"]["mass"]["assemble"]["seconds"] == [1.0, 4.0]
    played["800", "assemble"] = 15.0
    out = tmp_path / "bench.json"
    answer = run_command("bench", "--members", "200", "--out", out)
    assert answer.code == 1
    assert "ふだんの月 assemble" in answer.err and "一斉交付の月（加入者の3分の1） assemble" in answer.err
    assert "print_dispatch" not in answer.err
    assert "0.5秒に満たない段階" in answer.out and "15.0倍" in answer.out
    assert json.loads(out.read_text(encoding="utf-8"))["too_slow"]


def test_a_month_is_played_from_the_load_to_the_post(played: dict[tuple[str, str], float]) -> None:
    steps = run_command("bench", "--members", "200").json["steps"]
    assert steps.keys() == bench.ROUNDS.keys()
    for found in steps.values():
        assert {
            "load",
            "receive",
            "run_month",
            "approve_month",
            "draft_notices",
            "assemble",
            "print_dispatch",
            "prove_dispatch",
            "pull_list",
            "pull_list --confirm",
            "seal_dispatch",
            "send_dispatch",
            "daily",
            "gaps",
            "ledger",
            "letters unregistered",
        } <= found.keys()


def test_in_the_mass_round_a_third_of_the_members_lose_their_registration(tmp_path: Path) -> None:
    assert run_command("invent", tmp_path, "--members", "300", "--seed", "1", "--month", bench.MONTH).code == 0
    fund = tmp_path / f"fund_{bench.MONTH}.csv"
    before = fund.read_text(encoding="utf-8").splitlines()
    bench.without_registration(fund)
    after = fund.read_text(encoding="utf-8").splitlines()
    changed = [(old, new) for old, new in zip(before, after, strict=True) if old != new]
    assert abs(len(changed) * 3 - (len(before) - 2)) <= 3
    assert all(new.endswith(",0,,,0,") and old.startswith(new.removesuffix(",0,,,0,")) for old, new in changed)


def test_no_requests_are_no_benchmark() -> None:
    assert run_command("bench", "--desk-only", "--requests", "0").code == 2


@pytest.mark.parametrize(("most", "more"), [(79, True), (80, False), (81, False)])
def test_a_list_counts_no_further_than_it_shows(
    society: None, client: Client, monkeypatch: pytest.MonkeyPatch, most: int, more: bool
) -> None:
    monkeypatch.setattr(FirstPages, "MOST", most)
    assert Member.objects.count() == 80
    client.force_login(Clerk.objects.get(username="hanako"))
    with CaptureQueriesContext(connection) as queries:
        answer = client.get(list_url(Member))
    counted = [query["sql"] for query in queries if "COUNT(" in query["sql"]]
    assert len(counted) == 1 and f"LIMIT {most + 1}" in counted[0] and "ORDER BY" not in counted[0]
    assert answer.context["cl"].result_count == min(most, 80)
    said = answer.content.decode()
    assert (f"はじめの {most}件" in said) is more
    assert ("全 80件" in said) is not more


def test_rows_beyond_the_most_are_reached_by_turning_the_order(
    society: None, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(FirstPages, "MOST", 60)
    client.force_login(Clerk.objects.get(username="hanako"))
    shown = set()
    for order in ("1", "-1"):
        for page in ("1", "2"):
            rows = client.get(list_url(Member, o=order, p=page)).context["cl"].result_list
            assert 0 < len(rows) <= 50
            shown |= {row.pk for row in rows}
    assert shown == set(Member.objects.values_list("pk", flat=True))
