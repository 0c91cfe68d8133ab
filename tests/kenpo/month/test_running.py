"""The month's run: its days, its jobs as they go, and a month that is held."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from certificates.models import Decision, Run
from core import jobs
from core.models import Job
from core.web.words import job_title
from exchange.models import ExchangeFile
from members.models import Member
from tests.kenpo.month.pages import Desk, files_of, hand_in, press, said, start
from tests.kenpo.reading import page_of

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        ({"decided_on": "2026-12-01"}, "令和8年11月の日ではありません"),
        ({"issue_on": "2026-11-09"}, "交付日は判定日以後の日"),
        ({"decided_on": "R8.2.30"}, "暦にある日を"),
    ],
)
def test_days_that_do_not_belong_to_the_month_are_refused_before_anything_begins(
    desk: Desk, folder: Path, days: dict[str, str], expected: str
) -> None:
    hand_in(desk["hanako"], *files_of(folder))
    assert expected in said(start(desk["hanako"], **days))
    assert not Run.objects.exists() and not Job.objects.filter(key__startswith="month").exists()


def test_a_month_without_its_file_is_refused_on_the_jobs_page(desk: Desk) -> None:
    page = said(start(desk["hanako"]))
    assert "止まりました。理由を確かめてください。" in page and "まだ届いていません。" in page


@pytest.fixture
def held(desk: Desk, folder: Path) -> Run:
    """A month that a gate has stopped: half of the file's rows belong to nobody."""
    for insured in Member.objects.filter(kind="dependent").order_by("pk")[:20]:
        Member.objects.filter(pk=insured.pk).update(number="9" + insured.number, number_key="9" + insured.number_key)
    hand_in(desk["hanako"], *files_of(folder))
    page = said(start(desk["hanako"]))
    assert "止まりました。" in page and "理由を書いて" in page
    run = Run.objects.get()
    assert run.status == "held"
    return run


def test_a_held_month_is_continued_by_another_clerk_with_a_reason(desk: Desk, held: Run) -> None:
    page = said(desk["hanako"].get(page_of(held)))
    assert "前月と大きく違うため止めました。" in page and "該当しない行" in page and "止まっています" in page
    answer = press(desk["hanako"], held, "force", reason="基金に確かめました")
    assert answer.status_code == 409 and "別の担当者の確認が要ります" in said(answer)
    assert "入れてください。" in said(press(desk["taro"], held, "force", reason=""))
    assert press(desk["haruko"], held, "force", reason="x").status_code == 403
    held.refresh_from_db()
    assert held.status == "held" and not Decision.objects.exists()
    assert "終わりました。" in said(press(desk["taro"], held, "force", reason="基金に確かめました"))
    held.refresh_from_db()
    assert (held.status, held.forced_by.username, held.force_reason) == ("proposed", "taro", "基金に確かめました")
    assert press(desk["taro"], held, "approve").status_code == 409
    press(desk["hanako"], held, "approve")
    held.refresh_from_db()
    assert held.status == "approved"


def test_a_wrong_file_is_set_aside_so_that_the_right_one_may_come(desk: Desk, held: Run, folder: Path) -> None:
    file = ExchangeFile.objects.first()
    assert "入れてください。" in said(press(desk["hanako"], file, "reject", reason=""))
    said(press(desk["hanako"], file, "reject", reason="中身が違う"))
    file.refresh_from_db()
    assert file.status == "rejected"
    assert "次にすること：受付" in said(desk["hanako"].get(page_of(held)))


def test_a_job_tells_its_step_while_it_runs_and_is_not_begun_twice(desk: Desk, proposed: Run) -> None:
    job = Job.objects.get(key__startswith="month:")
    Job.objects.filter(pk=job.pk).update(state="waiting", started_at=timezone.now(), step="")
    page = said(desk["taro"].get(page_of(job)))
    assert "順番を待っています。" in page and "いまの状態を見る" in page
    told = desk["taro"].get(reverse("job_progress", args=[job.pk])).json()
    assert (told["state"], told["ended"]) == ("waiting", False)
    assert "いま処理しています" in said(desk["taro"].get(page_of(proposed)))
    begun = Job.objects.get(pk=job.pk).attempts
    start(desk["hanako"])
    assert Job.objects.get(pk=job.pk).attempts == begun
    long_ago = timezone.now() - jobs.WAITS_AT_MOST - timedelta(seconds=1)
    Job.objects.filter(pk=job.pk).update(started_at=long_ago)
    assert "始まらないまま" in said(desk["taro"].get(page_of(job)))
    start(desk["hanako"])
    assert Job.objects.get(pk=job.pk).state == "done"
    Job.objects.filter(pk=job.pk).update(state="running", step="decide")
    told = desk["kansa"].get(reverse("job_progress", args=[job.pk])).json()
    assert told["ended"] and "プログラムが止まっています" in told["said"]
    with jobs.claim(job.key) as held:
        jobs.step(held, "decide")
        told = desk["kansa"].get(reverse("job_progress", args=[job.pk])).json()
    assert told["said"].startswith("いま：判定")
    assert told["parts"]["apply"] == ["done", "済み"] and told["parts"]["decide"] == ["now", "いま"]
    assert told["parts"]["propose"] == ["todo", "これから"]
    assert Client().get(reverse("job_progress", args=[job.pk])).status_code == 302
    assert job_title(job.key) == "月次判定 06279822 令和8年11月"


def test_a_job_that_fails_says_so_without_the_errors_text(
    desk: Desk, proposed: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*args: Any, **kwargs: Any) -> Callable[..., Any]:
        raise ValueError("山田 太郎")

    monkeypatch.setattr("kenpo.month.work.approve_month", broken)
    page = press(desk["taro"], proposed, "approve").content.decode()
    assert "途中で失敗しました。" in page and "山田 太郎" not in page
    assert Job.objects.get(key=f"approve {proposed.pk}").state == "failed"
    monkeypatch.undo()
    assert "終わりました。" in said(press(desk["taro"], proposed, "approve"))
