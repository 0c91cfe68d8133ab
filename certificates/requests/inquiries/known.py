"""What the fund has said last of a person, and through which day that is known to hold."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.db import connection
from django.db.models import Max

from certificates.models import Run
from certificates.rules.facts import FundRow
from members.querysets import newest_first_sql
from members.services import society

# A status is written when a file differs, so each applied monthly file confirms those it left as they were.
_NEWEST = f"""
SELECT DISTINCT ON (person_id) person_id, state, greatest(as_of, %(confirmed)s::date), source, registered_on,
       e_certificate_expires_on, file_id, line_no
  FROM members_mynastatus s
 WHERE as_of <= %(on)s AND person_id = ANY(%(people)s)
 ORDER BY person_id, {newest_first_sql("s")}
"""


def confirmed(on: date) -> date | None:
    """The day of the newest monthly file that was applied, none later than ``on``; none where there is none yet."""
    read = Run.objects.filter(insurer=society(), as_of__lte=on).exclude(status__in=("open", "held"))
    newest: date | None = read.aggregate(newest=Max("as_of"))["newest"]
    return newest


def newest_words(people: Iterable[int], on: date) -> dict[int, FundRow]:
    """The newest word on each person as of ``on``, by person id; ``as_of`` is the last day it is confirmed for.

    Persons of whom nothing was ever said are left out. Source: rules.md §4 (the newest word counts).
    """
    with connection.cursor() as cursor:
        cursor.execute(_NEWEST, {"on": on, "people": list(people), "confirmed": confirmed(on)})
        return {person: FundRow(*word) for person, *word in cursor.fetchall()}
