"""A dispatch of cards, printed, proved and laid out on A4."""

from __future__ import annotations

from pathlib import Path

import pytest

from core import clock
from mailing.bundling import imposing
from mailing.bundling.imposing import impose
from mailing.models import Dispatch
from mailing.services import assemble, print_dispatch, prove_dispatch
from tests.mailing.build import ON, Office, office
from tests.mailing.imposition.sheets import NONE, SHEETS, found


@pytest.fixture(autouse=True)
def _today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "today", lambda: ON)


@pytest.fixture
def cards(db: None, home: Path) -> Office:
    """A society that prints cards, with 13 certificates in five households."""
    made = office(form="card")
    for number, size in (("0001", 3), ("0002", 2), ("0003", 4), ("0004", 3), ("0005", 1)):
        made.certify(made.household(number, [f"山田 {n}郎" for n in "一二三四"[:size]]))
    return made


@pytest.fixture
def printed_cards(cards: Office) -> Dispatch:
    (number,) = assemble(cards.run, by=cards.clerk, on=ON).dispatches
    dispatch = Dispatch.objects.get(pk=number)
    print_dispatch(dispatch, by=cards.clerk, on=ON)
    return dispatch


@pytest.fixture
def proved(printed_cards: Dispatch) -> Dispatch:
    prove_dispatch(printed_cards)
    printed_cards.refresh_from_db()
    return printed_cards


@pytest.fixture
def imposed(proved: Dispatch, cards: Office) -> Dispatch:
    impose(proved, front=NONE, back=NONE, by=cards.clerk, on=ON)
    return proved


@pytest.fixture
def sheets(imposed: Dispatch) -> bytes:
    """The sheets' bytes, with which nothing is wrong."""
    data = (imposing.folder(imposed) / SHEETS).read_bytes()
    assert found(imposed, data) == []
    return data
