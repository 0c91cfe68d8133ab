"""What stands on a 資格確認書 according to the database now: for printing, and again, apart from it, for the proof.

One that was made ahead shows what the register will say on its first day.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from datetime import date
from typing import Any, NamedTuple

from django.db import connection

from certificates.decisions.coming import as_read
from certificates.documents.face import CertificateFace, InsurerFace
from certificates.documents.optional_items import from_json, printed
from certificates.rules.copayment import Told, copayment_percent, share_from
from certificates.rules.law import Law, law_on
from certificates.rules.validity import last_day_of_cover
from core.calendar import days_after
from members.policy import Policy
from members.querysets import PEOPLE_JOINS, head_name_sql, name_sql, printed_sql

_SELECT = f"""
SELECT c.id, c.serial, c.issued_on, c.effective_on, c.valid_through,
    m.kind, m.symbol, m.number, m.branch_number, m.coverage_kind, m.acquired_on, m.lost_on,
    {printed_sql("p", "name")} AS name, p.name_kana, {printed_sql("p", "printed_name")} AS printed_name,
    p.birth_date, p.sex, p.sex_on_back, p.resident, coalesce({name_sql("ip")}, '') AS insured_name,
    mi.coverage_kind AS insured_coverage_kind, mi.acquired_on AS insured_acquired_on,
    mi.lost_on AS insured_lost_on, ip.birth_date AS insured_birth_date, ip.resident AS insured_resident,
    CASE WHEN mi.id IS NULL THEN m.standard_monthly_remuneration_yen
         ELSE mi.standard_monthly_remuneration_yen END AS remuneration_yen,
    EXISTS (SELECT 1 FROM members_sharerelief r WHERE r.member_id = coalesce(m.insured_id, m.id)
            AND r.valid_from <= c.effective_on
            AND (r.valid_through IS NULL OR r.valid_through >= c.effective_on)) AS relieved,
    m.copayment_percent AS told_percent, CASE WHEN %(municipal)s THEN {head_name_sql()} ELSE '' END AS head_name,
    i.number AS insurer_number, i.name AS insurer_name,
    coalesce(nullif(i.postal_code, ''), s.postal_code, '') AS insurer_postal_code,
    coalesce(nullif(i.address, ''), s.address, '') AS insurer_address,
    coalesce(nullif(i.phone, ''), s.phone, '') AS insurer_phone,
    CASE WHEN m.coverage_kind = 'regular' AND coalesce(mi.coverage_kind, 'regular') = 'regular'
         THEN e.name ELSE '' END AS employer, wish.items::text AS wished,
    coalesce(home.address, '') AS residence, p.nondisclosure OR p.address_protected AS protected,
    coming.face::text AS coming
