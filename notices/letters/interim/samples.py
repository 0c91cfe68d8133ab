"""The sheet of somebody invented."""

from __future__ import annotations

from datetime import date, timedelta

from notices.letters.content import letter_number
from notices.letters.interim.letter import InterimFace
from notices.letters.registry import Draw
from notices.letters.samples import IDENTITY, KANA, SENDER, addressee, drawn, name


def samples(day: date, longest: bool) -> list[Draw]:
    """The sheet of somebody whose back is printed too."""
    who = name(longest)
    return drawn(
        [
            InterimFace(
                1,
                addressee(longest),
                SENDER[longest],
                day,
                day + timedelta(20),
                "06130488",
                IDENTITY[longest],
                who,
                KANA[longest],
                date(1980, 4, 15),
                "1",
                date(2020, 4, 1),
                True,
                who,
                legal_name=who,
                sex_on_back=True,
                copayment_percent=20,
            ).letter(letter_number(day, 12))
        ]
    )
