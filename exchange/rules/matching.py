"""Which member a row of the fund speaks of: the rule on plain values, and the same rule as SQL.

Pure. PostgreSQL does the work, whole files at a time; ``match_rows`` is the rule as one reads it, and
the tests hold the two against each other. Source: rules.md §11.

A row names the member of its insurer, symbol, number and branch who is covered on the file's day; then
birth date and kana must agree. Without a branch, on either side, symbol, number, birth date and kana
must fit exactly one. A row that cannot be read belongs to whom it names in the same way, or to nobody.
Two rows that name one member are double, whatever each says: which of the two is right is for the fund
to say. So are the rows of one person under two covers that say different things. Where one row of a
person cannot be used, no other row of that person is.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class RowKeys:
    """A row's keys. ``content`` is all it says of the registration; ``unreadable`` means it was rejected."""

    symbol: str
    number: str
    branch: str
    birth_date: date | None
    kana: str
    content: Hashable = None
    unreadable: bool = False


@dataclass(frozen=True, slots=True)
class MemberKeys:
    """A cover's keys, of one insurer number."""

    member: int
    person: int
    symbol: str
    number: str
    branch: str
    birth_date: date
    kana: str
    acquired_on: date
    lost_on: date | None = None

    def covered(self, on: date) -> bool:
        return self.acquired_on <= on and (self.lost_on is None or on < self.lost_on)


@dataclass(frozen=True, slots=True)
class Match:
    """``staged`` with its member, or ``unmatched``, ``conflict``, ``rejected`` with the reason."""

    outcome: str
    reason: str = ""
    member: int | None = None
    person: int | None = None


def named(row: RowKeys, members: Sequence[MemberKeys], as_of: date) -> Match:
    """What one row is by itself, before it is held against the others."""
    family = [m for m in members if m.covered(as_of) and (m.symbol, m.number) == (row.symbol, row.number)]
    exact = [m for m in family if m.branch == row.branch != ""]
    fits = [m for m in family if not (m.branch and row.branch) and (m.birth_date, m.kana) == (row.birth_date, row.kana)]
    if row.unreadable:
        whom = exact or fits
        return Match("rejected", "", *((whom[0].member, whom[0].person) if len(whom) == 1 else ()))
    if exact:
        found = exact[0]
        if found.birth_date != row.birth_date:
            return Match("conflict", "birth_differs", found.member, found.person)
        if found.kana != row.kana:
            return Match("conflict", "kana_differs", found.member, found.person)
        return Match("staged", "", found.member, found.person)
    if len(fits) > 1:
        return Match("conflict", "several_fit")
    return Match("staged", "", fits[0].member, fits[0].person) if fits else Match("unmatched", "no_member")


def match_rows(rows: Sequence[RowKeys], members: Sequence[MemberKeys], as_of: date) -> list[Match]:
    """What every row of a month is."""
    alone = [named(row, members, as_of) for row in rows]
    times = Counter(m.member for m in alone if m.member is not None)
    said: dict[int | None, set[Hashable]] = defaultdict(set)
    for row, m in zip(rows, alone, strict=True):
        if m.outcome == "staged":
            said[m.person].add(row.content)
    judged = [
        Match("conflict", "double", m.member, m.person)
        if m.outcome in ("staged", "conflict")
        and m.member is not None
        and (times[m.member] > 1 or (m.outcome == "staged" and len(said[m.person]) > 1))
        else m
        for m in alone
    ]
    spoilt = {m.person for m in judged if m.outcome in ("rejected", "conflict")} - {None}
    return [
        Match("conflict", "beside_unusable", m.member, m.person) if m.outcome == "staged" and m.person in spoilt else m
        for m in judged
    ]


COVERED_SQL = "m.acquired_on <= {day} AND (m.lost_on IS NULL OR m.lost_on > {day})"

