"""A clerk's file becomes rows of text cells, exactly as they were meant or with the reason why not.

A spreadsheet types what it is given: days become days, numbers lose their zeros. Days are written back as YYYY-MM-DD;
what cannot be told apart any more is a mistake of its row, and so is a formula.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any

import openpyxl
from import_export.formats import base_formats
from openpyxl.utils.exceptions import InvalidFileException
from tablib import Dataset

from core.bad_rows import ERRORS, RENAMED
from core.calendar import iso_text, read_day
from core.csv_rows import UNREADABLE, CsvRows, check_header, unreadable
from core.errors import BadInput, Mistake
from kenpo.intake.tables.columns import Column, column

ROWS_MAX = 10_000
BYTES_MAX = 30 * 1024**2
UNPACKED_MAX = 300 * 1024**2
ZEROS_LOST = "{width}桁の番号です。先頭の0が落ちていませんか。書式を「文字列」にして、入れ直してください。"
NUMBER_TYPED = "数値になっています。先頭の0が落ちていないか確かめ、書式を「文字列」にして入れ直してください。"
FORMULA = "計算式は読みません。値だけを貼り付けてください。"
NO_NAMES = "1行目に列の名前がありません。ひな形の1行目を使ってください。"
Cell = Callable[[Any, Column, int], str]


@dataclass
class Row:
    """One row of the file: its line there, its cells, and what is wrong with them before any service is asked."""

    line: int
    cells: list[str]
    mistakes: list[Mistake] = field(default_factory=list)


@dataclass
class Sheet:
    """A whole file as text."""

    header: list[str]
    rows: list[Row]

    def dataset(self) -> Dataset:
        """The rows for import-export; each of the header's width."""
        width = len(self.header)
        return Dataset(*(tuple((row.cells + [""] * width)[:width]) for row in self.rows), headers=self.header)


class Book(base_formats.XLSX):
    """import-export's xlsx, read as it was typed: formulas as formulas, ids by their number format."""

    def create_dataset(self, in_stream: bytes) -> list[tuple[int, list[Any]]]:
        """Line and cells of each row of the first sheet."""
        with zipfile.ZipFile(io.BytesIO(in_stream)) as packed:
            if sum(part.file_size for part in packed.infolist()) > UNPACKED_MAX:
                raise BadInput("ファイルが大きすぎます。行を分けて取り込んでください。")
        book = openpyxl.load_workbook(io.BytesIO(in_stream), read_only=True)
        try:
            sheet = book.worksheets[0]
            sheet.reset_dimensions()
            rows = enumerate(sheet.iter_rows(), start=1)
            return [(line, list(cells)) for line, cells in _no_more_than(rows)]
        finally:
            book.close()


def _no_more_than(rows: Iterable[tuple[int, Sequence[Any]]]) -> Iterator[tuple[int, Sequence[Any]]]:
    for count, row in enumerate(rows):
        _no_more(count - 1)
        yield row


def _no_more(taken: int) -> None:
    """Raises BadInput: so many rows of values are taken, and another comes."""
    if taken >= ROWS_MAX:
        raise BadInput(f"一度に取り込めるのは{ROWS_MAX:,}行までです。表を分けてください。")


def read(content: bytes, *, form: str) -> Sheet:
    """The file's first table. ``form``: ``csv`` (UTF-8), ``cp932`` or ``xlsx``.

    Raises:
        BadInput: the file as a whole cannot be read.
    """
    if len(content) > BYTES_MAX:
        raise BadInput(f"ファイルが大きすぎます（上限 {BYTES_MAX // 1024**2}メガバイト）。表を分けてください。")
    if not content.strip():
        raise BadInput("ファイルが空です。1行目に列の名前、2行目から値を入れてください。")
    if form == "xlsx":
        return _from_book(content)
    if content.startswith(b"PK\x03\x04"):
        raise BadInput("エクセルのファイルです。形式で「エクセル」を選んでください。")
    return _from_text(_decoded(content, form))


def _decoded(content: bytes, form: str) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise BadInput("文字コードが読めない種類です。「CSV UTF-8」で保存し直してください。")
    unicode, bad_line = _try(content, "utf-8-sig")
    old, bad_old = _try(content, "cp932")
    if form == "cp932":
        if unicode is not None and not content.isascii():
            raise BadInput(
                "文字コードがユニコード（UTF-8）のファイルです。形式で「CSV（ユニコード）」を選んでください。"
            )
        if old is None:
            said = "この文字コードとしては読めない文字があります。「CSV UTF-8」で保存し直してください。"
            raise BadInput(Mistake(said, line=bad_old))
        return old
    if unicode is None:
        hint = "形式で「CSV（従来の日本語文字コード）」を選ぶか、" if old is not None else ""
        said = f"文字コードがUTF-8ではありません。{hint}「CSV UTF-8」で保存し直してください。"
        raise BadInput(Mistake(said, line=bad_line))
    return unicode


def _try(content: bytes, encoding: str) -> tuple[str | None, int]:
    """The text, or the line on which it is none of that encoding."""
    try:
        return content.decode(encoding), 0
    except UnicodeDecodeError as error:
        return None, content[: error.start].count(b"\n") + 1


