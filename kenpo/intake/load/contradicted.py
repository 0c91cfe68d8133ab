"""Older rows never take back what a later filing said: such a value is listed as contradicted and left.

A value is older when an applied filing set what is registered now, and the row says what was registered before (the
history keeps each row as it was before a change). Source: rules.md §4 "A face that becomes wrong".
"""

from __future__ import annotations

from typing import Any

from kenpo.intake.load import findings
from kenpo.intake.load.checks import find
from kenpo.intake.load.findings import Findings
from kenpo.intake.load.staging import make_table

SAYS = "この値は、あとで反映した届出より前の値です。取り込まず、届出の内容のままにしました。"

# Numbers that a filing changed (記号変更, 合併): the row speaks of the cover that had the number before.
_OLD_NUMBERS = """
    SELECT DISTINCT ON (l.line) l.line, 'symbol' AS "column", x.insurer_id, x.symbol, x.number, x.branch_number,
        x.symbol_key, x.number_key, x.branch_key
    FROM {table} l
    JOIN members_memberhistory h ON h.insurer_id = l.insurer_id AND h.symbol_key = l.symbol_key
        AND h.number_key = l.number_key AND h.branch_key = l.branch_key {day}
    JOIN members_member x ON x.id = h.pgh_obj_id
    JOIN load_filed f ON f.member_id = x.id AND f.code = 'covers_renumbered'
    WHERE NOT EXISTS (SELECT FROM members_member o WHERE o.insurer_id = l.insurer_id
        AND o.symbol_key = l.symbol_key AND o.number_key = l.number_key AND o.branch_key = l.branch_key)
    ORDER BY l.line, h.pgh_id DESC
"""
_RENUMBER = """
    UPDATE {table} l SET insurer_id = c.insurer_id, symbol = c.symbol, number = c.number,
        branch_number = c.branch_number, symbol_key = c.symbol_key, number_key = c.number_key, branch_key = c.branch_key
    FROM load_contradicted c WHERE c.line = l.line
"""
# Covers that an applied filing ended, let run on or renumbered; the ids stand in its consequences.
_FILED = """
    SELECT c ->> 'code' AS code, (c ->> 'lost_on')::date AS lost_on, cover.id::text::bigint AS member_id
    FROM certificates_filing f, jsonb_array_elements(f.consequences) c, jsonb_array_elements(c -> 'ids') AS cover(id)
    WHERE f.status = 'applied' AND c ->> 'code' IN ('covers_ended', 'covers_run_on', 'covers_renumbered')
"""
_LOSSES = """
    SELECT DISTINCT r.line, 'lost_on' AS "column", x.lost_on
    FROM load_row r JOIN members_member x ON x.id = r.member_id
    JOIN load_filed f ON f.member_id = x.id AND (
        f.code = 'covers_ended' AND x.lost_on = greatest(f.lost_on, x.acquired_on)
        OR f.code = 'covers_run_on' AND x.lost_on IS NULL)
    WHERE r.lost_on IS DISTINCT FROM x.lost_on AND EXISTS (
        SELECT FROM members_memberhistory h WHERE h.pgh_obj_id = x.id AND h.lost_on IS NOT DISTINCT FROM r.lost_on)
"""
_EMPLOYERS = """
    SELECT l.line, 'symbol' AS "column", e.symbol,
        (SELECT m.symbol_key FROM members_member m WHERE m.establishment_id = e.id AND m.symbol = e.symbol LIMIT 1)
            AS symbol_key
    FROM load_establishment l JOIN members_establishment e ON e.insurer_id = l.insurer_id AND e.code = l.code
    WHERE l.symbol <> e.symbol
        AND EXISTS (SELECT FROM certificates_filing f WHERE f.kind = 'symbol_change' AND f.status = 'applied'
            AND f.data ->> 'establishment_code' = e.code AND f.data ->> 'new_symbol' = e.symbol)
        AND EXISTS (SELECT FROM members_memberhistory h WHERE h.establishment_id = e.id AND h.symbol_key = l.symbol_key)
"""
_PAY = """
    SELECT DISTINCT r.line, 'standard_monthly_remuneration_yen' AS "column", x.standard_monthly_remuneration_yen AS value
    FROM load_row r JOIN load_member m USING (line) JOIN members_member x ON x.id = r.member_id
    JOIN certificates_filing f ON f.member_id = x.id AND f.status = 'applied'
        AND f.data ->> 'standard_monthly_remuneration_yen' = x.standard_monthly_remuneration_yen::text
    WHERE m.standard_monthly_remuneration_yen IS DISTINCT FROM x.standard_monthly_remuneration_yen AND EXISTS (
        SELECT FROM members_memberhistory h WHERE h.pgh_obj_id = x.id AND h.standard_monthly_remuneration_yen
            IS NOT DISTINCT FROM m.standard_monthly_remuneration_yen)
"""
# What stands in the form and in the register of a person. ``filed``: how the form says what is registered now.
_TEXT = "f.data ->> '{column}' = p.{column}::text"
_FLAG = "f.data ->> '{column}' = p.{column}::int::text"
PERSON: dict[str, str] = {
    **dict.fromkeys(("name", "name_kana", "birth_date", "sex"), _TEXT),
    "printed_name": "coalesce(f.data ->> 'printed_name', CASE WHEN f.data ->> 'printed_name_ends' = '1' THEN '' END)"
    " = p.printed_name",
    "individual_number_state": "(f.kind = 'individual_number' OR " + _TEXT + ")",
    **dict.fromkeys(("sex_on_back", "resident"), _FLAG),
}
FLAGS = ("nondisclosure", "needs_assistance", "address_protected")
_PERSON = """
    SELECT DISTINCT lp.line, '{column}' AS "column", lp.person_id, p.{column} AS value
    FROM load_person lp JOIN members_person p ON p.id = lp.person_id JOIN load_member m ON m.line = lp.line
    JOIN members_member x ON x.person_id = p.id
    JOIN certificates_filing f ON f.member_id = x.id AND f.status = 'applied' AND {filed}
    WHERE NOT lp.is_new AND {told} IS DISTINCT FROM p.{column} AND {told} IS NOT NULL AND EXISTS (
        SELECT FROM members_personhistory h WHERE h.pgh_obj_id = p.id AND h.{column} = {told})
"""
_ADDRESS = """
    SELECT DISTINCT lp.line, '{prefix}address' AS "column", n.postal_code, n.address
    FROM load_person lp JOIN load_member m ON m.line = lp.line
    JOIN LATERAL (SELECT * FROM members_address a WHERE a.person_id = lp.person_id AND a.use = '{use}'
        ORDER BY valid_from DESC LIMIT 1) n ON true
    JOIN members_member x ON x.person_id = lp.person_id
    JOIN certificates_filing f ON f.member_id IN (x.id, x.insured_id) AND f.status = 'applied'
        AND (f.data ->> '{prefix}address' = n.address OR '{use}' = 'mailing' AND f.data ->> 'mailing_ends' = '1')
    WHERE NOT lp.is_new AND (coalesce(m.{prefix}postal_code, ''), m.{prefix}address)
            IS DISTINCT FROM (n.postal_code, n.address)
        AND EXISTS (SELECT FROM members_address o WHERE o.person_id = lp.person_id AND o.use = '{use}'
            AND o.valid_from < n.valid_from AND o.address = m.{prefix}address)
"""


