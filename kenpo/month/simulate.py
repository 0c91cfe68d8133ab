"""A month without writing: what a draft policy, or the coming month, would change.

A month that has been decided is replayed on its stored facts under the given policy. A month that has
not is decided on today's facts (with its file, if it has been staged) inside a transaction that is rolled
back, and compared with the newest stored month.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db import transaction

from certificates.decisions import deciding, replay
from certificates.models import Run
from certificates.rules.codes import Outcome
from core import clock
from core.calendar import month_start
from core.errors import Refused
from exchange import incoming as exchange
from kenpo.month.month import Order, files_of_month
from members.models import Insurer
from members.policy import Policy
from members.services import policy_on, society

SHOWN = 20


@dataclass
class Simulation:
    """The difference in counts, and the first differing members as lines of text (numbers only)."""

    counts: dict[str, Any] = field(default_factory=dict)
    lines: list[str] = field(default_factory=list)


def simulate(month: date, *, policy: Policy | None = None) -> Simulation:
    """What the month would give, compared with what is stored.

    Raises:
        core.errors.Refused: a fixed scheme has no date left, or no policy is in force.
    """
    insurer = society()
    run = Run.objects.filter(insurer=insurer, month=month, decisions__isnull=False).first()
    if run is not None:
        return _replayed(run, policy)
    return _ahead(insurer, month, policy)


def _replayed(run: Run, policy: Policy | None) -> Simulation:
    checked, found = replay.differences(run, policy=policy)
    changes: Counter[str] = Counter()
    lines: list[str] = []
    for difference in found:
        stored, columns = difference.stored, {name: now for name, _, now in difference.columns}
        was = Outcome(stored.values["outcome"])
        now = Outcome(columns.get("outcome", stored.values["outcome"]))
        changes[f"{was}→{now}"] += 1
        if len(lines) < SHOWN:
            lines.append(
                f"{stored.symbol},{stored.number},{stored.branch_number},{was.label}→{now.label},"
                f"{'・'.join(name for name, _, _ in difference.columns)}"
            )
    counts = {"decisions": checked, "differences": len(found), "changes": dict(sorted(changes.items()))}
    return Simulation(counts, lines)


def _ahead(insurer: Insurer, month: date, policy: Policy | None) -> Simulation:
    """Decides a month that has not been run, on what is known now; nothing of it stays."""
    day = clock.today() if month_start(clock.today()) == month else month
    order = Order(month, day, day)
    in_force = policy or policy_on(insurer, day)
    before = Run.objects.filter(insurer=insurer, decisions__isnull=False).order_by("-month").first()
    with transaction.atomic():
        run = Run(
            insurer=insurer, month=month, as_of=order.as_of, decided_on=day, issue_on=day, policy=in_force.as_json()
        )
        staged = _apply_staged(insurer, order)
        with deciding.decided(run, in_force) as answers:
            now = {read.member_id: str(answer.outcome) for read, answer in answers}
        transaction.set_rollback(True)
    was = dict(before.decisions.values_list("member_id", "outcome")) if before else {}
    changes = Counter(
        f"{was.get(member, 'none')}→{outcome}" for member, outcome in now.items() if was.get(member) != outcome
    )
    counts = {
        "decisions": len(now),
        "with_file": staged,
        "compared_with": f"{before.month:%Y-%m}" if before else None,
        "differences": sum(changes.values()),
        "outcomes": dict(sorted(Counter(now.values()).items())),
        "changes": dict(sorted(changes.items())),
    }
    return Simulation(counts, [f"{change}: {count}人" for change, count in sorted(changes.items())])


def _apply_staged(insurer: Insurer, order: Order) -> bool:
    """Applies the month's staged files inside the caller's transaction; whether there were any."""
    try:
        files = files_of_month(insurer, order)
    except Refused:
        return False
    exchange.match(files, on=order.decided_on)
    exchange.apply(files, on=order.decided_on, by=None)
    return True
