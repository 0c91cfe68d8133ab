"""A marriage at the desk, through the real pages: the name filed, what it changes read before saving, the family's story."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from core.models import Clerk
from kenpo.intake.load import load
from members.models import Member
from tests.browser.conftest import PASSWORD, log_in, seen
from tests.builders import Folder
from tests.kenpo.desk.pages import ON, in_hand
from tests.kenpo.reading import latin_words

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def bride(tmp_path: Path) -> Member:
    """An insured woman and her child, each with a certificate in hand."""
    folder = Folder(tmp_path / "in")
    folder.insured("7", name="佐藤 花", name_kana="サトウ ハナ", sex="2", birth_date="1990-02-03")
    folder.dependent("7", "01", name="佐藤 蕾", name_kana="サトウ ツボミ", relationship="長女", birth_date="2018-04-01")
    load(folder.write(), on=ON)
    for member in Member.objects.all():
        in_hand(member)
    Clerk.objects.create_user("hanae", password=PASSWORD, role="clerk", is_staff=True)
    return Member.objects.select_related("person").get(branch_number="00")


def test_a_new_name_is_seen_through_before_it_is_saved(bride: Member, page: Any, live_server: Any) -> None:
    own = {"hanae"}
    person = bride.person_id
    log_in(page, live_server.url, "hanae")
    page.fill("[name=words]", "サトウ ハナ")
    page.press("[name=words]", "Enter")
    page.click("text=届出を受け付ける")
    page.click("text=氏名変更")
    assert not latin_words(seen(page), data=own)

    page.fill("[name=effective_on]", "R8.2.30")
    page.click("text=変わることを確かめる")
    page.wait_for_selector("text=暦にある日を")
    assert not latin_words(seen(page), data=own)

    page.fill("[name=effective_on]", "令和８年１１月３日")
    page.fill("[name=name]", "鈴木 花")
    page.fill("[name=name_kana]", "スズキ ハナ")
    page.click("text=変わることを確かめる")
    page.wait_for_selector("text=まだ保存していません")
    said = seen(page)
    assert "佐藤 花" in said and "鈴木 花" in said and "回収します" in said
    assert not latin_words(said, data=own)
    assert "鈴木" not in page.url and "%E9" not in page.url

    page.click("text=保存して反映する")
    page.wait_for_selector("text=届出を受け付け、反映しました。")
    assert not latin_words(seen(page), data=own)

    page.goto(f"{live_server.url}/admin/members/person/{person}/timeline/")
    said = seen(page)
    assert said.index("資格を取得") < said.index("の内容を反映しました。") < said.index("ここから先は予定です")
    assert "鈴木 花" in said and "佐藤 蕾" in said
    assert not latin_words(said, data=own)
