"""Faces that are still to come: what they are made of, and what of it the other floors ask in SQL.

A certificate that was made for a coming face names its row (``coming_id``) until the day; then the register says the
same, the row is gone, and its fingerprint speaks like any other's. Source: rules.md §4 "Between two runs".
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection

from members.querysets import FACE_KEY_SQL, PEOPLE_JOINS, name_sql, printed_sql

# Aliases: those of PEOPLE_JOINS, and c the certificate.
RIGHT_FACE_SQL = f"(c.coming_id IS NOT NULL OR c.face_key = {FACE_KEY_SQL})"

# The first day on which another face than the certificate's (alias c) is to stand on it, or NULL: a face is to come, or its
# share changes and the duty is planned.
NEXT_FACE_SQL = """LATERAL (
    SELECT min(day) AS day FROM (
        SELECT f.from_day AS day FROM certificates_comingface f
        WHERE f.member_id = c.member_id AND f.from_day > coalesce(
            (SELECT own.from_day FROM certificates_comingface own WHERE own.id = c.coming_id), DATE '-infinity')
        UNION ALL
        SELECT r.opened_on FROM certificates_recovery r
        WHERE r.certificate_id = c.id AND r.status = 'planned' AND r.cause = 'face_changed'
    ) days
)"""


def face_on_sql(day: str) -> str:
    """A lateral subquery: the coming face (``id``, ``face_key``) of cover ``m`` that holds on a day (column), if any."""
    return f"""LATERAL (
        SELECT f.id, f.face_key FROM certificates_comingface f WHERE f.member_id = m.id AND f.from_day <= {day}
        ORDER BY f.from_day DESC, f.filing_id DESC LIMIT 1
    )"""


# By the names under which ``mailing.papers.faces`` reads them: all of the register that can be another on a face.
_FACE = f"""jsonb_build_object(
    'name', {printed_sql("p", "name")}, 'printed_name', {printed_sql("p", "printed_name")},
    'name_kana', p.name_kana, 'birth_date', p.birth_date, 'sex', p.sex, 'sex_on_back', p.sex_on_back,
    'symbol', m.symbol, 'number', m.number, 'branch_number', m.branch_number,
    'insured_name', coalesce({name_sql("ip")}, ''), 'insured_birth_date', ip.birth_date,
    'insurer_number', i.number, 'insurer_name', i.name,
    'insurer_postal_code', coalesce(nullif(i.postal_code, ''), s.postal_code, ''),
    'insurer_address', coalesce(nullif(i.address, ''), s.address, ''),
    'insurer_phone', coalesce(nullif(i.phone, ''), s.phone, ''),
    'remuneration_yen', CASE WHEN mi.id IS NULL THEN m.standard_monthly_remuneration_yen
                             ELSE mi.standard_monthly_remuneration_yen END,
    'reliefs', (SELECT jsonb_agg(jsonb_build_array(r.valid_from, r.valid_through) ORDER BY r.valid_from, r.id)
                FROM members_sharerelief r WHERE r.member_id = coalesce(m.insured_id, m.id)),
    'wished', wish.items)::text"""
_READ = f"""
SELECT m.id, {FACE_KEY_SQL}, {_FACE}
FROM members_member m {PEOPLE_JOINS} LEFT JOIN members_insurer s ON s.id = i.main_id
WHERE m.id = ANY(%s)
"""


@dataclass(frozen=True, slots=True)
class Face:
    """A face by its fingerprint and its values."""

    key: str
    values: Mapping[str, Any]

    def beside(self, now: Face) -> dict[str, Any]:
        """Only the values that are not those of ``now``."""
        return {name: value for name, value in self.values.items() if value != now.values[name]}

    def same_as(self, key: str, stored: Mapping[str, Any], beside: Mapping[str, Any]) -> bool:
        """Whether what was stored of it once gives the same face, with what differs now (``beside``)."""
        return (
            key == self.key
            and all(self.values[name] == value for name, value in stored.items())
            and beside.keys() <= stored.keys()
        )


def faces(members: Iterable[int]) -> dict[int, Face]:
    """What the register has for the face of each cover, by member id."""
    ids = list(members)
    if not ids:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_READ, [ids])
        return {pk: Face(key, json.loads(values)) for pk, key, values in cursor.fetchall()}


def face_keys(ids: Iterable[int]) -> dict[int, str]:
    """What stands on each cover's face now, as a fingerprint."""
    wanted = list(ids)
    if not wanted:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT m.id, {FACE_KEY_SQL} FROM members_member m {PEOPLE_JOINS} WHERE m.id = ANY(%s)", [wanted]
        )
        return dict(cursor.fetchall())


def as_read(face: Mapping[str, Any], *, effective_on: date) -> dict[str, Any]:
    """Stored values as a query of a face reads them; ``relieved`` on the certificate's first day."""
    told = dict(face)
    for name in ("birth_date", "insured_birth_date"):
        if told.get(name):
            told[name] = date.fromisoformat(told[name])
    if told.get("wished") is not None:
        told["wished"] = json.dumps(told["wished"])
    if "reliefs" in told:
        periods = told.pop("reliefs") or ()
        first = effective_on.isoformat()
        told["relieved"] = any(since <= first and (not through or first <= through) for since, through in periods)
    return told
