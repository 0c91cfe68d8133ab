"""Households and told shares of a municipal scheme: who stands for each household, and what a row may not say there.

Source: rules.md §12 ``scheme``; interfaces.md members.csv.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from certificates.rules.copayment import elderly_shares
from certificates.rules.law import Law, law_on_or_after
from kenpo.intake.load import findings
from kenpo.intake.load.checks import find
from kenpo.intake.load.findings import Findings
from kenpo.intake.load.staging import make_table

YES, NO = "1", "0"
# A name is the head's own where it is written the same but for blanks.
_HEAD = f"(head = '{YES}' OR translate(head, ' \u3000', '') = translate(name, ' \u3000', ''))"

# Every cover of the households that the file speaks of, as it will be after the load. What the file leaves unsaid of
# the head stays as it is: a cover that stands for others now is their head.
_ROWS = f"""
    SELECT x.id AS member_id, r.line, x.insurer_id, coalesce(m.household_key, x.household_key) AS key,
        CASE WHEN m.household_head IS NULL THEN
            CASE WHEN x.head_name = '' AND EXISTS (SELECT FROM members_member o WHERE o.head_id = x.id)
                THEN '{YES}' ELSE x.head_name END
            ELSE btrim(m.household_head) END AS head,
        p.name, x.symbol_key, x.number_key, x.branch_key, x.acquired_on,
        x.acquired_on <= %(on)s AND (x.lost_on IS NULL OR x.lost_on > %(on)s) AS covered, r.line IS NOT NULL AS told
    FROM members_member x JOIN members_person p ON p.id = x.person_id
    LEFT JOIN load_row r ON r.member_id = x.id LEFT JOIN load_member m ON m.line = r.line
    WHERE r.line IS NOT NULL OR (x.insurer_id, x.household_key) IN (
        SELECT insurer_id, household_key FROM load_member WHERE household_key <> ''
        UNION SELECT o.insurer_id, o.household_key FROM members_member o JOIN load_row l ON l.member_id = o.id
        WHERE o.household_key <> '')
"""
# One row a household: the head's own cover, else the name that is told. The file goes before what was known, a cover
# that holds before one that has ended.
_HEADS = f"""
    SELECT DISTINCT ON (insurer_id, key) insurer_id, key,
        CASE WHEN {_HEAD} THEN member_id END AS head_id,
        CASE WHEN {_HEAD} THEN '' ELSE head END AS head_name
    FROM load_household WHERE key <> '' AND head NOT IN ('', '{NO}')
    ORDER BY insurer_id, key, told DESC, {_HEAD} DESC, covered DESC, acquired_on DESC, line,
        member_id
"""
# Where nobody of the household is its head, the first covered of them stands for it.
_STANDS = """
    SELECT h.insurer_id, h.key, h.head_name, coalesce(h.head_id, (
        SELECT r.member_id FROM load_household r WHERE r.insurer_id = h.insurer_id AND r.key = h.key
        ORDER BY r.covered DESC, r.symbol_key, r.number_key, r.branch_key, r.acquired_on DESC, r.member_id LIMIT 1
    )) AS stands FROM load_head h
"""
_MERGE = """
    WITH changed AS (
        UPDATE members_member x SET household_key = f.key, head_id = f.head_id, head_name = f.head_name
        FROM (SELECT r.member_id, r.line, r.key, nullif(s.stands, r.member_id) AS head_id,
                coalesce(s.head_name, '') AS head_name
            FROM load_household r LEFT JOIN load_stands s ON s.insurer_id = r.insurer_id AND s.key = r.key) f
        WHERE x.id = f.member_id AND (x.household_key, x.head_id, x.head_name)
            IS DISTINCT FROM (f.key, f.head_id, f.head_name)
        RETURNING f.line
    ) INSERT INTO load_touched SELECT line FROM changed WHERE line IS NOT NULL
"""
_SHARES = """
    WITH changed AS (
        UPDATE members_member x SET copayment_percent = m.copayment_percent
        FROM load_row r JOIN load_member m USING (line)
        WHERE x.id = r.member_id AND x.copayment_percent IS DISTINCT FROM m.copayment_percent RETURNING r.line
    ) INSERT INTO load_touched SELECT line FROM changed
