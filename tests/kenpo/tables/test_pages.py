"""Tables on the pages, by role."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from certificates.models import EligibilityCertificate
from core.models import Clerk, Event
from kenpo.intake.tables import reading
from kenpo.intake.tables.kinds import KINDS
from mailing.models import Tracking
from members.models import Address
from tests.builders import INSURER
from tests.kenpo.reading import latin_words, text_of
from tests.kenpo.tables.sheets import changed, post, table

pytestmark = pytest.mark.django_db


def test_a_clerk_takes_a_table_in_and_others_may_not_see_it(browsers: dict[str, Client], home: Path) -> None:
    page = post(browsers["suzuki"], "people", changed("people", address="架空88"))
    url = page.redirect_chain[-1][0]
    said = text_of(page.content.decode())
    assert "架空88" in said and "1行を取り込む" in said and not latin_words(said, data=["suzuki"])
    assert "山田" not in "".join(path.name for path in (home / "tables").iterdir())
    assert "ほかの担当者" in text_of(browsers["tanaka"].post(url, {"take": "all"}).content.decode())
    assert not Address.objects.filter(address="架空88").exists()
    done = text_of(browsers["suzuki"].post(url, {"take": "all"}, follow=True).content.decode())
    assert "変更 1" in done and Address.objects.filter(address="架空88").exists()
    assert "すでに取り込んだ" in text_of(browsers["suzuki"].post(url, {"take": "all"}).content.decode())


def test_bad_rows_are_shown_and_saved(browsers: dict[str, Client]) -> None:
    page = post(browsers["suzuki"], "people", changed("people", birth_date="2026/1/1", number=""))
    url = page.redirect_chain[-1][0]
    said = text_of(page.content.decode())
    assert "YYYY" not in said and not latin_words(said, data=["suzuki"])
    assert "誤りのある行を保存" in said
    for form in ("csv", "xlsx"):
        saved = browsers["suzuki"].get(f"{url}bad.{form}")
        content = b"".join(saved) if form == "csv" else saved.content
        again = reading.read(content, form=form)
        assert again.header == list(KINDS["people"].names) and len(again.rows) == 1
    assert "ほかの担当者" in text_of(browsers["tanaka"].get(f"{url}bad.csv").content.decode())


def test_the_pages_speak_japanese_and_follow_the_role(browsers: dict[str, Client]) -> None:
    index = text_of(browsers["suzuki"].get(reverse("tables")).content.decode())
    assert "引受番号" in index and not latin_words(index, data=["suzuki"])
    assert {one.example for one in KINDS["people"].columns} >= {"見本 太郎", "99999999"}
    for code, kind in KINDS.items():
        address = reverse("table", args=[code])
        said = text_of(browsers["suzuki"].get(address).content.decode())
        assert not latin_words(said, data=["suzuki"]), code
        assert browsers["kansa"].get(address).status_code == 403
        refused = browsers["kansa"].post(reverse("table_export", args=[code]), {"form": "csv"})
        assert refused.status_code == 403 and "権限" in text_of(refused.content.decode())
        assert browsers["haso"].get(address).status_code == (200 if code == "tracking" else 403)
        for form in ("csv", "xlsx"):
            made = browsers["suzuki"].get(reverse("table_template", args=[code, form]))
            content = b"".join(made) if form == "csv" else made.content
            assert reading.read(content, form=form).header == [one.name for one in kind.columns]
            answer = text_of(post(browsers["suzuki"], code, content, form).content.decode())
            assert "新規\n0行" in "\n".join(line.strip() for line in answer.splitlines() if line.strip()), answer
    assert not Event.objects.filter(verb="export_table").exists()


@pytest.mark.parametrize(
    ("code", "header", "row", "days"),
    [
        (
            "applications",
            ["kind", "ground", "received_on", "via"],
            ["issue", "lost_card", "2026-11-09", "mail"],
            ["令和8年11月9日"],
        ),
        (
            "legacy-cards",
            ["issued_on", "valid_through"],
            ["20240401", "2025-12-01"],
            ["令和6年4月1日", "令和7年12月1日"],
        ),
        (
            "certificates",
            ["basis", "issued_on", "effective_on", "valid_through"],
            ["application", "2026-10-01", "R8.10.2", "2026/10/31"],
            ["令和8年10月1日", "令和8年10月2日", "令和8年10月31日"],
        ),
        (
            "filings",
            ["kind", "effective_on", "received_on", "via", "postal_code", "address"],
            ["address", "2026-11-02", "2026-11-09", "mail", "530-0011", "大阪府大阪市北区架空11"],
            ["令和8年11月2日", "令和8年11月9日"],
        ),
    ],
)
def test_days_are_told_in_the_era_calendar(
    browsers: dict[str, Client], code: str, header: list[str], row: list[str], days: list[str]
) -> None:
    numbers = ["insurer_number", "symbol", "number", "branch_number"]
    content = table([*numbers, *header], [INSURER, "101", "0002", "00", *row])
    said = text_of(post(browsers["suzuki"], code, content).content.decode())
    assert "新規" in said and all(day in said for day in days), said
    assert not re.search(r"\d{4}-\d{2}-\d{2}", said)


def test_a_changed_day_of_a_person_is_told_in_the_era_calendar(browsers: dict[str, Client]) -> None:
    page = post(browsers["suzuki"], "people", changed("people", fund_registered_on="2020-04-11"))
    said = text_of(page.content.decode())
    assert "令和2年4月11日" in said and not re.search(r"\d{4}-\d{2}-\d{2}", said)


def test_a_narrowed_list_is_written_out_and_logged(browsers: dict[str, Client], by: Clerk) -> None:
    listed = browsers["suzuki"].get(reverse("admin:members_member_changelist"), {"kind__exact": "dependent"})
    address = reverse("table", args=["people"]) + "?kind__exact=dependent"
    assert f'href="{address}"' in listed.content.decode()
    assert "1件" in text_of(browsers["suzuki"].get(address).content.decode())
    export = reverse("table_export", args=["people"]) + "?kind__exact=dependent"
    saved = browsers["suzuki"].post(export, {"form": "csv"})
    content = b"".join(saved)
    assert content.startswith(b"\xef\xbb\xbf") and "no-store" in saved["Cache-Control"]
    rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))
    assert [row["branch_number"] for row in rows] == ["01"]
    event = Event.objects.get(verb="export_table")
    assert event.actor == by and event.note == {"kind": "people", "format": "csv", "rows": 1}
    log = text_of(browsers["suzuki"].get(reverse("admin:core_event_changelist")).content.decode())
    assert "表を書き出す" in log and not latin_words(log, data=["suzuki", "kenpo"])


def test_characters_that_the_old_encoding_lacks_are_listed_and_nothing_is_written(browsers: dict[str, Client]) -> None:
    export = reverse("table_export", args=["people"])
    page = text_of(browsers["suzuki"].post(export, {"form": "cp932"}).content.decode())
    assert "𠮷" in page and "髙" not in page and "ユニコード" in page
    assert not Event.objects.filter(verb="export_table").exists()
    saved = browsers["suzuki"].post(export + "?kind__exact=dependent", {"form": "cp932"})
    assert "山田 花子" in b"".join(saved).decode("cp932")
    whole = browsers["suzuki"].post(export, {"form": "csv"})
    assert "髙橋 𠮷男" in b"".join(whole).decode("utf-8-sig")


def test_an_empty_office_is_told_what_to_do_next(home: Path, settings: Any) -> None:
    browser = Client()
    browser.force_login(Clerk.objects.create_user("suzuki", role="clerk", is_staff=True))
    assert "まだ何も登録されていません" in text_of(browser.get(reverse("tables")).content.decode())
    assert "まだありません" in text_of(browser.get(reverse("table", args=["tracking"])).content.decode())
    assert not (Tracking.objects.exists() or EligibilityCertificate.objects.exists())
