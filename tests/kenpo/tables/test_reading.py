"""Tables read and written: books, encodings, limits."""

from __future__ import annotations

import io
from datetime import date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from core.errors import BadInput
from core.models import Clerk
from kenpo.intake.tables import reading, writing
from kenpo.intake.tables.columns import INDIVIDUAL_NUMBER
from kenpo.intake.tables.kinds import KINDS
from tests.builders import INSURER
from tests.kenpo.tables.sheets import table, written

pytestmark = pytest.mark.django_db


def book(header: list[str], *rows: list[Any]) -> bytes:
    made = openpyxl.Workbook()
    made.active.append(header)
    for row in rows:
        made.active.append(row)
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


PEOPLE = ["insurer_number", "symbol", "number", "branch_number", "issued_on", "valid_through"]


@pytest.mark.parametrize(
    ("place", "cell", "said"),
    [
        (0, int(INSURER), "先頭の0"),
        (1, 101, "数値になっています"),
        (2, 1, "数値になっています"),
        (2, "=1+1", "計算式"),
        (3, 0, "先頭の0"),
        (4, 44000, "書式を「日付」"),
        (2, date(2026, 1, 2), "日付に変わって"),
        (4, datetime(2026, 1, 2, 3, 4), "時刻"),
        (2, True, "真偽"),
        (2, 1.5, "小数"),
        (2, "1\n2", "改行"),
    ],
)
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
    assert [(c.value, c.data_type) for (c,) in list(sheet.iter_rows())[1:]] == [(start + "1", "s") for start in "=+-@"]
