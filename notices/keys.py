"""Fingerprints of what stands on a notice, as set-based SQL.

Aliases as in ``members.querysets.PEOPLE_JOINS``, and from ``NOTICE_JOINS``: s the main society, num the sealed number.
"""

from __future__ import annotations

from members.querysets import HEAD_NAME_SQL, PEOPLE_JOINS

NOTICE_JOINS = f"""{PEOPLE_JOINS}
    LEFT JOIN members_insurer s ON s.id = i.main_id
    LEFT JOIN members_individualnumber num ON num.person_id = p.id
"""
# As registered: a printed form (members.querysets.name_sql) makes no notice wrong that is already out.
_NAME_SQL = "coalesce(nullif(p.printed_name, ''), p.name)"
_INSURED_NAME_SQL = f"coalesce(nullif(ip.printed_name, ''), ip.name, {HEAD_NAME_SQL})"
PHONE_SQL = "coalesce(nullif(i.phone, ''), s.phone, '')"
# The last four digits are shown of a number that is registered and stored, and of no other. Source: print.md.
HAS_DIGITS_SQL = "(p.individual_number_state = 'registered' AND num.person_id IS NOT NULL)"

# Names and number, as the holder knows them: when these differ, another notice is due.
NAME_KEY_SQL = f"""
encode(sha256(convert_to(concat_ws(chr(31),
    {_NAME_SQL}, p.name_kana, m.symbol, '/', m.number, '/', m.branch_number), 'UTF8')), 'hex')
"""


def face_key_sql(last_four: str, household: str) -> str:
    """Fingerprint of everything on a notice but the share, which is kept apart.

    ``last_four`` and ``household`` are SQL conditions: whether the digits go on it, and whether it is addressed to
    the insured person. Of the number only its keyed fingerprint goes in, so that nothing can be read out of it.
    """
    return f"""
encode(sha256(convert_to(concat_ws(chr(31),
    {_NAME_SQL}, p.name_kana, p.birth_date - DATE '1900-01-01', m.symbol, '/', m.number, '/', m.branch_number, '/',
    m.acquired_on - DATE '1900-01-01', coalesce(m.fund_registered_on - DATE '1900-01-01', 0),
    i.number, i.name, {PHONE_SQL}, '/', CASE WHEN {household} THEN {_INSURED_NAME_SQL} ELSE '' END, '/',
    CASE WHEN {last_four} AND {HAS_DIGITS_SQL} THEN num.blind_index ELSE '' END), 'UTF8')), 'hex')
"""


OWN_FACE_KEY_SQL = face_key_sql("n.last_four", "n.addressed_to_id IS NOT NULL")
"""The fingerprint that a stored notice (alias n) would have now."""
