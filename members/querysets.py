"""Set-based SQL about people that several floors share."""

from __future__ import annotations

# Fingerprint of what stands on the face of a certificate. Aliases: m member, p its person,
# i its insurer, ip the insured person's Person (NULL for an insured person).
# A certificate whose stored fingerprint differs is wrong on its face. It reads the names as registered: a printed
# form (``printed_sql``) makes no paper wrong that is already out. Source: domain.md §4.
FACE_KEY_SQL = """
encode(sha256(convert_to(concat_ws(chr(31),
    p.name, p.printed_name, p.name_kana, p.birth_date - DATE '1900-01-01', p.sex, p.sex_on_back::int,
    m.symbol, m.number, '/', m.branch_number, '/', m.kind, m.coverage_kind, m.acquired_on - DATE '1900-01-01',
    coalesce(nullif(ip.printed_name, ''), ip.name, ''), i.number, i.name), 'UTF8')), 'hex')
"""

# Joins that FACE_KEY_SQL and the facts need, from ``members_member m``.
PEOPLE_JOINS = """
    JOIN members_person p ON p.id = m.person_id
    JOIN members_insurer i ON i.id = m.insurer_id
    LEFT JOIN members_member mi ON mi.id = m.insured_id
    LEFT JOIN members_person ip ON ip.id = mi.person_id
"""


def printed_sql(person: str, field: str) -> str:
    """How ``name`` or ``printed_name`` of a person (alias) is printed: the form recorded for it, else as registered."""
    return f"""coalesce((SELECT f.form FROM members_printedform f
        WHERE f.person_id = {person}.id AND f.field = '{field}' AND f.registered = {person}.{field}
        ORDER BY f.id DESC LIMIT 1), {person}.{field})"""


def name_sql(person: str) -> str:
    """The name that stands on paper for a person (alias): the 通称名 where there is one, each in its printed form."""
    return f"""CASE WHEN {person}.printed_name <> '' THEN {printed_sql(person, "printed_name")}
        ELSE {printed_sql(person, "name")} END"""
