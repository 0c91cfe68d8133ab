"""A table on its way through the queue: the page tells how far it is, and what became of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from core import background, jobs
from core.models import Clerk, Job
from kenpo.intake.tables import checking
from members.models import Address
from tests.kenpo.reading import latin_words, text_of
from tests.kenpo.tables.sheets import ON, changed, post, table

pytestmark = pytest.mark.django_db
Work = Callable[[], None]


@pytest.fixture
def work(monkeypatch: pytest.MonkeyPatch) -> Work:
    """A queue that nobody works on until the test says so."""
    waiting: list[int] = []
    monkeypatch.setattr(background.do_job, "delay", waiting.append)

    def one() -> None:
        background.do_job(waiting.pop(0))

    return one


def said(browser: Client, url: str) -> str:
    return text_of(browser.get(url, follow=True).content.decode())


def test_the_page_waits_for_the_check_and_for_the_taking(browsers: dict[str, Client], work: Work) -> None:
    page = post(browsers["suzuki"], "people", changed("people", address="架空88"))
    url, shown = page.redirect_chain[-1][0], text_of(page.content.decode())
    assert "順番を待っています" in shown and "取り込む表" not in shown and not latin_words(shown, data=["suzuki"])
    early = browsers["suzuki"].post(url, {"take": "all"}, follow=True)
    work()
    assert "1行を取り込む" in said(browsers["suzuki"], url)

    for _ in range(2):  # pressed twice, asked once
        shown = text_of(browsers["suzuki"].post(url, {"take": "all"}, follow=True).content.decode())
        assert "順番を待っています" in shown and not Address.objects.filter(address="架空88").exists()
    work()
    assert "変更 1" in said(browsers["suzuki"], url) and Address.objects.filter(address="架空88").exists()
    with pytest.raises(IndexError):
        work()
    assert "まだ確認が終わっていません" in text_of(early.content.decode())
    assert "すでに取り込んだ" in said(browsers["tanaka"], url)


def test_a_file_that_cannot_be_read_is_told_with_its_reason(browsers: dict[str, Client], work: Work) -> None:
    page = post(browsers["suzuki"], "people", table(["number"], ["0001"]))
    url = page.redirect_chain[-1][0]
    work()
    shown = said(browsers["suzuki"], url)
    assert "このままでは行えません" in shown and "列" in shown and "加入者の表" in shown


def test_a_worker_that_died_is_told_and_the_file_may_be_chosen_again(
    browsers: dict[str, Client], work: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any, **__: Any) -> None:
        raise RuntimeError("山田太郎")

    url = post(browsers["suzuki"], "people", changed("people", address="架空88")).redirect_chain[-1][0]
    monkeypatch.setattr(checking, "_summed", broken)
    work()
    shown = said(browsers["suzuki"], url)
    assert "途中で止まりました" in shown and "ファイルを選んで" in shown and "山田" not in shown

    url = post(browsers["suzuki"], "people", changed("people", address="架空88")).redirect_chain[-1][0]
    lost = Job.objects.filter(key__startswith="table_check").order_by("-started_at")[:1]
    Job.objects.filter(pk__in=lost).update(started_at=timezone.now() - jobs.WAITS_AT_MOST)
    assert "途中で止まりました" in said(browsers["suzuki"], url)


def test_the_jobs_row_names_the_work_and_nobody(browsers: dict[str, Client], by: Clerk) -> None:
    post(browsers["suzuki"], "people", changed("people", address="架空88"))
    job = Job.objects.get(key__startswith="table_check")
    assert job.outcome == {"created": 0, "updated": 1, "unchanged": 2, "rejected": 0} and job.actor == by
    assert set(job.order) == {"table", "kind", "on"} and job.order["on"] == ON.isoformat()
    shown = said(browsers["suzuki"], f"/admin/core/job/{job.pk}/change/")
    assert "表の確認" in shown and job.order["table"] not in shown and "取り込む表" in shown
