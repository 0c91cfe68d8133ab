"""Merges employers, persons and covers: new rows in, changed rows changed, equal rows not touched.

Each merge notes the changed lines of members.csv in ``load_touched``.
"""

from __future__ import annotations

from typing import Any

from kenpo.intake.load.linking import HIDDEN, NO_EMPLOYER

_ESTABLISHMENTS = """
    INSERT INTO members_establishment AS e (insurer_id, code, name, postal_code, address, symbol)
    SELECT DISTINCT ON (insurer_id, code) insurer_id, code, name, postal_code, address, symbol
    FROM load_establishment
    WHERE num_nulls(insurer_id, code, name, postal_code, address, symbol) = 0 ORDER BY insurer_id, code, line
    ON CONFLICT (insurer_id, code) DO UPDATE
    SET name = EXCLUDED.name, postal_code = EXCLUDED.postal_code, address = EXCLUDED.address, symbol = EXCLUDED.symbol
    WHERE (e.name, e.postal_code, e.address, e.symbol)
        IS DISTINCT FROM (EXCLUDED.name, EXCLUDED.postal_code, EXCLUDED.address, EXCLUDED.symbol)
"""

_NO_EMPLOYER = """
    INSERT INTO members_establishment (insurer_id, code, name, postal_code, address, symbol)
    SELECT insurer_id, '', %s, '', '', '' FROM (
        SELECT DISTINCT insurer_id FROM load_member WHERE coalesce(establishment_code, '') = '' AND insurer_id IS NOT NULL) missing
    WHERE NOT EXISTS (SELECT FROM members_establishment e WHERE e.insurer_id = missing.insurer_id AND e.code = '')
"""


def merge_establishments(cursor: Any) -> int:
    """Employers by code; whoever has none (a scheme without employers) stands under one empty code."""
    cursor.execute(_ESTABLISHMENTS)
    changes = cursor.rowcount
    cursor.execute(_NO_EMPLOYER, [NO_EMPLOYER])
    return int(changes + cursor.rowcount)


_NEW_PERSONS = """
    INSERT INTO members_person (id, name, name_kana, name_kana_key, printed_name, birth_date, sex, sex_on_back,
        resident, individual_number_state, nondisclosure, needs_assistance, address_protected, load_key)
    SELECT lp.person_id, m.name, m.name_kana, m.name_kana_key, coalesce(m.printed_name, ''), m.birth_date, m.sex,
        coalesce(lp.sex_on_back, false), m.resident, m.individual_number_state, lp.nondisclosure,
        lp.needs_assistance, coalesce(lp.address_protected, false), lp.person_key
    FROM load_person lp JOIN load_member m USING (line) WHERE lp.is_new
"""

# The file speaks for a person unless a newer cover stands in the database only; a flag that such a cover may have set stays.
_CHANGED_PERSONS = """
    WITH told AS (
        SELECT p.id, lp.line, rest.person_id IS NOT NULL AS partly,
            coalesce(rest.last_on <= lp.last_on, true) AS speaks, lp.nondisclosure, lp.needs_assistance,
            coalesce(lp.address_protected, p.address_protected) AS address_protected,
            coalesce(lp.sex_on_back, p.sex_on_back) AS sex_on_back,
            CASE WHEN lp.person_key IS NULL OR lp.keeps_key THEN p.load_key ELSE lp.person_key END AS load_key
        FROM load_person lp JOIN members_person p ON p.id = lp.person_id
        LEFT JOIN load_rest rest ON rest.person_id = lp.person_id WHERE NOT lp.is_new
    ), fresh AS (
        SELECT p.id, t.line, CASE WHEN speaks THEN m.name ELSE p.name END AS name,
            CASE WHEN speaks THEN m.name_kana ELSE p.name_kana END AS name_kana,
            CASE WHEN speaks THEN m.name_kana_key ELSE p.name_kana_key END AS name_kana_key,
            CASE WHEN speaks THEN coalesce(m.printed_name, p.printed_name) ELSE p.printed_name END AS printed_name,
            CASE WHEN speaks THEN m.birth_date ELSE p.birth_date END AS birth_date,
            CASE WHEN speaks THEN m.sex ELSE p.sex END AS sex,
            CASE WHEN speaks THEN m.resident ELSE p.resident END AS resident,
            CASE WHEN speaks THEN m.individual_number_state ELSE p.individual_number_state END AS state,
            t.sex_on_back OR (partly AND p.sex_on_back) AS sex_on_back,
            t.nondisclosure OR (partly AND p.nondisclosure) AS nondisclosure,
            t.needs_assistance OR (partly AND p.needs_assistance) AS needs_assistance,
            t.address_protected OR (partly AND p.address_protected) AS address_protected, t.load_key
        FROM told t JOIN members_person p ON p.id = t.id JOIN load_member m USING (line)
    ), changed AS (
        UPDATE members_person p SET name = f.name, name_kana = f.name_kana, name_kana_key = f.name_kana_key,
            printed_name = f.printed_name, birth_date = f.birth_date, sex = f.sex, sex_on_back = f.sex_on_back,
            resident = f.resident, individual_number_state = f.state, nondisclosure = f.nondisclosure,
            needs_assistance = f.needs_assistance, address_protected = f.address_protected, load_key = f.load_key
        FROM fresh f WHERE p.id = f.id AND (p.name, p.name_kana, p.name_kana_key, p.printed_name, p.birth_date, p.sex,
            p.sex_on_back, p.resident, p.individual_number_state, p.nondisclosure, p.needs_assistance,
            p.address_protected, p.load_key) IS DISTINCT FROM (f.name, f.name_kana, f.name_kana_key, f.printed_name,
            f.birth_date, f.sex, f.sex_on_back, f.resident, f.state, f.nondisclosure, f.needs_assistance,
            f.address_protected, f.load_key)
        RETURNING f.line
    ) INSERT INTO load_touched SELECT line FROM changed
"""


