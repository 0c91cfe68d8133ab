"""The layout of a file for the fund is data: one TOML file under ``profiles/`` describes it, this module writes it.

Pure. The fund's own layout is not public, so none is built in; the shipped profile is ours and says so.
Source: rules.md §11.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from core.errors import BadInput, Fault, Refused

FOLDER = Path(__file__).parent / "profiles"
DEFAULT = "outgoing-example-v1"

ENCODINGS = ("utf-8", "utf-8-sig", "cp932")
LINE_ENDS = {"crlf": "\r\n", "lf": "\n"}
KINDS = ("deregistration", "inquiry")
HEADER = ("insurer_number", "created_on", "kind", "number")
ROW = ("line", "symbol", "number", "branch_number", "name_kana", "birth_date")
TRAILER = ("rows", "control_total")
LABELS = {
    "symbol": "記号",
    "number": "番号",
    "branch_number": "枝番",
    "name_kana": "フリガナ",
    "birth_date": "生年月日",
}


@dataclass(frozen=True, slots=True)
class Record:
    """One kind of line: its first cell, and the columns after it."""

    marker: str
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Layout:
    """A whole layout. The control total sums ``total_column``'s dates as numbers, modulo ``modulus``."""

    name: str
    label: str
    encoding: str
    delimiter: str
    line_end: str
    date_format: str
    header: Record
    row: Record
    trailer: Record
    kinds: Mapping[str, str]
    total_column: str
    modulus: int


@dataclass(frozen=True, slots=True)
class Line:
    """One request as it is written. ``member_id`` is for messages only and does not go into the file."""

    member_id: int
    symbol: str
    number: str
    branch_number: str
    name_kana: str
    birth_date: date


@dataclass(frozen=True, slots=True)
class Head:
    """What stands above the requests; ``number`` counts the day's files of this kind."""

    insurer_number: str
    created_on: date
    kind: str
    number: int


def names() -> list[str]:
    """The names of the layouts there are."""
    return sorted(path.stem for path in FOLDER.glob("*.toml"))


@cache
def load(name: str) -> Layout:
    """The layout of that name.

    Raises:
        BadInput: there is none; the message lists those there are.
        Fault: its file contradicts itself.
    """
    if name not in names():
        raise BadInput(
            f"「{name}」という形式はありません（あるもの：{'・'.join(names())}）。--profile で選んでください。"
        )
    try:
        return build(name, tomllib.loads((FOLDER / f"{name}.toml").read_text(encoding="utf-8")))
    except (KeyError, TypeError, ValueError) as error:
        raise Fault(f"形式「{name}」の定義に誤りがあります：{error}") from error


def build(name: str, data: Mapping[str, Any]) -> Layout:
    """The layout described by ``data``.

    Raises:
        KeyError, TypeError, ValueError: a key is missing, unknown or contradicts another.
    """
    allowed = {field.name for field in fields(Layout)} - {"name", "total_column", "modulus"} | {"control_total"}
    if unknown := sorted(set(data) - allowed):
        raise ValueError(f"unknown key {', '.join(unknown)}")
    total = data["control_total"]
    layout = Layout(
        name,
        data["label"],
        data["encoding"],
        data["delimiter"],
        LINE_ENDS[data["line_end"]],
        data["date_format"],
        _record(data["header"], HEADER),
        _record(data["row"], ROW),
        _record(data["trailer"], TRAILER),
        dict(data["kinds"]),
        total["column"],
        total["modulus"],
    )
    if layout.encoding not in ENCODINGS or len(layout.delimiter) != 1:
        raise ValueError("encoding or delimiter")
    if not all(layout.date_format.count(part) == 1 for part in ("YYYY", "MM", "DD")):
        raise ValueError("date_format needs YYYY, MM and DD")
    if set(layout.kinds) != set(KINDS) or len(set(layout.kinds.values())) != len(KINDS):
        raise ValueError("kinds")
    if layout.total_column != "birth_date" or not isinstance(layout.modulus, int) or layout.modulus < 1:
        raise ValueError("control_total")
    return layout


def _record(data: Mapping[str, Any], columns: Sequence[str]) -> Record:
    """Raises ``ValueError`` unless it has every column once and no other."""
    record = Record(data["marker"], tuple(data["columns"]))
    if sorted(record.columns) != sorted(columns):
        raise ValueError(f"columns of {record.marker}")
    return record


def control_total(layout: Layout, lines: Sequence[Line]) -> int:
    """The figure by which sender and receiver see that they hold the same rows."""
    return sum(int(f"{line.birth_date:%Y%m%d}") for line in lines) % layout.modulus


def write(layout: Layout, head: Head, lines: Sequence[Line]) -> bytes:
    """The file's bytes.

    Raises:
        Refused: a cell cannot be written in this layout; each is named by member id and column.
    """
    _require_writable(layout, lines)
    top = {
        "insurer_number": head.insurer_number,
        "created_on": head.created_on,
        "kind": layout.kinds[head.kind],
        "number": head.number,
    }
    records = [_cells(layout, layout.header, top)]
    for place, line in enumerate(lines, start=1):
        values = {"line": place} | {column: getattr(line, column) for column in LABELS}
        records.append(_cells(layout, layout.row, values))
    end = {"rows": len(lines), "control_total": control_total(layout, lines)}
    records.append(_cells(layout, layout.trailer, end))
    text = "".join(layout.delimiter.join(cells) + layout.line_end for cells in records)
    return text.encode(layout.encoding)


def _cells(layout: Layout, record: Record, values: Mapping[str, Any]) -> list[str]:
    return [record.marker, *(_text(layout, values[column]) for column in record.columns)]


def _text(layout: Layout, value: Any) -> str:
    if isinstance(value, date):
        parts = {"YYYY": f"{value.year:04d}", "MM": f"{value.month:02d}", "DD": f"{value.day:02d}"}
        text = layout.date_format
        for part, digits in parts.items():
            text = text.replace(part, digits)
        return text
    return str(value)


def _number_of(line: Line) -> str:
    """記号-番号-枝番 of the line."""
    return "-".join(filter(None, (line.symbol, line.number, line.branch_number)))


def _require_writable(layout: Layout, lines: Sequence[Line]) -> None:
    bad = [
        f"{_number_of(line)} の「{LABELS[column]}」に、この形式で書けない文字があります。登録を確認してください。"
        for line in lines
        for column in ("symbol", "number", "branch_number", "name_kana")
        if not _writable(layout, getattr(line, column))
    ]
    if bad:
        raise Refused(bad)


def _writable(layout: Layout, text: str) -> bool:
    try:
        text.encode(layout.encoding)
    except UnicodeEncodeError:
        return False
    # A full-width blank inside a name is a cell like any other; control characters would break the line.
    return layout.delimiter not in text and not any(ord(letter) < 32 or ord(letter) == 127 for letter in text)
