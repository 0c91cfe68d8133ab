"""Which row is which cover, employer, insured person and human being: all in the database, before anything is merged.

``load_row`` is members.csv with ids; ``load_cover`` shows the covers as they will be after the load (the file's rows, and
those of the database that the file does not name).
"""

from __future__ import annotations

from typing import Any

from core.characters import BLANKS_CLASS, INVISIBLE_CLASS
from kenpo.intake.load.staging import make_table

NO_EMPLOYER = "事業所なし"
HIDDEN = f"[{BLANKS_CLASS}{INVISIBLE_CLASS}]"
"""For PostgreSQL: what a 記号 or 番号 may hold and nobody sees; no key has it."""

# One row an establishment code and insurer number. A second number (特例退職) may use the society's own employers.
_EMPLOYERS = """
    SELECT DISTINCT ON (i.id, e.code) i.id AS insurer_id, e.code, e.id AS establishment_id
    FROM members_insurer i
    JOIN members_insurer o ON coalesce(o.main_id, o.id) = coalesce(i.main_id, i.id)
    JOIN members_establishment e ON e.insurer_id = o.id
    ORDER BY i.id, e.code, e.insurer_id <> i.id, e.id
"""

_ROWS = """
    SELECT m.line, coalesce(x.id, nextval(pg_get_serial_sequence('members_member', 'id'))) AS member_id,
        x.id IS NULL AS added, x.person_id AS old_person_id, e.establishment_id,
        m.insurer_id, m.symbol_key, m.number_key, m.branch_key, m.kind, m.acquired_on, m.lost_on,
        nullif(m.person_key, '') AS person_key, m.blind_index,
        CASE WHEN m.person_key <> '' THEN min(m.line) OVER (PARTITION BY m.person_key) ELSE m.line END AS grp
    FROM load_member m
    LEFT JOIN load_employer e ON e.insurer_id = m.insurer_id AND e.code = coalesce(m.establishment_code, '')
    LEFT JOIN members_member x ON x.insurer_id = m.insurer_id AND x.symbol_key = m.symbol_key
        AND x.number_key = m.number_key AND x.branch_key = m.branch_key AND x.acquired_on = m.acquired_on
"""

_COVERS = """
    CREATE TEMP VIEW load_cover AS
    SELECT member_id, insurer_id, symbol_key, number_key, branch_key, kind, acquired_on, lost_on, line FROM load_row
    UNION ALL
    SELECT x.id, x.insurer_id, x.symbol_key, x.number_key, x.branch_key, x.kind, x.acquired_on, x.lost_on, NULL
    FROM members_member x WHERE NOT EXISTS (SELECT FROM load_row r WHERE r.member_id = x.id)
"""

# Of several covers under one number the one that holds the day; a single one whatever the day.
_CHOSEN = """
    SELECT DISTINCT ON (line) line, member_id FROM (
        SELECT f.line, c.member_id, c.acquired_on, count(*) OVER (PARTITION BY f.line) AS several,
            f.{day} >= c.acquired_on AND f.{day} < coalesce(c.lost_on, 'infinity') AS holds
        FROM {table} f JOIN load_cover c ON c.insurer_id = f.insurer_id
            AND c.symbol_key = f.symbol_key AND c.number_key = f.number_key AND {which}
    ) candidate
    WHERE holds OR several = 1 ORDER BY line, holds DESC NULLS LAST, acquired_on DESC, member_id
"""


def number_rows(cursor: Any) -> None:
    """Makes ``load_row`` and ``load_cover``; new covers get the ids they will have."""
    cursor.execute("DROP VIEW IF EXISTS pg_temp.load_cover")
    make_table(cursor, "load_employer", _EMPLOYERS)
    make_table(cursor, "load_row", _ROWS)
    cursor.execute("CREATE INDEX ON load_row (member_id)")
    cursor.execute("CREATE INDEX ON load_row (person_key)")
    cursor.execute(_COVERS)


def find_insured(cursor: Any) -> None:
    """Makes ``load_insured``: the insured person's cover of each dependent row. Source: rules.md §3, interfaces.md."""
    which = "f.kind = 'dependent' AND c.kind IS DISTINCT FROM 'dependent'"
    make_table(cursor, "load_insured", _CHOSEN.format(table="load_row", day="acquired_on", which=which))


def find_cover(cursor: Any, table: str, day: str) -> None:
    """Makes ``<table>_of``: the cover that each row of a file of facts belongs to."""
    make_table(cursor, f"{table}_of", _CHOSEN.format(table=table, day=day, which="c.branch_key = f.branch_key"))


