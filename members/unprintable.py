"""Who is covered and has a character that cannot be printed: known before a month is decided, not at the printer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from django.db import connection, transaction

from core.pdf.fonts import MissingGlyph, Role, missing
from core.pdf.variants import Candidate, candidates
from members.functions import number_order_sql
from members.querysets import PEOPLE_JOINS, name_sql, printed_sql

BATCH = 5_000
ROLES: tuple[Role, ...] = ("name", "label")


class Place(StrEnum):
    """Where the character stands."""

    NAME = "name"
    PRINTED_NAME = "printed_name"
    NAME_KANA = "name_kana"
    INSURED_NAME = "insured_name"
    ADDRESS = "address"

    @property
    def label(self) -> str:
        return _LABELS[self]

    @property
    def role(self) -> Role:
        """The typeface that prints it."""
        return "label" if self is Place.NAME_KANA else "name"


_LABELS = {
    Place.NAME: "氏名", Place.PRINTED_NAME: "通称名", Place.NAME_KANA: "フリガナ", Place.INSURED_NAME: "被保険者氏名",
    Place.ADDRESS: "住所",
}  # fmt: skip

# Whoever is covered on the day or later, as printed; every address that an address sheet may take on the day.
_SELECT = f"""
WITH post AS (
    SELECT person_id, array_agg(address) AS addresses FROM (
        SELECT DISTINCT ON (person_id, use) person_id, address
        FROM members_address WHERE valid_from <= %(on)s {{of_people}}
        ORDER BY person_id, use, valid_from DESC
    ) newest WHERE address <> '' -- an emptied address ends the one before
    GROUP BY person_id
)
SELECT m.id, p.id, coalesce(ip.id, p.id), m.symbol, m.number, m.branch_number,
    {printed_sql("p", "name")}, {printed_sql("p", "printed_name")}, p.name_kana, coalesce({name_sql("ip")}, ''),
    post.addresses
FROM members_member m {PEOPLE_JOINS}
LEFT JOIN post ON post.person_id = p.id
WHERE (m.lost_on IS NULL OR m.lost_on > %(on)s) AND (mi.lost_on IS NULL OR mi.lost_on > %(on)s)
    {{of_covers}}
ORDER BY {number_order_sql("m")}, m.id
"""

_EVERYONE = {"of_people": "", "of_covers": ""}
_SOME = {
    "of_people": "AND person_id IN (SELECT person_id FROM members_member WHERE id = ANY(%(members)s))",
    "of_covers": "AND m.id = ANY(%(members)s)",
}


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
    query = _SELECT.format(**(_EVERYONE if members is None else _SOME))
    with transaction.atomic():
        connection.ensure_connection()
        with connection.connection.cursor(name="kenpo_unprintable") as cursor:
            cursor.itersize = BATCH
            cursor.execute(query, {"on": on, "members": members})
            for row in cursor:
                yield from _of(row)


def _of(row: tuple[Any, ...]) -> Iterator[Unprintable]:
    member_id, person_id, insured_id, symbol, number, branch_number, *names, addresses = row
    texts = [*zip(Place, names, strict=False), *((Place.ADDRESS, address) for address in addresses or ())]
    if not any(missing(" ".join(t for p, t in texts if p.role == role), role) for role in ROLES):
        return  # as with nearly everybody: one look for each typeface
    said: set[tuple[Place, str]] = set()
    for place, text in texts:
        for glyph in missing(text, place.role):
            if (place, glyph.character) not in said:
                said.add((place, glyph.character))
                whose = insured_id if place is Place.INSURED_NAME else person_id
                yield Unprintable(member_id, whose, symbol, number, branch_number, place, glyph)
