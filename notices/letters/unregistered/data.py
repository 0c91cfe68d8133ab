"""From the database to the reminders of employers: whose individual numbers are still wanted."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from django.db import connection

from members.functions import number_order_sql
from members.models import Establishment
from members.querysets import name_sql
from notices.letters.content import Addressee
from notices.letters.reading import Held, sender_of
from notices.letters.unregistered.letter import Unregistered, UnregisteredFace

# 任意継続 and 特例退職 have no employer who could ask them; nobody protected stands on an establishment's list.
_UNREGISTERED = f"""
SELECT e.id, m.symbol, m.number, m.branch_number, {name_sql("p")}, m.id
FROM members_member m
JOIN members_member h ON h.id = coalesce(m.insured_id, m.id)
JOIN members_person p ON p.id = m.person_id JOIN members_person hp ON hp.id = h.person_id
JOIN members_establishment e ON e.id = h.establishment_id
WHERE e.id = ANY(%(ids)s) AND p.individual_number_state IN ('unregistered', 'pending')
  AND NOT (p.nondisclosure OR p.address_protected OR hp.nondisclosure OR hp.address_protected)
  AND m.coverage_kind = 'regular' AND h.coverage_kind = 'regular'
  AND m.acquired_on <= %(on)s AND (m.lost_on IS NULL OR m.lost_on > %(on)s)
  AND (h.lost_on IS NULL OR h.lost_on > %(on)s)
ORDER BY e.id, {number_order_sql("m")}, m.id
"""
DEPARTMENT = "健康保険ご担当者 様"


def unregistered_faces(establishments: Sequence[Establishment], on: date) -> tuple[list[UnregisteredFace], list[Held]]:
    """The reminder to each establishment that has members without a number; and those without an address."""
    with connection.cursor() as cursor:
        cursor.execute(_UNREGISTERED, {"ids": [e.pk for e in establishments], "on": on})
        rows = cursor.fetchall()
    members: dict[int, list[Unregistered]] = {}
    for establishment_id, *who in rows:
        members.setdefault(establishment_id, []).append(Unregistered(*who))
    faces, held = [], []
    for establishment in establishments:
        if establishment.pk not in members:
            continue
        if not establishment.address:
            held.append(Held(establishment.pk, "事業所の所在地がありません。所在地を登録してください。"))
            continue
        to = Addressee(establishment.postal_code, establishment.address, establishment.name, "", DEPARTMENT)
        sender = sender_of(establishment.insurer)
        faces.append(UnregisteredFace(establishment.pk, to, sender, on, tuple(members[establishment.pk])))
    return faces, held
