"""Cases that clerks take: one by one and many at once, by one clerk only, until they are finished."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.contrib import admin
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from certificates.models import Application, Decision, Recovery, Run
from core.assigning import hand_to, let_go, take
from core.errors import Refused
from core.models import Assignment, Clerk, Event
from core.web import page_url
from core.web.assigning import AssignedAdmin
from exchange.models import ExchangeRow
from kenpo.intake.load import load
from kenpo.pages.home_queues import Queue, queues
from mailing.models import ReturnedMail
from members.models import Member
from tests.builders import Folder
from tests.conftest import run_command
from tests.kenpo.desk.pages import ON, apply_for, list_of
from tests.kenpo.reading import page_of, text_of
from tests.story.month import invent_and_load

pytestmark = pytest.mark.django_db

KINDS = {Application, Decision, ExchangeRow, Recovery, ReturnedMail}
CASES = admin.site._registry[Application].cases  # type: ignore[attr-defined]


@pytest.fixture
def desk(folder: Folder, home: Path) -> dict[str, Client]:
    """Three applications wait; two clerks, an auditor, a dispatcher."""
    for number in "123":
        folder.insured(number)
    load(folder.write(), on=ON)
    browsers = {}
    for name, role in (("sato", "clerk"), ("ito", "clerk"), ("kansa", "auditor"), ("hassou", "dispatcher")):
        browsers[name] = Client()
        browsers[name].force_login(Clerk.objects.create_user(name, role=role, is_staff=True))
    for member in Member.objects.order_by("number"):
        apply_for(browsers["sato"], member)
    return browsers


def clerk(name: str) -> Clerk:
    return Clerk.objects.get(username=name)


def ids() -> list[int]:
    return list(Application.objects.order_by("pk").values_list("pk", flat=True))


def holders() -> list[str | None]:
    return list(CASES.with_holder(Application.objects.order_by("pk")).values_list("holder", flat=True))


def said(answer: Any) -> str:
    return text_of(answer.content.decode())


def choose(browser: Client, deed: str, *rows: int) -> str:
    told = {"action": deed, "index": "0", "_selected_action": [str(row) for row in rows]}
    return said(browser.post(list_of(Application), told, follow=True))


def test_the_five_kinds_of_cases_can_be_taken() -> None:
    assert {model for model, page in admin.site._registry.items() if isinstance(page, AssignedAdmin)} == KINDS
    for model in KINDS:
        page: Any = admin.site._registry[model]
        assert page.cases.model is model is page.cases.waiting().model
        assert page.panels[0].__name__ == "holder_panel"


def test_one_is_taken_on_its_page_and_let_go_again(desk: dict[str, Client]) -> None:
    first = Application.objects.earliest("pk")
    page = page_of(first, "assign")
    assert "まだだれも担当していません" in said(desk["sato"].get(page_of(first)))
    assert "担当にしました。" in said(desk["sato"].post(page, {"deed": "take"}, follow=True))
    shown = said(desk["sato"].get(page_of(first)))
    assert "sato（あなた）" in shown and "令和8年11月10日" in shown
    refused = said(desk["ito"].post(page, {"deed": "take"}, follow=True))
    assert "satoさんが令和8年11月10日から担当しています。代わるときは、satoさんが「担当を外す」を押すか" in refused
    assert "satoさんが" in said(desk["ito"].post(page, {"deed": "let_go"}, follow=True))
    assert holders() == ["sato", None, None]
    assert "担当を外しました。" in said(desk["sato"].post(page, {"deed": "let_go"}, follow=True))
    assert holders() == [None, None, None]
    verbs = Event.objects.filter(subject=Application._meta.label, subject_id=first.pk).order_by("seq")
    assert list(verbs.values_list("verb", "actor__username"))[-2:] == [("take", "sato"), ("let_go", "sato")]
    assert desk["sato"].get(page).status_code == 403


def test_many_are_taken_and_each_row_is_answered_for(desk: dict[str, Client]) -> None:
    one, two, three = ids()
    take(CASES, [two], by=clerk("ito"), on=ON)
    CASES.model.objects.filter(pk=three).update(received_on=ON)
    page = choose(desk["sato"], "take_all", one, two)
    assert "101-1-00 山田 太郎：担当にしました。" in page
    assert "101-2-00 山田 太郎：itoさんが" in page
    assert "101-3-00 山田 太郎：" not in page
    assert holders() == ["sato", "ito", None]
    page = choose(desk["sato"], "take_all", one, three)
    assert "101-1-00 山田 太郎：すでにあなたの担当です。" in page and holders() == ["sato", "ito", "sato"]
    page = choose(desk["sato"], "let_go_all", one, two, three)
    assert "101-2-00 山田 太郎：itoさんが" in page and holders() == [None, "ito", None]
    assert Event.objects.filter(verb="take", actor__username="sato").count() == 2


@pytest.mark.parametrize("odd", ["", "abc", "-1", "1\r\n2", "١", "9" * 5_000, "1" + "0" * 18])
def test_what_is_no_row_cannot_be_chosen(desk: dict[str, Client], odd: str) -> None:
    """The admin hands what a form sends as chosen to the database, which fails on what is no number."""
    one, *_ = ids()
    answer = desk["sato"].post(list_of(Application), {"action": "take_all", "index": "0", "_selected_action": odd})
    assert answer.status_code == 302 and holders() == [None, None, None]
    answer = desk["sato"].post(
        list_of(Application), {"action": "take_all", "index": "0", "_selected_action": [odd, str(one)]}
    )
    assert answer.status_code == 302 and holders() == ["sato", None, None]


def test_a_finished_case_is_not_taken_and_drops_out(desk: dict[str, Client]) -> None:
    one, two, _ = ids()
    take(CASES, [one], by=clerk("sato"), on=ON)
    assert CASES.held_by(clerk("sato")).count() == 1 and CASES.free().count() == 2
    for pk in (one, two):
        desk["sato"].post(page_of(Application.objects.get(pk=pk), "withdraw"))
    assert CASES.held_by(clerk("sato")).count() == 0 and CASES.free().count() == 1
    (verdict,) = take(CASES, [two], by=clerk("sato"), on=ON)
    assert not verdict.done and "すでに終わっている" in verdict.said
    with pytest.raises(Refused, match="すでに終わっている"):
        hand_to(CASES, one, clerk("ito"), by=clerk("sato"), on=ON)
    assert "次の担当" not in said(desk["sato"].get(page_of(Application.objects.get(pk=one))))


def test_somebody_who_may_approve_gives_a_case_to_another(desk: dict[str, Client]) -> None:
    one = ids()[0]
    page = page_of(Application.objects.get(pk=one), "assign")
    take(CASES, [one], by=clerk("ito"), on=ON)
    to = {"deed": "hand", "clerk": str(clerk("sato").pk)}
    assert "担当をsatoさんに替えました。" in said(desk["ito"].post(page, to, follow=True))
    assert holders()[0] == "sato"
    event = Event.objects.get(verb="assign")
    assert (event.actor, event.note) == (clerk("ito"), {"clerk": "sato"})
    for name in ("hassou", "kansa"):
        told = said(desk[name].post(page, {"deed": "hand", "clerk": str(clerk("ito").pk)}, follow=True))
        assert "「担当を替える」は" in told
    for name in ("kansa", "hassou"):  # whose role does not do this work
        with pytest.raises(Refused, match="この仕事を担当できません"):
            hand_to(CASES, one, clerk(name), by=clerk("ito"), on=ON)
    assert holders()[0] == "sato"


@pytest.mark.parametrize("name", ["kansa", "hassou"])
def test_whose_role_does_not_do_the_work_takes_nothing(desk: dict[str, Client], name: str) -> None:
    for deed in (take, let_go):
        with pytest.raises(Refused, match="この仕事を担当できません"):
            deed(CASES, ids(), by=clerk(name), on=ON)
    choose(desk[name], "take_all", *ids())
    desk[name].post(page_of(Application.objects.earliest("pk"), "assign"), {"deed": "take"})
    assert not Assignment.objects.exists()
    assert "担当する" not in said(desk[name].get(list_of(Application)))
    assert "担当する" in said(desk["sato"].get(list_of(Application)))


def test_the_list_shows_and_filters_by_the_clerk(desk: dict[str, Client]) -> None:
    one, two, three = ids()
    take(CASES, [one], by=clerk("sato"), on=ON)
    take(CASES, [two], by=clerk("ito"), on=ON)
    for name, chosen, found in (("sato", "mine", {one}), ("ito", "mine", {two}), ("sato", "none", {three})):
        answer = desk[name].get(list_of(Application), {"holder": chosen})
        assert {row.pk for row in answer.context["cl"].result_list} == found
    page = said(desk["kansa"].get(list_of(Application)))
    assert "自分の分" in page and "担当なし" in page and "sato" in page and "ito" in page


def test_the_first_page_counts_one_s_own_without_a_query_more(desk: dict[str, Client]) -> None:
    one, two, _ = ids()

    def waiting() -> tuple[int, int | None, int]:
        with CaptureQueriesContext(connection) as asked:
            (queue,) = [q for q in queues(ON, None, {}, clerk("sato")) if q.title == "交付を決めていない申請"]
        return queue.count, queue.mine, len(asked)

    before = waiting()
    take(CASES, [one, two], by=clerk("sato"), on=ON)
    after = waiting()
    assert (before[:2], after[:2]) == ((3, 0), (3, 2))
    assert before[2] == after[2]
    assert "2件" in said(desk["sato"].get(reverse("admin:index")))
    (queue,) = [q for q in queues(ON, None, {}, clerk("ito")) if q.title == "交付を決めていない申請"]
    assert queue.mine == 0
    answer = desk["sato"].get(queue.mine_url)
    assert {row.pk for row in answer.context["cl"].result_list} == {one, two}


def test_a_month_s_open_decisions_and_rows_not_taken_are_found_and_taken_from_the_first_page(
    db: None, tmp_path: Path, home: Path, settings: Any, client: Client
) -> None:
    settings.KENPO_TODAY = ON
    invent_and_load(tmp_path / "in", members=300)
    assert run_command("run_month", "2026-11", "--by", "hanako", "--on", ON.isoformat()).code == 0
    me, run = Clerk.objects.create_user("sato", role="clerk", is_staff=True), Run.objects.get()
    client.force_login(me)

    def shown() -> dict[str, Queue]:
        return {q.url: q for q in queues(ON, run, {}, me) if "decision" in q.url or "exchangerow" in q.url}

    before, models = shown(), set()
    for address, queue in before.items():
        rows = client.get(address).context["cl"].result_list
        assert (len(rows), queue.mine) == (queue.count, 0), queue.title
        page: Any = admin.site._registry[type(rows[0])]
        models.add(type(rows[0]))
        assert take(page.cases, [rows[0].pk], by=me, on=ON)[0].done, queue.title
        assert shown()[address].mine == 1
        assert [row.pk for row in client.get(queue.mine_url).context["cl"].result_list] == [rows[0].pk]
        assert "sato（あなた）" in said(client.get(page_url(rows[0])))
    assert models == {Decision, ExchangeRow} and len(before) >= 3
    assert [q.count for q in shown().values()] == [q.count for q in before.values()]