def merge_persons(cursor: Any) -> None:
    """Human beings: changed ones first, so that a key that moves is free before a new person takes it."""
    cursor.execute(_CHANGED_PERSONS)
    cursor.execute(_NEW_PERSONS)


# A number that the file gives to one person cannot stay with another.
_FREED_NUMBERS = """
    DELETE FROM members_individualnumber n USING load_row r JOIN load_target t USING (grp)
    WHERE n.blind_index = r.blind_index AND n.person_id <> t.person_id
"""

_NUMBERS = """
    WITH known AS MATERIALIZED (SELECT person_id, blind_index FROM members_individualnumber), changed AS (
        INSERT INTO members_individualnumber AS n (person_id, sealed, blind_index)
        SELECT lp.person_id, m.sealed_key, m.blind_index
        FROM load_person lp JOIN load_member m ON m.line = lp.number_line
        LEFT JOIN load_rest rest ON rest.person_id = lp.person_id
        LEFT JOIN known ON known.person_id = lp.person_id
        WHERE known.person_id IS NULL
            OR (known.blind_index <> m.blind_index AND coalesce(rest.last_on <= lp.last_on, true))
        ON CONFLICT (person_id) DO UPDATE SET sealed = EXCLUDED.sealed, blind_index = EXCLUDED.blind_index
        RETURNING person_id
    ) INSERT INTO load_touched SELECT lp.line FROM changed JOIN load_person lp USING (person_id)
"""


def merge_individual_numbers(cursor: Any) -> None:
    """Sealed numbers by person; an equal one keeps its seal."""
    cursor.execute("SELECT EXISTS (SELECT FROM load_row WHERE blind_index IS NOT NULL)")
    if cursor.fetchone()[0]:
        cursor.execute(_FREED_NUMBERS)
        cursor.execute(_NUMBERS)


# MATERIALIZED, here and above: a statement that looks into the table it fills must look once, or it grows with its square.
# ``valid_from``: the first address holds from the person's first cover, and already today where the cover is still to
# come; a change holds from today, and never before the newest that is stored, so that it is the newest. An emptied
# mailing address is a row without text: post goes home again.
_ADDRESSES = """
    WITH newest AS MATERIALIZED (
        SELECT DISTINCT ON (a.person_id) a.person_id, a.postal_code, a.address, a.valid_from
        FROM members_address a JOIN load_person lp ON lp.person_id = a.person_id
        WHERE a.use = '{use}' ORDER BY a.person_id, a.valid_from DESC
    ), changed AS (
        INSERT INTO members_address AS a (person_id, use, postal_code, address, valid_from)
        SELECT lp.person_id, '{use}', coalesce(m.{prefix}postal_code, ''), m.{prefix}address,
            CASE WHEN n.person_id IS NULL THEN least(lp.first_on, %(on)s::date)
                ELSE greatest(n.valid_from, %(on)s::date) END
        FROM load_person lp JOIN load_member m USING (line)
        LEFT JOIN load_rest rest ON rest.person_id = lp.person_id
        LEFT JOIN newest n ON n.person_id = lp.person_id
        WHERE coalesce(rest.last_on <= lp.last_on, true) AND {told}
            AND (coalesce(m.{prefix}postal_code, ''), m.{prefix}address) IS DISTINCT FROM (n.postal_code, n.address)
        ON CONFLICT (person_id, use, valid_from) DO UPDATE
        SET postal_code = EXCLUDED.postal_code, address = EXCLUDED.address
        RETURNING a.person_id
    ) INSERT INTO load_touched SELECT lp.line FROM changed JOIN load_person lp USING (person_id)
"""
_RESIDENCES = _ADDRESSES.format(use="residence", prefix="", told="m.postal_code || m.address <> ''")
_MAILINGS = _ADDRESSES.format(
    use="mailing",
    prefix="mailing_",
    told="m.mailing_address IS NOT NULL AND (m.mailing_address <> '' OR n.person_id IS NOT NULL)",
)


