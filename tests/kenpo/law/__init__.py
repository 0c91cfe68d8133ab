"""Every value of the law shifted by itself: whoever asks it, in Python, in SQL and in words, answers otherwise together.

``papers`` and ``people`` set up each value's people around its boundary and answer what to ask of both sides.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

from certificates.decisions import reading
from certificates.rules.facts import MemberFacts
from certificates.rules.law import Law, law_on
from members.models import Member
from notices.letters.content import Sender
from notices.letters.forms.letter import FormFace
from tests.mailing.build import Office

ON = date(2026, 11, 9)
Ask = Callable[[], Sequence[Any]]
"""What each side says; all say the same."""
SetUp = Callable[[Office], Ask]


def law() -> Law:
    return law_on(ON)


def facts_of(office: Office, member: Member, on: date = ON) -> MemberFacts:
    return reading.facts_of(office.insurer.pk, on, [member.pk])[member.pk]


def number(pattern: str, text: str) -> int:
    """The number that a sentence says there."""
    found = re.search(pattern, text)
    assert found is not None, text
    return int(found[1])


def form(kind: str, on: date = ON) -> str:
    """All that stands on a printed form."""
    sender = Sender("甲乙健康保険組合", "100-0002", "東京都千代田区皇居外苑一番一号", "03-1234-5678")
    born = date(1954, 5, 20)
    face = FormFace(kind, 1, on, sender, "06130488", "1・1", "山田 太郎", "山田 太郎", "ヤマダ タロウ", born, "")
    made = face.form()
    words = [text for blank in made.blanks for text in (blank.label, *blank.choices)]
    return "\n".join((*words, *made.notes))
