"""Writing what the files say into the persons' statuses: changes only, one transaction, no row twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from django.db import connection, transaction
from django.db.models import Q

from core.calendar import wareki
from core.errors import Refused
from core.models import Clerk
from core.planner import refresh_statistics
from core.transitions import advance_many
from exchange.incoming.files import locked, require
from exchange.incoming.gating import STATE_SQL
from exchange.incoming.joining import recount, refreshed
from exchange.models import ExchangeFile, ExchangeRow
from exchange.rules.codes import Kind
from exchange.rules.matching import COVERED_SQL
from members.models import MynaStatus
from members.querysets import newest_first_sql

# The status of every person concerned that is in force on the files' day.
IN_FORCE_SQL = f"""
CREATE TEMP TABLE exchange_in_force ON COMMIT DROP AS
SELECT DISTINCT ON (s.person_id) s.person_id, s.as_of, s.created_on, s.state, s.registered_on,
       s.e_certificate_expires_on, s.returned_on
  FROM members_mynastatus s
 WHERE s.as_of <= %(as_of)s {{only}}
 ORDER BY s.person_id, {newest_first_sql("s")}
"""
ONLY_NAMED = """
   AND s.person_id IN (SELECT person_id FROM exchange_exchangerow
                        WHERE file_id = ANY(%(files)s) AND person_id IS NOT NULL)
"""

# One status for each person whose rows say something else than what is in force; the row that said so is
# ``applied``, every other matched row ``unchanged``. With ``confirm`` a newer row that says the same is kept
# as well: a file of a day in between may still come, and must not pass for the newer word.
CHANGES_SQL = f"""
WITH said AS (
    SELECT DISTINCT ON (r.person_id) r.id, r.person_id, r.file_id, r.line_no, {STATE_SQL} AS state,
           r.registered_on, r.e_certificate_expires_on, r.returned_on, f.created_on
      FROM exchange_exchangerow r JOIN exchange_exchangefile f ON f.id = r.file_id
     WHERE r.file_id = ANY(%(files)s) AND r.outcome = 'staged' AND r.person_id IS NOT NULL
     ORDER BY r.person_id, r.file_id, r.line_no
), news AS (
    SELECT said.*,
           s.person_id IS NULL OR (s.state, s.registered_on, s.e_certificate_expires_on, s.returned_on)
               IS DISTINCT FROM (said.state, said.registered_on, said.e_certificate_expires_on, said.returned_on)
               AS differs,
           (s.as_of, coalesce(s.created_on, s.as_of))
               < (%(as_of)s::date, coalesce(said.created_on, %(as_of)s::date)) AS newer
      FROM said LEFT JOIN exchange_in_force s ON s.person_id = said.person_id
), written AS (
    INSERT INTO members_mynastatus (person_id, as_of, source, state, registered_on, e_certificate_expires_on,
                                    returned_on, created_on, file_id, line_no)
    SELECT person_id, %(as_of)s, %(source)s, state, registered_on, e_certificate_expires_on, returned_on,
           created_on, file_id, line_no
      FROM news WHERE differs OR (%(confirm)s AND newer)
     ORDER BY file_id, line_no
)
UPDATE exchange_exchangerow r
   SET outcome = CASE WHEN r.id IN (SELECT id FROM news WHERE differs) THEN 'applied' ELSE 'unchanged' END
 WHERE r.file_id = ANY(%(files)s) AND r.outcome = 'staged' AND r.person_id IS NOT NULL
"""

# Whom a line names that cannot be used, with what is wrong: of several the heaviest. A row that could be used and
# only stands beside such a one is not named.
_NAMED_SQL = """
    SELECT r.*, CASE WHEN r.reason = 'double' OR count(*) OVER (PARTITION BY r.member_id) > 1 THEN 'double'
                     WHEN r.outcome = 'rejected' THEN 'rejected' ELSE 'conflict' END AS state
      FROM exchange_exchangerow r
     WHERE r.file_id = ANY(%(files)s) AND r.outcome IN ('rejected', 'conflict') AND r.person_id IS NOT NULL
