"""The sheet on top of an envelope holds the longest society's name and address."""

from __future__ import annotations

from pathlib import Path

from core.paper.book import Book
from mailing.papers.layouts import address
from mailing.papers.layouts.address import AddressFace
from notices.letters.samples import LONG_NAME, NAME, SENDER
from tests.readback import compare_all


def test_the_longest_sender_stands_on_two_lines_within_its_box(tmp_path: Path) -> None:
    sender = SENDER[True]
    faces = [
        AddressFace("1-00001-7", "100-0000", "東京都千代田区見本一丁目", name, 1, sender.name, sender.place)
        for name in (NAME, LONG_NAME)
    ]
    assert [address.check(face) for face in faces] == [[], []]
    with Book(tmp_path / "sheet.pdf") as book:
        for face in faces:
            address.draw(book, face)
    assert compare_all(book.entries, tmp_path / "sheet.pdf") == []
