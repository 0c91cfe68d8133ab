"""The month's decisions as CSV, each with its explanation on one line. Source: interfaces.md."""

from __future__ import annotations

import csv
from typing import TextIO

from certificates.decisions.deciding import days_of, policy_of
from certificates.decisions.replay import stored_decisions
from certificates.models import Run
from certificates.rules import versions as rule_versions
from certificates.rules.explain import Case, explain
from certificates.rules.law import law_on

COLUMNS = (
    "insurer_number",
    "symbol",
    "number",
    "branch_number",
    "outcome",
    "reason",
    "detail",
    "kind",
    "need_from",
    "effective_on",
    "valid_through",
    "limit",
    "then_effective_on",
    "then_valid_through",
    "then_limit",
    "due_on",
    "explanation",
)


def export_decisions(run: Run, target: TextIO) -> int:
    """Writes every decision of the run, ordered by insurer, symbol, number, branch; answers how many."""
    writer = csv.writer(target, lineterminator="\n")
    writer.writerow(COLUMNS)
    days, policy, law = days_of(run), policy_of(run), law_on(run.decided_on)
    written = 0
    with stored_decisions(run) as decisions:
        for stored in decisions:
            answer = rule_versions.decide(run.rules_version, stored.facts, days, policy, law)
            line = explain(Case(stored.facts, answer, days, policy, law, informed_through=run.informed_through)).line
            writer.writerow(
                [
                    stored.insurer_number,
                    stored.symbol,
                    stored.number,
                    stored.branch_number,
                    *(stored.values[name] for name in COLUMNS[4:-1]),
                    line,
                ]
            )
            written += 1
    return written
