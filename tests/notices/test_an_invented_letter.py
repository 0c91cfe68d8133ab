"""A letter is a folder and its name in ``FOLDERS``: an invented one goes the whole way, from its words to the search."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from core import clock
from core.errors import Refused
from core.models import Clerk, Event
from core.web import page_url
from kenpo.pages import wording as page
from notices.letters import registry, service
from notices.letters.numbering import meant
from notices.letters.wording import Wording, of_scheme
from notices.models import LetterNumber, LetterWording
from tests.kenpo.reading import browser_of, japanese, page_of
from tests.mailing import build
from tests.mailing.build import Office
from tests.notices import visit as folder
from tests.notices.test_letters_printing import pages
from tests.notices.wording.texts import FROM, ON

pytestmark = pytest.mark.django_db

CODE = "visit"
OWN = {"hanako", "taro"}


@pytest.fixture
def office(db: None, home: Path) -> Office:
    return build.office()


@pytest.fixture(autouse=True)
def visit(monkeypatch: pytest.MonkeyPatch) -> None:
    """The folder lies beside those of the program, as the last of them."""
    monkeypatch.setitem(sys.modules, f"notices.letters.{CODE}", folder)
    monkeypatch.setattr(registry, "FOLDERS", (*registry.FOLDERS, CODE))
    monkeypatch.setattr(registry, "_REGISTERED", {})
    monkeypatch.setattr(registry, "_discover", cache(registry._discover.__wrapped__))
    monkeypatch.setattr(clock, "today", lambda: ON)
    registry.every()


def otherwise(monkeypatch: pytest.MonkeyPatch, **told: Any) -> None:
    """Registers it with something else in its row."""
    monkeypatch.setitem(registry._REGISTERED, CODE, replace(folder.LETTERS[0], **told))


def test_the_page_of_words_offers_it_behind_the_others_and_names_its_places() -> None:
    assert list(registry.labels())[-1] == CODE and len(registry.every()) > len(registry.FOLDERS)
    shown = japanese(browser_of("hanako").get(reverse("wording"), {"letter": CODE}), OWN)
    for words in ("来所のお願い", "窓口の時間", "{窓口}", "おいでいただく窓口", "土曜日は正午まで"):
        assert words in shown


def test_two_clerks_change_its_words_which_are_printed_from_their_day(office: Office) -> None:
    (member,) = office.household("0001")
    hanako, taro = browser_of("hanako"), browser_of("taro")
    address = reverse("wording_change", args=[CODE, "body"])
    told = {"valid_from": "令和8年12月1日", "t": "{窓口}でお待ちしています。"}
    seen = hanako.post(address, {**told, "stage": "preview"})
    assert seen["Content-Type"] == "application/pdf"
    assert "窓口} のとおりに" in japanese(hanako.post(address, {**told, "t": "{証の種類}"}), OWN)
    assert hanako.post(address, told).status_code == 302
    row = LetterWording.objects.get()
    assert (row.letter, row.key, row.value) == (CODE, "body", ["{desk}でお待ちしています。"])
    assert taro.post(page_of(row, "approve")).status_code == 302
    for on, words in ((ON, "おいでください"), (FROM, "一番の窓口でお待ちしています")):
        (sheet,) = pages(service.print_letter(CODE, member, by=office.clerk, on=on))
        assert words in sheet


def test_the_command_prints_it_under_its_number_and_the_log_knows(office: Office, command: Callable[..., Any]) -> None:
    (member,) = office.household("0001")
    line = ("letters", CODE, member.symbol, member.number, "--by", "haraguchi", "--on", ON.isoformat())
    file = f"paper/letters/visit-{member.pk}-20261110.pdf"
    assert command(*line).json == {"files": [file]}
    path = service.folder() / Path(file).name
    (sheet,), before = pages(path), path.read_bytes()
    for words in ("来所 令和8年第1号", "山田 太郎 様", "一番の窓口", "平日は九時から"):
        assert words in sheet
    assert command(*line).json == {"files": [file]} and path.read_bytes() == before
    assert LetterNumber.objects.get().subject == "members.Member"
    notes = list(Event.objects.filter(verb="letter").values_list("note", flat=True))
    assert notes == [{"letter": CODE, "file": path.name, "number": "令和8年第1号"}] * 2


def test_the_search_opens_what_its_number_names(office: Office, client: Client) -> None:
    (member,) = office.household("0001")
    service.print_letter(CODE, member, by=office.clerk, on=ON)
    assert meant("来所 令和8年第1号") == member
    Clerk.objects.filter(pk=office.clerk.pk).update(is_staff=True)
    client.force_login(Clerk.objects.get(pk=office.clerk.pk))
    assert client.post(reverse("search"), {"words": "来所 令和8年第1号"})["Location"] == page_url(member.person)


def test_it_is_not_written_to_nowhere_and_takes_no_number(office: Office) -> None:
    (member,) = office.household("0001", address="")
    with pytest.raises(Refused, match="送付先がありません"):
        service.print_letter(CODE, member, by=office.clerk, on=ON)
    assert not LetterNumber.objects.exists() and not service.folder().exists()


def test_a_letter_that_takes_a_right_is_refused_to_who_has_none(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    (member,) = office.household("0001")
    otherwise(monkeypatch, deed="来所のお願いを印刷する")
    auditor = Clerk.objects.create_user("kansa", role="auditor")
    with pytest.raises(Refused, match="「来所のお願いを印刷する」は監査の権限"):
        service.print_letter(CODE, member, by=auditor, on=ON)


def test_a_municipal_scheme_has_its_own_words_and_not_the_letters_of_employers(monkeypatch: pytest.MonkeyPatch) -> None:
    assert Wording(CODE, ON).text("title") == "来所のお願い"
    with of_scheme(municipal=True):
        words = Wording(CODE, ON)
        assert words.text("title") == "市役所へおいでください"
        assert words.texts("body", desk="一番") == ["お話をうかがうため、一番へおいでください。"]
    monkeypatch.setattr(page, "municipal", lambda: True)
    assert CODE in page.letters() and "unregistered" not in page.letters()
    otherwise(monkeypatch, employers_only=True)
    assert CODE not in page.letters()


@pytest.mark.parametrize(
    ("other", "why"),
    [
        ({}, "taken"),
        ({"code": "another", "places": {"desk": ("係", "係の名")}}, "desk"),
        ({"code": "another", "parts": {"weekday": "週日"}}, "weekday"),
    ],
)
def test_what_another_letter_has_is_refused(other: dict[str, Any], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        registry.register(replace(folder.LETTERS[0], **other))


def test_what_is_no_letter_or_is_printed_in_another_way_is_refused(office: Office) -> None:
    (member,) = office.household("0001")
    for code in ("nothing", "household"):
        with pytest.raises(Refused, match="この文書はありません"):
            service.print_letter(code, member, by=office.clerk, on=date(2026, 11, 10))
