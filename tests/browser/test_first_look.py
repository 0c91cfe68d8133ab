"""A clerk's first look, through the real login page in Debian's Chromium: find a member, read why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest

from certificates.models import Decision
from core.models import Clerk
from tests.browser.conftest import PASSWORD, seen
from tests.conftest import run_command
from tests.kenpo.reading import latin_words
from tests.story.month import DAY, invent_and_load

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@dataclass(frozen=True)
class Asked:
    """Whose decision is looked up: a woman registered with a usable card, by her number."""

    symbol: str
    number: str
    branch_number: str
    name: str


@pytest.fixture
def asked(tmp_path: Path, settings: Any) -> Asked:
    """A decided month, and one of its members. The database is not touched while the browser runs."""
    settings.KENPO_TODAY = date.fromisoformat(DAY)
    invent_and_load(tmp_path, members=120)
    assert run_command("run_month", "2026-11", "--by", "hanako", "--on", DAY).code == 0
    Clerk.objects.create_user("hanae", password=PASSWORD, role="clerk", is_staff=True)
    usable = Decision.objects.filter(outcome="not_needed", reason="myna_usable").select_related("member__person")
    member = usable.order_by("pk")[0].member
    return Asked(member.symbol, member.number, member.branch_number, member.person.name)


def test_a_clerk_logs_in_finds_a_member_and_reads_why(asked: Asked, page: Any, live_server: Any) -> None:
    own = {asked.name, "hanae", "hanako", "NGUYEN VAN AN"}

    page.goto(f"{live_server.url}/")
    assert "ログイン" in seen(page)
    assert not latin_words(seen(page), data=own)

    page.fill("#id_username", "hanae")
    page.fill("#id_password", "chigau")
    page.click("#login-form button[type=submit]")
    page.wait_for_selector("text=正しいユーザー名")
    assert "正しい" in seen(page)
    assert not latin_words(seen(page), data=own)

    page.fill("#id_username", "hanae")
    page.fill("#id_password", PASSWORD)
    page.click("#login-form button[type=submit]")
    page.wait_for_selector("text=今月の進み具合")
    assert "今日使える手段がない人" in seen(page)
    assert not latin_words(seen(page), data=own)

    page.click("nav a[href='/admin/certificates/decision/']")
    page.wait_for_selector("#result_list")
    assert page.locator("#result_list tbody tr").count() == 50
    assert not latin_words(seen(page), data=own)

    wide = str.maketrans("0123456789-", "０１２３４５６７８９－")
    page.fill("#searchbar", f"{asked.symbol}-{asked.number}-{asked.branch_number}".translate(wide))
    page.press("#searchbar", "Enter")
    page.wait_for_url("**q=**")
    assert f"{asked.symbol}-{asked.number}" not in unquote(page.url)
    assert page.locator("#result_list tbody tr").count() == 1
    assert asked.name in seen(page) and "マイナ保険証が使える" in seen(page)

    page.click("#result_list tbody tr a")
    page.wait_for_selector("#sentence")
    sentence = page.inner_text("#sentence")
    assert sentence.startswith("マイナ保険証が令和") and sentence.endswith("まで使えるため、今はお送りしていません。")
    assert "基金の月次ファイル" in seen(page) and "根拠は判定表2（マイナ保険証が使える）。" in seen(page)
    assert not latin_words(seen(page), data=own)
