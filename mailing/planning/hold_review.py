"""The daily look at what is held: what is clear waits again, and what can serve no longer ends by itself.

Source: rules.md §10.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from django.db import transaction

from core.transitions import lock_chain
from mailing.envelopes import HOLDS
from mailing.papers import kinds
from mailing.planning import holding
from mailing.planning.assembling import planned
from mailing.planning.holding import Hold
from mailing.planning.reading import Round
from members.models import Insurer

ENDS = ("cover_ended", "face_changed", "not_needed")
"""Reasons that no clerk can clear: the paper ends, and whoever still needs one is decided anew."""


def review(insurer: Insurer, *, on: date) -> dict[str, int]:
    """Looks again at every paper that is in no envelope yet; answers how many are held and how many ended.

    May run any number of times a day.

    Raises:
        Refused: the society has no settings for the day.
    """
    counts = {"held": 0, "ended": 0}
    for run in (*holding.months_waiting(insurer), None):
        with transaction.atomic():
            lock_chain()
            _, holds = planned(Round(insurer, on, run))
            ending = [hold for hold in holds if hold.reason in ENDS]
            _end(ending, on=on)
            left = [hold for hold in holds if hold.reason not in ENDS]
            holding.keep([run], left, on=on)
        counts["held"] += len(left)
        counts["ended"] += len(ending)
    return counts


def _end(holds: Sequence[Hold], *, on: date) -> None:
    """Voids the papers, those of one kind and reason together; as before printing, a changed face is decided anew."""
    for kind in kinds.every():
        for reason in ENDS:
            ids = [hold.id for hold in holds if (hold.kind, hold.reason) == (kind.kind, reason)]
            if not ids:
                continue
            voided = kind.advance(ids, "void", by=None, on=on, reason=f"封入の前に：{HOLDS[reason]}")
            if reason == "face_changed":
                kind.decide_anew(voided, by=None, on=on)
