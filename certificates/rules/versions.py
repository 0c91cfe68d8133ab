"""The rules by the version that an answer was given under: what is stored replays as it was decided. Pure."""

from __future__ import annotations

from certificates.rules import monthly, monthly_v1
from certificates.rules.facts import MemberFacts
from certificates.rules.law import Law
from certificates.rules.monthly import Days, Decided
from members.policy import Policy


def decide(version: int, facts: MemberFacts, days: Days, policy: Policy, law: Law, *, due: bool = False) -> Decided:
    """The answer of the decision table of that version; see ``rules.decide``."""
    if version == monthly_v1.VERSION:
        return monthly_v1.decide(facts, days, policy, law)
    return monthly.decide(facts, days, policy, law, due=due)
