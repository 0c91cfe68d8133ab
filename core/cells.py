"""One cell of a file: its text checked and brought into the form that PostgreSQL takes.

A parser answers the text to store, or ``None`` for an absent value; ``ValueError`` says in Japanese what was expected,
never what stood there. Repeated values are parsed once (``Remembered``), so a million rows cost few parses.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import date
from typing import Any

from stdnum import luhn
from stdnum.jp import in_

from core import crypto
from core.calendar import FAR_FUTURE
from core.plausible import Window
from core.text import identifier_key, kana_key, whole_number

Parse = Callable[[str], Any]

EMPTY = "空です。届書の控えで確認して、値を入れてください。"
NOT_A_DAY = "YYYY-MM-DD の形の、暦にある日を入れてください。"
NUMBER_MAX = 2_147_483_647
REMEMBERED_MAX = 100_000


class Remembered(dict[str, Any]):
    """Parsed values by cell text; forgets all when it grows too large, so memory stays flat."""

    def __init__(self, parse: Parse) -> None:
        super().__init__()
        self._parse = parse

    def __missing__(self, cell: str) -> Any:
        value = self._parse(cell)
        if len(self) >= REMEMBERED_MAX:
            self.clear()
        self[cell] = value
        return value


def remembered(parse: Parse) -> Parse:
    """``parse`` for a column whose values repeat."""
    return Remembered(parse).__getitem__


def text(limit: int, *, required: bool = False) -> Parse:
    """Text kept code point for code point."""

    def parse(cell: str) -> str:
        if len(cell) > limit:
            raise ValueError(f"{limit}文字以内で入れてください。")
        if required and not cell.strip():
            raise ValueError(EMPTY)
        return cell

    return parse


def kana(limit: int) -> Parse:
    """A reading, kept code point for code point."""
    read = text(limit, required=True)

    def parse(cell: str) -> str:
        if len(kana_key(read(cell))) > limit:
            raise ValueError(f"{limit}文字以内で入れてください。")
        return cell

    return parse


def code(values: Collection[str], *, required: bool = True) -> Parse:
    """One of a few codes, exactly."""
    allowed = " / ".join(values)

    def parse(cell: str) -> str:
        if cell in values or not (cell or required):
            return cell
        raise ValueError(f"{allowed} のどれかを入れてください。")

    return remembered(parse)


def day(*, required: bool = False, window: Window | None = None, on: date = FAR_FUTURE) -> Parse:
    """A day of the calendar, or absent; with a ``window``, one that lies in it as seen from ``on``."""

    def parse(cell: str) -> str | None:
        if not cell:
            if required:
                raise ValueError(EMPTY)
            return None
        try:
            if len(cell) != 10 or cell[4] != "-" or cell[7] != "-":
                raise ValueError
            told = date.fromisoformat(cell)
        except ValueError:
            raise ValueError(NOT_A_DAY) from None
        if window is not None:
            window.check(told, on)
        return cell

    return remembered(parse)


def flag(*, required: bool = False) -> Parse:
    """1 or 0; an absent flag is not set."""

    def parse(cell: str) -> str:
        if cell in ("0", "1") or not (cell or required):
            return cell or "0"
        raise ValueError("1 か 0 を入れてください。")

    return remembered(parse)


def amount() -> Parse:
    """A whole number of yen, or absent."""

    def parse(cell: str) -> str | None:
        if not cell:
            return None
        if whole_number(cell, most=NUMBER_MAX) is None:
            raise ValueError("円単位の整数を、区切りなしで入れてください。")
        return cell

    return remembered(parse)


def identifier(limit: int = 20) -> Parse:
    """記号 or 番号, kept as registered; blanks alone are no number."""

    def parse(cell: str) -> str:
        key = identifier_key(cell)
        if not key:
            raise ValueError(EMPTY)
        if max(len(cell), len(key)) > limit:
            raise ValueError(f"{limit}文字以内で入れてください。")
        return cell

    return parse


def branch(cell: str) -> str:
    """枝番: two characters, or absent."""
    if cell and (len(cell) != 2 or len(identifier_key(cell)) != 2 or any(c.isspace() for c in cell)):
        raise ValueError("枝番は2桁で入れるか、空にしてください。")
    return cell


def insurer(known: dict[str, int] | None) -> Parse:
    """保険者番号 of this installation, as the insurer's id; ``known`` is ``None`` while that cannot be told."""

    def parse(cell: str) -> str | None:
        if not insurer_number_valid(cell):
            raise ValueError("保険者番号は8桁で、検証番号と都道府県番号が正しいものを入れてください。")
        if known is None:
            return None
        if cell not in known:
            raise ValueError("登録されていない保険者番号です。policy.toml の [insurer] と比べてください。")
        return str(known[cell])

    return remembered(parse)


def insurer_number_valid(number: str) -> bool:
    """8 digits, 都道府県番号 01–47 or 51–97, right Luhn digit. Source: rules.md §3."""
    if not (len(number) == 8 and number.isascii() and number.isdigit()):
        return False
    prefecture = int(number[2:4])
    return (1 <= prefecture <= 47 or 51 <= prefecture <= 97) and bool(luhn.is_valid(number))


def individual_number(cell: str) -> str | None:
    """Keyed fingerprint of a 個人番号, or absent."""
    if not cell:
        return None
    if not (len(cell) == 12 and cell.isascii() and cell.isdigit() and in_.is_valid(cell)):
        raise ValueError("個人番号は12桁で、検査用数字が正しいものを入れてください。")
    return crypto.blind_index(cell)


def sealed(cell: str) -> bytes | None:
    """A 個人番号 encrypted for storage; the plain digits go no further."""
    return crypto.encrypt(cell.encode("ascii")) if cell and cell.isascii() else None
