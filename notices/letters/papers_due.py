"""Papers that a letter asks back, and how they stand in its table. Knows no paper, no database."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from core.calendar import wareki
from notices.letters.content import Column, Letter, Table

COLUMNS = (
    Column("氏名", 58, "name"),
    Column("返していただくもの", 36),
    Column("発行番号", 32, align="center"),
    Column("有効期限", 36, align="right"),
)
LOSSES = ("loss", "death", "removed", "annulled")


@dataclass(frozen=True, slots=True)
class PaperDue:
    """One paper to be handed back. ``paper`` is its kind in Japanese."""

    recovery_id: int
    name: str
    paper: str
    serial: str
    valid_through: date


class AsksBack(Protocol):
    """The face of a letter that asks papers back."""

    @property
    def papers(self) -> tuple[PaperDue, ...]:
        """Those that it asks for."""

    def letter(self) -> Letter:
        """The letter in the wording of its day."""


def papers_due(papers: Sequence[PaperDue]) -> Table:
    """The papers that a letter asks back, a row each."""
    rows = ((one.name, one.paper, one.serial, f"{wareki(one.valid_through)}まで") for one in papers)
    return Table(COLUMNS, tuple(rows))


def kinds_of(papers: Sequence[PaperDue]) -> str:
    """Their kinds in one phrase, each once."""
    return "・".join(dict.fromkeys(paper.paper for paper in papers))
