"""Checks of the folder as a whole, one query each: duplicates, unknown references, overlapping covers."""

from __future__ import annotations

from typing import Any

from core.errors import Mistake
from kenpo.intake.load import findings
from kenpo.intake.load.findings import Findings

NUMBER = "insurer_id, symbol_key, number_key, branch_key"


def find(
    cursor: Any, into: Findings, file: str, column: str, expected: str, query: str, parameters: Any = None
) -> None:
    """Adds a finding for every ``line`` that the query answers."""
    cursor.execute(f"SELECT line, count(*) OVER () FROM ({query}) found ORDER BY line LIMIT {into.keep}", parameters)
    rows = cursor.fetchall()
    if rows:
        found = [Mistake(expected, line=line, column=column, file=file) for line, _ in rows]
        into.add_counted(found, rows[0][1])


def _doubled(table: str, keys: str) -> str:
    """Lines that say again what an earlier line of the file said."""
    all_given = " AND ".join(f"{key.strip()} IS NOT NULL" for key in keys.split(","))
    return (
        f"SELECT line FROM (SELECT line, min(line) OVER (PARTITION BY {keys}) AS first FROM {table}"
        f" WHERE {all_given}) marked WHERE line <> first"
    )


def check_establishments(cursor: Any, mistakes: Findings) -> None:
    """One row an establishment."""
    find(
        cursor,
        mistakes,
        findings.ESTABLISHMENTS,
        "code",
        "同じ事業所コードの行が前にあります。",
        _doubled("load_establishment", "insurer_id, code"),
    )


# Neighbours in order of acquisition overlap when any of them do; only covers with a row in the file are looked at.
_OVERLAPPING = f"""
    SELECT DISTINCT coalesce(line, before_line) AS line FROM (
        SELECT line, lag(line) OVER w AS before_line, acquired_on, lag(acquired_on) OVER w AS before_acquired_on,
            lag(lost_on) OVER w AS before_lost_on, lag(member_id) OVER w AS before_id
        FROM load_cover c
        WHERE (lost_on IS NULL OR lost_on > acquired_on) AND EXISTS (
            SELECT FROM load_row r WHERE r.insurer_id = c.insurer_id AND r.symbol_key = c.symbol_key
                AND r.number_key = c.number_key AND r.branch_key = c.branch_key)
        WINDOW w AS (PARTITION BY {NUMBER} ORDER BY acquired_on)
    ) ordered
    WHERE before_id IS NOT NULL AND before_acquired_on < acquired_on
        AND (before_lost_on IS NULL OR before_lost_on > acquired_on)
        AND coalesce(line, before_line) IS NOT NULL
"""

_HELD_BY_DEPENDENTS = """
    SELECT DISTINCT r.line FROM load_row r JOIN members_member d ON d.insured_id = r.member_id
    WHERE r.kind = 'dependent' AND NOT EXISTS (SELECT FROM load_row o WHERE o.member_id = d.id)
"""


def check_members(cursor: Any, mistakes: Findings, *, everything_goes_home: bool) -> None:
    """One row a cover, one cover of a number at a time, a known employer, an insured person for each dependent."""
    file = findings.MEMBERS
    find(
        cursor,
        mistakes,
        file,
        "number",
        "同じ加入者（記号・番号・枝番・資格取得日）の行が前にあります。",
        _doubled("load_row", f"{NUMBER}, acquired_on"),
    )
    find(
        cursor,
        mistakes,
        file,
        "acquired_on",
        "同じ記号・番号・枝番の資格が重複する期間にあります。前の資格の喪失日を確認してください。",
        _OVERLAPPING,
    )
    find(
        cursor,
        mistakes,
        file,
        "establishment_code",
        "この事業所コードは establishments.csv にも登録済みの事業所にもありません。",
        "SELECT line FROM load_row JOIN load_member m USING (line) WHERE establishment_id IS NULL"
        " AND m.establishment_code IS NOT NULL AND m.insurer_id IS NOT NULL AND m.establishment_code <> ''",
    )
    find(
        cursor,
        mistakes,
        file,
        "establishment_code",
        "空です。事業所のコードを入れてください。",
        "SELECT line FROM load_member WHERE establishment_code = '' AND coverage_kind = 'regular' AND NOT %s",
        [everything_goes_home],
    )
    find(
        cursor,
        mistakes,
        file,
        "kind",
        "この被扶養者の資格取得日に合う、同じ記号・番号の被保険者がありません。被保険者の行を確認してください。",
        f"SELECT line FROM load_row r WHERE kind = 'dependent' AND num_nulls({NUMBER}, acquired_on) = 0"
        " AND NOT EXISTS (SELECT FROM load_insured i WHERE i.line = r.line)",
    )
    find(
        cursor,
        mistakes,
        file,
        "kind",
        "この人を被保険者とする被扶養者が登録されているため、被扶養者にできません。",
        _HELD_BY_DEPENDENTS,
    )


def check_papers(cursor: Any, mistakes: Findings, *, file: str, table: str, key: str, day: str) -> None:
    """One row a paper, and each belongs to a known cover."""
    find(
        cursor,
        mistakes,
        file,
        "number",
        "同じ内容の行が前にあります。どちらかを消してください。",
        _doubled(table, f"{NUMBER}, {key}"),
    )
    find(
        cursor,
        mistakes,
        file,
        "number",
        f"この記号・番号・枝番の加入者がないか、{day} を含む資格がありません。members.csv と比べてください。",
        f"SELECT line FROM {table} f WHERE num_nulls({NUMBER}, {day}) = 0"
        f" AND NOT EXISTS (SELECT FROM {table}_of o WHERE o.line = f.line)",
    )
