"""The end of a month: every dispatch has left or was given up, and what is not enclosed is held for a reason, by name.

What is held may still be enclosed after the month is closed.
"""

from __future__ import annotations

from datetime import date

from django.db.models import Max, Q, QuerySet, Subquery

from certificates.models import Run
from core.errors import Refused
from core.forward import require_not_before
from core.models import Clerk
from core.transitions import advance
from mailing.lifecycle import UNSENT
from mailing.models import Dispatch, Enclosure
from mailing.papers import kinds
from mailing.papers.kinds.rows import document_is
from mailing.planning import holding

SHOWN = 50
"""So many papers are named one by one."""


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
    advance(run, "close", by=by, on=on, note={"held": holding.held_of(run).count()})


def still_open(run: Run) -> list[str]:
    """What keeps the month from being closed, one sentence each."""
    if run.status != "approved":
        return [f"この月は「{run.get_status_display()}」です。承認と発送が済んでから締めてください。"]
    of_month = Q(pk__in=Subquery(_dispatches_with(run))) | Q(run=run)
    unsent = Dispatch.objects.filter(of_month, status__in=UNSENT).count()
    if unsent:
        return [f"まだ送っていない発送が {unsent:,}件あります。発送するか取り消してから締めてください。"]
    left = {kind: holding.waiting(kind).filter(run=run) for kind in kinds.every()}
    if count := sum(documents.count() for documents in left.values()):
        named = [
            f"封入待ち {document.member}の{kind.label}"
            for kind, documents in left.items()
            for document in documents.select_related("member").order_by("pk")[:SHOWN]
        ][:SHOWN]
        return [
            f"まだ封入していない証やお知らせがあります（{count:,}枚）。「封入を計画する」を行ってから締めてください。",
            *named,
            *_more(count, len(named)),
        ]
    return []


def _dispatches_with(run: Run) -> QuerySet[Enclosure, int]:
    """The dispatches, of whatever round, in which paper of the month lies."""
    enclosed = Enclosure.objects.filter(document_is(run=run), active=True)
    return enclosed.values_list("envelope__dispatch", flat=True)


def held_back(run: Run) -> list[str]:
    """What is closed with papers held: how many, then each with whose it is and why; empty where none is."""
    rows = holding.held_of(run)
    count = rows.count()
    if not count:
        return []
    named = [holding.told_of(row) for row in rows.select_related("member")[:SHOWN]]
    return [
        f"保留の書類が {count:,}枚残ります。理由を直せば、締めたあとでも封入を計画できます。",
        *named,
        *_more(count, len(named)),
    ]


def _more(count: int, shown: int) -> list[str]:
    return [f"ほか {count - shown:,}枚"] if count > shown else []
