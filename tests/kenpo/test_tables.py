"""Spreadsheets in and out: what was written out changes nothing when taken in; nothing is written before it was seen."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from certificates import filings
from certificates.applications.intake import Form, receive
from certificates.loading import load
from certificates.models import Application, EligibilityCertificate, Filing, LegacyCard
from core.errors import BadInput, Refused
from core.models import Clerk, Event
from kenpo.tables import checking, keeping, reading, writing
from kenpo.tables.columns import INDIVIDUAL_NUMBER
from kenpo.tables.kinds import KINDS
from mailing.models import Tracking
from members.models import Address, Member
from tests.builders import INSURER, Folder
from tests.kenpo.reading import latin_words, text_of

pytestmark = pytest.mark.django_db

ON = date(2026, 11, 10)
NOW = timezone.make_aware(datetime(2026, 11, 10, 9, 0))
HOUR = timedelta(hours=1)


@pytest.fixture
def office(tmp_path: Path, home: Path, settings: Any) -> Folder:
    settings.KENPO_TODAY = ON
    folder = Folder(tmp_path / "in")
    folder.establishment("0001", symbol="101")
    folder.insured("0001", person_key="p1", printed_name="", mailing_postal_code="", mailing_address="")
    folder.dependent("0001", "01", person_key="p2", nondisclosure="1")
    folder.insured("0002", name="髙橋 𠮷男", name_kana="タカハシ ヨシオ", person_key="p3", address="-1 架空町",
                   mailing_postal_code="530-0009", mailing_address="大阪府大阪市北区架空9", sex_on_back="1",
                   fund_registered_on="2020-01-02", address_protected="0")  # fmt: skip
    folder.legacy_card("0001").legacy_card("0002", valid_through="2026-12-31")
    folder.certificate("0001", branch_number="01").certificate("0002", ground="not_registered")
    load(folder.write(), on=ON)
    return folder


@pytest.fixture
def browsers(office: Folder) -> Iterator[dict[str, Client]]:
    made = {}
    for name, role in (
        ("suzuki", "clerk"),
        ("tanaka", "clerk"),
        ("kansa", "auditor"),
        ("haso", "dispatcher"),
    ):
        made[name] = Client()
        made[name].force_login(Clerk.objects.create_user(name, role=role, is_staff=True))
    yield made


@pytest.fixture
def by(browsers: dict[str, Client]) -> Clerk:
    return Clerk.objects.get(username="suzuki")


def member(number: str = "0001", branch: str = "00") -> Member:
    return Member.objects.get(number=number, branch_number=branch)


def written(code: str, form: str, tmp_path: Path) -> bytes:
    kind = KINDS[code]
    rows = kind.rows(kind.model._default_manager.all())
    if form != "xlsx":
        return b"".join(writing.csv_chunks(kind.names, rows, form))
    writing.write_xlsx(tmp_path / "t.xlsx", kind.names, rows)
    return (tmp_path / "t.xlsx").read_bytes()


def told(code: str, content: bytes, by: Clerk, form: str = "csv") -> dict[str, Any]:
    name = checking.hand_in(KINDS[code], content, form=form, by=by, now=NOW)
    checking.check(name, by=by, on=ON, now=NOW)
    return {**keeping.kept(name, by=by, now=NOW), "name": name}


def changed(code: str, **cells: str) -> bytes:
    """The table with other values in its first row."""
    rows = list(csv.DictReader(io.StringIO(written(code, "csv", Path()).decode("utf-8-sig"))))
    rows[0].update(cells)
    return table(list(rows[0]), *(list(row.values()) for row in rows))


def table(header: list[str], *rows: list[str], encoding: str = "utf-8") -> bytes:
    out = io.StringIO()
    csv.writer(out).writerows([header, *rows])
    return out.getvalue().encode(encoding)


def book(header: list[str], *rows: list[Any]) -> bytes:
    made = openpyxl.Workbook()
    made.active.append(header)
    for row in rows:
        made.active.append(row)
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def a_filing(by: Clerk) -> None:
    data = {"effective_on": "2026-11-02", "postal_code": "530-0011", "address": "大阪府大阪市北区架空11"}
    filing = filings.receive("address", member(), data, received_on=ON, via="mail", by=by)
    filings.apply(filing, by=by, on=ON)


def an_application(by: Clerk) -> None:
    receive(member(), Form("issue", "lost_card", ON, "mail"), on=ON, by=by)


@pytest.mark.parametrize("form", ["csv", "xlsx"])
@pytest.mark.parametrize("code", ["people", "legacy-cards", "certificates", "applications", "filings"])
def test_what_was_written_out_changes_nothing_when_taken_in(
    code: str, form: str, by: Clerk, tmp_path: Path
) -> None:
    a_filing(by)
    an_application(by)
    kind = KINDS[code]
    rows, events = kind.model._default_manager.count(), Event.objects.count()
    found = told(code, written(code, form, tmp_path), by, form)
    assert found["counts"] == {"new": 0, "update": 0, "skip": rows, "invalid": 0}, (
        found["shown"],
        found["bad"],
    )
    assert rows and Event.objects.count() == events


def test_a_preview_shows_the_change_and_writes_nothing_until_it_is_confirmed(by: Clerk) -> None:
    before = written("people", "csv", Path())
    found = told("people", changed("people", address="大阪府大阪市北区架空88", lost_on="2026-11-01"), by)
    assert found["counts"] == {"new": 0, "update": 1, "skip": 2, "invalid": 0}
    assert sorted(found["shown"][0]["changes"]) == [
        ["address", "大阪府大阪市北区架空7-8-9", "大阪府大阪市北区架空88"], ["lost_on", "", "2026-11-01"],
    ]  # fmt: skip
    assert found["shown"][0]["line"] == 2
    assert written("people", "csv", Path()) == before

    counts = checking.confirm(found["name"], take_good=False, by=by, on=ON, now=NOW)
    assert counts["updated"] == 1 and member().lost_on == date(2026, 11, 1)
    event = Event.objects.get(verb="take_table")
    assert event.actor == by and event.note["updated"] == 1 and "架空" not in str(event.note)
    with pytest.raises(Refused, match="すでに取り込んだ"):
        checking.confirm(found["name"], take_good=False, by=by, on=ON, now=NOW)


def test_new_rows_of_each_service(by: Clerk) -> None:
    numbers = ["insurer_number", "symbol", "number", "branch_number"]
    own = [INSURER, "101", "0002", "00"]
    applied = told("applications", table(
        [*numbers, "kind", "ground", "received_on", "via"], [*own, "issue", "lost_card", "2026-11-09", "mail"]), by)  # fmt: skip
    filed = told("filings", table(
        ["kind", *numbers, "effective_on", "received_on", "via", "postal_code", "address"],
        ["address", *own, "2026-11-05", "2026-11-09", "mail", "530-0012", "架空12"]), by)  # fmt: skip
    assert not Application.objects.exists() and not Filing.objects.exists()
    for found in (applied, filed):
        assert found["counts"] == {"new": 1, "update": 0, "skip": 0, "invalid": 0}, found["bad"]
        checking.confirm(found["name"], take_good=False, by=by, on=ON, now=NOW)
    assert Application.objects.get().received_by == by
    assert Filing.objects.get().status == "applied"
    assert Address.objects.filter(address="架空12").exists()


def test_records_that_changed_after_the_preview_stop_the_confirmation(by: Clerk) -> None:
    found = told("people", changed("people", lost_on="2026-11-01"), by)
    Member.objects.filter(pk=member().pk).update(lost_on=date(2026, 10, 1))
    with pytest.raises(Refused, match="登録の内容が変わりました"):
        checking.confirm(found["name"], take_good=False, by=by, on=ON, now=NOW)
    assert member().lost_on == date(2026, 10, 1)


def test_the_sealed_file_is_one_clerks_for_one_hour_and_says_nothing(
    by: Clerk, office: Folder, settings: Any
) -> None:
    found = told("people", changed("people", lost_on="2026-11-01"), by)
    path = settings.KENPO_HOME / "tables" / found["name"]
    assert path.stat().st_mode & 0o777 == 0o600
    assert "山田".encode() not in path.read_bytes() and b"symbol" not in path.read_bytes()
    other = Clerk.objects.get(username="tanaka")
    with pytest.raises(Refused, match="ほかの担当者"):
        checking.confirm(found["name"], take_good=False, by=other, on=ON, now=NOW)
    second = timedelta(seconds=1)
    assert keeping.kept(found["name"], by=by, now=NOW + HOUR - second)
    for late in (HOUR, HOUR + second):
        with pytest.raises(Refused, match="1時間"):
            keeping.kept(found["name"], by=by, now=NOW + late)
    assert keeping.sweep(NOW + HOUR - second) == 0 and path.exists()
    assert keeping.sweep(NOW + HOUR) == 1 and not path.exists()
    assert list(path.parent.iterdir()) == []


@pytest.mark.parametrize("name", ["../secrets/encryption.keys", "x", "1-" + "a" * 31, ""])
def test_no_other_file_is_opened_by_its_name(name: str, by: Clerk) -> None:
    with pytest.raises(Refused, match="もう一度"):
        keeping.kept(name, by=by, now=NOW)


def test_bad_rows_keep_everything_out_until_the_good_ones_are_asked_for(by: Clerk) -> None:
    header = ["insurer_number", "symbol", "number", "branch_number", "issued_on", "valid_through"]
    rows = [
        [INSURER, "101", "0001", "00", "2021-05-01", ""], [INSURER, "101", "9999", "00", "2021-05-01", ""],
        [INSURER, "101", "0002", "00", "2021-13-01", ""], [INSURER[1:], "101", "0002", "00", "2021-05-01", ""],
    ]  # fmt: skip
    found = told("legacy-cards", table(header, *rows), by)
    assert found["counts"] == {"new": 1, "update": 0, "skip": 0, "invalid": 3}
    assert [(bad["line"], bad["columns"]) for bad in found["bad"]] == [
        (3, "number"), (4, "issued_on"), (5, "insurer_number"),
    ]  # fmt: skip
    assert "先頭の0" in found["bad"][2]["reason"]
    with pytest.raises(Refused, match="誤りのある行"):
        checking.confirm(found["name"], take_good=False, by=by, on=ON, now=NOW)
    names, bad = checking.bad_table(found)
    again = b"".join(writing.csv_chunks(names, bad, "csv"))
    corrected = again.replace(b"2021-13-01", b"2021-12-01").replace(b",9999,", b",0001,")
    checking.confirm(found["name"], take_good=True, by=by, on=ON, now=NOW)
    assert LegacyCard.objects.filter(issued_on=date(2021, 5, 1)).count() == 1
    found = told("legacy-cards", corrected, by)
    assert found["counts"] == {"new": 1, "update": 0, "skip": 1, "invalid": 1}


PEOPLE = ["insurer_number", "symbol", "number", "branch_number", "issued_on", "valid_through"]


@pytest.mark.parametrize(
    ("place", "cell", "said"),
    [
        (0, int(INSURER), "先頭の0"), (1, 101, "数値になっています"), (2, 1, "数値になっています"),
        (2, "=1+1", "計算式"), (3, 0, "先頭の0"), (4, 44000, "書式を「日付」"), (2, date(2026, 1, 2), "日付に変わって"),
        (4, datetime(2026, 1, 2, 3, 4), "時刻"), (2, True, "真偽"), (2, 1.5, "小数"), (2, "1\n2", "改行"),
    ],
)  # fmt: skip
def test_a_cell_of_a_book_that_is_no_longer_what_was_typed_is_said(place: int, cell: Any, said: str) -> None:
    row: list[Any] = [INSURER, "101", "0001", "00", "2020-04-01", ""]
    row[place] = cell
    read = reading.read(book(PEOPLE, row), form="xlsx").rows[0]
    assert [mistake.column for mistake in read.mistakes] == [PEOPLE[place]]
    assert said in read.mistakes[0].expected
    assert read.line == 2


def test_a_books_days_become_text_and_formatted_numbers_keep_their_zeros() -> None:
    made = openpyxl.Workbook()
    made.active.append(PEOPLE)
    made.active.append([int(INSURER), "101", 1, 10, date(2020, 4, 1), None])
    made.active["A2"].number_format = "00000000"
    made.active["C2"].number_format = "0000"
    out = io.BytesIO()
    made.save(out)
    row = reading.read(out.getvalue(), form="xlsx").rows[0]
    assert row.cells == [INSURER, "101", "0001", "10", "2020-04-01", ""] and not row.mistakes


def test_the_old_encoding_is_read_and_a_wrong_one_told() -> None:
    sheet = reading.read(table(["name"], ["山田 太郎"], encoding="cp932"), form="cp932")
    assert sheet.rows[0].cells == ["山田 太郎"]
    assert reading.read("\ufeffname\r\n山田\r\n".encode(), form="csv").header == ["name"]
    for content, form, said in (
        (table(["name"], ["山田"], encoding="cp932"), "csv", "従来の日本語文字コード"),
        (table(["name"], ["山田"]), "cp932", "CSV（ユニコード）"),
        ("name\n山田".encode("utf-16"), "csv", "CSV UTF-8"),
        (book(["name"], ["山田"]), "csv", "エクセル"),
        (table(["name"], ["山田"]), "xlsx", "エクセルのファイル"),
        (b"PK\x03\x04broken", "xlsx", "エクセルのファイル"),
        (b"", "csv", "空です"),
        (b"name\n", "csv", "値の行がありません"),
        (b'name\n"a', "csv", "引用符"),
        (b"name,name\na,b\n", "csv", "二つあります"),
    ):
        with pytest.raises(BadInput, match=said):
            reading.read(content, form=form)
    assert reading.read(b"name\n=1+1\n", form="csv").rows[0].mistakes


def test_a_table_larger_than_allowed_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "ROWS_MAX", 2)
    assert len(reading.read(b"name\na\nb\n", form="csv").rows) == 2
    for content, form in ((b"name\na\nb\nc\n", "csv"), (book(["name"], ["a"], ["b"], ["c"]), "xlsx")):
        with pytest.raises(BadInput, match="2行まで"):
            reading.read(content, form=form)


def test_written_books_hold_text_only_and_never_the_individual_number(by: Clerk, tmp_path: Path) -> None:
    content = written("people", "xlsx", tmp_path)
    sheet = openpyxl.load_workbook(io.BytesIO(content)).active
    cells = [cell for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert {cell.data_type for cell in cells} == {"s"}
    header = [cell.value for cell in sheet[1]]
    assert header == list(KINDS["people"].names) and INDIVIDUAL_NUMBER not in header
    writing.write_xlsx(tmp_path / "f.xlsx", ["a"], [{"a": start + "1"} for start in "=+-@"])
    sheet = openpyxl.load_workbook(tmp_path / "f.xlsx").active
    assert [(c.value, c.data_type) for (c,) in list(sheet.iter_rows())[1:]] == [
        (start + "1", "s") for start in "=+-@"
    ]


def test_reading_and_writing_ask_as_much_for_many_rows_as_for_few(by: Clerk, office: Folder) -> None:
    few = _queries(by)
    for number in range(40):
        office.insured(f"1{number:03}", person_key=f"q{number}")
    load(office.write(), on=ON)
    assert _queries(by) == few


def _queries(by: Clerk) -> int:
    with CaptureQueriesContext(
        connection,
    ) as asked:
        told("people", written("people", "csv", Path()), by)
    return len(asked)


def post(browser: Client, code: str, content: bytes, form: str = "csv") -> Any:
    upload = io.BytesIO(content)
    upload.name = "山田太郎.csv"
    return browser.post(reverse("table", args=[code]), {"form": form, "file": upload}, follow=True)


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
            assert "新規\n0行" in "\n".join(line.strip() for line in answer.splitlines() if line.strip()), (
                answer
            )
    assert not Event.objects.filter(verb="export_table").exists()


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


def test_characters_that_the_old_encoding_lacks_are_listed_and_nothing_is_written(
    browsers: dict[str, Client],
) -> None:
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
