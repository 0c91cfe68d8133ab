"""The texts of people that paper shows, as printed: names, kana, addresses, cover by cover."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from core.damage import Use
from core.paper.fonts import Role
from core.streaming import streamed
from members.functions import number_order_sql
from members.querysets import HEAD_PERSON_SQL, PEOPLE_JOINS, head_name_sql, name_sql, printed_sql


class Place(StrEnum):
    """Where a text stands."""

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

    @property
    def use(self) -> Use:
        """What looks like damage there."""
        if self is Place.ADDRESS:
            return Use.OTHER
        return Use.KANA if self is Place.NAME_KANA else Use.NAME


_LABELS = {
    Place.NAME: "氏名",
    Place.PRINTED_NAME: "通称名",
    Place.NAME_KANA: "フリガナ",
    Place.INSURED_NAME: "被保険者氏名",
    Place.ADDRESS: "住所",
}

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
SELECT m.id, p.id, coalesce(ip.id, {HEAD_PERSON_SQL}, p.id), m.symbol, m.number, m.branch_number,
    {printed_sql("p", "name")}, {printed_sql("p", "printed_name")}, p.name_kana, coalesce({name_sql("ip")},
        CASE WHEN m.head_id IS NOT NULL OR m.head_name <> '' THEN {head_name_sql()} END, ''),
    post.addresses
FROM members_member m {PEOPLE_JOINS}
LEFT JOIN post ON post.person_id = p.id
WHERE {{of_covers}}
ORDER BY {number_order_sql("m")}, m.id
"""

_OF_PEOPLE = "AND person_id IN (SELECT person_id FROM members_member WHERE id = ANY(%(members)s))"
_RUNNING = "(m.lost_on IS NULL OR m.lost_on > %(on)s) AND (mi.lost_on IS NULL OR mi.lost_on > %(on)s)"
_SOME = "m.id = ANY(%(members)s)"


@dataclass(frozen=True, slots=True)
class PrintedTexts:
    """The texts of one cover; ``insured_id`` is the person of the insured, whose register holds that name."""

    member_id: int
    person_id: int
    insured_id: int
    symbol: str
    number: str
    branch_number: str
    texts: tuple[tuple[Place, str], ...]

    def person_of(self, place: Place) -> int:
        """Whose register holds the text."""
        return self.insured_id if place is Place.INSURED_NAME else self.person_id


def printed_texts(on: date, members: list[int] | None = None, *, ended: bool = False) -> Iterator[PrintedTexts]:
    """Whoever is covered on the day or later, in the order of the lists; streamed.

    ``members`` limits it to some covers; with ``ended`` those that have ended are among them.
    """
    wanted = [*([] if ended else [_RUNNING]), *([] if members is None else [_SOME])]
    query = _SELECT.format(of_people="" if members is None else _OF_PEOPLE, of_covers=" AND ".join(wanted) or "true")
    with streamed(query, {"on": on, "members": members}) as rows:
        for member, person, of_insured, symbol, number, branch, name, printed_name, kana, insured, addresses in rows:
            named = zip(Place, (name, printed_name, kana, insured), strict=False)
            texts = (*named, *((Place.ADDRESS, one) for one in addresses or ()))
            yield PrintedTexts(member, person, of_insured, symbol, number, branch, texts)
