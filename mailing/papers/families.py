"""The family members without a paper in their household's envelope: how each stands, by the facts of the board.

Nobody protected is among them; what a household is told must not depend on such a person. Source: rules.md §10, §14;
print.md "Letters" (Household).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from django.db import connection

from certificates.decisions.gaps import Standing, Waiting, standings
from certificates.decisions.ruling import still_open
from members.models import Insurer
from members.querysets import HOUSEHOLD_SQL, name_sql

STANDINGS: Final = ("usable", "checking", "coming", "returned", "to_tell")
"""How somebody may stand, in the order in which a letter tells it; the keys of its sentences."""
_WAITING: Final[Mapping[Waiting, str]] = {
    **dict.fromkeys(
        (
            Waiting.APPROVAL,
            Waiting.ENCLOSING,
            Waiting.PRINTING,
            Waiting.POSTING,
            Waiting.DELIVERY,
            Waiting.ADDRESS,
            Waiting.GLYPH,
            Waiting.DAMAGE,
            Waiting.SHARE,
            Waiting.HEAD,
        ),
        "coming",
    ),
    Waiting.RETURNED: "returned",
}

_FAMILY = f"""
SELECT {HOUSEHOLD_SQL}, m.id, {name_sql("p")}, p.nondisclosure OR p.address_protected
FROM members_member m JOIN members_person p ON p.id = m.person_id
WHERE m.id = ANY(%(heads)s) OR m.insured_id = ANY(%(heads)s) OR m.head_id = ANY(%(heads)s)
ORDER BY m.branch_number, m.id
"""


@dataclass(frozen=True, slots=True)
class Relative:
    """Somebody without a paper in the envelope; ``by``: the day by which an open case is told."""

    name: str
    standing: str
    by: date | None = None


@dataclass(frozen=True, slots=True)
class Family:
    """The household's members without a paper here. ``protected``: somebody else of it stands on no list."""

    relatives: tuple[Relative, ...] = ()
    protected: bool = False

    @property
    def all_usable(self) -> bool:
        """Whether all of the household without a paper here can show something today."""
        return not self.protected and all(one.standing == "usable" for one in self.relatives)


def families(insurer: Insurer, enclosed: Mapping[int, Collection[int]], *, on: date) -> dict[int, Family]:
    """By the cover that stands for each household the covered members whose papers are not ``enclosed`` in the envelope."""
    with connection.cursor() as cursor:
        cursor.execute(_FAMILY, {"heads": list(enclosed)})
        rows = [row for row in cursor.fetchall() if row[1] not in enclosed[row[0]]]
    told = [member for _, member, _, protected in rows if not protected]
    stand = standings(insurer, on, told) if told else {}
    waiting = still_open(insurer, on=on) if told else {}
    protected = {head for head, _, _, hidden in rows if hidden}
    found: dict[int, list[Relative]] = {head: [] for head in enclosed}
    for head, member, name, hidden in rows:
        if not hidden and member in stand and (how := _how(stand[member], member in waiting)):
            by = waiting[member] if how == "checking" else None
            found[head].append(Relative(name, how, by))
    return {head: Family(tuple(people), head in protected) for head, people in found.items()}


def _how(standing: Standing, waits: bool) -> str:
    """How the person stands; empty where there is no cover on the day."""
    if standing.gap is None and not standing.routes:
        return ""
    if waits:
        return "checking"
    if standing.routes:
        return "usable"
    assert standing.gap is not None
    return _WAITING.get(standing.gap.waiting, "to_tell")
