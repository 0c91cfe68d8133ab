"""The decision tables under ``tests/cases``: read here, so that every test of the rules can walk them.

A file has ``[defaults]`` and ``[[case]]`` tables with plain keys: days, policy, facts, and ``[case.expect]``
with what the rules must answer. Expected values are worked out by hand from the rules' text.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, fields, replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from certificates.rules.facts import FundRow, HeldCard, HeldCertificate, InsuredCover, MemberFacts, Registration
from certificates.rules.law import Law, law_on
from certificates.rules.monthly import Days, Decided, days_of_run, decide
from certificates.rules.validity import Validity
from members import policy as policies
from members.policy import Policy

CASES = Path(__file__).parent.parent / "cases"
DAY_KEYS = ("as_of", "decided_on", "issue_on")
FACT_KEYS = tuple(f.name for f in fields(MemberFacts))
OTHER_KEYS = ("name", "preset", "policy", "law", "due", "expect", "text")
EXPECT_KEYS = (
    "outcome",
    "reason",
    "detail",
    "kind",
    "need_from",
    "effective_on",
    "valid_through",
    "limit",
    "then",
    "due_on",
    "recover",
    "refused",
    "first_gap",
    "straight_home",
    "replaced",
)


@dataclass(frozen=True)
class TableCase:
    """One case of a table: what the rules are told and what they must answer."""

    name: str
    facts: MemberFacts
    days: Days
    policy: Policy
    law: Law
    due: bool
    expect: dict[str, Any]

    def decide(self) -> Decided:
        return decide(self.facts, self.days, self.policy, self.law, due=self.due)


def facts_of(values: dict[str, Any], as_of: date) -> MemberFacts:
    """The facts that a case's plain keys tell; a row without its own ``as_of`` is the monthly file's."""
    told = dict(values)
    if "row" in told:
        told["row"] = FundRow(**{"as_of": as_of, **told["row"]})
    if "insured" in told:
        insured = {"coverage_kind": "regular", "lost_on": None, "resident": True, **told["insured"]}
        told["insured"] = InsuredCover(**insured)
    if "deregistered_on" in told:
        told["deregistered_on"] = tuple(told["deregistered_on"])
    if "certificates" in told:
        told["certificates"] = tuple(_held(n, one) for n, one in enumerate(told["certificates"], 1))
    if "cards" in told:
        told["cards"] = tuple(HeldCard(**{"valid_through": None, **one}) for one in told["cards"])
    return MemberFacts(**told)


def _held(number: int, told: dict[str, Any]) -> HeldCertificate:
    known = Registration(**told["known"]) if "known" in told else None
    return HeldCertificate(**{"id": number, **told, "known": known})


def case_of(values: dict[str, Any]) -> TableCase:
    """A case with its file's defaults already laid under it; an unknown key is a slip in the table."""
    unknown = set(values) - {*DAY_KEYS, *FACT_KEYS, *OTHER_KEYS}
    unknown |= set(values["expect"]) - set(EXPECT_KEYS)
    if unknown:
        raise KeyError(f"{values['name']}: {sorted(unknown)}")
    days = days_of_run(**{key: values[key] for key in DAY_KEYS if key in values})
    return TableCase(
        name=values["name"],
        facts=facts_of({k: v for k, v in values.items() if k in FACT_KEYS}, days.as_of),
        days=days,
        policy=policies.build(values.get("preset", "toyobo"), values.get("policy", {})),
        law=replace(law_on(days.decided_on), **values.get("law", {})),
        due=values.get("due", False),
        expect=values["expect"],
    )


@cache
def table_cases() -> tuple[TableCase, ...]:
    """Every case of every table, in the order of file names."""
    found = []
    for path in sorted(CASES.glob("decisions_*.toml")):
        table = tomllib.loads(path.read_text(encoding="utf-8"))
        for one in table["case"]:
            name = f"{path.stem.removeprefix('decisions_')}: {one['name']}"
            found.append(case_of({**table.get("defaults", {}), **one, "name": name}))
    return tuple(found)


def answer_of(decided: Decided) -> dict[str, Any]:
    """What was decided in the tables' words; what is absent is left out."""
    answer: dict[str, Any] = {
        "outcome": str(decided.outcome),
        "reason": str(decided.reason),
        "detail": str(decided.detail) if decided.detail else None,
        "kind": decided.kind or None,
        "need_from": decided.need_from,
        "due_on": decided.due_on,
        "recover": list(decided.recover) or None,
        "first_gap": list(decided.first_gap) if decided.first_gap else None,
        "straight_home": decided.straight_home or None,
        "replaced": list(decided.replaced) or None,
        "then": [period_of(one) for one in decided.successors] or None,
    }
    answer |= period_of(decided.certificate) if decided.certificate else {}
    return {key: value for key, value in answer.items() if value is not None}


def period_of(validity: Validity) -> dict[str, Any]:
    """A certificate's period in the tables' words."""
    return {
        "effective_on": validity.effective_on,
        "valid_through": validity.valid_through,
        "limit": str(validity.limit),
    }
