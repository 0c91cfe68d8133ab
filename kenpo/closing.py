"""The end of a month: everything that was approved has left the office or was given up."""

from __future__ import annotations

from datetime import date

from certificates.models import Run
from core.errors import Refused
from core.models import Clerk
from core.transitions import advance
from mailing.lifecycle import UNSENT
from mailing.models import Dispatch
from notices.models import EligibilityNotice

WAITING = ("approved", "printed")


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
    advance(run, "close", by=by, on=on)


def still_open(run: Run) -> list[str]:
    """What keeps the month from being closed, one sentence each."""
    if run.status != "approved":
        return [f"この月は「{run.get_status_display()}」です。承認と発送が済んでから締めてください。"]
    unsent = Dispatch.objects.filter(run=run, status__in=UNSENT).count()
    if unsent:
        return [f"まだ送っていない発送が {unsent:,}件あります。発送するか取り消してから締めてください。"]
    papers = {
        "資格確認書": run.certificates.filter(status__in=WAITING).count(),
        "高齢受給者証": run.elderly_certificates.filter(status__in=WAITING).count(),
        "お知らせ": EligibilityNotice.objects.filter(run=run, status__in=("drafted", "printed")).count(),
    }
    return [
        f"まだ送っていない{name}が {count:,}枚あります。封入を計画し、保留の理由を確かめてください。"
        for name, count in papers.items()
        if count
    ]
