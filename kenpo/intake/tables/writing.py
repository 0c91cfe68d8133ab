"""Tables written out: csv in two encodings and xlsx, every cell as text.

A csv holds the cells as they are, because it is what is taken in again, and a sign put before a name would be a wrong
name; xlsx marks each cell as text, so that none is ever a formula. So the pages offer xlsx first.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.utils import get_column_letter

from core.errors import Refused
from kenpo.intake.tables.columns import Column

BOM = "\ufeff"
FORMATS = {"xlsx": "エクセル", "csv": "CSV（ユニコード）", "cp932": "CSV（従来の日本語文字コード）"}
SUFFIX = {"xlsx": "xlsx", "csv": "csv", "cp932": "csv"}
CONTENT_TYPE = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
    "cp932": "text/csv; charset=cp932",
}
XLSX_ROWS_MAX = 1_048_575
BATCH = 500


@dataclass(frozen=True, slots=True)
class Lacking:
    """A cell that the format cannot hold: place of the row from 1, column, the characters."""

    row: int
    column: str
    characters: str


def lacking(names: Sequence[str], rows: Iterable[Mapping[str, str]], form: str) -> Iterator[Lacking]:
    """Every cell with a character that the format lacks; ``csv`` lacks none."""
    for place, row in enumerate(rows, start=1):
        for name in names:
            missing = "".join(dict.fromkeys(_missing(row.get(name, ""), form)))
            if missing:
                yield Lacking(place, name, missing)


def _missing(text: str, form: str) -> Iterable[str]:
    if text.isascii() and text.isprintable():
        return ()
    if form == "xlsx":
        return ILLEGAL_CHARACTERS_RE.findall(text)
    return [one for one in text if not _fits(one)] if form == "cp932" else ()


def _fits(character: str) -> bool:
    try:
        return character.encode("cp932").decode("cp932") == character
    except UnicodeError:
        return False


def csv_chunks(names: Sequence[str], rows: Iterable[Mapping[str, str]], form: str) -> Iterator[bytes]:
    """The file in pieces; nothing but one piece stays in memory. ``rows`` must hold nothing that is ``lacking``."""
    encoding, start = ("cp932", "") if form == "cp932" else ("utf-8", BOM)
    buffer = io.StringIO(start, newline="")
    buffer.seek(0, io.SEEK_END)
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow(names)
    for count, row in enumerate(rows, start=1):
        writer.writerow([row.get(name, "") for name in names])
        if count % BATCH == 0:
            yield buffer.getvalue().encode(encoding)
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue().encode(encoding)


def write_xlsx(
    path: Path, names: Sequence[str], rows: Iterable[Mapping[str, str]], *, explained: Sequence[Column] = ()
) -> None:
    """A workbook of text cells; ``explained`` columns stand on a second sheet.

    Raises:
        Refused: more rows than a sheet holds.
    """
    book = Workbook(write_only=True)
    sheet = book.create_sheet("表")
    sheet.freeze_panes = "A2"
    for place in range(1, len(names) + 1):
        sheet.column_dimensions[get_column_letter(place)].width = 16
        sheet.column_dimensions[get_column_letter(place)].number_format = "@"

    def line(texts: Iterable[str]) -> list[WriteOnlyCell]:
        return [_text_cell(sheet, text) for text in texts]

    sheet.append(line(names))
    for count, row in enumerate(rows, start=1):
        if count > XLSX_ROWS_MAX:
            raise Refused("エクセルの表に入る行数を超えました。CSVで書き出してください。")
        sheet.append(line(row.get(name, "") for name in names))
    if explained:
        words = book.create_sheet("列の説明")
        words.append(["列", "内容", "省けるか"])
        for one in explained:
            label = f"{one.label}　{one.told}" if one.told else one.label
            words.append([one.name, label, "" if one.required else "省けます"])
    book.save(path)


def _text_cell(sheet: object, text: str) -> WriteOnlyCell:
    cell = WriteOnlyCell(sheet, value="")
    if text:
        cell.value = text
        cell.data_type = "s"  # also where it begins with = + - @
    else:
        cell.value = None
    cell.number_format = "@"
    return cell