"""
UNUSABLE_SQL = f"""
    SELECT DISTINCT ON (person_id) person_id, file_id, line_no, state
      FROM ({_NAMED_SQL}) named
     WHERE reason <> 'beside_unusable'
     ORDER BY person_id, array_position(ARRAY['double', 'rejected', 'conflict'], state), file_id, line_no
"""

# What a monthly snapshot says by silence: whoever had a status and is not in it is absent; whoever is named
# by a line that cannot be used has that line's state, with or without an earlier status. A person covered
# under a number whose file of this day is not among those applied is left to that file.
CLOSURE_SQL = f"""
WITH month AS (
    SELECT f.id, f.insurer_id FROM exchange_exchangefile f
     WHERE f.kind = 'monthly' AND f.as_of = %(as_of)s AND (f.id = ANY(%(files)s) OR f.status = 'applied')
), named AS (
    SELECT DISTINCT r.person_id FROM exchange_exchangerow r
     WHERE r.file_id IN (SELECT id FROM month)
       AND (r.outcome IN ('applied', 'unchanged') OR r.reason = 'beside_unusable')
), unusable AS ({UNUSABLE_SQL}), covers AS (
    SELECT m.person_id, min(f.id) AS file_id, bool_or(month.id IS NULL) AS elsewhere
      FROM members_member m
      LEFT JOIN month ON month.insurer_id = m.insurer_id
      LEFT JOIN month f ON f.id = month.id AND f.id = ANY(%(files)s)
     WHERE {COVERED_SQL.format(day="%(as_of)s")}
     GROUP BY m.person_id
)
INSERT INTO members_mynastatus (person_id, as_of, source, state, created_on, file_id, line_no)
SELECT person_id, %(as_of)s, %(source)s, coalesce(u.state, 'absent'),
       (SELECT f.created_on FROM exchange_exchangefile f WHERE f.id = coalesce(u.file_id, c.file_id)),
       coalesce(u.file_id, c.file_id), u.line_no
  FROM exchange_in_force s
  FULL JOIN unusable u USING (person_id)
  LEFT JOIN covers c USING (person_id)
 WHERE u.person_id IS NOT NULL
    OR (s.state <> 'absent' AND c.elsewhere IS NOT TRUE
        AND NOT EXISTS (SELECT 1 FROM named WHERE named.person_id = s.person_id))
 ORDER BY person_id
"""

# Beside the line that a status tells, the others that name the same person: all of them are told.
OTHER_LINES_SQL = f"""
INSERT INTO certificates_otherline (status_id, file_id, line_no)
SELECT s.id, n.file_id, n.line_no
  FROM members_mynastatus s JOIN ({_NAMED_SQL}) n ON n.person_id = s.person_id
 WHERE s.state = 'double' AND s.file_id = ANY(%(files)s) AND n.state = 'double'
   AND (n.file_id, n.line_no) <> (s.file_id, s.line_no)
    ON CONFLICT DO NOTHING
"""

# A daily row that cannot be used counts only for who has no other row; whatever counted before still counts.
DAILY_UNUSABLE_SQL = f"""
INSERT INTO members_mynastatus (person_id, as_of, source, state, created_on, file_id, line_no)
SELECT u.person_id, %(as_of)s, %(source)s, u.state, f.created_on, u.file_id, u.line_no
  FROM ({UNUSABLE_SQL}) u JOIN exchange_exchangefile f ON f.id = u.file_id
  LEFT JOIN exchange_in_force s ON s.person_id = u.person_id
 WHERE (s.person_id IS NULL OR s.state = 'absent')
   AND NOT EXISTS (SELECT 1 FROM members_mynastatus since WHERE since.person_id = u.person_id
                   AND since.as_of > %(as_of)s AND since.state <> 'absent')
 ORDER BY u.person_id
"""

OLDER_SQL = """
UPDATE exchange_exchangerow SET outcome = 'unchanged', reason = 'older'
 WHERE file_id = ANY(%(files)s) AND outcome = 'staged' AND person_id IS NOT NULL
