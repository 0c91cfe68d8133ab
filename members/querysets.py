"""Set-based SQL about people that several floors share."""

from __future__ import annotations

# Fingerprint of what stands on the face of a certificate. Aliases: m member, p its person,
# i its insurer, ip the insured person's Person (NULL for an insured person).
# A certificate whose stored fingerprint differs is wrong on its face. Source: domain.md §4.
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