_JOIN_NUMBERS = """
    UPDATE load_row r SET grp = g.low FROM (
        SELECT {column}, min(grp) AS low FROM load_row WHERE {column} IS NOT NULL
        GROUP BY {column} HAVING min(grp) <> max(grp)
    ) g WHERE r.{column} = g.{column} AND r.grp <> g.low
"""

# Candidates for each group of rows, the surest first: the stored key, the individual number, the person of a row that
# has no key. Last, a key told for the first time, or told anew for all covers of a person, takes over that person
# (one group only: the one with the cover acquired last).
_PERSONS = """
    WITH rekeyed AS (
        SELECT DISTINCT ON (r.old_person_id) r.grp, r.old_person_id, r.acquired_on
        FROM load_row r JOIN members_person p ON p.id = r.old_person_id
        WHERE r.person_key IS NOT NULL AND p.load_key IS DISTINCT FROM r.person_key AND (p.load_key IS NULL OR (
            NOT EXISTS (SELECT FROM load_row k WHERE k.person_key = p.load_key)
            AND NOT EXISTS (SELECT FROM members_member c WHERE c.person_id = p.id AND NOT EXISTS (
                SELECT FROM load_row o WHERE o.member_id = c.id AND o.grp = r.grp))))
        ORDER BY r.old_person_id, r.acquired_on DESC, r.grp
    ), candidate AS (
        SELECT r.grp, p.id AS person_id, 1 AS rank, r.acquired_on
        FROM load_row r JOIN members_person p ON p.load_key = r.person_key
        UNION ALL
        SELECT r.grp, n.person_id, 2, r.acquired_on
        FROM load_row r JOIN members_individualnumber n ON n.blind_index = r.blind_index
        UNION ALL
        SELECT r.grp, r.old_person_id, 3, r.acquired_on FROM load_row r WHERE NOT r.added AND r.person_key IS NULL
        UNION ALL
        SELECT grp, old_person_id, 4, acquired_on FROM rekeyed
    )
    SELECT DISTINCT ON (grp) grp, person_id, false AS is_new FROM candidate
    ORDER BY grp, rank, acquired_on DESC, person_id
"""

# One row a person: the cover acquired last supplies what belongs to the person, any row sets a flag.
_PERSON = """
    SELECT t.person_id, bool_or(t.is_new) AS is_new, min(r.person_key) AS person_key,
        bool_or(r.person_key = p.load_key) AS keeps_key,
        (array_agg(r.line ORDER BY r.acquired_on DESC, coalesce(r.lost_on, 'infinity') DESC, r.line DESC))[1] AS line,
        (array_agg(r.line ORDER BY r.acquired_on DESC, coalesce(r.lost_on, 'infinity') DESC, r.line DESC)
            FILTER (WHERE r.blind_index IS NOT NULL))[1] AS number_line,
        min(r.acquired_on) AS first_on, max(r.acquired_on) AS last_on,
        bool_or(m.nondisclosure) AS nondisclosure, bool_or(m.needs_assistance) AS needs_assistance,
        bool_or(m.address_protected) AS address_protected, bool_or(m.sex_on_back) AS sex_on_back
    FROM load_row r JOIN load_member m USING (line) JOIN load_target t USING (grp)
    LEFT JOIN members_person p ON p.id = t.person_id
    GROUP BY t.person_id
"""

# Covers of these persons that the file does not name: while one of them is newer, the file does not speak for the person.
_REST = """
    SELECT c.person_id, max(c.acquired_on) AS last_on
    FROM members_member c JOIN load_person lp ON lp.person_id = c.person_id AND NOT lp.is_new
    WHERE NOT EXISTS (SELECT FROM load_row r WHERE r.member_id = c.id) GROUP BY c.person_id
"""


def find_persons(cursor: Any) -> None:
    """Makes ``load_target`` (group → person), ``load_person`` (one row a person) and ``load_rest``.

    Rows are of one person when they share a ``person_key`` or an individual number. Source: rules.md §3.
    """
    changed = True
    while changed:  # two rounds as a rule; more only where keys and numbers form a chain
        cursor.execute(_JOIN_NUMBERS.format(column="blind_index"))
        changed = cursor.rowcount > 0
        if changed:
            cursor.execute(_JOIN_NUMBERS.format(column="person_key"))
    make_table(cursor, "load_target", _PERSONS)
    cursor.execute(
        "INSERT INTO load_target SELECT grp, nextval(pg_get_serial_sequence('members_person', 'id')), true"
        " FROM (SELECT DISTINCT grp FROM load_row r"
        " WHERE NOT EXISTS (SELECT FROM load_target t WHERE t.grp = r.grp)) fresh"
    )
    cursor.execute("ANALYZE load_target")
    make_table(cursor, "load_person", _PERSON)
    make_table(cursor, "load_rest", _REST)
