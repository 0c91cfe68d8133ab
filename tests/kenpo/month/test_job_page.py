"""A job's page: where it is, from its facts; what it did, in labelled sentences; every kind in every state."""

from __future__ import annotations

from contextlib import ExitStack
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from core import background, jobs
from core.jobs import Standing
from core.models import Clerk, Job
from core.web import words as admin_words
from kenpo.pages import month_jobs
from kenpo.pages.job_results import RESULTS
from tests.kenpo.reading import browser_of, latin_words, page_of, text_of

pytestmark = pytest.mark.django_db

SHA = "ab12cd34" + "0" * 56
# Of each kind: the key's rest, and an outcome as the kind leaves it. Ids are far from every count.
KINDS: dict[str, tuple[str, dict[str, Any], tuple[str, ...]]] = {
    "month": (
        ":06139497:2026-11",
        {
            "run": 900001,
            "month": "2026-11",
            "status": "proposed",
            "file": 900002,
            "files": [900002, 900003],
            "rows": 3000,
            "applied": 100,
            "unchanged": 2850,
            "rejected": 7,
            "unmatched": 40,
            "conflict": 3,
            "missing": 12,
            "decisions": 2990,
            "issue": 45,
            "wait": 2,
            "review": 3,
            "not_needed": 2940,
            "certificates": 45,
            "elderly_certificates": 1,
            "recoveries": 4,
        },
        (
            "使ったファイル：2件",
            "反映した行：3,000行のうち2,950行（変化なし 2,850行）",
            "交付する：2,990人のうち45人",
            "承認に回した資格確認書：45枚",
        ),
    ),
    "receive": (
        f" {SHA}",
        {"file": 900002, "rows": 3000, "staged": 2993, "rejected": 7, "odd": 1, "registered": 2000},
        ("読み込んだ行：3,000行", "読めなかった行：3,000行のうち7行"),
    ),
    "approve": (" 900001", {"certificates": 45}, ("承認した資格確認書：45枚",)),
    "draft_notices": (" 2026-11", {"notices": 12}, ("この月のお知らせ：12枚",)),
    "draft_first_round": ("", {"notices": 12}, ("作成したお知らせ：12枚",)),
    "assemble": (
        " 900001",
        {"dispatches": [900004, 900005], "held": {"missing_glyph": 2}},
        ("発送：2件", "保留した書類：2枚（印刷できない文字があります 2枚）"),
    ),
    "assemble_day": (" 2026-11-10", {"dispatches": [900004], "held": {}}, ("発送：1件", "保留した書類：0枚")),
    "print_dispatch": (
        " 900004",
        {
            "dispatch": 900004,
            "status": "printed",
            "certificates": 45,
            "envelopes": 40,
            "pulled": 0,
            "files": 3,
            "pages": 90,
        },
        ("資格確認書：45枚", "封筒：40通", "印刷ファイル：3件", "印刷したページ：90ページ"),
    ),
    "prove_dispatch": (
        " 900004",
        {
            "dispatch": 900004,
            "status": "printed",
            "files": 3,
            "pages": 90,
            "papers": {"certificate": 45},
            "pulled": 1,
            "envelopes": 40,
            "inked": {"certificates-0001.pdf": "x"},
            "differences": 2,
            "listed": ["certificates-0001.pdf 2"],
        },
        ("照合したページ：90ページ", "封筒に入る書類：45枚（資格確認書 45枚）", "違いの見つかったところ：2か所"),
    ),
    "print_month": (" 900001", {"dispatches": 2, "of": 3}, ("印刷と照合を終えた発送：3件のうち2件",)),
    "impose_cards": (
        " 900004",
        {
            "dispatch": 900004,
            "files": 1,
            "sheets": 5,
            "cards": 45,
            "pulled": 1,
            "front": "0.5,-1",
            "back": "0,0",
            "folder": "/somewhere",
        },
        ("A4の用紙：5枚", "表のずれの補正：横 0.5ミリ、縦 -1ミリ"),
    ),
    "daily": (
        ":06139497",
        {
            "on": "2026-11-10",
            "filings": {"applied": 3, "waiting": 1, "refused": 0},
            "deregistrations_done": 1,
            "settled": 2,
            "issued": 1,
            "open": 0,
            "inquiries_closed": 1,
            "news": 0,
            "shares_changed": {"superseded": 1, "voided": 0},
            "elderly_certificates": {"proposed": 0, "superseded": 0, "voided": 0},
            "applications_done": 1,
            "ended": {"certificates": 2, "elderly_certificates": 0, "recoveries": 1, "legacy_cards": 0},
            "returned_mail_closed": 0,
            "tables_removed": 0,
            "gaps": 5,
            "gaps_waiting": {"approval": 5},
            "unprintable": 0,
        },
        (
            "処理した日：令和8年11月10日",
            "反映した届出：3件（異動日待ち 1件）",
            "期限で終えたもの：資格確認書 2件、回収 1件",
            "使える手段がない人：5人",
        ),
    ),
    "simulate": (" 900006", {"run": 900001}, ()),
    "survey": (" gaps", {"on": "2026-11-10", "found": 5}, ("数えた日：令和8年11月10日", "一覧に載った件数：5件")),
    "table_check": (" x1", {"created": 1, "updated": 2, "unchanged": 3, "rejected": 4}, ("新規：10行のうち1行",)),
    "table_take": (
        " x2",
        {"created": 1, "updated": 2, "unchanged": 3, "rejected": 4},
        ("誤りのある行：10行のうち4行",),
    ),
    "remind": ("", {}, ()),
    "request": ("", {}, ()),
}
ORDERS = {"table_check": {"table": "x1"}, "table_take": {"table": "x2"}}
SENTENCES = {
    Standing.WAITING: "順番を待っています。",
    Standing.FORGOTTEN: "始まらないまま",
    Standing.RUNNING: "始めました",
    Standing.STOPPED: "プログラムが止まっています",
    Standing.DONE: "終わりました。",
    Standing.REFUSED: "理由を確かめてください。",
    Standing.FAILED: "途中で失敗しました。",
}


