"""Set-based SQL about people that several floors share."""

from __future__ import annotations

# The cover that stands for a household (alias m): the insured person's, or that of a municipal household's head.
HOUSEHOLD_SQL = "coalesce(m.insured_id, m.head_id, m.id)"
# The person of that cover where it is another one than m itself; looked up by row, so that a society pays nothing for it.
HEAD_PERSON_SQL = "coalesce(mi.person_id, (SELECT hm.person_id FROM members_member hm WHERE hm.id = m.head_id))"
# The head of a municipal household as registered, and as printed; NULL for a society and for a person alone.
HEAD_NAME_SQL = """CASE WHEN m.head_name <> '' THEN m.head_name WHEN m.household_key <> '' THEN
    (SELECT coalesce(nullif(hp.printed_name, ''), hp.name) FROM members_member hm
     JOIN members_person hp ON hp.id = hm.person_id WHERE hm.id = coalesce(m.head_id, m.id)) END"""

# Whether the head's cover has ended by ``%(on)s`` and nobody outside is named: then nobody knows who the head is.
HEAD_LEFT_SQL = """(m.head_name = '' AND EXISTS (SELECT FROM members_member hm
    WHERE hm.id = m.head_id AND hm.lost_on <= %(on)s))"""
# Whether the installation is a municipal scheme, as a value that PostgreSQL looks up once a statement.
MUNICIPAL_SQL = """coalesce((SELECT q.values ->> 'scheme' = 'municipal' FROM members_policy q
    ORDER BY q.valid_from LIMIT 1), false)"""

# What stands on every face. Aliases: m member, p its person, i its insurer, ip the insured person's Person (NULL for an
# insured person). It reads the names as registered: a printed form (``printed_sql``) makes no paper wrong that is already
# out. Source: rules.md §4.
_FACE = f"""chr(31),
    p.name, p.printed_name, p.name_kana, p.birth_date - DATE '1900-01-01', p.sex, p.sex_on_back::int,
    m.symbol, m.number, '/', m.branch_number, '/', m.kind, m.coverage_kind, m.acquired_on - DATE '1900-01-01',
    coalesce(nullif(ip.printed_name, ''), ip.name, ''), i.number, i.name, {HEAD_NAME_SQL}"""

# Fingerprints: a paper whose stored one differs is wrong on its face. That of a 資格確認書 has what its holder wished to
# have printed as well (alias wish; NULL, and so left out, where nothing is wished). Of the days it has those of the wish
# and never today's: a period that ends says so on the paper itself.
HOLDER_KEY_SQL = f"encode(sha256(convert_to(concat_ws({_FACE}), 'UTF8')), 'hex')"
FACE_KEY_SQL = f"encode(sha256(convert_to(concat_ws({_FACE}, wish.items::text), 'UTF8')), 'hex')"

# Joins that the fingerprints and the facts need, from ``members_member m``.
PEOPLE_JOINS = """
    JOIN members_person p ON p.id = m.person_id
    JOIN members_insurer i ON i.id = m.insurer_id
    LEFT JOIN members_member mi ON mi.id = m.insured_id
    LEFT JOIN members_person ip ON ip.id = mi.person_id
    LEFT JOIN (
        SELECT member_id AS wisher_id, jsonb_object_agg(
            item, jsonb_build_array(value, limit_yen, valid_from, valid_through)) AS items
        FROM (SELECT DISTINCT ON (member_id, item) * FROM members_optionalitem
              ORDER BY member_id, item, id DESC) newest
        WHERE value <> '' GROUP BY member_id
    ) wish ON wish.wisher_id = m.id
"""


def newest_first_sql(status: str) -> str:
    """The order in which rows about one person count (alias): the newest 基準日, of two the newer file.

    At the same day of making an inquiry before a daily file before a monthly one. A daily row that cannot be used is
    written only for who has no other row, and gives way to any row that comes later. Source: rules.md §4.
    """
    return (
        f"({status}.source <> 'monthly' AND {status}.state IN ('rejected', 'conflict', 'double')"
        f" AND EXISTS (SELECT 1 FROM members_mynastatus since WHERE since.person_id = {status}.person_id"
        f" AND since.id > {status}.id AND since.as_of <= {status}.as_of AND since.state <> 'absent')),"
        f" {status}.as_of DESC, coalesce({status}.created_on, {status}.as_of) DESC,"
        f" array_position(ARRAY['inquiry', 'daily', 'monthly'], {status}.source::text), {status}.id DESC"
    )


def printed_sql(person: str, field: str) -> str:
    """How ``name`` or ``printed_name`` of a person (alias) is printed: the form recorded for it, else as registered."""
    return f"""coalesce((SELECT f.form FROM members_printedform f
        WHERE f.person_id = {person}.id AND f.field = '{field}' AND f.registered = {person}.{field}
        ORDER BY f.id DESC LIMIT 1), {person}.{field})"""


def name_sql(person: str) -> str:
    """The name that stands on paper for a person (alias): the 通称名 where there is one, each in its printed form."""
    return f"""CASE WHEN {person}.printed_name <> '' THEN {printed_sql(person, "printed_name")}
        ELSE {printed_sql(person, "name")} END"""


def head_name_sql() -> str:
    """The head of the household of ``m`` as printed: 世帯主 of a municipal scheme; a person alone is their own head."""
    return f"""CASE WHEN m.head_name <> '' THEN m.head_name ELSE
        (SELECT {name_sql("hp")} FROM members_member hm JOIN members_person hp ON hp.id = hm.person_id
         WHERE hm.id = coalesce(m.head_id, m.id)) END"""


def address_sql(person_id: str, use: str) -> str:
    """A lateral subquery with ``postal_code`` and ``address`` of a person (column of its id) and use on ``%(on)s``: the newest.

    An emptied address ends the one before. It is one look into an index for each person concerned: a join of
    everybody's addresses, which have no statistics once they are put in order, is compared row by row.
    """
    return f"""LATERAL (SELECT * FROM (
        SELECT postal_code, address FROM members_address
        WHERE person_id = {person_id} AND use = '{use}' AND valid_from <= %(on)s ORDER BY valid_from DESC LIMIT 1
    ) newest WHERE address <> '')"""