FROM certificates_eligibilitycertificate c
LEFT JOIN certificates_comingface coming ON coming.id = c.coming_id
JOIN members_member m ON m.id = c.member_id {PEOPLE_JOINS}
JOIN members_establishment e ON e.id = coalesce(mi.establishment_id, m.establishment_id)
LEFT JOIN members_insurer s ON s.id = i.main_id
LEFT JOIN (
    SELECT DISTINCT ON (a.person_id) a.person_id, a.address
    FROM members_address a
    JOIN members_member am ON am.person_id = a.person_id
    JOIN certificates_eligibilitycertificate ac ON ac.member_id = am.id AND ac.id = ANY(%(ids)s)
    WHERE a.use = 'residence' AND a.valid_from <= ac.issued_on
    ORDER BY a.person_id, a.valid_from DESC
) home ON home.person_id = m.person_id
WHERE c.id = ANY(%(ids)s)
"""


class _Cover(NamedTuple):
    """A cover as the rule about its last day reads it."""

    coverage_kind: str
    acquired_on: date
    lost_on: date | None
    birth_date: date
    resident: bool
    insured: _Cover | None = None


class _Share(NamedTuple):
    """The insured person, as the rule about the share reads it."""

    birth_date: date
    standard_monthly_remuneration_yen: int | None
    relieved: bool


def faces(ids: Sequence[int], policy: Policy) -> dict[int, CertificateFace]:
    """The face of each certificate, by id."""
    with connection.cursor() as cursor:
        cursor.execute(_SELECT, {"ids": list(ids), "municipal": policy.municipal})
        names = [column[0] for column in cursor.description]
        rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    return {row["id"]: _face(_ahead(row), policy, law_on(row["issued_on"])) for row in rows}


def _ahead(row: dict[str, Any]) -> dict[str, Any]:
    """The row with what the register will say when the certificate takes effect, where it was made for that."""
    coming = row["coming"]
    return row if coming is None else row | as_read(json.loads(coming), effective_on=row["effective_on"])


def _face(row: dict[str, Any], policy: Policy, law: Law) -> CertificateFace:
    return CertificateFace(
        kind=row["kind"],
        issued_on=row["issued_on"],
        symbol=row["symbol"],
        number=row["number"],
        branch_number=row["branch_number"],
        name=row["name"],
        name_kana=row["name_kana"],
        birth_date=row["birth_date"],
        sex=row["sex"],
        acquired_on=row["acquired_on"],
        valid_through=row["valid_through"],
        insurer=_insurer(row),
        serial=row["serial"],
        printed_name=row["printed_name"],
        sex_on_back=row["sex_on_back"],
        insured_name=row["insured_name"],
        expected_loss_on=_expected_loss_on(row, law),
        copayment_percent=_share(row, policy, law),
        effective_on=row["effective_on"],
        recover_note_weeks=_recover_note_weeks(policy),
        share_not_on_face=not policy.share_on_face,
        address=row["residence"],
        # A hidden address is never printed, whatever the policy says.
        show_address="address" in policy.optional_items and not row["protected"],
        establishment_name=row["employer"] if "establishment_name" in policy.optional_items else "",
        municipal=policy.municipal,
        head_name=row["head_name"],
        **_wished(row, policy, law),
    )


def _wished(row: dict[str, Any], policy: Policy, law: Law) -> dict[str, str]:
    """The items that the holder wished to have printed and the society prints, as they stand from the first day on."""
    from_day = max(row["issued_on"], row["effective_on"])
    return {
        wished.item: printed(wished, row["birth_date"], from_day=from_day, valid_through=row["valid_through"], law=law)
        for wished in from_json(row["wished"])
        if wished.item in policy.optional_items
    }


def _insurer(row: dict[str, Any]) -> InsurerFace:
    """The number's own society; a second number shares the first one's address and telephone."""
    return InsurerFace(
        row["insurer_number"],
        row["insurer_name"],
        row["insurer_postal_code"],
        row["insurer_address"],
        row["insurer_phone"],
    )


def _recover_note_weeks(policy: Policy) -> int | None:
    return max(1, math.ceil(policy.return_days / 7)) if policy.recover_on_registration else None


def _expected_loss_on(row: dict[str, Any], law: Law) -> date | None:
    """資格喪失予定年月日: for 任意継続 the first day without cover, as known now."""
    if "voluntary" not in (row["coverage_kind"], row["insured_coverage_kind"]):
        return None
    insured = None
    if row["insured_coverage_kind"] is not None:
        insured = _Cover(
            row["insured_coverage_kind"],
            row["insured_acquired_on"],
            row["insured_lost_on"],
            row["insured_birth_date"],
            row["insured_resident"],
        )
    cover = _Cover(
        row["coverage_kind"], row["acquired_on"], row["lost_on"], row["birth_date"], row["resident"], insured
    )
    return days_after(last_day_of_cover(cover, law), 1)


def _share(row: dict[str, Any], policy: Policy, law: Law) -> int | None:
    """一部負担金の割合 on the face, from 70 on; ``None`` where none is printed. Source: rules.md §5–6."""
    if not policy.share_on_face or row["effective_on"] < share_from(row["birth_date"], law):
        return None
    if policy.municipal:
        return Told(row["told_percent"]).on(row["birth_date"], row["effective_on"], law)
    insured_birth_date = row["insured_birth_date"] or row["birth_date"]
    insured = _Share(insured_birth_date, row["remuneration_yen"], row["relieved"])
    return copayment_percent(row["birth_date"], insured, on=row["effective_on"], law=law)