def test_every_kind_of_job_tells_its_result() -> None:
    assert set(background._WORK) <= set(KINDS), "every kind that a page can ask for"
    assert set(admin_words._JOBS) - {"load", "print", "prove"} <= set(KINDS)
    assert set(RESULTS) == set(KINDS)


@pytest.fixture
def browser(db: None) -> Client:
    return browser_of("hanako")


def made(kind: str, at: Standing, stack: ExitStack) -> Job:
    """A job of the kind that stands there."""
    rest, outcome, _ = KINDS[kind]
    state = {Standing.FORGOTTEN: "waiting", Standing.STOPPED: "running"}.get(at, str(at))
    ended = at in (Standing.DONE, Standing.REFUSED, Standing.FAILED)
    message = {Standing.REFUSED: "まだ届いていません。", Standing.FAILED: "ValueError"}.get(at, "")
    key = kind + rest
    if at is Standing.RUNNING:
        stack.enter_context(jobs.claim(key))
    job, _ = Job.objects.update_or_create(
        key=key,
        defaults={
            "state": state,
            "message": message,
            "outcome": outcome if ended else {},
            "order": ORDERS.get(kind, {}),
            "actor": Clerk.objects.first(),
        },
    )
    late = jobs.WAITS_AT_MOST if at is Standing.FORGOTTEN else timedelta()
    Job.objects.filter(pk=job.pk).update(started_at=timezone.now() - late)
    job.refresh_from_db()
    return job


@pytest.mark.parametrize("at", list(Standing))
@pytest.mark.parametrize("kind", list(KINDS))
def test_the_page_says_where_the_job_is_and_what_it_did(browser: Client, kind: str, at: Standing) -> None:
    with ExitStack() as stack:
        job = made(kind, at, stack)
        assert jobs.standing(job) is at
        page = text_of(browser.get(page_of(job)).content.decode())
        told = browser.get(reverse("job_progress", args=[job.pk])).json()
    assert SENTENCES[at] in page and SENTENCES[at] in told["said"]
    others = {Standing.FORGOTTEN, Standing.STOPPED} - {at}
    assert not any(SENTENCES[other] in page for other in others)
    assert told["ended"] is (at not in (Standing.WAITING, Standing.RUNNING))
    if at is Standing.DONE:
        for line in KINDS[kind][2]:
            assert page.count(line) == 1, line
    assert "9000" not in page, "no id of the database"
    assert not latin_words(page, data={"hanako", "ValueError"}), latin_words(page, data={"hanako", "ValueError"})


def test_a_job_that_ends_while_its_page_is_made_has_not_stopped(browser: Client) -> None:
    with jobs.claim("approve 900001") as job:
        seen = Job.objects.get(pk=job.pk)
        assert jobs.standing(seen) is Standing.RUNNING
    # Read while it ran, looked at when it had ended.
    assert seen.state == Job.State.RUNNING
    assert jobs.standing(seen) is Standing.DONE and jobs.under_way(seen) is False
    assert "終わりました。" in month_jobs.state_words(seen, jobs.standing(seen))


def test_looking_takes_no_claim() -> None:
    Job.objects.create(key="approve 900001", state="running")
    job = Job.objects.get()
    assert jobs.standing(job) is Standing.STOPPED
    assert not jobs._held(job.key)


def test_while_it_runs_it_says_how_many_of_how_many(browser: Client) -> None:
    with jobs.claim("print_month 900001") as job:
        jobs.step(job, "print", {"dispatch": 900004, "dispatches": 1, "of": 3})
        told = browser.get(reverse("job_progress", args=[job.pk])).json()
    assert told["said"].startswith("いま：印刷、印刷と照合を終えた発送：3件のうち1件（")
