"""The ranges of invisible and blank characters against Unicode's own categories, and as regular expressions."""

from __future__ import annotations

import re
import unicodedata

import pytest
from django.db import connection

from core import characters

EVERY = [chr(code) for code in range(0x110000)]


def of_categories(*names: str) -> set[str]:
    return {character for character in EVERY if unicodedata.category(character) in names}


def test_every_format_character_is_invisible_and_no_variation_selector_is() -> None:
    assert of_categories("Cf") <= characters.INVISIBLE
    assert not characters.INVISIBLE & {chr(c) for c in [*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0)]}
    assert not any(unicodedata.category(c)[0] in "LNPS" for c in characters.INVISIBLE - set("\u115f\u1160\u3164\uffa0"))


def test_every_space_is_a_blank_and_every_control_character_is_known() -> None:
    assert of_categories("Zs", "Zl", "Zp") <= characters.BLANKS
    assert of_categories("Cc") == characters.CONTROL
    assert {c for c in EVERY if characters.is_private(c)} == of_categories("Co")


@pytest.mark.parametrize(
    ("inside", "meant"),
    [(characters.INVISIBLE_CLASS, characters.INVISIBLE), (characters.BLANKS_CLASS, characters.BLANKS)],
)
@pytest.mark.django_db
def test_python_and_postgresql_read_the_ranges_alike(inside: str, meant: frozenset[str]) -> None:
    text = "".join(c for c in EVERY if c != "\0" and unicodedata.category(c) != "Cs")
    assert set(re.findall(f"[{inside}]", text)) == meant
    with connection.cursor() as cursor:
        cursor.execute("SELECT regexp_replace(%s, %s, '', 'g')", [text, f"[{inside}]"])
        assert cursor.fetchone()[0] == "".join(c for c in text if c not in meant)
