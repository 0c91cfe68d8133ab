"""Proves that the rules still give every stored answer: each decision replayed on its stored facts."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from certificates.decisions.deciding import days_of, policy_of
from certificates.decisions.reading import ORDER
from certificates.models import Run
from certificates.rules import facts as fact_module
from certificates.rules import versions as rule_versions
from certificates.rules.law import law_on
from certificates.rules.monthly import Decided
from core.streaming import streamed
from members.policy import Policy

_FIELDS = (
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
)


@dataclass(frozen=True, slots=True)
class Stored:
    """A stored decision with its member's numbers; ``values`` by column name, absent ones as ''."""

    member_id: int
    insurer_number: str
    symbol: str
    number: str
    branch_number: str
    values: dict[str, str]
    facts: fact_module.MemberFacts


@contextmanager
def stored_decisions(run: Run, *, member_ids: list[int] | None = None) -> Iterator[Iterator[Stored]]:
    """Streams a run's decisions in the order of the lists."""
    columns = ", ".join(f'd."{name}"' for name in _FIELDS)
    query = (
        f"SELECT m.id, i.number, m.symbol, m.number, m.branch_number, d.facts::text, {columns}"
        " FROM certificates_decision d JOIN members_member m ON m.id = d.member_id"
        " JOIN members_insurer i ON i.id = m.insurer_id WHERE d.run_id = %(run)s"
    )
    if member_ids is not None:
        query += " AND m.id = ANY(%(members)s)"
    with streamed(query + ORDER, {"run": run.pk, "members": member_ids}) as rows:
        yield (_stored(row) for row in rows)


def _stored(row: tuple[Any, ...]) -> Stored:
    member_id, insurer_number, symbol, number, branch_number, facts, *decided = row
    values = dict(zip(_FIELDS, ("" if v is None else str(v) for v in decided), strict=True))
    known = fact_module.from_json(json.loads(facts))
    return Stored(member_id, insurer_number, symbol, number, branch_number, values, known)


def values_of(answer: Decided) -> dict[str, str]:
    """An answer of the rules by decision column, absent values as ''."""
    first = answer.certificate
    then = answer.successors[0] if answer.successors else None
    found: dict[str, Any] = {
        "outcome": answer.outcome,
        "reason": answer.reason,
        "detail": answer.detail,
        "kind": answer.kind,
        "need_from": answer.need_from,
        "due_on": answer.due_on,
        "effective_on": first and first.effective_on,
        "valid_through": first and first.valid_through,
        "limit": first and first.limit,
        "then_effective_on": then and then.effective_on,
        "then_valid_through": then and then.valid_through,
        "then_limit": then and then.limit,
    }
    return {name: "" if found[name] is None else str(found[name]) for name in _FIELDS}


@dataclass(frozen=True, slots=True)
class Difference:
    """One decision that comes out otherwise: which columns, stored and now."""

    stored: Stored
    columns: tuple[tuple[str, str, str], ...]


def differences(run: Run, *, policy: Policy | None = None) -> tuple[int, list[Difference]]:
    """How many decisions were replayed, and those that differ (under ``policy``, if given)."""
    days, law, in_force = days_of(run), law_on(run.decided_on), policy or policy_of(run)
    found: list[Difference] = []
    checked = 0
    with stored_decisions(run) as decisions:
        for stored in decisions:
            checked += 1
            now = values_of(rule_versions.decide(run.rules_version, stored.facts, days, in_force, law))
            if now != stored.values:
                columns = tuple((n, stored.values[n], now[n]) for n in _FIELDS if now[n] != stored.values[n])
                found.append(Difference(stored, columns))
    return checked, found
