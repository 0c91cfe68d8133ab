"""The second clerk's word on what was ruled."""

from __future__ import annotations

from datetime import date

from certificates.models import EligibilityCertificate, Ruling
from core.errors import Refused
from core.models import Clerk
from core.transitions import advance_many


def approve(ruling: Ruling, *, by: Clerk, on: date) -> int:
    """Approves a ruling's certificates; answers how many are approved or further on.

    Raises:
        Refused: the clerk who ruled may not approve.
    """
    if ruling.ruled_by_id == by.pk:
        raise Refused("個別判定をした担当者は承認できません。別の担当者が承認してください。")
    waiting = EligibilityCertificate.objects.filter(ruling=ruling, status="proposed")
    advance_many(waiting, "approve", by=by, on=on, note={"ruling": ruling.pk})
    done = EligibilityCertificate.objects.filter(ruling=ruling).exclude(status__in=("proposed", "voided"))
    return done.count()
