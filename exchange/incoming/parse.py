"""Reads a file of the fund by its profile: bytes to rows, one at a time, whatever the file's size.

Pure. What breaks the file's structure ends the reading (``BadInput``): a shifted column is never guessed. What is
wrong in one cell rejects that row only, with line, column and reason, and never becomes a default.
Source: rules.md §11.
"""

from __future__ import annotations

import codecs
import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple, NoReturn

from core.errors import BadInput, Mistake
from core.plausible import window
from exchange.incoming.cells import CellError, Memo, iso, reader
from exchange.profiles import Column, Profile, others
from exchange.rules.codes import Oddity, RowReason

LINE_LIMIT = 65_536
OLDEST_YEARS = 120


class Header(NamedTuple):
    """What a file says of itself; ``None`` where its layout has no place for it."""

    insurer_number: str | None = None
    as_of: date | None = None
    created_on: date | None = None
    kind: str | None = None


class Row(NamedTuple):
    """One row as it is stored. Dates are ISO texts, which compare like dates and cost less to copy."""

    line_no: int
    symbol: str
    number: str
    branch_number: str
    symbol_key: str
    number_key: str
    branch_key: str
    name_kana: str
    name_kana_key: str
    birth_date: str | None
    sex: str
    registered: bool | None
    registered_on: str | None
    e_certificate_expires_on: str | None
    returned: bool | None
    returned_on: str | None
    outcome: str
    reason: str
    column: str
    odd: str


def _undecodable(profile: Profile, line: int) -> NoReturn:
    tries = "、".join(f"--profile {p.name}（{p.encoding}）" for p in others(profile))
    hint = f"別の文字コードのファイルなら {tries} を試してください。" if tries else ""
    raise BadInput(Mistake(f"{profile.encoding} として読めない文字があります。{hint}", line=line)) from None


def lines(chunks: Iterable[bytes], profile: Profile) -> Iterator[str]:
    """The file's lines, each ending with LF; CRLF and LF are alike.

    Raises:
        BadInput: bytes that are not of the encoding, or no line end for very long.
    """
    decoder = codecs.getincrementaldecoder(profile.encoding)("strict")
    pending, done = "", 0

    def decoded(chunk: bytes, final: bool) -> str:
        try:
            return decoder.decode(chunk, final)
        except UnicodeDecodeError as error:
            before = error.object[: error.start].count(b"\n")
        _undecodable(profile, done + before + 1)

    for chunk in chunks:
        parts = (pending + decoded(chunk, False)).split("\n")
        pending = parts.pop()
        for part in parts:
            done += 1
            yield (part[:-1] if part.endswith("\r") else part) + "\n"
        if len(pending) > LINE_LIMIT:
            raise BadInput(Mistake("行の終わりがありません。ファイルの形式を確認してください。", line=done + 1))
    pending += decoded(b"", True)
    if pending:
        yield pending.removesuffix("\r") + "\n"


def records(chunks: Iterable[bytes], profile: Profile) -> Iterator[tuple[int, list[str]]]:
    """Line number and cells of every record; an empty line is an empty list."""
    quoting: Any = csv.QUOTE_NONE if profile.quoting == "none" else csv.QUOTE_MINIMAL
    reader = csv.reader(lines(chunks, profile), delimiter=profile.delimiter, quoting=quoting, strict=True)
    try:
        for record in reader:
            yield reader.line_num, record
    except csv.Error:
        raise BadInput(Mistake("区切りの形が形式と違います。", line=reader.line_num)) from None


@dataclass
class _Places:
    """Where the row's cells stand and how each is read."""

    cells: list[tuple[str, str, int, Memo]]
    width: int