def _from_text(text: str) -> Sheet:
    file = CsvRows(io.StringIO(text, newline=""))
    if not any(file.names):
        raise BadInput(NO_NAMES)
    columns = [column(name) for name in file.names]
    rows: list[Row] = []
    for line, cells, mistakes in file:
        _no_more(len(rows))
        if mistakes:
            kept = (cells + [""] * len(columns))[: max(len(cells), len(columns))]
            rows.append(Row(line, kept, list(mistakes)))
        else:
            rows.append(_row(line, cells, columns, _text_cell))
    return _filled(Sheet(file.names, rows))


def _from_book(content: bytes) -> Sheet:
    try:
        rows = Book().create_dataset(content)
    except (zipfile.BadZipFile, InvalidFileException, KeyError, ValueError, IndexError, SyntaxError):
        raise BadInput(
            "エクセルのファイル（拡張子が xlsx のもの）として読めません。エクセルで保存し直してください。"
        ) from None
    return _sheet(rows, _book_cell)


def _sheet(found: list[tuple[int, Any]], cell: Cell) -> Sheet:
    header = [str(getattr(c, "value", c) or "").strip() for c in found[0][1]] if found else []
    while header and not header[-1]:
        header.pop()
    skip = len(ERRORS) if tuple(header[: len(ERRORS)]) == ERRORS else 0
    names = [name.removeprefix(RENAMED) for name in header[skip:]]
    if not any(names):
        raise BadInput(NO_NAMES)
    check_header(names, 1)
    columns = [column(name) for name in names]
    rows = []
    for line, cells in found[1:]:
        if all(getattr(c, "value", c) in (None, "") for c in cells):
            continue
        rows.append(_row(line, cells[skip:], columns, cell))
    return _filled(Sheet(names, rows))


def _filled(sheet: Sheet) -> Sheet:
    if not sheet.rows:
        raise BadInput("値の行がありません。2行目から値を入れてください。")
    return sheet


def _row(line: int, cells: Sequence[Any], columns: list[Column], cell: Cell) -> Row:
    row = Row(line, [])
    given = list(cells)
    while len(given) > len(columns) and getattr(given[-1], "value", given[-1]) in (None, ""):
        given.pop()
    if len(given) > len(columns):
        row.mistakes.append(Mistake("列の数が見出しと違います。行を確認してください。", line=line))
    for one, value in zip(columns, given, strict=False):
        try:
            text = cell(value, one, line)
            _check_text(text, one)
        except ValueError as error:
            text = _raw(value)
            row.mistakes.append(Mistake(str(error), line=line, column=one.name))
        row.cells.append(text)
    row.cells += [""] * (len(columns) - len(row.cells))
    return row


def _check_text(text: str, one: Column) -> None:
    if unreadable(text):
        raise ValueError(UNREADABLE)
    if one.form == "id" and one.widths and text.isascii() and text.isdigit() and len(text) < min(one.widths):
        raise ValueError(ZEROS_LOST.format(width="～".join(map(str, dict.fromkeys((one.widths[0], one.widths[-1]))))))


def _raw(value: Any) -> str:
    found = getattr(value, "value", value)
    return "" if found is None else str(getattr(found, "text", found))


def _text_cell(value: str, one: Column, line: int) -> str:
    if value.startswith("="):
        raise ValueError(FORMULA)
    return iso_text(value) if one.form == "day" else value


def _book_cell(cell: Any, one: Column, line: int) -> str:
    value = cell.value
    if value is None:
        return ""
    if cell.data_type == "f":
        raise ValueError(FORMULA)
    if cell.data_type == "e":
        raise ValueError("計算の誤りが入っています。値を入れ直してください。")
    if isinstance(value, str):
        return iso_text(value) if one.form == "day" else value
    if isinstance(value, bool):
        return _flag(value, one)
    if isinstance(value, (date, datetime, time)):
        return _day(value, one)
    return _number(value, one, str(cell.number_format or ""))


def _flag(value: bool, one: Column) -> str:
    if one.form != "flag":
        raise ValueError("真偽の値になっています。書式を「文字列」にして、入れ直してください。")
    return "1" if value else "0"


def _day(value: Any, one: Column) -> str:
    if one.form != "day":
        raise ValueError("日付に変わっています。書式を「文字列」にして、入れ直してください。")
    if isinstance(value, datetime):
        if value.time() != time():
            raise ValueError("時刻が入っています。日付だけを入れてください。")
        value = value.date()
    if not isinstance(value, date):
        raise ValueError("時刻になっています。日付を入れてください。")
    return value.isoformat()


def _number(value: float, one: Column, number_format: str) -> str:
    if value != int(value) or value < 0:
        raise ValueError("小数や負の数は入れられません。値を確認してください。")
    text = str(int(value))
    if one.form == "day":
        if len(text) == 8:
            with suppress(ValueError):
                return read_day(text).isoformat()
        raise ValueError("日付ではなく数値になっています。書式を「日付」にして、入れ直してください。")
    if one.form in ("amount", "code", "flag"):
        return text
    if set(number_format) == {"0"} and len(number_format) > 1:
        return text.zfill(len(number_format))  # what the clerk sees in the cell
    if one.form == "id" and one.widths:
        if len(text) in one.widths:
            return text
        raise ValueError(ZEROS_LOST.format(width="～".join(map(str, dict.fromkeys((one.widths[0], one.widths[-1]))))))
    raise ValueError(NUMBER_TYPED)