def leave_numbers(cursor: Any, odd: Findings, papers: dict[str, str]) -> None:
    """Lets rows under a former number speak of the cover that has another one now. ``papers``: file by its table."""
    make_table(cursor, "load_filed", _FILED)
    if not _any(cursor, "load_filed"):
        return
    day = "AND h.acquired_on = l.acquired_on"
    for table, file in {"load_member": findings.MEMBERS, **papers}.items():
        query = _OLD_NUMBERS.format(table=table, day=day if table == "load_member" else "")
        _leave(cursor, odd, file, query, _RENUMBER.format(table=table))
    _leave(
        cursor,
        odd,
        findings.ESTABLISHMENTS,
        _EMPLOYERS,
        "UPDATE load_establishment l SET symbol = c.symbol, symbol_key = c.symbol_key"
        " FROM load_contradicted c WHERE c.line = l.line",
    )


def leave_covers(cursor: Any, odd: Findings) -> None:
    """Keeps the days of loss and the pay that filings told."""
    if _any(cursor, "load_filed"):
        _leave(
            cursor,
            odd,
            findings.MEMBERS,
            _LOSSES,
            "UPDATE load_member l SET lost_on = c.lost_on FROM load_contradicted c WHERE c.line = l.line",
            "UPDATE load_row l SET lost_on = c.lost_on FROM load_contradicted c WHERE c.line = l.line",
        )
    if _any(cursor, "certificates_filing"):
        _leave(
            cursor,
            odd,
            findings.MEMBERS,
            _PAY,
            "UPDATE load_member l SET standard_monthly_remuneration_yen = c.value"
            " FROM load_contradicted c WHERE c.line = l.line",
        )


def leave_persons(cursor: Any, odd: Findings) -> None:
    """Keeps what filings told of the person and where the person lives."""
    if not _any(cursor, "certificates_filing"):
        return
    for column, filed in PERSON.items():
        told = "lp.sex_on_back" if column == "sex_on_back" else f"m.{column}"
        table = "load_person" if column == "sex_on_back" else "load_member"
        query = _PERSON.format(column=column, filed=filed.format(column=column), told=told)
        key = ", name_kana_key = (SELECT name_kana_key FROM members_person p WHERE p.id = c.person_id)"
        _leave(
            cursor,
            odd,
            findings.MEMBERS,
            query,
            f"UPDATE {table} l SET {column} = c.value{key if column == 'name_kana' else ''}"
            " FROM load_contradicted c WHERE c.line = l.line",
        )
    for column in FLAGS:
        query = _PERSON.format(column=column, filed=_FLAG.format(column=column), told=f"lp.{column}")
        _leave(
            cursor,
            odd,
            findings.MEMBERS,
            query,
            f"UPDATE load_person l SET {column} = c.value FROM load_contradicted c WHERE c.line = l.line",
        )
    for use, prefix in (("residence", ""), ("mailing", "mailing_")):
        _leave(
            cursor,
            odd,
            findings.MEMBERS,
            _ADDRESS.format(use=use, prefix=prefix),
            f"UPDATE load_member l SET {prefix}postal_code = c.postal_code, {prefix}address = c.address"
            " FROM load_contradicted c WHERE c.line = l.line",
        )


def _any(cursor: Any, table: str) -> bool:
    cursor.execute(f"SELECT EXISTS (SELECT FROM {table})")
    return bool(cursor.fetchone()[0])


def _leave(cursor: Any, odd: Findings, file: str, query: str, *restore: str) -> None:
    """Lists the lines that the query finds and puts what is registered in place of what they say."""
    make_table(cursor, "load_contradicted", query)
    cursor.execute('SELECT min("column") FROM load_contradicted')
    column = cursor.fetchone()[0]
    if column is None:
        return
    find(cursor, odd, file, column, SAYS, "SELECT DISTINCT line FROM load_contradicted")
    for statement in restore:
        cursor.execute(statement)
