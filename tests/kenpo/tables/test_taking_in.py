"""Tables taken in: checked first, written once, sealed meanwhile, nothing half done."""

from __future__ import annotations

import csv
import io
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from certificates.models import Application, Filing, LegacyCard
from certificates.requests import filings
from certificates.requests.applications.intake import Form, receive
from core.errors import Refused
from core.models import Clerk, Event
from kenpo.intake.load import load
from kenpo.intake.tables import checking, keeping, writing
from kenpo.intake.tables.kinds import KINDS
from members.models import Address, Member
from tests.builders import INSURER, Folder
from tests.kenpo.tables.sheets import NOW, ON, changed, table, written

pytestmark = pytest.mark.django_db


HOUR = timedelta(hours=1)


def member(number: str = "0001", branch: str = "00") -> Member:
    return Member.objects.get(number=number, branch_number=branch)


def told(code: str, content: bytes, by: Clerk, form: str = "csv") -> dict[str, Any]:
    name = checking.hand_in(KINDS[code], content, form=form, by=by, now=NOW)
    checking.check(name, by=by, on=ON, now=NOW)
    return {**keeping.kept(name, by=by, now=NOW), "name": name}


def a_filing(by: Clerk) -> None:
    data = {"effective_on": "2026-11-02", "postal_code": "530-0011", "address": "大阪府大阪市北区架空11"}
    filing = filings.receive("address", member(), data, received_on=ON, via="mail", by=by)
    filings.apply(filing, by=by, on=ON)


def an_application(by: Clerk) -> None:
    receive(member(), Form("issue", "lost_card", ON, "mail"), on=ON, by=by)


@pytest.mark.parametrize("form", ["csv", "xlsx"])
@pytest.mark.parametrize("code", ["people", "legacy-cards", "certificates", "applications", "filings"])
def test_what_was_written_out_changes_nothing_when_taken_in(code: str, form: str, by: Clerk, tmp_path: Path) -> None:
    a_filing(by)
    an_application(by)
    kind = KINDS[code]
    rows, events = kind.model._default_manager.count(), Event.objects.count()
    found = told(code, written(code, form, tmp_path), by, form)
    assert found["counts"] == {"new": 0, "update": 0, "skip": rows, "invalid": 0}, (found["shown"], found["bad"])
    assert rows and Event.objects.count() == events


def test_a_preview_shows_the_change_and_writes_nothing_until_it_is_confirmed(by: Clerk) -> None:
    before = written("people", "csv", Path())
    found = told("people", changed("people", address="大阪府大阪市北区架空88", lost_on="2026-11-01"), by)
    assert found["counts"] == {"new": 0, "update": 1, "skip": 2, "invalid": 0}
    assert sorted(found["shown"][0]["changes"]) == [
        ["address", "大阪府大阪市北区架空7-8-9", "大阪府大阪市北区架空88"],
        ["lost_on", "", "2026-11-01"],
    ]
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
    applied = told(
        "applications",
        table([*numbers, "kind", "ground", "received_on", "via"], [*own, "issue", "lost_card", "2026-11-09", "mail"]),
        by,
    )
    filed = told(
        "filings",
        table(
            ["kind", *numbers, "effective_on", "received_on", "via", "postal_code", "address"],
            ["address", *own, "2026-11-05", "2026-11-09", "mail", "530-0012", "架空12"],
        ),
        by,
    )
    assert not Application.objects.exists() and not Filing.objects.exists()
    for found in (applied, filed):
        assert found["counts"] == {"new": 1, "update": 0, "skip": 0, "invalid": 0}, found["bad"]
        checking.confirm(found["name"], take_good=False, by=by, on=ON, now=NOW)
    assert Application.objects.get().received_by == by
    assert Filing.objects.get().status == "applied"
    assert Address.objects.filter(address="架空12").exists()


@pytest.mark.parametrize(
    ("registered", "given", "mark"),
    [
        ("𠮷", "?", "?"),
        ("髙", "？", "？"),
        ("邉\U000e0102", "邉〓", "〓"),
        ("﨑", "□", "□"),
        ("髙", "\ufffd", "\ufffd"),
    ],
)
def test_a_registered_character_that_became_a_replacement_is_told(
    by: Clerk, registered: str, given: str, mark: str
) -> None:
    person = member("0002").person
    person.name = f"山{registered} 太郎"
    person.save()
    rows = list(csv.DictReader(io.StringIO(written("people", "csv", Path()).decode("utf-8-sig"))))
    rows[-1]["name"] = f"山{given} 太郎"
    found = told("people", table(list(rows[0]), *(list(row.values()) for row in rows)), by)
    assert [said for said in found["odd"] if "登録と違い" in said] == [
        f"4行目の氏名：文字化けかもしれません。登録と違い「{mark}」があります。元の表の文字と保存の形式を確かめてください。"
    ]
    own = ["name_change", INSURER, "101", "0002", "00", "2026-11-05", "", "", f"山{given} 次郎"]
    filed = told("filings", table(["kind", *APPLIED[:4], *FILED, "name"], own), by)
    assert any("登録と違い" in said for said in filed["odd"])


