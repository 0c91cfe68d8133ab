"""The whole month through the real pages by two clerks: files dropped, run, approved, printed, pulled, sent, closed."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db import connection

from core.models import Clerk, Job
from exchange.models import ExchangeRow
from mailing.models import Dispatch
from members.models import Person
from tests.browser.conftest import PASSWORD, log_in, seen
from tests.conftest import run_command
from tests.kenpo.reading import latin_words
from tests.story.month import DAY, MONTH
from tools import invent

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

OWN = {"hanae", "tarou"}
FILES = Path(__file__).parent.parent / "files"


@pytest.fixture
def folder(tmp_path: Path, home: Path, settings: Any) -> Path:
    """A loaded society and two clerks; the fund's files have not been handed in."""
    settings.KENPO_TODAY = date.fromisoformat(DAY)
    invent.write(tmp_path / "in", members=80, seed=1, month=MONTH, preset="toyobo")
    assert run_command("load", tmp_path / "in").code == 0
    for name in ("hanae", "tarou"):
        Clerk.objects.create_user(name, password=PASSWORD, role="clerk", is_staff=True)
    OWN.update(name for name in Person.objects.values_list("name", flat=True) if name.isascii())
    return tmp_path / "in"


def in_database(work: Callable[[], Any]) -> Any:
    """Does the work beside the browser's loop, in which Django keeps away from the database."""

    def alone() -> Any:
        try:
            return work()
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(alone).result()


def read(page: Any, name: str = "") -> str:
    """What the page says, all of it Japanese; nothing on it is wider than the window."""
    said = seen(page)
    assert not latin_words(said, data=OWN), (latin_words(said, data=OWN), page.url)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth + 1"), page.url
    if shots := os.environ.get("KENPO_SHOTS"):
        page.screenshot(path=f"{shots}/{name}.png", full_page=True)
    return said


def log_out_and_in(page: Any, address: str, name: str) -> None:
    page.context.clear_cookies()
    log_in(page, address, name)


def go(page: Any, selector: str) -> None:
    """Clicks what leads to another page, and waits for that."""
    with page.expect_navigation():
        page.click(selector)


def button(page: Any, words: str) -> None:
    go(page, f"button[type=submit]:has-text('{words}')")


NEXT = "section[aria-label='次にすること'] a.kenpo-step"


def next_button(page: Any) -> str:
    return str(page.inner_text(NEXT)).strip()


def press_next(page: Any, confirm: str = "") -> None:
    go(page, NEXT)
    if confirm:
        button(page, confirm)


def wait_for_job(page: Any, name: str) -> None:
    page.wait_for_selector("text=終わりました。", timeout=120_000)
    read(page, name)
    go(page, "section[aria-label='進み具合'] p:has-text('結果を見る') a")


DROP = """([names, texts]) => {
    const carried = new DataTransfer();
    names.forEach((name, at) => carried.items.add(new File([texts[at]], name, {type: "text/csv"})));
    document.querySelector("[data-drop]").dispatchEvent(
        new DragEvent("drop", {dataTransfer: carried, bubbles: true, cancelable: true}));
}"""


def drop(page: Any, *files: Path) -> None:
    page.evaluate(DROP, [[f.name for f in files], [f.read_text(encoding="utf-8-sig") for f in files]])


