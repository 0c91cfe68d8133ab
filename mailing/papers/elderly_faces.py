"""What stands on a 高齢受給者証: the share and days that were decided, and the person as the database says now."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import connection

from certificates.documents.elderly_face import ElderlyFace
from certificates.documents.face import InsurerFace
from members.policy import Policy
from members.querysets import PEOPLE_JOINS, head_name_sql, name_sql, printed_sql

_SELECT = f"""
SELECT d.id, d.serial, d.issued_on, d.copayment_percent, d.effective_on, d.valid_through,
    m.symbol, m.number, m.branch_number, {printed_sql("p", "name")} AS name, p.name_kana,
    {printed_sql("p", "printed_name")} AS printed_name, p.birth_date, p.sex, p.sex_on_back,
    coalesce({name_sql("ip")}, '') AS insured_name, %(municipal)s AS municipal,
    CASE WHEN %(municipal)s THEN {head_name_sql()} ELSE '' END AS head_name,
    i.number AS insurer_number, i.name AS insurer_name,
    coalesce(nullif(i.postal_code, ''), s.postal_code, '') AS insurer_postal_code,
    coalesce(nullif(i.address, ''), s.address, '') AS insurer_address,
    coalesce(nullif(i.phone, ''), s.phone, '') AS insurer_phone
FROM certificates_elderlybeneficiarycertificate d
JOIN members_member m ON m.id = d.member_id {PEOPLE_JOINS}
LEFT JOIN members_insurer s ON s.id = i.main_id
WHERE d.id = ANY(%(ids)s)
"""


def faces(ids: Sequence[int], policy: Policy) -> dict[int, ElderlyFace]:
    """The face of each 高齢受給者証, by id; of the settings only the scheme changes it."""
    with connection.cursor() as cursor:
        cursor.execute(_SELECT, {"ids": list(ids), "municipal": policy.municipal})
        names = [column[0] for column in cursor.description]
        rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    return {row.pop("id"): _face(row) for row in rows}


def _face(row: dict[str, Any]) -> ElderlyFace:
    insurer = {key: row.pop(f"insurer_{key}") for key in ("number", "name", "postal_code", "address", "phone")}
    return ElderlyFace(**row, insurer=InsurerFace(**insurer))
