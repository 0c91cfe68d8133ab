"""Which papers would show a text that may be damaged and that nobody has said is right."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import date

from mailing.envelopes import Channel, Paper, route
from mailing.planning.reading import Candidate
from members.damaged import Damaged, damaged, damaged_employers
from members.printed_texts import Place


def goes_to_establishment(paper: Paper, ways: Mapping[str, Channel]) -> bool:
    """Whether the paper travels in an establishment's bundle, and its household stands on the list."""
    way = route(paper, ways)
    return not isinstance(way, str) and way.channel == "establishment"


class Spoilt:
    """The unconfirmed texts of the people and employers of some candidates, looked up together."""

    def __init__(self, batch: Sequence[Candidate], on: date) -> None:
        covers = {pk for candidate in batch for pk in (candidate.paper.member_id, candidate.paper.household_id)}
        self._of_cover: dict[int, list[Damaged]] = defaultdict(list)
        for one in damaged(on, covers):
            self._of_cover[one.member_id or 0].append(one)
        self._of_employer: dict[int, list[Damaged]] = defaultdict(list)
        for one in damaged_employers({candidate.paper.establishment_id for candidate in batch}):
            self._of_employer[one.owner].append(one)

    def on_paper(self, candidate: Candidate, shown: Collection[str], ways: Mapping[str, Channel]) -> tuple[str, ...]:
        """The places and signs of what the candidate's paper, envelope and list would show; ``shown``: its own texts.

        A name and its kana count in any case, other texts only where they would be printed.
        """
        paper, way = candidate.paper, route(candidate.paper, ways)
        around = {candidate.insured_name}
        if not isinstance(way, str) and way.address is not None:
            around |= {way.address.address, way.address.recipient}
        texts = [*shown, *around]
        own = self._of_cover.get(paper.member_id, [])
        family = self._of_cover.get(paper.household_id, []) if paper.household_id != paper.member_id else []
        employer = self._of_employer.get(paper.establishment_id, [])
        listed = goes_to_establishment(paper, ways)
        found = [
            *(one for one in own if one.place is not Place.ADDRESS or _printed(one, texts)),
            *(one for one in family if _printed(one, texts)),
            *(one for one in employer if (listed and one.field == "name") or _printed(one, texts)),
        ]
        return tuple(dict.fromkeys(map(str, found)))


def _printed(one: Damaged, texts: Collection[str]) -> bool:
    return any(one.text in text for text in texts)
