"""What no page expects: control characters, half characters, too much, too far, of another type."""

from __future__ import annotations

from urllib.parse import quote, quote_from_bytes

BAD: dict[str, bytes] = {
    "nul": b"a\0b",
    "only nul": b"\0",
    "control": b"\x01\x0b\x1b\x7f",
    "c1": "\x85\x9f".encode(),
    "line ends": b"a\r\nb\tc",
    "invisible": "\u00ad\u200b\u202e\ufeff".encode(),
    "lone surrogate": b"\xed\xa0\x80",
    "no utf-8": b"\xff\xfe",
    "long": b"x" * 10_000,
    "long and wide": ("髙" * 3_000).encode(),
    "huge": b"1" + b"0" * 30,
    "minus": b"-1",
    "beyond bigint": b"9223372036854775808",
    "many digits": b"9" * 5_000,
    "zero": b"0",
    "year 1": b"0001-01-01",
    "year 0": b"0000-00-00",
    "year 9999": b"9999-12-31",
    "year 99999": b"99999-01-01",
    "first month": b"0001-01",
    "last month": b"9999-12",
    "western": b"00010101",
    "era": "明治1年1月1日".encode(),
    "word": b"abc",
    "empty": b"",
    "quote": b"'\"--;%_\\<>{}",
    "wide digits": "１２３".encode(),
    "other digits": "١٢٣²".encode(),
    "infinite": b"NaN",
    "list": b"[1,{}]",
}
TYPES: dict[str, bytes] = {
    name: BAD[name] for name in ("nul", "lone surrogate", "long", "huge", "minus", "beyond bigint", "zero", "word")
}
"""For the place of an id in an address."""


def encoded(name: str) -> str:
    """The input as it stands in an address or a posted form."""
    return quote_from_bytes(BAD[name], safe="")


def query(told: dict[str, str]) -> str:
    """Names with texts that are encoded already."""
    return "&".join(f"{quote(name, safe='')}={text}" for name, text in told.items())
