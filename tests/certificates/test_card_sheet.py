"""The sheet on which a printer's drift is measured before cards are laid on A4."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from certificates.documents.layouts.card_sheet import GRID
from core.paper import readback
from core.paper.grid import Offset
from tests.conftest import Answer

Command = Callable[..., Answer]


def numbers(path: Path, page: int, side: str, offset: Offset) -> list[str]:
    """What stands first at each place."""
    with readback.open_pdf(path) as pdf, readback.OpenPage(pdf, page) as paper:
        return [paper.text(GRID.box(place, side, offset)).split()[0] for place in range(1, 11)]


def test_front_and_back_show_every_place_and_how_it_was_moved(tmp_path: Path, command: Command) -> None:
    path = tmp_path / "grid.pdf"
    answer = command("test_sheet", "card", "--a4", "--offset-front=-4.75,-4.75", "--out", path)
    assert answer.code == 0
    assert answer.json == {"form": "card", "pages": 2, "file": str(path)}
    wanted = [str(place) for place in range(1, 11)]
    assert numbers(path, 1, "front", Offset(-4.75, -4.75)) == wanted
    assert numbers(path, 2, "back", Offset()) == wanted
    with readback.open_pdf(path) as pdf:
        assert "右へ -4.75ミリ" in " ".join(readback.full_text(pdf, 1).split())
        assert "右へ 0ミリ" in " ".join(readback.full_text(pdf, 2).split())


@pytest.mark.parametrize(
    ("form", "option", "words"), [("card", "--offset-back=9,0", "大きすぎ"), ("postcard", "--a4", "カード型")]
)
def test_what_cannot_be_drawn_is_refused(command: Command, form: str, option: str, words: str) -> None:
    answer = command("test_sheet", form, "--a4", option)
    assert answer.code == 2 and words in answer.err
