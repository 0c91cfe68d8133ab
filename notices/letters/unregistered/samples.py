"""The reminder of an invented employer."""

from __future__ import annotations

from datetime import date

from notices.letters.content import letter_number
from notices.letters.registry import Draw
from notices.letters.samples import EMPLOYER, SENDER, addressee, drawn, name
from notices.letters.unregistered.data import DEPARTMENT
from notices.letters.unregistered.letter import Unregistered, UnregisteredFace


def samples(day: date, longest: bool) -> list[Draw]:
    """To an employer about a few or many members."""
    symbol, digits = ("東京一二三四五六七八九０１２３４", 16) if longest else ("1", 1)
    members = tuple(
        Unregistered(symbol, f"{number + 1:0{digits}}", "00", name(longest)) for number in range(40 if longest else 3)
    )
    to = addressee(longest, EMPLOYER[longest], "", DEPARTMENT)
    return drawn([UnregisteredFace(1, to, SENDER[longest], day, members).letter(letter_number(day, 12))])
