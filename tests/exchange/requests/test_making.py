"""A file of requests: every request once, control totals, open for the clerk and sealed for good."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from certificates.requests import deregistration as deregistrations
from certificates.requests import inquiries
from core.errors import BadInput, Refused
from exchange import outgoing, storage
from exchange.models import OutgoingFile, OutgoingRow
from exchange.outgoing import layout as layouts
from exchange.outgoing.layout import Head, Line
from members.models import Member
from members.services import society
from tests.builders import INSURER, SECOND_INSURER
from tests.conftest import run_command
from tests.exchange.requests.asking import DAY, TODAY, Clerks, accepted, made_file, make_file, text_of_file

pytestmark = pytest.mark.django_db


def test_the_file_has_every_request_and_closing_totals(people: dict[str, Member], clerks: Clerks, home: Path) -> None:
    for number in ("1", "2"):
        accepted(people[number], clerks)

    file = made_file(clerks[0])

    total = 19800415 + 19910131
    assert text_of_file(file, home) == (
        f"H,{INSURER},20261110,R,1\r\n"
        "D,1,101,1,00,ヤマダ ア,19800415\r\n"
        "D,2,101,2,00,ヤマダ イ,19910131\r\n"
        f"T,2,{total}\r\n"
    )
    assert (file.row_count, file.control_total, file.status) == (2, total, "made")
    assert outgoing.control_totals_hold(file)


def test_the_total_is_taken_modulo_the_layouts_number() -> None:
    layout = layouts.load(layouts.DEFAULT)
    lines = [Line(1, "101", "1", "00", "ヤマダ", date(1980, 4, 15))] * 60

    assert layouts.control_total(layout, lines) == 60 * 19800415 % 1_000_000_000 == 188_024_900


def test_it_lies_open_for_the_clerk_only_and_sealed_for_good(
    people: dict[str, Member], clerks: Clerks, home: Path
) -> None:
    accepted(people["1"], clerks)
    file = made_file(clerks[0])
    plain = home / outgoing.place_of(file)

    assert plain.name == f"deregistration-{INSURER}-20261110-01.csv"
    assert plain.stat().st_mode & 0o777 == 0o600
    assert b"".join(storage.read(file.path, file.sha256)) == plain.read_bytes()
    assert "ヤマダ".encode() not in (home / "files" / file.path).read_bytes()


def test_made_twice_it_is_the_same_file(people: dict[str, Member], clerks: Clerks, home: Path) -> None:
    accepted(people["1"], clerks)
    first = made_file(clerks[0])
    before = text_of_file(first, home)
    (home / outgoing.place_of(first)).unlink()

    again = made_file(clerks[1], on=TODAY + DAY)

    assert again == first
    assert text_of_file(again, home) == before, "what was lost is put out again from the sealed copy"
    assert OutgoingRow.objects.count() == 1


def test_with_nothing_to_ask_there_is_no_file(people: dict[str, Member], clerks: Clerks) -> None:
    assert make_file(clerks[0]) is None
    accepted(people["1"], clerks)
    outgoing.send(made_file(clerks[0]), by=clerks[0], on=TODAY)

    assert make_file(clerks[0]) is not None, "the day's file, although it is handed over"
    assert make_file(clerks[0], on=TODAY + DAY) is None


def test_what_comes_later_is_on_a_file_of_its_own(people: dict[str, Member], clerks: Clerks) -> None:
    accepted(people["1"], clerks)
    first = made_file(clerks[0])
    accepted(people["2"], clerks)

    second = made_file(clerks[0])

    assert (first.number, second.number) == (1, 2)
    assert [row.member.number for row in second.rows.all()] == ["2"]
    assert first.sha256 != second.sha256


def test_what_no_clerk_has_accepted_does_not_go_to_the_fund(people: dict[str, Member], clerks: Clerks) -> None:
    deregistrations.receive(people["1"], received_on=TODAY, by=clerks[0], on=TODAY)

    assert make_file(clerks[0]) is None
    said = run_command("make_outgoing", "deregistration", "--by", "suzuki", "--on", TODAY.isoformat())
    assert (said.json, "1 件" in said.out) == ({"files": []}, True)


def test_each_insurer_number_has_a_file_of_its_own(people: dict[str, Member], clerks: Clerks) -> None:
    for member in people.values():
        accepted(member, clerks)

    files = outgoing.make_all("deregistration", by=clerks[0], on=TODAY)

    assert [(file.insurer.number, file.row_count) for file in files] == [(INSURER, 2), (SECOND_INSURER, 1)]


def test_a_request_on_two_files_is_impossible(people: dict[str, Member], clerks: Clerks) -> None:
    request = accepted(people["1"], clerks)
    inquiry = inquiries.open_for(people["1"], by=clerks[0], on=TODAY)
    on_file, asked = made_file(clerks[0]), made_file(clerks[0], kind="inquiry")

    for row in (
        OutgoingRow(file=asked, line_no=9, member=people["1"], deregistration=request),
        OutgoingRow(file=on_file, line_no=9, member=people["1"], inquiry=inquiry),
        OutgoingRow(file=on_file, line_no=9, member=people["1"]),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            row.save()


@pytest.mark.parametrize(
    ("kind", "number", "profile"),
    [("notice", INSURER, layouts.DEFAULT), ("inquiry", "06137251", layouts.DEFAULT), ("inquiry", INSURER, "none")],
)
def test_an_unknown_kind_number_or_layout_is_bad_input(
    people: dict[str, Member], clerks: Clerks, kind: str, number: str, profile: str
) -> None:
    with pytest.raises(BadInput):
        outgoing.make(kind, number, by=clerks[0], on=TODAY, profile=profile)


@pytest.mark.parametrize("kana", ["ヤマダ,タロウ", "ヤマダ\r\nD,9,101,9,00,X,19800101"])
def test_a_cell_that_would_break_the_line_is_refused_without_quoting_it(
    people: dict[str, Member], clerks: Clerks, kana: str
) -> None:
    accepted(people["1"], clerks)
    people["1"].person.name_kana = kana
    people["1"].person.save()

    with pytest.raises(Refused, match="101-1-00 の「フリガナ」") as refusal:
        make_file(clerks[0])

    assert "ヤマダ" not in str(refusal.value)
    assert not OutgoingFile.objects.exists()


def _broken(**changed: Any) -> dict[str, Any]:
    record = {"marker": "T", "columns": ["rows", "control_total"]}
    data: dict[str, Any] = {
        "label": "試験",
        "encoding": "cp932",
        "delimiter": "\t",
        "line_end": "lf",
        "date_format": "YYYY/MM/DD",
        "header": {"marker": "1", "columns": ["kind", "insurer_number", "number", "created_on"]},
        "row": {"marker": "2", "columns": ["birth_date", *(c for c in layouts.ROW if c != "birth_date")]},
        "trailer": record,
        "kinds": {"deregistration": "01", "inquiry": "02"},
        "control_total": {"column": "birth_date", "modulus": 97},
    }
    return data | changed


def test_another_layout_is_only_data() -> None:
    layout = layouts.build("trial", _broken())
    lines = [Line(1, "記号", "1", "", "ヤマダ　タロウ", date(1980, 4, 15))]

    written = layouts.write(layout, Head(INSURER, TODAY, "inquiry", 3), lines).decode("cp932")

    assert written == (
        f"1\t02\t{INSURER}\t3\t2026/11/10\n2\t1980/04/15\t1\t記号\t1\t\tヤマダ　タロウ\nT\t1\t{19800415 % 97}\n"
    )
    with pytest.raises(Refused, match="記号-1 の「フリガナ」"):
        layouts.write(layout, Head(INSURER, TODAY, "inquiry", 3), [Line(7, "記号", "1", "", "𠮷", date(1980, 4, 15))])


@pytest.mark.parametrize(
    "changed",
    [
        {"encoding": "latin-1"},
        {"delimiter": ""},
        {"date_format": "YYMMDD"},
        {"more": 1},
        {"kinds": {"deregistration": "R"}},
        {"kinds": {"deregistration": "R", "inquiry": "R"}},
        {"trailer": {"marker": "T", "columns": ["rows"]}},
        {"control_total": {"column": "line", "modulus": 9}},
        {"control_total": {"column": "birth_date", "modulus": 0}},
    ],
)
def test_a_layout_that_contradicts_itself_is_not_used(changed: dict[str, Any]) -> None:
    with pytest.raises(ValueError):
        layouts.build("trial", _broken(**changed))


def test_the_insurer_whose_turn_it_is_not_sees_none_of_it(people: dict[str, Member], clerks: Clerks) -> None:
    accepted(people["3"], clerks)

    assert make_file(clerks[0]) is None
    assert deregistrations.to_request(society()).count() == 0
