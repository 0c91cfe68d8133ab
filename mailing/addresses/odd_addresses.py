"""Addresses that the post may not find: a list for clerks before a run. It warns; nothing is held because of it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from operator import itemgetter

from core.streaming import streamed
from mailing.addresses.postcodes import ODDITIES, oddity
from members.functions import number_order_sql
from members.models import Address, Insurer

# The newest address of each use of whoever is covered on the day or later, with one cover of the person; those of
# one postal code together, so that each code is looked up once.
_FIND = """
SELECT a.postal_code, a.address, a.id, a.use, m.id, m.symbol, m.number, m.branch_number
FROM (
    SELECT DISTINCT ON (person_id, use) id, person_id, use, postal_code, address
    FROM members_address WHERE valid_from <= %(on)s {of_people}
    ORDER BY person_id, use, valid_from DESC
) a
JOIN LATERAL (
    SELECT c.id, c.symbol, c.number, c.branch_number, c.symbol_key, c.number_key, c.branch_key FROM members_member c
    JOIN members_insurer i ON i.id = c.insurer_id
    WHERE c.person_id = a.person_id AND (i.id = %(insurer)s OR i.main_id = %(insurer)s)
      AND (c.lost_on IS NULL OR c.lost_on > %(on)s)
    ORDER BY c.acquired_on DESC, c.id DESC LIMIT 1
) m ON true
WHERE a.address <> '' {of_addresses} -- an emptied address is none
ORDER BY a.postal_code, {number_order}, a.id
"""

_EVERYONE = {"of_people": "", "of_addresses": ""}
_SOME = {
    "of_people": "AND person_id IN (SELECT person_id FROM members_address WHERE id = ANY(%(addresses)s))",
    "of_addresses": "AND a.id = ANY(%(addresses)s)",
}


@dataclass(frozen=True, slots=True)
class OddAddress:
    """One address that wants a look: ids, the person's 記号・番号・枝番, its use, and what is odd, as a code."""

    address_id: int
    use: str
    member_id: int
    symbol: str
    number: str
    branch_number: str
    oddity: str

    @property
    def use_label(self) -> str:
        return str(Address.Use(self.use).label)

    @property
    def label(self) -> str:
        return ODDITIES[self.oddity]


@contextmanager
def odd_addresses(insurer: Insurer, on: date, addresses: list[int] | None = None) -> Iterator[Iterator[OddAddress]]:
    """Streams the odd addresses of the society's members, those of one postal code together.

    ``addresses`` limits it to some, by id.
    """
    query = _FIND.format(number_order=number_order_sql("m"), **(_EVERYONE if addresses is None else _SOME))
    with streamed(query, {"insurer": insurer.pk, "on": on, "addresses": addresses}) as rows:
        yield (
            OddAddress(address_id, use, *member, found)  # type: ignore[call-arg]
            for postal_code, same_code in groupby(rows, key=itemgetter(0))
            for _, address, address_id, use, *member in same_code
            if (found := oddity(postal_code, address))
        )
