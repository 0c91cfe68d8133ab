"""The same on the pages, by two clerks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from kenpo.pages.wording import WordingForm
from mailing.papers.samples import household as household  # the envelope's sheet
from notices.letters import changes, registry
from notices.models import LetterWording
from tests.kenpo.reading import browser_of, japanese, latin_words, page_of
from tests.notices.wording.texts import FROM, ON, value_of

pytestmark = pytest.mark.django_db


OWN = {"hanako", "taro", "kansa"}


@pytest.fixture
def desk(db: None) -> Callable[[str], Client]:
    return browser_of


def said(answer: Any) -> str:
    return japanese(answer, OWN)


@pytest.mark.parametrize("letter", list(registry.labels()))
def test_every_letter_is_read_and_typed_without_a_foreign_word(desk: Callable[[str], Client], letter: str) -> None:
    page = said(desk("kansa").get(reverse("wording"), {"letter": letter}))
    assert registry.labels()[letter] in page and "根拠" in page
    place = changes.places(letter, ON)[0]
    form = desk("hanako").get(reverse("wording_change", args=[letter, place.key]))
    assert place.label in said(form)
    areas = [field.value() for field in form.context["form"]]
    assert not latin_words("\n".join(map(str, areas)), data={"None"})


@pytest.mark.parametrize("letter", list(registry.labels()))
def test_a_form_as_it_is_shown_changes_nothing(letter: str) -> None:
    for place in changes.places(letter, ON):
        shown = WordingForm(None, document=place, on=ON)
        told = {name: str(shown[name].value()).replace("\n", "\r\n") for name in shown.fields}
        form = WordingForm({**told, "valid_from": "令和8年12月1日"}, document=place, on=ON)
        assert form.is_valid() and form.value() == place.newest.value


def test_two_clerks_change_a_text_on_the_pages(desk: Callable[[str], Client]) -> None:
    hanako, taro = desk("hanako"), desk("taro")
    address = reverse("wording_change", args=["household", "leavers"])
    told = {"valid_from": "令和8年12月1日", "t": "{基準の日}の翌日から、退職した方の分は返してください。"}
    seen = hanako.post(address, {**told, "stage": "preview"})
    assert seen["Content-Type"] == "application/pdf" and seen.content.startswith(b"%PDF")
    assert not LetterWording.objects.exists()
    assert hanako.post(address, told).status_code == 302
    row = LetterWording.objects.get()
    assert row.value == "{day}の翌日から、退職した方の分は返してください。"
    assert "承認を待つ変更案" in said(taro.get(reverse("wording")))
    page = said(hanako.get(page_of(row)))
    assert "{基準の日}の翌日から" in page and "使わずに返してください" in page
    assert hanako.get(page_of(row, "paper"))["Content-Type"] == "application/pdf"
    assert hanako.post(page_of(row, "approve")).status_code == 409
    assert desk("kansa").post(page_of(row, "approve")).status_code == 403
    said(taro.get(page_of(row, "approve")))
    assert taro.post(page_of(row, "approve")).status_code == 302
    assert value_of("household", "leavers", FROM).endswith("退職した方の分は返してください。")
    assert "令和8年12月1日から変わります" in said(taro.get(reverse("wording")))
    assert taro.post(page_of(row, "drop")).status_code == 409
    assert "承認済み" in said(taro.get(reverse("admin:notices_letterwording_changelist")))


@pytest.mark.parametrize(
    ("told", "field", "why"),
    [
        ({"t": "{受付日}より後"}, "t", "{基準の日} のとおりに"),
        ({"t": "{day}より後{"}, "t", "{基準の日} のとおりに"),
        ({"t": ""}, "t", "入れてください"),
        ({"t": "文😀"}, "t", "印刷できません"),
        ({"valid_from": "令和8年11月10日"}, "valid_from", "明日"),
    ],
)
@pytest.mark.parametrize("stage", ["", "preview"])
def test_each_refusal_stands_beside_its_field(
    desk: Callable[[str], Client], told: dict[str, str], field: str, why: str, stage: str
) -> None:
    address = reverse("wording_change", args=["household", "leavers"])
    answer = desk("hanako").post(address, {"valid_from": "令和8年12月1日", "t": "文です。", **told, "stage": stage})
    errors = answer.context["form"].errors
    assert list(errors) == [field] and why in str(errors[field])
    assert not LetterWording.objects.exists()


def test_what_does_not_fit_is_said_on_the_page(desk: Callable[[str], Client]) -> None:
    address = reverse("wording_change", args=["household", "title"])
    answer = desk("hanako").post(address, {"valid_from": "令和8年12月1日", "t": "書類をお送りします" * 12})
    assert "このままでは行えません" in said(answer) and "送付状" in said(answer)
    assert desk("kansa").get(address).status_code == 403
    assert desk("hanako").get(reverse("wording_change", args=["household", "nothing"])).status_code == 404


def test_a_dropped_change_changes_nothing(desk: Callable[[str], Client]) -> None:
    hanako = desk("hanako")
    address = reverse("wording_change", args=["unregistered", "reply_days"])
    assert hanako.post(address, {"valid_from": "R8.12.1", "t": "21"}).status_code == 302
    row = LetterWording.objects.get()
    said(hanako.get(page_of(row, "drop")))
    assert hanako.post(page_of(row, "drop")).status_code == 302
    assert value_of("unregistered", "reply_days", FROM) == 14


def test_words_approved_while_a_form_is_open_are_told_before_anything_is_kept(desk: Callable[[str], Client]) -> None:
    hanako, taro = desk("hanako"), desk("taro")
    address = reverse("wording_change", args=["household", "leavers"])
    opened = hanako.get(address).context["form"]["seen"].value()
    theirs = {"valid_from": "令和8年12月1日", "t": "{基準の日}の翌日から、退職した方の分は返してください。"}
    taro.post(address, theirs)
    hanako.post(page_of(LetterWording.objects.get(), "approve"))

    mine = {
        "valid_from": "令和8年12月5日",
        "t": "{基準の日}より後に退職した方の分は、捨てずに返してください。",
        "seen": opened,
    }
    answer = hanako.post(address, mine)
    page = said(answer)
    assert "書いている間に、ほかの変更が決まりました（hanakoが承認、令和8年12月1日から）" in page
    assert LetterWording.objects.count() == 1
    again = {**mine, "seen": answer.context["form"]["seen"].value()}
    assert hanako.post(address, again).status_code == 302
    assert LetterWording.objects.count() == 2