def test_a_name_that_changed_or_stays_is_not_called_garbled(by: Clerk) -> None:
    person = member("0001").person
    person.name = "山? 太郎"
    person.save()
    for name in ("山? 太郎", "山? 次郎", "山田 太郎"):
        assert "登録と違い" not in str(told("people", changed("people", name=name), by)["odd"])


FILED = ["effective_on", "received_on", "via"]
APPLIED = ["insurer_number", "symbol", "number", "branch_number", "kind", "ground", "received_on", "via"]
DAYS = ["20261109", "2026-11-09", "2026/11/09", "2026/11/9", "令和8年11月9日", "R8.11.9", "2026年11月9日"]


@pytest.mark.parametrize("day", DAYS)
def test_a_day_is_read_as_the_pages_read_it_whatever_the_table(by: Clerk, day: str) -> None:
    own = [INSURER, "101", "0002", "00"]
    found = told("applications", table(APPLIED, [*own, "issue", "lost_card", day, "mail"]), by)
    assert found["counts"] == {"new": 1, "update": 0, "skip": 0, "invalid": 0}, found["bad"]
    assert ["received_on", "", "2026-11-09"] in found["shown"][0]["changes"]
    checking.confirm(found["name"], take_good=False, by=by, on=ON, now=NOW)
    assert Application.objects.get().received_on == date(2026, 11, 9)
    card = table([*APPLIED[:4], "issued_on", "valid_through"], [*own, day, ""])
    assert told("legacy-cards", card, by)["counts"]["new"] == 1
    filed = table(
        ["kind", *APPLIED[:4], *FILED, "name_kana", "birth_date", "name"],
        ["name_change", *own, day, day, "", "タカハシ ヨシオ", "昭和55年4月15日", "高橋 吉男"],
    )
    found = told("filings", filed, by)
    assert found["counts"] == {"new": 1, "update": 0, "skip": 0, "invalid": 0}, found["bad"]


def test_what_stands_under_other_texts_than_the_row_is_new_all_the_same(by: Clerk) -> None:
    header = ["kind", *APPLIED[:4], *FILED, "lost_on", "reason"]
    row = ["loss", "", "１０１", "0002", "00", "", "", "", "2026-11-01", "retirement"]
    found = told("filings", table(header, row), by)
    assert found["counts"] == {"new": 1, "update": 0, "skip": 0, "invalid": 0}, found["bad"]


def test_the_same_row_twice_counts_once(by: Clerk) -> None:
    own = [INSURER, "101", "0002", "00"]
    row = [*own, "issue", "lost_card", "20261109", "mail"]
    found = told("applications", table(APPLIED, row, row, [*row[:6], "2026-11-09", "mail"]), by)
    assert found["counts"] == {"new": 1, "update": 0, "skip": 2, "invalid": 0}
    counts = checking.confirm(found["name"], take_good=False, by=by, on=ON, now=NOW)
    assert (counts["created"], counts["unchanged"], Application.objects.count()) == (1, 2, 1)
    header = ["kind", *APPLIED[:4], *FILED, "postal_code", "address"]
    first = ["address", *own, "2026-11-05", "", "", "530-0012", "架空12"]
    other = [*first[:-2], "530-0013", "架空13"]
    found = told("filings", table(header, first, first, other), by)
    assert found["counts"]["new"] == 2 and found["counts"]["skip"] == 1, (found["counts"], found["bad"])


def test_records_that_changed_after_the_preview_stop_the_confirmation(by: Clerk) -> None:
    found = told("people", changed("people", lost_on="2026-11-01"), by)
    Member.objects.filter(pk=member().pk).update(lost_on=date(2026, 10, 1))
    with pytest.raises(Refused, match="登録の内容が変わりました"):
        checking.confirm(found["name"], take_good=False, by=by, on=ON, now=NOW)
    assert member().lost_on == date(2026, 10, 1)


def test_the_sealed_file_is_one_clerks_for_one_hour_and_says_nothing(by: Clerk, office: Folder, settings: Any) -> None:
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
        [INSURER, "101", "0001", "00", "2021-05-01", ""],
        [INSURER, "101", "9999", "00", "2021-05-01", ""],
        [INSURER, "101", "0002", "00", "2021-13-01", ""],
        [INSURER[1:], "101", "0002", "00", "2021-05-01", ""],
    ]
    found = told("legacy-cards", table(header, *rows), by)
    assert found["counts"] == {"new": 1, "update": 0, "skip": 0, "invalid": 3}
    assert [(bad["line"], bad["columns"]) for bad in found["bad"]] == [
        (3, "number"),
        (4, "issued_on"),
        (5, "insurer_number"),
    ]
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


def test_reading_and_writing_ask_as_much_for_many_rows_as_for_few(by: Clerk, office: Folder) -> None:
    few = _queries(by)
    for number in range(40):
        office.insured(f"1{number:03}", person_key=f"q{number}")
    load(office.write(), on=ON)
    assert _queries(by) == few


def _queries(by: Clerk) -> int:
    with CaptureQueriesContext(connection) as asked:
        told("people", written("people", "csv", Path()), by)
    return len(asked)
