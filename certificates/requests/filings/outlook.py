"""What a filing would mean for paper on its way out, told by the floor that knows about envelopes.

This floor knows no dispatch; whoever does says what must come out of the bundles, before and after a rehearsal.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date

# Ids of the papers in bundles, each with the codes of what speaks against its leaving (or its having left).
Standing = Mapping[int, frozenset[str]]


@dataclass(frozen=True, slots=True)
class Outlook:
    """``look``: what speaks against the papers of these covers (None: of everybody) on a day; ``told``: in sentences."""

    look: Callable[[Collection[int] | None, date], Standing]
    told: Callable[[Standing], Iterable[str]]


_KNOWN: list[Outlook] = []


def watch(outlook: Outlook) -> None:
    """Takes in who knows about paper on its way."""
    _KNOWN.append(outlook)


class Watch:
    """Looks when it is made; ``news`` looks again and tells what has been added since."""

    def __init__(self, members: Collection[int] | None, on: date) -> None:
        self._members, self._on = members, on
        self._before = [known.look(members, on) for known in _KNOWN]

    def news(self) -> list[str]:
        """A sentence for each paper against which something speaks that did not before."""
        said: list[str] = []
        for known, before in zip(_KNOWN, self._before, strict=True):
            after = known.look(self._members, self._on)
            fresh = {pk: codes - before.get(pk, frozenset()) for pk, codes in after.items()}
            said += known.told({pk: codes for pk, codes in fresh.items() if codes})
        return said