class Reading:
    """One file under reading: ``header`` first, then ``rows``; its end is checked with the last row.

    Raises (from both):
        BadInput: undecodable bytes, no header, an unknown record, a wrong number of cells, no trailer or
            one that counts otherwise, rows after the trailer.
    """

    def __init__(self, chunks: Iterable[bytes], profile: Profile) -> None:
        self._profile = profile
        self._records = records(chunks, profile)
        self.header, self._index_of = self._begin()

    def _begin(self) -> tuple[Header, dict[str, int]]:
        """The header, and where each field of a row stands."""
        line, first = next(self._records, (1, []))
        markers = self._profile.markers
        if markers is None:
            return Header(), self._index_by_name(first)
        if not first or first[0] != markers.header:
            raise BadInput(Mistake(f"ヘッダー（{markers.header}）がありません。形式を確認してください。", line=line))
        header = Header(**self._values(self._profile.header, line, first))
        return header, {c.field: c.position - 1 for c in self._profile.row}

    def _index_by_name(self, first: list[str]) -> dict[str, int]:
        names = [cell.strip() for cell in first]
        wanted = {column.name: column.field for column in self._profile.row}
        missing = [name for name in wanted if name not in names]
        if missing or len(names) != len(wanted):
            # The cells themselves are not quoted: without a header row they would be someone's data.
            what = f"（足りない項目：{'・'.join(missing)}）" if missing else f"（項目は {len(wanted)} 個です）"
            raise BadInput(Mistake(f"見出しの行が形式「{self._profile.name}」と違います{what}。", line=1))
        return {wanted[name]: index for index, name in enumerate(names)}

    def _places(self, on: date) -> _Places:
        cells = []
        for column in self._profile.row:
            read = reader(column, self._profile)
            memo = Memo(iso(read, window(column.field), on) if column.parser == "date" else read)
            cells.append((column.field, column.label, self._index_of[column.field], memo))
        return _Places(cells, len(cells) + (1 if self._profile.markers else 0))

    def _values(self, columns: tuple[Column, ...], line: int, record: list[str]) -> dict[str, Any]:
        """The cells of a header or trailer; there a bad cell breaks the file."""
        self._check_width(record, len(columns) + 1, line)
        values = {}
        for column in columns:
            try:
                values[column.field] = reader(column, self._profile)(record[column.position - 1])
            except CellError as error:
                said = error.reason.label
                raise BadInput(Mistake(said, line=line, column=column.label)) from None
        return values

    def _check_width(self, record: list[str], width: int, line: int) -> None:
        if len(record) != width:
            raise BadInput(
                Mistake(
                    f"項目の数が {len(record)} です（形式では {width}）。ファイルが壊れていないか確認してください。",
                    line=line,
                )
            )

    def rows(self, as_of: date, *, on: date) -> Iterator[Row]:
        """Every row, good or rejected; ``as_of`` only serves to notice odd dates, ``on`` is the day of receipt."""
        places, markers, seen, blank = self._places(on), self._profile.markers, 0, None
        counted: int | None = None
        oldest = f"{as_of.year - OLDEST_YEARS:04d}{as_of.isoformat()[4:]}"
        today = as_of.isoformat()
        for line, record in self._records:
            if not record:
                blank = blank or line
                continue
            if blank:
                raise BadInput(
                    Mistake("途中に空の行があります。ファイルが壊れていないか確認してください。", line=blank)
                )
            if counted is not None:
                raise BadInput(Mistake("トレーラーより後に行があります。", line=line))
            if markers and record[0] == markers.trailer:
                counted = self._values(self._profile.trailer, line, record)["rows"]
                continue
            if markers and record[0] != markers.row:
                raise BadInput(Mistake("知らない種類のレコードです。形式を確認してください。", line=line))
            self._check_width(record, places.width, line)
            seen += 1
            yield _row(line, record, places, today, oldest)
        self._check_end(counted, seen)

    def _check_end(self, counted: int | None, seen: int) -> None:
        if self._profile.markers is None:
            return
        if counted is None:
            raise BadInput(
                "トレーラーがありません。ファイルが途中で切れています。取り寄せ直して、もう一度受け付けてください。"
            )
        if counted != seen:
            raise BadInput(
                f"トレーラーの行数（{counted}）と実際の行数（{seen}）が違います。"
                "取り寄せ直して、もう一度受け付けてください。"
            )


def _row(line: int, record: list[str], places: _Places, as_of: str, oldest: str) -> Row:
    """One row; where a cell cannot be read, its identifying cells as far as they could be."""
    v: dict[str, Any] = {}
    bad: tuple[RowReason, str] | None = None
    for field, label, index, memo in places.cells:
        try:
            v[field] = memo[record[index]]
        except CellError as error:
            bad = bad or (error.reason, label)
    if bad is not None:
        return _rejected(line, v, *bad)
    symbol, number, branch, kana = v["symbol"], v["number"], v["branch_number"], v["name_kana"]
    return Row(
        line,
        symbol[0],
        number[0],
        branch[0],
        symbol[1],
        number[1],
        branch[1],
        kana[0],
        kana[1],
        v["birth_date"],
        v["sex"],
        v["registered"],
        v["registered_on"],
        v["e_certificate_expires_on"],
        v["returned"],
        v["returned_on"],
        "staged",
        "",
        "",
        _odd(v, as_of, oldest),
    )


def _rejected(line: int, v: dict[str, Any], reason: RowReason, label: str) -> Row:
    empty = ("", "")
    symbol, number, branch, kana = (v.get(f, empty) for f in ("symbol", "number", "branch_number", "name_kana"))
    return Row(
        line,
        symbol[0],
        number[0],
        branch[0],
        symbol[1],
        number[1],
        branch[1],
        kana[0],
        kana[1],
        v.get("birth_date"),
        "",
        None,
        None,
        None,
        None,
        None,
        "rejected",
        reason.value,
        label,
        "",
    )


def _odd(v: dict[str, Any], as_of: str, oldest: str) -> str:
    """Code of the first odd date of a row, or an empty text."""
    birth, registered_on, returned_on = v["birth_date"], v["registered_on"], v["returned_on"]
    if birth > as_of:
        return Oddity.BIRTH_AFTER_AS_OF.value
    if birth < oldest:
        return Oddity.BIRTH_LONG_AGO.value
    if registered_on:
        if registered_on > as_of:
            return Oddity.REGISTERED_AFTER_AS_OF.value
        if registered_on < birth:
            return Oddity.REGISTERED_BEFORE_BIRTH.value
        if v["e_certificate_expires_on"] and v["e_certificate_expires_on"] < registered_on:
            return Oddity.EXPIRES_BEFORE_REGISTERED.value
    if returned_on:
        if returned_on > as_of:
            return Oddity.RETURNED_AFTER_AS_OF.value
        if not v["returned"]:
            return Oddity.RETURNED_ON_WITHOUT_RETURN.value
    return ""