def merge_addresses(cursor: Any, *, on: Any) -> None:
    """Dated addresses: an equal one adds nothing, another one holds from ``on``."""
    cursor.execute(_RESIDENCES, {"on": on})
    cursor.execute(_MAILINGS, {"on": on})


# A number that differs by what nobody sees is the registered one, and stays as it was registered.
_FRESH_COVERS = f"""
    SELECT r.line, r.member_id, t.person_id, r.establishment_id, m.insurer_id,
        CASE WHEN m.symbol ~ '{HIDDEN}' THEN coalesce(x.symbol, m.symbol) ELSE m.symbol END AS symbol,
        CASE WHEN m.number ~ '{HIDDEN}' THEN coalesce(x.number, m.number) ELSE m.number END AS number, m.branch_number,
        m.symbol_key, m.number_key, m.branch_key, m.kind, m.relationship, i.member_id AS insured_id, m.coverage_kind,
        m.acquired_on, m.lost_on, m.standard_monthly_remuneration_yen, m.fund_registered_on
    FROM load_row r JOIN load_member m USING (line) JOIN load_target t USING (grp)
    LEFT JOIN load_insured i USING (line) LEFT JOIN members_member x ON x.id = r.member_id WHERE {{which}}
"""

_CHANGED_COVERS = f"""
    WITH fresh AS ({_FRESH_COVERS.format(which="NOT r.added")}), changed AS (
        UPDATE members_member x SET person_id = f.person_id, establishment_id = f.establishment_id, symbol = f.symbol,
            number = f.number, branch_number = f.branch_number, kind = f.kind, relationship = f.relationship,
            insured_id = f.insured_id, coverage_kind = f.coverage_kind, lost_on = f.lost_on,
            standard_monthly_remuneration_yen = f.standard_monthly_remuneration_yen,
            fund_registered_on = CASE WHEN %(told)s THEN f.fund_registered_on ELSE x.fund_registered_on END
        FROM fresh f WHERE x.id = f.member_id AND (x.person_id, x.establishment_id, x.symbol, x.number,
            x.branch_number, x.kind, x.relationship, x.insured_id, x.coverage_kind, x.lost_on,
            x.standard_monthly_remuneration_yen, x.fund_registered_on) IS DISTINCT FROM (f.person_id,
            f.establishment_id, f.symbol, f.number, f.branch_number, f.kind, f.relationship, f.insured_id,
            f.coverage_kind, f.lost_on, f.standard_monthly_remuneration_yen,
            CASE WHEN %(told)s THEN f.fund_registered_on ELSE x.fund_registered_on END)
            AND (NOT %(shorter)s OR coalesce(f.lost_on, 'infinity') < coalesce(x.lost_on, 'infinity'))
        RETURNING f.line
    ) INSERT INTO load_touched SELECT line FROM changed
"""

_NEW_COVERS = f"""
    INSERT INTO members_member (id, person_id, establishment_id, insurer_id, symbol, number, branch_number, symbol_key,
        number_key, branch_key, kind, relationship, insured_id, coverage_kind, acquired_on, lost_on,
        standard_monthly_remuneration_yen, fund_registered_on)
    SELECT member_id, person_id, establishment_id, insurer_id, symbol, number, branch_number, symbol_key, number_key,
        branch_key, kind, relationship, insured_id, coverage_kind, acquired_on, lost_on,
        standard_monthly_remuneration_yen, fund_registered_on
    FROM ({_FRESH_COVERS.format(which="r.added")}) fresh
"""

# What the fund said of a human being goes on with the covers, when none is left with the former person.
_MOVED = """
    SELECT r.old_person_id, min(t.person_id) AS person_id FROM load_row r JOIN load_target t USING (grp)
    WHERE NOT r.added AND r.old_person_id <> t.person_id
        AND NOT EXISTS (SELECT FROM members_member c WHERE c.person_id = r.old_person_id)
    GROUP BY r.old_person_id
"""
_MOVED_STATUSES = f"""
    UPDATE members_mynastatus s SET person_id = moved.person_id FROM ({_MOVED}) moved
    WHERE s.person_id = moved.old_person_id
"""


def merge_covers(cursor: Any, *, fund_day_told: bool) -> None:
    """Spells of cover. Those that get shorter go first, so that a number is free before its next holder takes it."""
    for shorter in (True, False):
        cursor.execute(_CHANGED_COVERS, {"told": fund_day_told, "shorter": shorter})
    cursor.execute(_NEW_COVERS)
    cursor.execute(_MOVED_STATUSES)
