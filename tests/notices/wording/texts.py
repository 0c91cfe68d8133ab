"""A text of a letter in other words, as the tests change it."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from core.models import Clerk
from mailing.papers.samples import household as household  # the envelope's sheet
from notices.letters import changes
from notices.letters.changes import office_words
from notices.letters.wording import Wording
from notices.models import LetterWording

ON = date(2026, 11, 10)
FROM = date(2026, 12, 1)
DAY = timedelta(days=1)
MARK = "当組合の新しい文です。"


def changed(
    letter: str, key: str, value: Any, by: tuple[Clerk, Clerk], valid_from: date = FROM, on: date = ON
) -> LetterWording:
    """Drafted by one and approved by another."""
    row = changes.draft(letter, key, valid_from, value, by=by[0], on=on)
    changes.approve(row, by=by[1], on=on)
    return row


def value_of(letter: str, key: str, day: date) -> Any:
    with office_words():
        return Wording(letter, day).raw(key)
