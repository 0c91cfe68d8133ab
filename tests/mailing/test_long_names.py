"""How long a name every paper takes: it shrinks, then wraps, then stops; and what stops is said by field.

Residents from abroad have names of 60 katakana and more; Latin names come with spaces and several middle names.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from certificates.documents import layouts
from certificates.documents.layouts import elderly
from certificates.management.commands.test_sheet import LONGEST
from core.errors import Refused
from core.paper import typeset
from mailing.papers.layouts import address, cover
from notices.face import HouseholdFace, NoticeFace
from notices.layouts import sheet
from tests.mailing.test_elderly_paper import LONG

KATAKANA = "マリアフェルナンダデロスアンヘレスゴンザレスロドリゲス" * 8
LATIN = "Maria Fernanda de los Angeles Gonzalez-Rodriguez y Fernandez de la Concepcion Santos de Oliveira"
LATEST = date(2026, 11, 6)
NOTICE = NoticeFace(
    "000000000001",
    LATEST,
    "101",
    "1234567",
    "00",
    "山田 太郎",
    "ヤマダ タロウ",
    date(1990, 4, 1),
    date(2020, 4, 1),
    "06130488",
    "架空健康保険組合",
    "06-0000-0000",
    None,
    date(2020, 4, 2),
    False,
    "",
    "",
)
Check = Callable[[str], list[Refused]]


def on(check: Callable[[Any], list[Refused]], face: Any, field: str) -> Check:
    """The check of one field; the legal name is the one behind a 通称名."""
    if field == "legal_name":
        return lambda text: check(replace(face, name=text, printed_name="山田 太郎"))
    if field == "name" and hasattr(face, "printed_name"):
        return lambda text: check(replace(face, name=text, printed_name=""))
    return lambda text: check(replace(face, **{field: text}))


def household(face: NoticeFace) -> list[Refused]:
    return sheet.check(HouseholdFace("1", LATEST, "山田 太郎", (face, NOTICE)))


# The most katakana that each field takes; certificates with every other field at its longest.
MOST: dict[tuple[str, str], tuple[Check, int]] = {
    **{
        (paper, field): (on(check, face, field), most)
        for paper, check, face, lengths in (
            ("postcard", layouts.get("postcard").check, LONGEST, (63, 60, 61, 66)),
            ("card", layouts.get("card").check, LONGEST, (92, 70, 42, 42)),
            ("a4", layouts.get("a4").check, LONGEST, (69, 64, 64, 78)),
            ("elderly", elderly.check, LONG, (63, 60, 61, 66)),
        )
        for field, most in zip(("name", "insured_name", "legal_name", "name_kana"), lengths, strict=True)
    },
    ("notice", "name"): (on(sheet.check, NOTICE, "name"), 72),
    ("notice", "name_kana"): (on(sheet.check, NOTICE, "name_kana"), 72),
    ("notice", "addressee"): (on(sheet.check, NOTICE, "addressee"), 74),
    ("household", "name"): (on(household, NOTICE, "name"), 60),
    ("household", "name_kana"): (on(household, NOTICE, "name_kana"), 72),
    ("cover", "name"): (on(cover.check_row, cover.CoverRow(1, "1-00001-1", "101", "1", "", (1, 0, 0)), "name"), 60),
    ("address", "recipient"): (
        on(address.check, address.AddressFace("1-00001-1", "100-0001", "大阪市", "", 1, "", ""), "recipient"),
        82,
    ),
}


@pytest.mark.parametrize(("check", "most"), MOST.values(), ids=["-".join(key) for key in MOST])
def test_it_prints_up_to_its_length_and_is_stopped_from_there(check: Check, most: int) -> None:
    assert check(KATAKANA[: most - 1]) == check(KATAKANA[:most]) == []
    stopped = check(KATAKANA[: most + 1])
    assert stopped and all(isinstance(problem, typeset.TextDoesNotFit) for problem in stopped)
    assert "マリア" not in "".join(map(str, stopped))


# A card's back and its line of kana have room for no more; such a person's card waits for a shorter form.
TIGHT = {("card", "legal_name"), ("card", "name_kana")}


@pytest.mark.parametrize("key", [key for key in MOST if key not in TIGHT], ids="-".join)
def test_sixty_katakana_fit_every_paper(key: tuple[str, str]) -> None:
    assert MOST[key][1] >= 60


@pytest.mark.parametrize("key", [key for key in MOST if key not in TIGHT and key[1] != "name_kana"], ids="-".join)
def test_a_latin_name_with_middle_names_fits_every_paper(key: tuple[str, str]) -> None:
    assert MOST[key][0](LATIN) == []


def test_a_name_shrinks_then_wraps_then_stops() -> None:
    box, style = typeset.Box("name", 0, 0, 60, 11), ("name", 18, 8)
    ladder = []
    for length in range(1, 70):
        try:
            placed = typeset.fit_text(box, KATAKANA[:length], *style, lines=3)  # type: ignore[arg-type]
        except typeset.TextDoesNotFit:
            break
        ladder.append((len(placed.lines), placed.size_pt))
    lines = [count for count, _ in ladder]
    assert lines == sorted(lines) and set(lines) == {1, 2, 3}
    assert ladder[0] == (1, 18) and min(size for count, size in ladder if count == 1) >= 0.7 * 18
    assert 8 <= ladder[-1][1] < 9 and len(ladder) == 63
