"""Who is covered and has a character that cannot be printed: known before a month is decided, not at the printer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from core.paper.fonts import MissingGlyph, Role, missing
from core.paper.variants import Candidate, candidates
from members.printed_texts import Place, PrintedTexts, printed_texts

ROLES: tuple[Role, ...] = ("name", "label")


@dataclass(frozen=True, slots=True)
class Unprintable:
    """One character in one place of one cover; ``person_id`` is whose register holds it."""

    member_id: int
    person_id: int
    symbol: str
    number: str
    branch_number: str
    place: Place
    glyph: MissingGlyph

    @property
    def candidates(self) -> tuple[Candidate, ...]:
        """Printable relations of the character, the nearest first."""
        return candidates(self.glyph.character, self.place.role)


def unprintable(on: date, members: list[int] | None = None) -> Iterator[Unprintable]:
    """Every character that paper could not show, in the order of the lists; streamed, one cover at a time.

    ``members`` limits it to some covers.
    """
    for cover in printed_texts(on, members):
        yield from _of(cover)


def _of(cover: PrintedTexts) -> Iterator[Unprintable]:
    if not any(missing(" ".join(t for p, t in cover.texts if p.role == role), role) for role in ROLES):
        return  # as with nearly everybody: one look for each typeface
    said: set[tuple[Place, str]] = set()
    for place, text in cover.texts:
        for glyph in missing(text, place.role):
            if (place, glyph.character) not in said:
                said.add((place, glyph.character))
                yield Unprintable(
                    cover.member_id,
                    cover.person_of(place),
                    cover.symbol,
                    cover.number,
                    cover.branch_number,
                    place,
                    glyph,
                )
