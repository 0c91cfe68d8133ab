"""A paper's decision once more under a new serial: same cover, days and limit; it awaits approval like the first."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from typing import Any, Final

from django.db import connection, models

from certificates.documents.serials import draw
from certificates.models import ElderlyBeneficiaryCertificate, EligibilityCertificate
from core.models import Clerk
from core.planner import refresh_statistics
from core.transitions import record
from members.models import Insurer

COPIED: Final[Mapping[type[models.Model], str]] = {
    EligibilityCertificate: 'member_id, run_id, ruling_id, sequence, basis, ground, kind, issued_on, effective_on,'
    ' valid_through, "limit", face_key, coming_id',
    ElderlyBeneficiaryCertificate: 'member_id, run_id, ruling_id, cause, copayment_percent, issued_on, effective_on,'
    ' valid_through, "limit", face_key',
}  # fmt: skip
"""What is taken over, by kind of paper."""


def copies(
    model: type[models.Model], ids: Collection[int], insurer: Insurer, *, by: Clerk, on: date, note: Mapping[str, Any]
) -> list[int]:  # fmt: skip
    """The same decisions proposed under new serials, in the order of the old ones; within the caller's transaction.

    ``note`` names the dispatch and says why.
    """
    columns = COPIED[model]
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {model._meta.db_table} (serial, {columns}, status)"
            f" SELECT certificates_serial(%s + row_number() OVER (ORDER BY id) - 1), {columns}, 'proposed'"
            f" FROM {model._meta.db_table} WHERE id = ANY(%s) ORDER BY id RETURNING id",
            [draw(insurer, len(ids)), list(ids)],
        )
        made = [row[0] for row in cursor.fetchall()]
    refresh_statistics(model, written=len(made))
    record("propose", model._meta.label, made, by=by, on=on, note=note)
    return made
