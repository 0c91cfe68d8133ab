"""The clerk at the telephone, through the real pages: find by kana, read why, see the printed picture, record the call."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest

from core.models import Clerk
from members.models import Establishment, Person
from tests.browser.conftest import PASSWORD, log_in, seen
from tests.kenpo import calls
from tests.kenpo.reading import latin_words

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@dataclass(frozen=True)
class Month:
    """Who needs no certificate, who has one, and the names that may be Latin; read before the browser is there."""

    caller: Person
    holder: Person
    serial: str
    own: set[str]


@pytest.fixture
def month(tmp_path: Path, home: Path, settings: Any) -> Month:
    settings.KENPO_TODAY = calls.ON
    calls.month_sent(tmp_path)
    Clerk.objects.create_user("denwa", password=PASSWORD, role="clerk", is_staff=True)
    people = Person.objects.values_list("name", "printed_name", "name_kana")
    own = {text for row in people for text in row} | set(Establishment.objects.values_list("name", flat=True))
    holder = calls.issued()
    return Month(
        calls.not_issued().person, holder.person, holder.certificates.get().serial, own | {"denwa", "hanako", "taro"}
    )


def test_a_caller_is_found_told_why_and_recorded(month: Month, page: Any, live_server: Any) -> None:
    log_in(page, live_server.url, "denwa")
    caller = month.caller
    page.goto(f"{live_server.url}/admin/search/")
    page.click("h1, .kenpo-search label")  # the box has lost the focus
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "kenpo-search"
    page.keyboard.type(caller.name_kana[:2])
    page.keyboard.press("Enter")
    page.wait_for_selector(".kenpo-hit, #why")
    if page.locator(".kenpo-hit").count():
        assert not latin_words(seen(page), data=month.own)
        names = page.locator(".kenpo-hit").all_inner_texts()
        for _ in range(1 + names.index(caller.name)):
            page.keyboard.press("ArrowDown")
        page.keyboard.press("Enter")
    page.wait_for_selector("text=月ごとの判定")
    assert f"/person/{caller.pk}/" in page.url and caller.name not in unquote(page.url)

    said = seen(page)
    assert "使えるため、今はお送りしていません。" in said and "変わるとき" in said
    assert "この画面の方" in said and "今日使える手段" in said
    assert not latin_words(said, data=month.own)

    page.click("text=電話の対応を記録する")
    page.select_option("[name=caller]", label="本人")
    page.select_option("[name=topic]", label="証が送られない理由")
    page.click("text=この文を「答えたこと」に写す")
    page.wait_for_selector("text=読み上げる前に、二つ以上を確かめて印を付けてください。")
    page.check("[name=checked][value=name]")
    page.check("[name=checked][value=birth_date]")
    page.click("text=この文を「答えたこと」に写す")
    page.wait_for_function("document.querySelector('[name=answer]').value !== ''")
    assert "今はお送りしていません。" in page.input_value("[name=answer]")
    assert not latin_words(seen(page), data=month.own)
    page.click("text=記録する >> nth=-1")
    page.wait_for_selector("text=対応を記録しました。")
    said = seen(page)
    assert "氏名、生年月日" in said and "証が送られない理由" in said
    assert not latin_words(said, data=month.own)


def test_the_paper_is_seen_as_it_was_printed(month: Month, page: Any, live_server: Any) -> None:
    log_in(page, live_server.url, "denwa")
    serial = month.serial
    page.goto(f"{live_server.url}/admin/search/")
    page.fill("#kenpo-search", f"{serial[:4]}-{serial[4:8]}-{serial[8:]}")
    page.press("#kenpo-search", "Enter")
    page.wait_for_selector("text=書類（印刷したとおり）")
    assert f"/person/{month.holder.pk}/" in page.url
    picture = page.locator("img.kenpo-printed").first
    assert not picture.is_visible()
    page.click("text=印刷したものを見る >> nth=0")
    picture.scroll_into_view_if_needed()
    page.wait_for_function("document.querySelector('img.kenpo-printed').naturalWidth > 600")
    assert not latin_words(seen(page), data=month.own)
