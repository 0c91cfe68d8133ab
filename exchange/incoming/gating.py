"""The month's figures for the gates, in one query each."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.db import connection

from exchange.models import ExchangeFile
from exchange.rules import gates
from exchange.rules.codes import Kind
from members.querysets import newest_first_sql

# The state a readable row says, in the words of MynaStatus.
STATE_SQL = "CASE WHEN r.returned THEN 'returned' WHEN r.registered THEN 'registered' ELSE 'not_registered' END"
USABLE_STATES = ("registered", "not_registered", "returned")

FIGURES_SQL = f"""
WITH before AS (
    SELECT DISTINCT ON (s.person_id) s.person_id, s.state, s.e_certificate_expires_on
      FROM members_mynastatus s
     WHERE s.as_of < %(as_of)s
     ORDER BY s.person_id, {newest_first_sql("s")}
), r AS (
    SELECT r.*, r.person_id IS NOT NULL AND r.outcome IN ('staged', 'applied', 'unchanged') AS matched
      FROM exchange_exchangerow r WHERE r.file_id = ANY(%(files)s)
)
SELECT count(*), count(*) FILTER (WHERE r.outcome = 'rejected'), count(*) FILTER (WHERE r.outcome = 'unmatched'),
       count(*) FILTER (WHERE r.outcome = 'conflict'), count(*) FILTER (WHERE r.matched),
       count(s.person_id),
       count(s.person_id) FILTER (WHERE (s.state, s.e_certificate_expires_on)
                          IS DISTINCT FROM ({STATE_SQL}, r.e_certificate_expires_on))
  FROM r
  LEFT JOIN before s ON r.matched AND s.person_id = r.person_id AND s.state = ANY(%(usable)s)
"""


def figures(files: Iterable[ExchangeFile]) -> gates.Figures:
    """The matched files of one day in counts, for ``gates.check``; the same after they were applied."""
    listed = list(files)
    with connection.cursor() as cursor:
        cursor.execute(
            FIGURES_SQL,
            {
                "files": [file.pk for file in listed],
                "as_of": min((file.as_of for file in listed if file.as_of), default=date.min),
                "usable": list(USABLE_STATES),
            },
        )
        counted = cursor.fetchone()
    rows, rejected, unmatched, conflict, matched, known, changed = counted
    return gates.Figures(
        rows=rows,
        rejected=rejected,
        unmatched=unmatched,
        conflict=conflict,
        matched=matched,
        known=known,
        changed=changed,
        registration={_number(file): _rate(file) for file in listed},
        previous=_previous(listed),
    )


def _previous(files: Iterable[ExchangeFile]) -> dict[str, gates.Rate]:
    """Registration in the newest earlier monthly file applied, for each insurer number that has one."""
    found: dict[str, gates.Rate] = {}
    for file in files:
        earlier = ExchangeFile.objects.filter(
            insurer_id=file.insurer_id, kind=Kind.MONTHLY, status="applied", as_of__lt=file.as_of
        )
        newest = earlier.select_related("insurer").order_by("-as_of").first()
        if newest is not None:
            found[_number(newest)] = _rate(newest)
    return found


def _number(file: ExchangeFile) -> str:
    return file.insurer.number if file.insurer else ""


def _rate(file: ExchangeFile) -> gates.Rate:
    counts = file.counts
    return gates.Rate(counts.get("registered", 0), counts.get("rows", 0) - counts.get("rejected", 0))
