"""Paper's way out, as the office asks for it: assemble, print, prove, pull, seal, send."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from itertools import groupby

from certificates.decisions.services import run_of
from certificates.models import Run
from core.errors import BadInput
from core.text import whole_number
from mailing.bundling.pulls import PullRow, confirm, pull_list
from mailing.bundling.sending import cancel, seal, send
from mailing.models import Dispatch
from mailing.papers.shares import supersede_changed_shares
from mailing.planning.assembling import Assembly, assemble, assemble_day, holds_of, holds_of_day
from mailing.planning.hold_review import review as review_holds
from mailing.planning.holding import Hold
from mailing.printing.printing import answer, print_dispatch, what_holds
from mailing.proof import Difference, differences, prove_dispatch
from members.services import society

__all__ = [
    "Assembly",
    "Difference",
    "Hold",
    "PullRow",
    "answer",
    "assemble",
    "assemble_day",
    "cancel",
    "confirm",
    "differences",
    "dispatch_of",
    "holds_of",
    "holds_of_day",
    "planned_days",
    "print_dispatch",
    "prove_dispatch",
    "pull_list",
    "review_holds",
    "run_of_month",
    "seal",
    "send",
    "supersede_changed_shares",
    "what_holds",
]


def run_of_month(month: date) -> Run:
    """The society's run of a month.

    Raises:
        Refused: nothing was loaded, or the month has not been run.
    """
    return run_of(society(), month)


def planned_days(dispatches: Sequence[int]) -> list[tuple[date, list[int], int]]:
    """The planned days among these dispatches, in order, each with its dispatches and sheets."""
    planned = Dispatch.objects.filter(pk__in=dispatches, planned_on__isnull=False).order_by("planned_on", "pk")
    found: list[tuple[date, list[int], int]] = []
    for on, group in groupby(planned, key=lambda dispatch: dispatch.planned_on):
        members = list(group)
        found.append((on, [d.pk for d in members], sum(d.counts["sheets"] for d in members)))
    return found


def dispatch_of(number: str) -> Dispatch:
    """The dispatch of that number.

    Raises:
        BadInput: there is none.
    """
    found = Dispatch.objects.filter(pk=whole_number(number)).first()
    if found is None:
        raise BadInput(f"発送「{number}」はありません。`manage.py assemble` の答えにある番号を指定してください。")
    return found
