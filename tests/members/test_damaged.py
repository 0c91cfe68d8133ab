"""Registered texts that may be damaged: listed with what is odd, settled by a clerk's word for exactly that text."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import ProgrammingError, transaction
from django.test import Client
from django.urls import reverse

from core.errors import BadInput, Refused
from core.models import Clerk, Event
from members.damaged import check, confirm, damaged, damaged_employers, damaged_of
from members.models import ConfirmedText, Establishment, Member, Person
from members.printed_forms import record_form
from tests.conftest import run_command
from tests.kenpo.reading import latin_words, text_of
from tests.mailing import build
from tests.mailing.build import ON, Office

SPOILT = "〓崎 次郎"
QUEUE = "admin:members_person_damaged"


@pytest.fixture
def office(db: None, monkeypatch: pytest.MonkeyPatch) -> Office:
    monkeypatch.setenv("KENPO_TODAY", ON.isoformat())
    return build.office()


@pytest.fixture
def family(office: Office) -> list[Member]:
    return office.household("0001", [SPOILT, "尾崎 花子"])


def say(owner: Person | Establishment, **facts: str) -> None:
    for name, value in facts.items():
        setattr(owner, name, value)
    owner.save()


def settle(owner: Person | Establishment, by: Clerk, reason: str = "届書の原本") -> list[ConfirmedText]:
    return confirm(owner, [one.key for one in damaged_of(owner, ON)], reason, by=by, on=ON)


def places() -> list[tuple[int, str]]:
    return [(one.owner, one.label) for one in damaged(ON)]


def test_a_name_is_told_once_with_the_person_whose_it_is(family: list[Member]) -> None:
    (one,) = damaged(ON)
    assert (one.owner, one.member_id, one.label, one.text) == (family[0].person_id, family[0].pk, "氏名", SPOILT)
    assert str(one) == "氏名 読めない字の代わりの記号「〓」（U+3013）があります" and "次郎" not in str(one)


def test_every_place_is_looked_at(office: Office) -> None:
    (member,) = office.household("0001", address="東京都千代田区□町")
    say(member.person, printed_name="ジロー?", name_kana="ヤマダ  タロウ")
    office.address(member, "mailing", "大阪市北区_x000D_")
    office.address(member, "safe", "大阪市〓区")
    assert [label for _, label in places()] == ["通称名", "フリガナ", "住所", "住所", "住所"]


@pytest.mark.parametrize(("days", "listed"), [(-1, False), (0, False), (1, True)])
def test_only_covers_that_have_not_ended(family: list[Member], days: int, listed: bool) -> None:
    family[0].lost_on = ON + timedelta(days)
    family[0].save()
    assert bool(places()) is listed


def test_a_clerk_says_it_is_right_and_the_log_keeps_that(family: list[Member], office: Office) -> None:
    person = family[0].person
    with pytest.raises(Refused, match="文字化けかもしれないため"):
        check([family[1].pk], ON)  # the head's name stands on the dependent's paper
    (made,) = settle(person, office.clerk)
    assert (made.person_id, made.label, made.text, made.clerk) == (person.pk, "氏名", SPOILT, office.clerk)
    assert places() == []
    check([member.pk for member in family], ON)
    event = Event.objects.get(verb="confirm_text")
    assert (event.subject_id, event.note) == (made.pk, {"person": person.pk})


def test_another_text_asks_again_and_the_old_one_does_not(family: list[Member], office: Office) -> None:
    person = family[0].person
    settle(person, office.clerk)
    say(person, name="〓崎  次郎")
    assert len(places()) == 1
    say(person, name=SPOILT)
    assert places() == []
    say(person, name="尾崎 次郎")
    assert places() == []


def test_it_is_that_persons_text_alone(family: list[Member], office: Office) -> None:
    settle(family[0].person, office.clerk)
    (other,) = office.household("0002", [SPOILT])
    assert places() == [(other.person_id, "氏名")]


def test_a_printed_form_without_the_sign_ends_it(office: Office) -> None:
    (member,) = office.household("0001", [SPOILT])
    record_form(member.person, "name", "尾崎 次郎", "届書の原本による", by=office.clerk, on=ON)
    assert places() == []


def test_nothing_is_recorded_without_reason_or_choice_or_right(family: list[Member], office: Office) -> None:
    person, (one,) = family[0].person, damaged(ON)
    for keys, reason, clerk, wrong in (
        ([one.key], " ", office.clerk, BadInput),
        ([], "届書", office.clerk, BadInput),
        (["0" * 64], "届書", office.clerk, BadInput),
        ([one.key], "届書", Clerk.objects.create_user("kansa", role="auditor"), Refused),
    ):
        with pytest.raises(wrong):
            confirm(person, keys, reason, by=clerk, on=ON)
    say(person, name="？崎 次郎")
    with pytest.raises(BadInput, match="変わったか"):
        confirm(person, [one.key], "届書", by=office.clerk, on=ON)
    assert not ConfirmedText.objects.exists() and not Event.objects.filter(verb="confirm_text").exists()


def test_the_record_stays(family: list[Member], office: Office) -> None:
    settle(family[0].person, office.clerk)
    for change in (lambda q: q.update(text="山田"), lambda q: q.delete()):
        with pytest.raises(ProgrammingError), transaction.atomic():
            change(ConfirmedText.objects.all())


def test_employers_are_looked_at_and_settled_alike(office: Office) -> None:
    employer = office.establishments[0]
    say(employer, name="第一?製作所", address="大阪市〓区")
    assert [(one.owner, one.label) for one in damaged_employers()] == [
        (employer.pk, "事業所名"),
        (employer.pk, "所在地"),
    ]
    settle(employer, office.clerk)
    assert list(damaged_employers()) == []
    assert Event.objects.filter(verb="confirm_text", note={"establishment": employer.pk}).count() == 2


def test_the_command_lists_them_without_the_text(family: list[Member]) -> None:
    line, number = run_command("names", "--on", ON).out.splitlines()
    assert line.startswith(f"{family[0].pk},{family[0].person_id},1,0001,00,氏名,") and number == "1"
    assert "「〓」（U+3013）" in line and "次郎" not in line


class TestDesk:
    def browser(self, role: str = "clerk") -> Client:
        opened = Client()
        opened.force_login(Clerk.objects.create_user(f"desk-{role}", role=role, is_staff=True))
        return opened

    def counted(self, desk: Client) -> Any:
        return desk.post(reverse("survey", args=["damaged"]), follow=True)

    def said(self, answer: Any) -> str:
        return text_of(answer.content.decode())

    def step(self, owner: Person | Establishment) -> str:
        return reverse(f"admin:members_{owner._meta.model_name}_confirm-text", args=[owner.pk])

    def test_the_queue_says_what_is_odd_and_where_to_settle_it(self, family: list[Member], office: Office) -> None:
        say(office.establishments[1], name="第二?製作所")
        answer = self.counted(self.browser())
        shown, html = self.said(answer), answer.content.decode()
        assert "2か所でした" in shown and "「〓」（U+3013）" in shown and f"「{SPOILT}」" in shown
        assert "届出で直してください" in shown and "第二?製作所" in shown
        assert self.step(family[0].person) in html and self.step(office.establishments[1]) in html
        assert not latin_words(shown, data=["desk-clerk", "U"])

    def test_an_empty_queue_says_so(self, office: Office) -> None:
        desk = self.browser()
        assert "取り込む" in self.said(desk.get(reverse(QUEUE)))
        office.household("0001")
        assert "文字化けかもしれない登録はありません" in self.said(self.counted(desk))

    def test_a_clerk_confirms_and_the_line_has_gone(self, family: list[Member]) -> None:
        desk, person, (one,) = self.browser(), family[0].person, damaged(ON)
        self.counted(desk)
        assert f"氏名「{SPOILT}」" in self.said(desk.get(self.step(person)))
        answer = desk.post(self.step(person), {"texts": [one.key], "reason": "本人へ電話"}, follow=True)
        assert "登録のとおりで正しいと記録しました" in self.said(answer) and "本人へ電話" in self.said(answer)
        assert "文字化けかもしれない登録はありません" in self.said(desk.get(reverse(QUEUE)))

    def test_a_text_changed_meanwhile_is_shown_again(self, family: list[Member]) -> None:
        desk, person, (one,) = self.browser(), family[0].person, damaged(ON)
        say(person, name="？崎 次郎")
        answer = desk.post(self.step(person), {"texts": [one.key], "reason": "本人へ電話"})
        assert "内容が変わりました" in self.said(answer) and "？崎 次郎" in self.said(answer)
        assert not ConfirmedText.objects.exists()

    def test_an_auditor_sees_why_not(self, family: list[Member]) -> None:
        answer = self.browser("auditor").get(self.step(family[0].person))
        assert answer.status_code == 403 and "権限ではできません" in self.said(answer)