def test_the_whole_month_without_a_terminal(folder: Path, page: Any, live_server: Any) -> None:
    address = live_server.url
    log_in(page, address, "hanae")
    go(page, "nav a[href='/admin/month/']")
    said = read(page, "01-empty-month")
    assert "令和8年11月の仕事" in said and "次にすること：受付" in said
    press_next(page)
    read(page, "02-receive")

    page.set_input_files("#id_files", str(FILES / "v1_other_insurer.csv"))
    button(page, "受け付ける")
    said = read(page, "03-refused")
    assert "受け付けていません。このファイルの行は一つも取り込んでいません。" in said
    assert "当組合のものではありません。ファイルの送り先を確認してください。" in said
    assert in_database(ExchangeRow.objects.count) == 0

    files = sorted(folder.glob("fund_2026-11*.csv"))
    page.set_input_files("#id_files", [str(file) for file in files])
    assert files[0].name in page.inner_text("[data-files]")
    assert page.input_value("[name=insurer]") == ""
    read(page, "04-chosen")
    button(page, "受け付ける")
    said = read(page, "05-received")
    assert "行を受け付けました。" in said and "次にすること：突合" in said

    page.goto(f"{address}/admin/month/receive/")
    drop(page, FILES / "v1_other_insurer.csv")
    assert "v1_other_insurer.csv" in page.inner_text("[data-files]")
    page.goto(f"{address}/admin/month/")
    press_next(page)
    read(page, "06-start")
    button(page, "月次判定を行う")
    wait_for_job(page, "07-job-done")
    said = read(page, "08-proposed")
    assert "次にすること：承認" in said and "判定を実行した担当者は承認できません。" in said

    log_out_and_in(page, address, "tarou")
    page.goto(f"{address}/admin/month/?month=2026-11")
    assert next_button(page) == "承認する"
    go(page, "a:has-text('理由ごとの例を読む')")
    assert "交付する：" in read(page, "09-samples")
    page.go_back()
    go(page, "a:has-text('前月と違う人')")
    assert "比べる前の月がありません。" in read(page, "10-difference-empty")
    page.go_back()
    go(page, "a:has-text('交付する人を確かめる')")
    read(page, "11-proposals")
    page.check("tbody tr:first-child input[name=member]")
    button(page, "選んだ人の交付を止める")
    page.fill("[name=reason]", "届出を確認しています")
    read(page, "12-hold-confirm")
    go(page, "button[value=save]")
    assert "止めた資格確認書を開く" in read(page, "13-held-back")
    page.goto(f"{address}/admin/month/?month=2026-11")
    press_next(page)
    assert "交付を止めた 1人の分は含みません。" in read(page, "14-approve")
    button(page, "承認する")
    wait_for_job(page, "15-approved-job")

    assert next_button(page) == "お知らせを作成する"
    press_next(page, "お知らせを作成する")
    wait_for_job(page, "16-drafted")
    press_next(page)
    read(page, "17-assemble")
    button(page, "封入を計画する")
    wait_for_job(page, "18-assembled-job")
    read(page, "19-assembled")
    assert next_button(page) == "まとめて印刷・照合する"
    press_next(page, "まとめて印刷・照合する")
    wait_for_job(page, "20-printed-job")
    said = read(page, "21-printed")
    assert "次にすること：引抜き" in said

    first = True
    while "引抜き" in (words := next_button(page)) or "封緘" in words or "発送する" in words:
        press_next(page)
        if first:
            read(page, f"22-{words.split('：')[1]}")
        go(page, "form[method=post] button.kenpo-step")
        first = first and "発送する" not in words
        if "封緘" in words:
            read(page, "23-dispatch")
        page.goto(f"{address}/admin/month/?month=2026-11")
    said = read(page, "24-sent")
    assert "次にすること：締め" in said
    press_next(page, "月を締める")
    said = read(page, "25-closed")
    assert "令和8年11月を締めました。" in said and "この月の仕事はすべて済みました。" in said
    assert in_database(lambda: set(Dispatch.objects.values_list("status", flat=True))) == {"sent"}


def holder_of(key: str) -> psycopg.Connection[Any]:
    """Another process's session that holds the job's claim, until it is closed."""
    server = connection.settings_dict
    held = psycopg.connect(
        host=server["HOST"],
        port=server["PORT"] or None,
        dbname=server["NAME"],
        user=server["USER"],
        password=server["PASSWORD"] or None,
        autocommit=True,
    )
    held.execute("SELECT pg_advisory_lock(hashtextextended(%s, 0))", [key])
    return held


def test_the_jobs_page_moves_by_itself(folder: Path, page: Any, live_server: Any) -> None:
    job = in_database(lambda: Job.objects.create(key="month:06130488:2026-11", step="match"))
    mine = Job.objects.filter(pk=job.pk)
    holder = in_database(lambda: holder_of(job.key))
    log_in(page, live_server.url, "hanae")
    page.goto(f"{live_server.url}/admin/core/job/{job.pk}/change/")
    assert "いま：加入者との突合" in read(page, "30-job-running")
    assert page.get_attribute("[data-said]", "aria-live") == "polite"
    in_database(lambda: mine.update(step="decide"))
    page.wait_for_function("document.querySelector('[data-said]').textContent.startsWith('いま：判定')")
    assert "kenpo-line-done" in page.get_attribute("[data-part=apply]", "class")
    read(page, "31-job-later")
    refused = {"state": Job.State.REFUSED, "message": "月次ファイルがまだ届いていません。"}
    in_database(lambda: mine.update(**refused))
    page.wait_for_selector("text=月次ファイルがまだ届いていません。")
    assert "止まりました。" in read(page, "32-job-refused")
    holder.close()