"""


def check(cursor: Any, mistakes: Findings) -> None:
    """Refuses what only an employer's scheme has."""
    for column, expected, where in (
        ("kind", "この制度には被扶養者がありません。家族も一人ずつ insured にしてください。", "kind = 'dependent'"),
        (
            "coverage_kind",
            "この制度では regular だけです。regular にしてください。",
            "coverage_kind IN ('voluntary', 'special_retired')",
        ),
    ):
        query = f"SELECT line FROM load_member WHERE {where}"
        find(cursor, mistakes, findings.MEMBERS, column, expected, query)


def merge(cursor: Any, told: set[str], *, on: date) -> None:
    """Writes households and shares as far as the file has their columns (``told``)."""
    if "household_key" in told or "household_head" in told:
        make_table(cursor, "load_household", _ROWS, {"on": on})
        make_table(cursor, "load_head", _HEADS)
        make_table(cursor, "load_stands", _STANDS)
        cursor.execute(_MERGE)
    if "copayment_percent" in told:
        cursor.execute(_SHARES)


_SEVERAL_HEADS = f"""
    SELECT line FROM (SELECT r.line, count(*) OVER (PARTITION BY r.insurer_id, m.household_key) AS heads
        FROM load_member m JOIN load_row r USING (line)
        WHERE m.household_key <> '' AND btrim(m.household_head) = '{YES}'
            AND (m.lost_on IS NULL OR m.lost_on > %(on)s)) flagged WHERE heads > 1
"""
# Of the covers that hold on the day only: who has left needs no head.
_COVERED = """
    SELECT r.line, x.* FROM load_row r JOIN members_member x ON x.id = r.member_id
    WHERE (x.lost_on IS NULL OR x.lost_on > %(on)s)
"""
_NO_HEAD = f"""
    SELECT line FROM (SELECT line, head_id, head_name, id,
            count(*) OVER (PARTITION BY insurer_id, household_key) AS people,
            bool_or(head_id IS NOT NULL OR head_name <> '') OVER (PARTITION BY insurer_id, household_key) AS headed
        FROM ({_COVERED}) c WHERE household_key <> '') households WHERE people > 1 AND NOT headed
"""
_HEAD_LEFT = f"""
    SELECT c.line FROM ({_COVERED}) c JOIN members_member h ON h.id = c.head_id
    WHERE c.head_name = '' AND h.lost_on <= %(on)s
"""
_NO_SHARE = f"""
    SELECT c.line FROM ({_COVERED}) c JOIN members_person p ON p.id = c.person_id
    WHERE c.copayment_percent IS NULL AND p.birth_date <= %(born_by)s
"""


def look_at(cursor: Any, odd: Findings, *, on: date) -> None:
    """Households without one head, and people from 70 on whose share the municipality has not told."""
    law = law_on_or_after(on)
    shares = " か ".join(map(str, elderly_shares(law)))
    for column, says, query, parameters in (
        ("household_head", "同じ世帯に世帯主が二人います。世帯主を一人にしてください。", _SEVERAL_HEADS, {"on": on}),
        (
            "household_head",
            "この世帯の世帯主がわかりません。世帯主の行に 1、資格のない世帯主のときは各行に氏名を入れてください。"
            "それまでは一人ずつ本人あてに送ります。",
            _NO_HEAD,
            {"on": on},
        ),
        (
            "household_head",
            "世帯主の資格が終わっています。新しい世帯主を入れるまで、この方の書類は保留します。",
            _HEAD_LEFT,
            {"on": on},
        ),
        (
            "copayment_percent",
            f"{law.elderly_age}歳以上の方の負担割合がありません。{shares} を入れるまで、この方の書類は保留します。",
            _NO_SHARE,
            {"on": on, "born_by": _born_by(on, law)},
        ),
    ):
        find(cursor, odd, findings.MEMBERS, column, says, query, parameters)


def _born_by(on: date, law: Law) -> date:
    """The last birth date of those whose share is decided one by one on the day."""
    return date(on.year - law.elderly_age, on.month, 1)
