"""Two covers of one person with days in common: an end that has not been reported, or two reports of one cover.

Source: rules.md §3 (``Person``, ``Member``), §11 (two rows for one person).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date

from django.db import connection


@dataclass(frozen=True, slots=True)
class Overlap:
    """Two covers, the earlier first, and the days they share; ``through`` is absent while neither has an end."""

    person_id: int
    earlier: int
    later: int
    begins: date
    through: date | None


# A cover that was annulled holds no day. Of two that begin on one day the one entered first stands first.
_SELECT = """
WITH cover AS (
    SELECT id, person_id, acquired_on, lost_on FROM members_member
    WHERE (lost_on IS NULL OR lost_on > acquired_on) {of_people}
)
SELECT a.person_id, a.id, b.id, b.acquired_on, least(a.lost_on, b.lost_on) - 1
FROM cover a JOIN cover b ON b.person_id = a.person_id AND (b.acquired_on, b.id) > (a.acquired_on, a.id)
    AND (a.lost_on IS NULL OR b.acquired_on < a.lost_on)
ORDER BY b.acquired_on DESC, a.person_id, a.id, b.id
"""


def overlaps(people: Collection[int] | None = None) -> Iterator[Overlap]:
    """Every pair of covers of one person with days in common, the newest first; of some people, or of all."""
    query = _SELECT.format(of_people="" if people is None else "AND person_id = ANY(%(people)s)")
    with connection.cursor() as cursor:
        cursor.execute(query, {"people": list(people or ())})
        rows = cursor.fetchall()
    return (Overlap(*row) for row in rows)