# Whom the rows name by their full number. One row of this table for each row that names somebody.
EXACT_SQL = f"""
CREATE TEMP TABLE exchange_fit ON COMMIT DROP AS
SELECT r.id, r.outcome = 'rejected' AS unreadable, m.id AS member_id, m.person_id,
       ROW(r.registered, r.registered_on, r.e_certificate_expires_on, r.returned, r.returned_on)::text AS content,
       CASE WHEN r.outcome = 'rejected' THEN ''
            WHEN p.birth_date <> r.birth_date THEN 'birth_differs'
            WHEN p.name_kana_key <> r.name_kana_key THEN 'kana_differs'
            ELSE '' END AS reason
  FROM exchange_exchangerow r
  JOIN exchange_exchangefile f ON f.id = r.file_id
  JOIN members_member m
    ON m.insurer_id = f.insurer_id AND m.symbol_key = r.symbol_key
   AND m.number_key = r.number_key AND m.branch_key = r.branch_key
   AND {COVERED_SQL.format(day="f.as_of")}
  JOIN members_person p ON p.id = m.person_id
 WHERE r.file_id = ANY(%(files)s) AND r.branch_key <> ''
"""

# Whom the others fit where a branch is missing; member NULL where several fit.
LOOSE_SQL = f"""
INSERT INTO exchange_fit
SELECT r.id, r.outcome = 'rejected',
       CASE WHEN count(*) = 1 THEN min(m.id) END, CASE WHEN count(*) = 1 THEN min(m.person_id) END,
       min(ROW(r.registered, r.registered_on, r.e_certificate_expires_on, r.returned, r.returned_on)::text),
       CASE WHEN count(*) = 1 THEN '' ELSE 'several_fit' END
  FROM exchange_exchangerow r
  JOIN exchange_exchangefile f ON f.id = r.file_id
  JOIN members_member m
    ON m.insurer_id = f.insurer_id AND m.symbol_key = r.symbol_key AND m.number_key = r.number_key
   AND (r.branch_key = '' OR m.branch_key = '')
   AND {COVERED_SQL.format(day="f.as_of")}
  JOIN members_person p
    ON p.id = m.person_id AND p.birth_date = r.birth_date AND p.name_kana_key = r.name_kana_key
 WHERE r.file_id = ANY(%(files)s)
   AND NOT EXISTS (SELECT 1 FROM exchange_fit fit WHERE fit.id = r.id)
 GROUP BY r.id
"""

# Writes what every row is; a row that stays what it was is not written.
VERDICT_SQL = """
WITH named_twice AS (
    SELECT member_id FROM exchange_fit WHERE member_id IS NOT NULL GROUP BY member_id HAVING count(*) > 1
), said_twice AS (
    SELECT person_id FROM exchange_fit
     WHERE NOT unreadable AND reason = ''
     GROUP BY person_id HAVING count(*) > 1 AND count(DISTINCT content) > 1
), judged AS (
    SELECT fit.*, n.member_id IS NOT NULL OR s.person_id IS NOT NULL AS double
      FROM exchange_fit fit
      LEFT JOIN named_twice n ON n.member_id = fit.member_id
      LEFT JOIN said_twice s ON s.person_id = fit.person_id AND fit.reason = '' AND NOT fit.unreadable
), spoilt AS (
    SELECT DISTINCT person_id FROM judged
     WHERE person_id IS NOT NULL AND (unreadable OR reason <> '' OR double)
), verdict AS (
    SELECT r.id, j.member_id, j.person_id,
           CASE WHEN r.outcome = 'rejected' THEN r.outcome
                WHEN j.id IS NULL THEN 'unmatched'
                WHEN j.reason <> '' OR spoilt.person_id IS NOT NULL THEN 'conflict'
                ELSE 'staged' END AS outcome,
           CASE WHEN r.outcome = 'rejected' THEN r.reason
                WHEN j.id IS NULL THEN 'no_member'
                WHEN j.double THEN 'double'
                WHEN j.reason = '' AND spoilt.person_id IS NOT NULL THEN 'beside_unusable'
                ELSE j.reason END AS reason
      FROM exchange_exchangerow r
      LEFT JOIN judged j ON j.id = r.id
      LEFT JOIN spoilt ON spoilt.person_id = j.person_id
     WHERE r.file_id = ANY(%(files)s)
)
UPDATE exchange_exchangerow r
   SET outcome = v.outcome, reason = v.reason, member_id = v.member_id, person_id = v.person_id
  FROM verdict v
 WHERE v.id = r.id
   AND (r.outcome, r.reason, r.member_id, r.person_id)
       IS DISTINCT FROM (v.outcome, v.reason, v.member_id, v.person_id)
"""