"""


def apply(files: Iterable[ExchangeFile], *, on: date, by: Clerk | None = None) -> dict[str, int]:
    """Applies a month's matched files together; answers the counts of all of them.

    Give every file of the month at once. Applied a second time, nothing changes and the counts are
    the same.

    Raises:
        Refused: a file is not matched or not monthly, they are not of one day, or a later month is applied.
    """
    with transaction.atomic():
        mine = locked(files)
        require(mine, ("matched", "held", "applied"), "apply")
        if len({file.as_of for file in mine}) > 1 or any(file.kind != Kind.MONTHLY for file in mine):
            raise Refused("一度に反映できるのは、同じ基準日の月次ファイルだけです。")
        waiting = [file for file in mine if file.status != "applied"]
        if any(file.correction for file in waiting):
            raise Refused("訂正のファイルは、別の担当者が受け入れたときに反映します。")
        if waiting:
            _refuse_older(waiting)
            write(waiting, source="monthly", on=on, by=by)
    return _totals(refreshed(files))


def apply_daily(file: ExchangeFile, *, on: date, by: Clerk | None = None) -> dict[str, int]:
    """Applies a matched daily file: only its rows, and silence means nothing. Repeating changes nothing.

    Where a monthly file of a later day is applied already, everyone has been spoken of since, and the
    rows are kept as ``unchanged``.

    Raises:
        Refused: the file is not daily or not matched.
    """
    with transaction.atomic():
        mine = locked([file])
        require(mine, ("matched", "held", "applied"), "apply")
        if mine[0].kind != Kind.DAILY:
            raise Refused("日次ファイルではありません。月次の処理で反映してください。")
        if mine[0].status != "applied":
            write(mine, source="daily", on=on, by=by)
    return _totals(refreshed([file]))


def _later_months(file: ExchangeFile) -> Any:
    """Applied monthly files that count before this one: of a later day, or for a daily file of its day and made later."""
    later = Q(as_of__gt=file.as_of)
    if file.kind == Kind.DAILY and file.created_on is not None:
        later |= Q(as_of=file.as_of, created_on__gt=file.created_on)
    applied = ExchangeFile.objects.filter(insurer_id=file.insurer_id, kind=Kind.MONTHLY, status="applied")
    return applied.filter(later).order_by("pk")


def _refuse_older(files: Sequence[ExchangeFile]) -> None:
    for file in files:
        later = _later_months(file).first()
        if later is not None and later.as_of:
            raise Refused(
                f"ファイル番号 {file.pk} より新しい基準日（{wareki(later.as_of)}）の月次ファイルを"
                f"反映済みです（ファイル番号 {later.pk}）。古いファイルは反映できません。"
            )


def write(files: Sequence[ExchangeFile], *, source: str, on: date, by: Clerk | None) -> None:
    """Statuses, row outcomes, counts and the files' states, in the caller's transaction."""
    ids, monthly = [file.pk for file in files], source == "monthly"
    given = {"files": ids, "as_of": files[0].as_of, "source": source, "confirm": not monthly}
    with connection.cursor() as cursor:
        late = not monthly or files[0].correction
        if late and _later_months(files[0]).exists():
            cursor.execute(OLDER_SQL, given)
        else:
            cursor.execute("DROP TABLE IF EXISTS pg_temp.exchange_in_force")
            cursor.execute(IN_FORCE_SQL.format(only="" if monthly else ONLY_NAMED), given)
            cursor.execute("ANALYZE exchange_in_force")
            cursor.execute(CHANGES_SQL, given)
            # The closure asks for the outcomes that were just written.
            refresh_statistics(ExchangeRow, MynaStatus, written=cursor.rowcount)
            cursor.execute(CLOSURE_SQL if monthly else DAILY_UNUSABLE_SQL, given)
            refresh_statistics(MynaStatus, written=cursor.rowcount)
            cursor.execute(OTHER_LINES_SQL, given)
            cursor.execute("DROP TABLE exchange_in_force")
    recount(files)
    advance_many(ExchangeFile.objects.filter(pk__in=ids), "apply", by=by, on=on)


def _totals(files: Sequence[ExchangeFile]) -> dict[str, int]:
    totals: Counter[str] = Counter()
    for file in files:
        totals.update({key: value for key, value in file.counts.items() if isinstance(value, int)})
    return dict(totals)
