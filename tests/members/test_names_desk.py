"""The queue of names that cannot be printed and the page that records a form, as a clerk meets them."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from core.models import Clerk, Event
from members.models import Member, PrintedForm
from members.printed_forms import name_on_paper
from tests.kenpo.reading import latin_words, searched, text_of
from tests.mailing import build
from tests.mailing.build import Office

NABE = "\u9089\U000e0102"
QUEUE = "admin:members_person_unprintable"
FORM = "渡\u9089 一郎"


@pytest.fixture
def office(db: None, monkeypatch: pytest.MonkeyPatch) -> Office:
    monkeypatch.setenv("KENPO_TODAY", "2026-11-10")
    return build.office()


@pytest.fixture
def family(office: Office) -> list[Member]:
    return office.household("0001", [f"渡{NABE} 一郎", "渡 花子"])


def browser(role: str = "clerk") -> Client:
    opened = Client()
    opened.force_login(Clerk.objects.create_user(f"desk-{role}", role=role, is_staff=True))
    return opened


def said(answer: Any) -> str:
    return text_of(answer.content.decode())


def counted(desk: Client) -> Any:
    """The queue after its button was pressed."""
    return desk.post(reverse("survey", args=["unprintable"]), follow=True)


def step_of(member: Member, field: str = "") -> str:
    url = reverse("admin:members_person_printed-form", args=[member.person_id])
    return f"{url}?field={field}" if field else url


def test_the_queue_says_what_to_load_while_nobody_is_there(office: Office) -> None:
    assert "取り込む" in said(browser().get(reverse(QUEUE)))


def test_the_queue_says_so_when_every_name_can_be_printed(office: Office) -> None:
    office.household("0001")
    assert "すべて印刷用の書体で印刷できます" in said(counted(browser()))


def test_the_queue_leads_to_the_form_of_whose_name_it_is(family: list[Member]) -> None:
    answer = counted(browser())
    shown, html = said(answer), answer.content.decode()
    assert "1人でした" in shown and "被保険者氏名" in shown and "U+9089 U+E0102" in html
    assert html.count(f"{step_of(family[0])}?field=name") == 2
    assert not latin_words(shown, data=["desk-clerk"])


def test_the_queue_is_there_for_who_is_logged_in_only(family: list[Member]) -> None:
    assert Client().get(reverse(QUEUE)).status_code == 302


def test_the_effect_is_shown_before_anything_is_recorded(family: list[Member]) -> None:
    desk, head = browser(), family[0]
    counted(desk)
    first = desk.get(step_of(head))
    # The nearest printable relation is filled in already.
    assert f'value="{FORM}"' in first.content.decode() and "印刷できない字" in said(first)
    told = {"form": FORM, "reason": "本人の申出"}
    shown = desk.post(step_of(head), {**told, "stage": "check"})
    assert "まだ記録していません" in said(shown) and "発送していない書類は、引抜きの一覧に出ます" in said(shown)
    assert not latin_words(said(shown), data=["desk-clerk"]) and not PrintedForm.objects.exists()
    back = desk.post(step_of(head), {**told, "stage": "back"})
    assert "本人の申出" in back.content.decode() and not PrintedForm.objects.exists()
    saved = desk.post(step_of(head), {**told, "stage": "save"})
    assert saved.status_code == 302 and name_on_paper(head.person) == FORM
    event = Event.objects.get(verb="record_form")
    log = said(desk.get(reverse("admin:core_event_changelist")))
    assert "印字する字形を記録する" in log and "一郎" not in log and event.actor is not None
    page = said(desk.get(reverse("admin:members_person_change", args=[head.person_id])))
    assert "本人の申出" in page
    assert "することはありません" in said(desk.get(reverse(QUEUE)))


def test_a_mistake_stands_beside_the_field_and_records_nothing(family: list[Member]) -> None:
    desk = browser()
    for form, words in ((f"渡{NABE} 一郎", "同じです"), ("渡\u9089一郎", "文字の数が違います"), ("", "入れてください")):
        for stage in ("check", "save"):
            answer = desk.post(step_of(family[0]), {"form": form, "reason": "申出", "stage": stage})
            assert words in said(answer)
    assert "入れてください" in said(desk.post(step_of(family[0]), {"form": FORM, "reason": "", "stage": "save"}))
    assert not PrintedForm.objects.exists()


def test_the_registered_form_again_ends_it_and_says_what_follows(family: list[Member]) -> None:
    desk, head = browser(), family[0]
    desk.post(step_of(head), {"form": FORM, "reason": "申出", "stage": "save"})
    told = {"form": head.person.name, "reason": "取下げ"}
    shown = said(desk.post(step_of(head), {**told, "stage": "check"}))
    assert "使用をやめ" in shown and "保留になります" in shown
    desk.post(step_of(head), {**told, "stage": "save"})
    assert name_on_paper(head.person) == head.person.name


def test_a_name_in_use_is_asked_for_first(office: Office) -> None:
    (member,) = office.household("0001", [f"渡{NABE} 一郎"], printed_name=f"田{NABE}")
    desk = browser()
    assert 'value="田\u9089"' in desk.get(step_of(member)).content.decode()
    assert f'value="{FORM}"' in desk.get(step_of(member, "name")).content.decode()
    desk.post(step_of(member), {"form": "田\u9089", "reason": "申出", "stage": "save"})
    assert PrintedForm.objects.get().field == "printed_name"


@pytest.mark.parametrize("role", ["auditor", "dispatcher"])
def test_only_who_edits_may(family: list[Member], role: str) -> None:
    desk = browser(role)
    told = {"form": FORM, "reason": "申出", "stage": "save"}
    assert desk.post(step_of(family[0]), told).status_code == 403
    assert not PrintedForm.objects.exists()


def test_the_list_of_forms_shows_them(family: list[Member], office: Office) -> None:
    desk, url = browser(), reverse("admin:members_printedform_changelist")
    assert "ここに出ます" in said(desk.get(url))
    desk.post(step_of(family[0]), {"form": FORM, "reason": "申出", "stage": "save"})
    assert FORM in said(searched(desk, url, "0001"))
    assert "申出" in said(desk.get(reverse("admin:members_printedform_change", args=[PrintedForm.objects.get().pk])))
    assert PrintedForm.objects.get().recorded_on == date(2026, 11, 10)
