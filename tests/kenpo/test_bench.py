"""The desk's benchmark asks for every page as a clerk and leaves nothing behind. How long anything took is never asserted."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest
from django.contrib.sessions.models import Session
from django.http import HttpResponseServerError

from core.models import Clerk, Event
from kenpo import bench_desk
from kenpo.admin_site import navigation
from tests.conftest import run_command
from tests.story.month import DAY, invent_and_load

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
    assert {
        "ある人",
        "ある加入者",
        "電話：カナの始め",
        "電話：漢字の姓",
        "電話：生年月日",
        "電話：発行番号",
    } <= set(pages)
    assert any(title.startswith("待ち：") for title in pages)
    assert min(page["ratio"] for page in pages.values()) == 1
    assert all(0 < page["queries"][0] <= page["queries"][1] for page in pages.values())
    assert all(title in answer.out for title in pages)
    assert [model.objects.count() for model in (Clerk, Event, Session)] == kept


def test_a_page_that_fails_ends_the_benchmark(society: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench_desk.Client, "get", lambda *_: HttpResponseServerError())
    answer = run_command("bench", "--desk-only", "--requests", "1")
    assert answer.code == 1
    assert "500" in answer.err


def test_no_requests_are_no_benchmark() -> None:
    assert run_command("bench", "--desk-only", "--requests", "0").code == 2
