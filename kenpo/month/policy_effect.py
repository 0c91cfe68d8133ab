"""What a change of settings would have done to the newest month: its stored facts decided under both settings. Writes nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from certificates.decisions.deciding import days_of
from certificates.decisions.replay import stored_decisions, values_of
from certificates.models import Run
from certificates.rules import monthly
from certificates.rules import versions as rule_versions
from certificates.rules.codes import Outcome
from certificates.rules.law import law_on
from core import jobs
from core.background import does
from core.models import Clerk
from members.models import Insurer, PolicyDraft
from members.policy import Policy

SHOWN = 50
BATCH = 20_000
FURTHER = "further"
"""A change that leaves the outcome: other days, another kind or ground, a duty to hand back."""


@dataclass
class Effect:
    """Counts before and after: ``issues`` by ground, ``outcomes``; ``changes`` by outcome before and after.

    ``members``: the first who change, each with what is decided before and after.
    """

    people: int = 0
    issues: list[Counter[str]] = field(default_factory=lambda: [Counter(), Counter()])
    outcomes: list[Counter[str]] = field(default_factory=lambda: [Counter(), Counter()])
    recoveries: list[int] = field(default_factory=lambda: [0, 0])
    changes: Counter[tuple[str, str]] = field(default_factory=Counter)
    members: list[dict[str, Any]] = field(default_factory=list)

    def add(self, member_id: int, answers: tuple[monthly.Decided, monthly.Decided]) -> None:
        """Takes one person in: decided before, decided after."""
        self.people += 1
        for place, answer in enumerate(answers):
            self.outcomes[place][str(answer.outcome)] += 1
            self.recoveries[place] += bool(answer.recover)
            if answer.outcome == Outcome.ISSUE:
                self.issues[place][str(answer.reason)] += 1
        told = [{**values_of(answer), "recover": bool(answer.recover)} for answer in answers]
        if told[0] == told[1]:
            return
        was, now = (str(answer.outcome) for answer in answers)
        self.changes[was, now if was != now else FURTHER] += 1
        if len(self.members) < SHOWN:
            self.members.append({"member": member_id, "was": told[0], "now": told[1]})

    def as_json(self) -> dict[str, Any]:
        return {
            "people": self.people,
            "recoveries": self.recoveries,
            "members": self.members,
            "issues": [dict(each) for each in self.issues],
            "outcomes": [dict(each) for each in self.outcomes],
            "changes": [[*change, count] for change, count in sorted(self.changes.items())],
        }


def newest_run(insurer: Insurer) -> Run | None:
    """The newest month that has been decided."""
    return Run.objects.filter(insurer=insurer, decisions__isnull=False).order_by("-month").first()


def latest_decided_on(insurer: Insurer) -> date | None:
    """The day from which no settings may change any more: the newest run's, also of one that is under way."""
    runs = Run.objects.filter(insurer=insurer).order_by("-decided_on")
    return runs.values_list("decided_on", flat=True).first()


def effect(run: Run, before: Policy, after: Policy, members: Sequence[int], into: Effect) -> None:
    """Decides these members of the month under both settings.

    Raises:
        core.errors.Refused: a fixed scheme has no date left.
    """
    days, law = days_of(run), law_on(run.decided_on)
    with stored_decisions(run, member_ids=list(members)) as decisions:
        for stored in decisions:
            was, now = (
                rule_versions.decide(run.rules_version, stored.facts, days, policy, law) for policy in (before, after)
            )
            into.add(stored.member_id, (was, now))


def key_of(draft: PolicyDraft) -> str:
    """The job that simulates a draft."""
    return f"simulate {draft.pk}"


@does("simulate")
def simulate_draft(asked: Mapping[str, Any], by: Clerk) -> None:
    """A draft on the newest month, a part at a time, so that its job tells how far it is."""
    draft = PolicyDraft.objects.select_related("base__insurer").get(pk=asked["draft"])
    with jobs.claim(key_of(draft), by=by) as job:
        run = newest_run(draft.base.insurer)
        if run is None:
            job.outcome = {}
            return
        found, before, after = Effect(), draft.base.value, draft.value
        members = list(run.decisions.order_by("member_id").values_list("member_id", flat=True))
        for start in range(0, len(members), BATCH):
            jobs.step(job, f"{found.people:,}人／{len(members):,}人")
            effect(run, before, after, members[start : start + BATCH], found)
        draft.effect = {"run": run.pk, **found.as_json()}
        draft.save(update_fields=["effect"])
        job.outcome = {"run": run.pk}
