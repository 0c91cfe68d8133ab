"""What the pages tell of everybody: lists, stories, what waits, what may be done."""

from __future__ import annotations

from datetime import date

import pytest
from django.contrib import admin
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from certificates.models import Application, Recovery
from core.models import Clerk
from mailing.models import Dispatch
from members.models import Establishment, Insurer, Member
from tests.kenpo.desk.pages import (
    DOCUMENTS,
    apply_for,
    everything,
    file,
    in_hand,
    list_of,
    member,
    registered,
    said,
    save,
)
from tests.kenpo.reading import latin_words, page_of, searched

pytestmark = pytest.mark.django_db


MOST_QUERIES = 12


def stories(desk: dict[str, Client]) -> Member:
    """A family with something of every kind."""
    one = member()
    in_hand(one)
    apply_for(desk["uketsuke"], member("1", "01"))
    desk["shonin"].post(page_of(Application.objects.get(), "grant"))
    shown = file(
        desk["uketsuke"],
        one,
        "loss",
        {"received_on": "2026-11-10", "via": "establishment", "effective_on": "2026-11-20", "reason": "retirement"},
    )
    save(desk["uketsuke"], one, "loss", shown)
    return one


def test_the_timeline_tells_the_family_by_day(desk: dict[str, Client]) -> None:
    one = stories(desk)
    answer = desk["kansa"].get(page_of(one.person, "timeline"))
    days = [day.on for day in answer.context["days"]]
    assert days == sorted(days) and days[2:] == [date(2026, 11, 20), date(2026, 11, 21), date(2026, 11, 28)]
    assert [day.first for day in answer.context["days"]].count(True) == 1
    page = said(answer)
    for name in ("山田 太郎", "山田 花子", "山田 次郎"):
        assert name in page
    for words in (
        "資格を取得",
        "交付の申請（",
        "の内容を反映しました。",
        "はこの日まで使えます。",
        "返納期限",
        "今日（",
    ):
        assert words in page
    assert "佐藤" not in page
    assert page_of(one.person, "timeline") in desk["kansa"].get(page_of(one)).content.decode()
    assert page_of(one.person, "timeline") in desk["kansa"].get(page_of(one.person)).content.decode()


def of_everybody(count: int) -> None:
    people = list(Member.objects.order_by("pk")[:count])
    for one in people:
        registered(one)
    everything(Clerk.objects.get(username="uketsuke"), people)


def test_lists_and_pages_are_in_japanese_found_by_number_and_kana(desk: dict[str, Client]) -> None:
    of_everybody(4)
    own = {"uketsuke", "kansa"}
    for model in DOCUMENTS:
        page = said(desk["kansa"].get(list_of(model)))
        assert not latin_words(page, data=own), model
        document = model.objects.first()
        page = said(desk["kansa"].get(page_of(document)))
        assert not latin_words(page, data=own), (model, latin_words(page, data=own))
        for text in ("１０１－２－００", "サトウ"):
            found = searched(desk["kansa"], list_of(model), text).context["cl"].result_list
            assert len(found) == 1, (model, text)


def test_lists_ask_the_database_few_times_whatever_their_length(
    desk: dict[str, Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    of_everybody(4)
    for model in DOCUMENTS:
        asked = []
        for rows in (1, 4):
            monkeypatch.setattr(admin.site._registry[model], "list_per_page", rows)
            with CaptureQueriesContext(connection) as queries:
                desk["kansa"].get(list_of(model))
            asked.append(len(queries))
        assert asked[0] == asked[1] <= MOST_QUERIES, (model, asked)


def test_every_step_page_opens_or_says_why_not(desk: dict[str, Client]) -> None:
    of_everybody(1)
    own = {"uketsuke", "shonin"}
    documents = [model.objects.first() for model in DOCUMENTS]
    documents += [member(), member().person, Establishment.objects.first(), Insurer.objects.first()]
    for document in documents:
        for step in admin.site._registry[type(document)].steps:
            answer = desk["shonin"].get(step.url(document))
            assert answer.status_code in (200, 409), (document, step.name)
            assert not latin_words(said(answer), data=own), (document, step.name)


def test_the_first_page_names_what_waits_and_leads_there(desk: dict[str, Client]) -> None:
    of_everybody(2)
    page = desk["uketsuke"].get(reverse("admin:index"))
    for queue in page.context["waiting"]:
        listed = desk["uketsuke"].get(queue.url)
        assert listed.status_code == 200, queue.title
        if queue.url == reverse("recovery_letters"):
            due = {f"{kind.label}（印刷する分）": count for kind, count, _ in listed.context["kinds"]}
            assert due[queue.title] == queue.count
        else:
            assert len(listed.context["cl"].result_list) == queue.count, queue.title
    titles = {queue.title for queue in page.context["waiting"]}
    assert {"反映していない届出", "回答を待つ個別照会", "基金が受け付けていない利用登録解除"} <= titles


def test_what_happened_afterwards_stands_on_the_member_and_the_decision(desk: dict[str, Client]) -> None:
    """Without a month there is nothing to explain, and the page says so by saying nothing."""
    page = said(desk["kansa"].get(page_of(member())))
    assert "判定の説明" not in page


def test_what_was_granted_is_enclosed_the_same_day_by_who_may_send(desk: dict[str, Client]) -> None:
    apply_for(desk["uketsuke"], member())
    desk["shonin"].post(page_of(Application.objects.get(), "grant"))
    page = reverse("admin:mailing_dispatch_day")
    answer = desk["kansa"].post(page)
    assert answer.status_code == 403 and "監査の権限ではできません。" in said(answer)
    assert not Dispatch.objects.exists()
    assert "まだ印刷はしません。" in said(desk["uketsuke"].get(page))
    assert not Dispatch.objects.exists()
    for _ in range(2):
        answer = desk["uketsuke"].post(page, follow=True)
    assert "終わりました。" in said(answer)
    dispatch = Dispatch.objects.get()
    assert page_of(dispatch) in answer.content.decode()


def test_a_pile_of_papers_is_scanned_and_the_rate_is_told(desk: dict[str, Client]) -> None:
    back = in_hand(member())
    desk["uketsuke"].post(page_of(back, "report-lost"))
    page = reverse("admin:certificates_recovery_scan")
    assert "令和8年11月に始まった回収はありません。" in said(desk["uketsuke"].get(list_of(Recovery)))
    found = said(desk["kansa"].post(page, {"channel": "mail", "code": back.serial}))
    assert "記録していません。" in found and "監査の権限ではできません。" in found
    found = said(desk["uketsuke"].post(page, {"channel": "mail", "code": back.serial}))
    assert "返ってきたことを記録しました。" in found
