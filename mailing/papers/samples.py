"""The sheet on top of an envelope with invented people, to see its words on paper before they are used."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from functools import partial

from core.calendar import wareki
from core.paper.book import Book
from mailing.papers.families import STANDINGS
from mailing.papers.layouts import address
from mailing.papers.layouts.address import AddressFace
from mailing.papers.layouts.enclosed import EnclosedFace, EnclosedRow, Note
from notices.letters.registry import Draw, sampled
from notices.letters.samples import EMPLOYER, LONG_NAME, NAME, SENDER
from notices.services import Wording

_FEW, _ROWS = 3, 7


@sampled("household")
def household(day: date, longest: bool) -> list[Draw]:
    """Every reason once, every note, and the sheet of an envelope that was pulled whole."""
    words = Wording("household", day)
    name, sender = (LONG_NAME if longest else NAME), SENDER[False]
    reasons = list(words.raw("reasons").values())
    rows = [
        EnclosedRow(name, "資格確認書", f"{wareki(day + timedelta(400))}まで", reason)
        for reason in (reasons if longest else reasons[2 : 2 + _FEW])
    ]
    notes = tuple(_notes(words, name, day))
    letters = [
        EnclosedFace(words.text("title"), tuple(rows[start : start + _ROWS]), notes)
        for start in range(0, len(rows), _ROWS)
    ]
    faces = [
        AddressFace(
            "000000-0001",
            "100-0000",
            EMPLOYER[True] if longest else "東京都千代田区見本四丁目五番六号",
            name,
            len(letter.rows),
            sender.name,
            sender.place,
            enclosed=letter,
        )
        for letter in letters
    ]
    pulled = EnclosedFace(words.text("pulled"), ())
    faces.append(AddressFace("000000-0002", "", "", "", 0, sender.name, sender.place, enclosed=pulled))
    return [partial(_draw, face=face) for face in faces]


def _notes(words: Wording, name: str, day: date) -> Iterator[Note]:
    yield Note(words.text("successor"))
    yield Note(words.text("without_paper"))
    for standing in STANDINGS:
        told = {"by": wareki(day + timedelta(6))} if standing == "checking" else {}
        yield Note(words.text(standing, names=f"{name}さん", **told), "name")
    yield Note(words.text("leavers", day="12月31日"))


def _draw(book: Book, face: AddressFace) -> object:
    return address.draw(book, face)
