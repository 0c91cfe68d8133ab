"""Matching the rows of staged files to members, and counting what became of them."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import date

from django.db import connection, transaction
from django.db.models import Count

from certificates.rules.law import law_on_or_after
from core import clock
from core.calendar import last_day_of_years_sql
from core.errors import Refused
from core.models import Clerk
from core.planner import refresh_statistics
from core.transitions import advance_many
from exchange.incoming.files import locked, require
from exchange.models import ExchangeFile, ExchangeRow
from exchange.rules import matching
from exchange.rules.codes import Kind, RowOutcome, RowReason

# For one step of a million rows at a time; the server's default is meant for many small queries.
WORK_MEMORY = "64MB"

# Members covered on the file's day whom no usable row of it names. As in ``certificates.rules.validity``, cover ends by age
# for residents, after its term for a voluntary insured person, and for a dependent with the insured person's.
_ENDED_SQL = f"""
    ({{p}}.resident AND {last_day_of_years_sql("{p}.birth_date", "%(late_elderly_age)s")} < f.as_of)
    OR ({{m}}.coverage_kind = 'voluntary' AND {{m}}.kind = 'insured'
        AND {last_day_of_years_sql("{m}.acquired_on", "%(voluntary_years)s")} < f.as_of)
"""
MISSING_SQL = f"""
SELECT f.id, count(*)
  FROM exchange_exchangefile f
  JOIN members_member m ON m.insurer_id = f.insurer_id AND {matching.COVERED_SQL.format(day="f.as_of")}
  JOIN members_person p ON p.id = m.person_id
  LEFT JOIN members_member mi ON mi.id = m.insured_id
  LEFT JOIN members_person ip ON ip.id = mi.person_id
  LEFT JOIN exchange_exchangerow r ON r.file_id = f.id AND r.member_id = m.id
       AND r.outcome IN ('staged', 'applied', 'unchanged')
 WHERE f.id = ANY(%(files)s) AND r.id IS NULL
   AND ({_ENDED_SQL.format(m="m", p="p")}) IS NOT TRUE
   AND (mi.lost_on <= f.as_of OR {_ENDED_SQL.format(m="mi", p="ip")}) IS NOT TRUE
 GROUP BY f.id
"""


def match(files: Iterable[ExchangeFile], *, on: date | None = None, by: Clerk | None = None) -> list[ExchangeFile]:
    """Says of every row of the month's files which member it speaks of; answers the files as they then are.

    Give all files of one day together: a person's rows under two insurer numbers are held against each
    other. Repeating it, also after members were corrected, gives what the members now say. Files already
    applied stay as they are. ``on`` is the day of the step in the record, today unless given.

    Raises:
        Refused: a file is not staged, or the files are not of one day.
    """
    with transaction.atomic():
        mine = locked(files)
        require(mine, ("staged", "matched", "held", "applied"), "match")
        if len({file.as_of for file in mine}) > 1:
            raise Refused("基準日の違うファイルを一緒に突合できません。月ごとに実行してください。")
        ids = [file.pk for file in mine if file.status != "applied"]
        if ids:
            refresh_statistics(ExchangeRow, written=_match_rows(ids, beside=_beside(mine)))
            recount([file for file in mine if file.pk in ids])
            advance_many(ExchangeFile.objects.filter(pk__in=ids), "match", by=by, on=on or clock.today())
    return refreshed(files)


def _beside(files: Sequence[ExchangeFile]) -> list[int]:
    """Applied files of the same day under the other numbers: a person's rows there are held against these."""
    if any(file.kind != Kind.MONTHLY for file in files):
        return []
    applied = ExchangeFile.objects.filter(kind=Kind.MONTHLY, as_of=files[0].as_of, status="applied")
    numbers = [file.insurer_id for file in files if file.status != "applied"]
    return list(applied.exclude(insurer__in=numbers).values_list("pk", flat=True))


def _match_rows(ids: list[int], *, beside: list[int]) -> int:
    """Answers how many rows got a verdict."""
    together = {"files": [*ids, *beside]}
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL work_mem = '{WORK_MEMORY}'")
        cursor.execute("DROP TABLE IF EXISTS pg_temp.exchange_fit")
        cursor.execute(matching.EXACT_SQL, together)
        cursor.execute("ANALYZE exchange_fit")
        cursor.execute(matching.LOOSE_SQL, together)
        cursor.execute("ANALYZE exchange_fit")
        cursor.execute(matching.VERDICT_SQL, {"files": ids})
        judged = cursor.rowcount
        cursor.execute("DROP TABLE exchange_fit")
    return judged


def refreshed(files: Iterable[ExchangeFile]) -> list[ExchangeFile]:
    """The caller's own file objects, brought up to date."""
    listed = list(files)
    for file in listed:
        file.refresh_from_db()
    return listed


def recount(files: Sequence[ExchangeFile]) -> None:
    """Counts the outcomes of each file's rows anew and keeps them on the file."""
    ids = [file.pk for file in files]
    found: dict[int, Counter[str]] = {pk: Counter() for pk in ids}
    groups = ExchangeRow.objects.filter(file__in=ids).values_list("file_id", "outcome", "reason")
    for file_id, outcome, reason, count in groups.annotate(n=Count("id")).order_by():
        found[file_id][outcome] += count
        if reason == RowReason.DOUBLE:
            found[file_id]["double"] += count
    missing = _missing([file for file in files if file.kind == Kind.MONTHLY])
    for file in files:
        now = found[file.pk]
        counts = {outcome.value: now[outcome] for outcome in RowOutcome if outcome != RowOutcome.STAGED}
        counts["double"] = now["double"]
        counts["matched"] = now[RowOutcome.STAGED] + counts["applied"] + counts["unchanged"]
        if file.kind == Kind.MONTHLY:
            counts["missing"] = missing.get(file.pk, 0)
        file.counts = {**file.counts, **counts}
        file.save(update_fields=["counts"])


def _missing(files: Sequence[ExchangeFile]) -> dict[int, int]:
    days: dict[date, list[int]] = defaultdict(list)
    for file in files:
        days[file.as_of].append(file.pk)
    found: dict[int, int] = {}
    with connection.cursor() as cursor:
        for day, ids in days.items():
            law = law_on_or_after(day)
            ages = {"late_elderly_age": law.late_elderly_age, "voluntary_years": law.voluntary_years}
            cursor.execute(MISSING_SQL, {"files": ids, **ages})
            found |= dict(cursor.fetchall())
    return found
