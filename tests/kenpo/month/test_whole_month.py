"""The month on its pages, by two clerks: every button for who may, and nothing that a second click changes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from certificates.models import Decision, EligibilityCertificate, Run
from core.models import Clerk, Event
from mailing.models import Dispatch
from notices.models import EligibilityNotice
from tests.conftest import run_command
from tests.kenpo.month.pages import ON, Desk, files_of, hand_in, press, said, start
from tests.kenpo.reading import page_of
from tests.story.month import MONTH
from tools import invent

pytestmark = pytest.mark.django_db


def next_thing(browser: Client, run: Run) -> str:
    page = said(browser.get(page_of(run)))
    start_of = page.index("次にすること：")
    return page[start_of : start_of + 400].split("月の流れ")[0]


def test_an_empty_office_is_told_to_load_and_an_empty_month_to_receive(db: None, tmp_path: Path, settings: Any) -> None:
    settings.KENPO_TODAY = ON
    browser = Client()
    browser.force_login(Clerk.objects.create_user("hanako", role="clerk", is_staff=True))
    assert "台帳を取り込むと" in said(browser.get(reverse("month")))
    invent.write(tmp_path / "in", members=40, seed=1, month=MONTH, preset="toyobo")
    assert run_command("load", tmp_path / "in").code == 0
    page = said(browser.get(reverse("month")))
    assert "令和8年11月の仕事" in page and "次にすること：受付" in page and "まだ届いていません。" in page


def test_the_whole_month_by_two_clerks(desk: Desk, folder: Path) -> None:
    hanako, taro = desk["hanako"], desk["taro"]
    page = said(hand_in(hanako, *files_of(folder)))
    assert "行を受け付けました。" in page and "次にすること：突合" in page
    page = said(start(hanako))
    assert "終わりました。" in page and "結果を見る" in page
    run = Run.objects.get()
    assert (run.status, run.run_by.username) == ("proposed", "hanako")
    assert "次にすること：承認" in next_thing(taro, run)
    assert "終わりました。" in said(press(taro, run, "approve"))
    assert "お知らせ" in next_thing(hanako, run)
    assert "終わりました。" in said(press(hanako, run, "draft"))
    assert EligibilityNotice.objects.filter(run=run).exists()
    assert "封入" in next_thing(hanako, run)
    assert "終わりました。" in said(press(hanako, run, "assemble"))
    assert "印刷" in next_thing(hanako, run)
    assert "終わりました。" in said(press(hanako, run, "print-all"))
    assert set(Dispatch.objects.values_list("status", flat=True)) == {"proved"}
    for dispatch in Dispatch.objects.order_by("pk"):
        assert "引抜きの一覧" in said(hanako.get(page_of(dispatch, "pulls")))
        said(press(hanako, dispatch, "pulls"))
        said(press(hanako, dispatch, "seal"))
        said(press(hanako, dispatch, "send", day="2026-11-10"))
    assert set(Dispatch.objects.values_list("status", flat=True)) == {"sent"}
    assert "次にすること：締め" in said(taro.get(page_of(run)))
    page = said(press(taro, run, "close"))
    assert "令和8年11月を締めました。" in page and "この月の仕事はすべて済みました。" in page
    run.refresh_from_db()
    assert run.status == "closed"


def test_a_button_is_for_who_may_and_says_why_not(desk: Desk, proposed: Run) -> None:
    page = said(desk["hanako"].get(page_of(proposed)))
    assert "判定を実行した担当者は承認できません。別の担当者が承認してください。" in page
    answer = press(desk["hanako"], proposed, "approve")
    assert answer.status_code == 409 and "別の担当者が承認" in said(answer)
    for name in ("haruko", "kansa"):
        assert press(desk[name], proposed, "approve").status_code == 403
        assert desk[name].get(reverse("month_receive")).status_code == 403
        assert desk[name].get(reverse("month_run")).status_code == 403
        assert "権限ではできません" in said(desk[name].get(reverse("month_receive")))
        assert desk[name].get(page_of(proposed)).status_code == 200
    proposed.refresh_from_db()
    assert proposed.status == "proposed"
    for step in ("draft", "assemble"):
        answer = press(desk["taro"], proposed, step)
        assert answer.status_code == 409 and "まだ承認されていません" in said(answer)
    assert press(desk["taro"], proposed, "print-all").status_code == 409
    assert "承認と発送が済んでから締めて" in said(press(desk["taro"], proposed, "close"))


def test_a_second_click_changes_nothing(desk: Desk, proposed: Run) -> None:
    def everything() -> tuple[Any, ...]:
        return (
            list(EligibilityCertificate.objects.order_by("pk").values_list("serial", "status")),
            list(EligibilityNotice.objects.order_by("pk").values_list("serial", "status")),
            list(Dispatch.objects.order_by("pk").values_list("pk", "status", "counts")),
            Decision.objects.count(),
        )

    start(desk["hanako"])
    assert not EligibilityCertificate.objects.filter(run=proposed).exclude(status="proposed").exists()
    press(desk["taro"], proposed, "approve")
    for step in ("draft", "assemble", "print-all"):
        press(desk["taro"], proposed, step)
        before = everything()
        press(desk["taro"], proposed, "approve")
        press(desk["taro"], proposed, step)
        assert everything() == before
    for dispatch in Dispatch.objects.all():
        for step, told in (("pulls", {}), ("seal", {}), ("send", {"day": "2026-11-10"})):
            press(desk["taro"], dispatch, step, **told)
            before = everything()
            press(desk["taro"], dispatch, step, **told)
            assert everything() == before
    press(desk["taro"], proposed, "close")
    assert press(desk["taro"], proposed, "close").status_code == 409
    assert Event.objects.filter(subject="certificates.Run", verb="close").count() == 1


def test_the_month_asks_no_more_of_the_database_with_more_people_or_dispatches(desk: Desk, assembled: Run) -> None:
    def queries(path: str) -> int:
        with CaptureQueriesContext(connection) as context:
            assert desk["taro"].get(path).status_code == 200
        return len(context)

    pages = [page_of(assembled), *(page_of(assembled, step) for step in ("proposals", "samples", "difference"))]
    for path in pages:  # what is read once a process
        desk["taro"].get(path)
    before = [queries(path) for path in pages]
    for dispatch in list(Dispatch.objects.all()):
        for _ in range(3):
            dispatch.pk = None
            dispatch._state.adding = True
            dispatch.save()
    assert [queries(path) for path in pages] == before
    assert max(before) <= 40, before
