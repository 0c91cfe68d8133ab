"""A file layout is data: one TOML file under ``exchange/profiles/`` describes it, this module reads it.

Pure. The fund's own layout is not public, so none is built in; the shipped profiles are ours and say so.
Source: rules.md §11; interfaces.md "Fund file".
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from core.errors import BadInput, Fault

FOLDER = Path(__file__).parent

ENCODINGS = ("utf-8", "utf-8-sig", "cp932")
QUOTINGS = ("none", "minimal")
KINDS = {"snapshot": "monthly", "delta": "daily"}
PARSERS = ("text", "identifier", "kana", "date", "code", "count")
HEADER_FIELDS = frozenset({"insurer_number", "as_of", "created_on", "kind"})
ROW_FIELDS = (
    "symbol",
    "number",
    "branch_number",
    "name_kana",
    "birth_date",
    "sex",
    "registered",
    "registered_on",
    "e_certificate_expires_on",
    "returned",
    "returned_on",
)
# What a column may be read as; the table's columns can hold nothing else.
ROW_PARSERS = {
    **dict.fromkeys(("symbol", "number", "branch_number"), "identifier"),
    "name_kana": "kana",
    **dict.fromkeys(("birth_date", "registered_on", "e_certificate_expires_on", "returned_on"), "date"),
    **dict.fromkeys(("sex", "registered", "returned"), "code"),
}
CODE_VALUES: Mapping[str, tuple[Any, ...]] = {
    "sex": ("1", "2"),
    "registered": (False, True),
    "returned": (False, True),
    "kind": ("monthly", "daily"),
}


@dataclass(frozen=True, slots=True)
class Column:
    """One cell of a record: where it stands (1-based ``position`` or ``name``) and how it is read."""

    field: str
    label: str
    parser: str
    position: int = 0
    name: str = ""
    optional: bool = False
    codes: tuple[tuple[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class Markers:
    """The first cell of a header, a data row and a trailer record."""

    header: str
    row: str
    trailer: str


@dataclass(frozen=True, slots=True)
class Profile:
    """A whole layout. Without ``markers`` the first record holds the columns' names and nothing ends the file.

    ``no_date``: what stands in a date's cell where there is none.
    """

    name: str
    label: str
    kind: str
    encoding: str
    delimiter: str
    quoting: str
    date_format: str
    no_date: tuple[str, ...]
    file_name: re.Pattern[str] | None
    markers: Markers | None
    header: tuple[Column, ...]
    row: tuple[Column, ...]
    trailer: tuple[Column, ...]

    def told_by_name(self, file_name: str) -> dict[str, str]:
        """What a file's name says of it: ``insurer``, ``as_of``, ``kind`` as written there."""
        found = self.file_name.fullmatch(file_name) if self.file_name else None
        return {k: v for k, v in found.groupdict().items() if v} if found else {}


def names() -> list[str]:
    """The names of the profiles there are."""
    return sorted(path.stem for path in FOLDER.glob("*.toml"))


@cache
def load(name: str) -> Profile:
    """The layout of that name.

    Raises:
        BadInput: there is none; the message lists those there are.
        Fault: its file contradicts itself.
    """
    if name not in names():
        raise BadInput(
            f"「{name}」という形式はありません（あるもの：{'・'.join(names())}）。--profile で選んでください。"
        )
    text = (FOLDER / f"{name}.toml").read_text(encoding="utf-8")
    try:
        return build(name, tomllib.loads(text))
    except (KeyError, TypeError, ValueError, re.error) as error:
        raise Fault(f"形式「{name}」の定義に誤りがあります：{error}") from error


def others(profile: Profile) -> list[Profile]:
    """Profiles of another encoding, to suggest when the bytes do not fit this one."""
    loaded = (load(name) for name in names())
    return [p for p in loaded if p.encoding.removesuffix("-sig") != profile.encoding.removesuffix("-sig")]


def build(name: str, data: Mapping[str, Any]) -> Profile:
    """The layout described by ``data``.

    Raises:
        KeyError, TypeError, ValueError, re.error: a key is missing, unknown or contradicts another.
    """
    allowed = {
        "label",
        "kind",
        "encoding",
        "delimiter",
        "quoting",
        "date_format",
        "no_date",
        "file_name",
        "records",
        "header",
        "row",
        "trailer",
    }
    if unknown := sorted(set(data) - allowed):
        raise ValueError(f"unknown key {', '.join(unknown)}")
    if data["encoding"] not in ENCODINGS or data["quoting"] not in QUOTINGS or len(data["delimiter"]) != 1:
        raise ValueError("encoding, quoting or delimiter")
    if not all(data["date_format"].count(part) == 1 for part in ("YYYY", "MM", "DD")):
        raise ValueError("date_format needs YYYY, MM and DD")
    no_date = data.get("no_date", [])
    if not isinstance(no_date, list) or not all(isinstance(text, str) and text for text in no_date):
        raise ValueError("no_date is a list of texts")
    profile = Profile(
        name=name,
        label=data["label"],
        kind=KINDS[data["kind"]],
        encoding=data["encoding"],
        delimiter=data["delimiter"],
        quoting=data["quoting"],
        date_format=data["date_format"],
        no_date=tuple(no_date),
        file_name=_pattern(data.get("file_name")),
        markers=Markers(**data["records"]) if "records" in data else None,
        header=_columns(data.get("header", [])),
        row=_columns(data["row"]),
        trailer=_columns(data.get("trailer", [])),
    )
    _check(profile)
    return profile


def _pattern(text: str | None) -> re.Pattern[str] | None:
    if text is None:
        return None
    pattern = re.compile(text)
    if unknown := sorted(set(pattern.groupindex) - {"insurer", "as_of", "kind"}):
        raise ValueError(f"file_name: unknown group {', '.join(unknown)}")
    return pattern


def _columns(entries: list[dict[str, Any]]) -> tuple[Column, ...]:
    """The columns as described; codes keep their text keys."""
    read = []
    for entry in entries:
        codes = tuple((str(key), value) for key, value in entry.get("codes", {}).items())
        column = Column(**{**entry, "codes": codes})
        if column.parser not in PARSERS or (column.parser == "code") != bool(codes):
            raise ValueError(f"{column.field}: parser")
        if any(value not in CODE_VALUES[column.field] for _, value in codes):
            raise ValueError(f"{column.field}: codes")
        read.append(column)
    return tuple(read)


def _check(profile: Profile) -> None:
    """Raises ``ValueError`` where the parts of a layout contradict each other."""
    if {c.field: c.parser for c in profile.row} != ROW_PARSERS or len(profile.row) != len(ROW_FIELDS):
        raise ValueError("row: fields or parsers")
    if not {c.field for c in profile.header} <= HEADER_FIELDS:
        raise ValueError("header: fields")
    if profile.markers is None:
        if profile.header or profile.trailer or any(not c.name for c in profile.row):
            raise ValueError("without records every column needs a name, and there is no header or trailer")
        return
    if not profile.header or [c.field for c in profile.trailer] != ["rows"]:
        raise ValueError("records need header and trailer columns")
    for columns in (profile.header, profile.row, profile.trailer):
        if sorted(c.position for c in columns) != list(range(2, len(columns) + 2)):
            raise ValueError("positions must run from 2 without a hole")
