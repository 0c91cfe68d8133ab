"""Rows and files as they come when something went wrong on the way; the same for the same seed."""

from __future__ import annotations

import csv
import io
import random
from collections.abc import Callable, Sequence

CELLS = (
    "",
    " ",
    "　",
    "\0",
    "a\0b",
    "\x01",
    "\x1b[0m",
    "\x7f",
    "\x85",
    "a\nb",
    "a\r\nb",
    "\t",
    "1\t",
    "1\u00a0",
    "\u00ad",
    "\u200b",
    "\ufeff",
    "\u202e",
    "?",
    "〓",
    "□",
    "\ufffd",
    "_x000D_",
    "𠮷",
    "髙",
    "邉\U000e0102",
    "が",
    "か\u3099",
    "José",
    "オ'ニール",
    "0",
    "1",
    "2",
    "-1",
    "1.5",
    "1e5",
    "NaN",
    "１",
    "²",
    "١",
    "00",
    "01",
    "9" * 30,
    "9" * 5_000,
    "x" * 10_000,
    "髙" * 301,
    "0001-01-01",
    "9999-12-31",
    "99991231",
    "00000000",
    "10000-01-01",
    "2026-02-29",
    "2026-13-01",
    "20261125",
    "2026/11/25",
    "令和8年11月25日",
    "R8.11.25",
    "明治1年1月1日",
    "令和99年1月1日",
    "2026-W48-3",
    "1868-01-24",
    "'",
    '"',
    "--",
    "%s",
    "{}",
    "\\",
    "\\N",
    "NULL",
    "=1+1",
    "@",
    "loss",
    "address",
    "birth",
    "dependent",
    "insured",
    "registered",
    "lost_card",
    "issue",
    "mail",
    "06130488",
    "06137251",
    "99999999",
    "101",
    "530-0003",
    "541-0053",
)
Rows = list[list[str]]


def spoilt(chance: random.Random, rows: Sequence[Sequence[str]], *, share: float) -> Rows:
    """The rows with that share of their cells replaced, and now and then a row cut, lengthened or doubled."""
    found: Rows = []
    for row in rows:
        cells = [chance.choice(CELLS) if chance.random() < share else cell for cell in row]
        if chance.random() < share / 4:
            cells = cells[: chance.randrange(len(cells) + 1)]
        elif chance.random() < share / 4:
            cells = [*cells, chance.choice(CELLS)]
        found.append(cells)
        if chance.random() < share / 4:
            found.append(list(cells))
    return found


def written(header: Sequence[str], rows: Rows) -> bytes:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows([header, *rows])
    return out.getvalue().encode()


def _somewhere(chance: random.Random, content: bytes, piece: bytes) -> bytes:
    at = chance.randrange(len(content) + 1)
    return content[:at] + piece + content[at:]


DAMAGES: tuple[Callable[[random.Random, bytes], bytes], ...] = (
    lambda chance, content: content[: chance.randrange(len(content) + 1)],
    lambda chance, content: content.decode().encode("cp932", "replace"),
    lambda chance, content: content.decode().encode("utf-16"),
    lambda chance, content: b"\xef\xbb\xbf" + content.replace(b"\n", b"\r\n"),
    lambda chance, content: content.replace(b"\n", b"\r"),
    lambda chance, content: content.replace(b"\n", b"\n\n"),
    lambda chance, content: content.replace(b",", b"\t"),
    lambda chance, content: content.replace(b",", b",number,", 1),
    lambda chance, content: content + b"x" * 200_000,
    lambda chance, content: b"",
    lambda chance, content: b"\n\n" + content,
    lambda chance, content: content + b"\x1a",
    lambda chance, content: bytes(chance.randrange(256) for _ in range(500)),
    *(
        (lambda chance, content, piece=piece: _somewhere(chance, content, piece))
        for piece in (b"\xff", b"\x80", b"\xed\xa0\x80", b"\0", b'"', b'""', b"\r", b",,,", b"\n", b"PK\x03\x04")
    ),
)


def damaged(chance: random.Random, content: bytes) -> bytes:
    """The file as a whole spoilt."""
    return chance.choice(DAMAGES)(chance, content)
