"""Reports as a spreadsheet: one sheet a table, days as days, numbers as numbers; written row by row."""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Font

from core.disk import write_whole
from kenpo.reports.table import Report

MOST_ROWS = 1_048_575  # below the head, by the format
_NOT_IN_A_NAME = re.compile(r"[\[\]:*?/\\]")


def write_xlsx(report: Report, path: Path) -> int:
    """Writes the report and answers how many rows it has."""
    book, rows = Workbook(write_only=True), 0
    for table in report.tables:
        sheet, in_sheet = None, 0
        for row in table.rows:
            if sheet is None or in_sheet == MOST_ROWS:
                sheet, in_sheet = book.create_sheet(_name(table.title or report.title)), 0
                sheet.append(_bold(sheet, [column.label for column in table.columns]))
            sheet.append([_text(sheet, cell) if isinstance(cell, str) else cell for cell in row])
            in_sheet, rows = in_sheet + 1, rows + 1
        if sheet is None:
            sheet = book.create_sheet(_name(table.title or report.title))
            sheet.append([table.empty])
    out = io.BytesIO()
    book.save(out)
    write_whole(path, out.getvalue())
    return rows


def _name(title: str) -> str:
    return _NOT_IN_A_NAME.sub("", title)[:31]


def _bold(sheet: Any, labels: list[str]) -> list[WriteOnlyCell]:
    cells = [WriteOnlyCell(sheet, value=label) for label in labels]
    for cell in cells:
        cell.font = Font(bold=True)
    return cells


def _text(sheet: Any, text: str) -> WriteOnlyCell:
    """A text that no program takes for a formula, without the control characters that the format lacks."""
    cell = WriteOnlyCell(sheet, value=ILLEGAL_CHARACTERS_RE.sub("", text))
    cell.data_type = "s"
    return cell
