"""The end of a month: every dispatch has left or was given up, and what is not enclosed is held for a reason.

What is held may still be enclosed after the month is closed.
"""

from __future__ import annotations

from datetime import date

from django.db.models import Max

from certificates.models import Run
from core.errors import Refused
from core.forward import require_not_before
from core.models import Clerk, Job
from core.transitions import advance
from mailing.lifecycle import UNSENT
from mailing.models import Dispatch
from notices.models import EligibilityNotice


def close_month(run: Run, *, by: Clerk, on: date) -> None:
    """Closes the month. A repeat changes nothing.

    Raises:
        Refused: something of the month has not left yet, the month is not approved, or the clerk may not.
    """
    run.refresh_from_db()
    if run.status == "closed":
        return
    if reasons := still_open(run):
        raise Refused(reasons)
    posted = Dispatch.objects.filter(run=run, status="sent").aggregate(newest=Max("sent_on"))["newest"]
    require_not_before("月を締める", on, "発送", posted)
    advance(run, "close", by=by, on=on)


def still_open(run: Run) -> list[str]:
    """What keeps the month from being closed, one sentence each."""
    if run.status != "approved":
        return [f"この月は「{run.get_status_display()}」です。承認と発送が済んでから締めてください。"]
    unsent = Dispatch.objects.filter(run=run, status__in=UNSENT).count()
    if unsent:
        return [f"まだ送っていない発送が {unsent:,}件あります。発送するか取り消してから締めてください。"]
    if waiting(run) > held(run):
        return ["まだ封入していない証やお知らせがあります。「封入を計画する」を行ってから締めてください。"]
    return []


def waiting(run: Run) -> int:
    """Papers of the month that are in no dispatch."""
    return (
        run.certificates.filter(status="approved").count()
        + run.elderly_certificates.filter(status="approved").count()
        + EligibilityNotice.objects.filter(run=run, status="drafted", leader__isnull=True).count()
    )


def held(run: Run) -> int:
    """How many papers the last assembly had to leave out, for reasons that it named."""
    last = Job.objects.filter(key=f"assemble {run.pk}").values_list("outcome", flat=True).first() or {}
    return sum(last.get("held", {}).values())
