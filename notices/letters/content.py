"""What a letter says, as plain values: to whom, from whom, its paragraphs and its table. Knows no paper, no database."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from core.calendar import wareki
from core.paper.draw import Align, Paragraph
from core.paper.fonts import Role


@dataclass(frozen=True, slots=True)
class Addressee:
    """What shows through the envelope's window; ``second_line`` stands below the name (ご遺族 様).

    No ``honorific`` where the second line has the one there is: 御中 and ご担当者 様 are not written together.
    """

    postal_code: str
    address: str
    name: str
    honorific: str = "様"
    second_line: str = ""


@dataclass(frozen=True, slots=True)
class Sender:
    """The society as the letter names it."""

    name: str
    postal_code: str
    address: str
    phone: str

    @property
    def contact(self) -> str:
        """Whom to ask, in one phrase."""
        return f"{self.name}（電話 {self.phone}）" if self.phone else self.name

    @property
    def place(self) -> str:
        """Postal code and address on one line."""
        return " ".join(part for part in (f"〒{self.postal_code}" if self.postal_code else "", self.address) if part)


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a letter's table."""

    label: str
    width_mm: float
    role: Role = "label"
    align: Align = "left"


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under labelled columns; a row has one text per column. ``row_heads``: its first text names the row."""

    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]
    row_heads: bool = False


@dataclass(frozen=True, slots=True)
class Letter:
    """One letter. ``kind`` and ``reference`` go into the page index; ``code`` is printed under the date.

    ``body`` stands above the table, ``after`` below it, ``overleaf`` on the back.
    """

    kind: str
    reference: str
    addressee: Addressee
    sender: Sender
    issued_on: date
    code: str
    title: str
    body: tuple[Paragraph, ...]
    table: Table | None = None
    after: tuple[Paragraph, ...] = ()
    overleaf: Table | None = None

    def head(self) -> dict[str, str]:
        """The exact text of each field above the title and of the title; an empty one is absent."""
        to, sender = self.addressee, self.sender
        texts = {
            "postal_code": f"〒{to.postal_code}" if to.postal_code else "",
            "address": to.address,
            "recipient": f"{to.name} {to.honorific}" if to.honorific else to.name,
            "second_line": to.second_line,
            "issued_on": wareki(self.issued_on),
            "code": self.code,
            "sender_name": sender.name,
            "sender_address": sender.place,
            "sender_phone": f"電話 {sender.phone}" if sender.phone else "",
            "title": self.title,
        }
        return {name: text for name, text in texts.items() if text}


def paragraphs(texts: Sequence[str]) -> tuple[Paragraph, ...]:
    """Running text: each paragraph begins one character in."""
    return tuple(Paragraph(f"　{text}") for text in texts)


def items(texts: Sequence[str]) -> tuple[Paragraph, ...]:
    """A list: each item behind its dot."""
    return tuple(Paragraph(text, "・") for text in texts)


def letter_number(issued_on: date, number: int) -> str:
    """A letter's number as printed, e.g. ``令和8年第12号``: a running one of the year of its date."""
    return f"{wareki(issued_on).split('年')[0]}年第{number}号"
