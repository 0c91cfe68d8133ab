"""The answer the rules give again on what a ruling keeps."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from certificates.models import Ruling
from certificates.rules import facts as fact_module
from certificates.rules import monthly, monthly_v1
from certificates.rules.codes import Limit, Reason
from certificates.rules.facts import MemberFacts
from certificates.rules.law import Law, law_on
from certificates.rules.monthly import Days, Decided
from core.calendar import month_end_after
from members import policy as policies
from members.policy import Policy


def replayed(ruling: Ruling) -> Decided:
    """The answer the rules give now on the ruling's stored facts, policy and days."""
    facts, policy = fact_module.from_json(ruling.facts), policies.from_json(ruling.policy)
    days, law = days_of(ruling), law_on(ruling.decided_on)
    if ruling.rules_version == monthly_v1.VERSION:
        return _replayed_v1(ruling, facts, days, policy, law)
    if ruling.mode == Ruling.Mode.GRANTED:
        return monthly.forced(
            facts, ruling.reason, days, policy, law, from_day=ruling.from_day, keep_through=ruling.keep_through
        )
    return monthly.decide(facts, days, policy, law, due=ruling.mode == Ruling.Mode.DUE)


def _replayed_v1(ruling: Ruling, facts: MemberFacts, days: Days, policy: Policy, law: Law) -> Decided:
    """The same by the rules of version 1, which kept no mode: only an issue that asks for no other route had that ground."""
    unsettled = ruling.reason == Reason.UNSETTLED
    if unsettled or ruling.cause in (Ruling.Cause.APPLICATION, Ruling.Cause.DEREGISTRATION):
        kept = ruling.valid_through if ruling.limit == Limit.SCHEME else None
        return monthly_v1.forced(facts, ruling.reason, days, policy, law, keep_through=kept)
    return monthly_v1.decide(facts, days, policy, law)


def days_of(ruling: Ruling) -> Days:
    """The ruling's days for the rules."""
    days = Days(ruling.as_of, ruling.decided_on, ruling.issue_on, month_end_after(ruling.decided_on, 1))
    return days if ruling.mode == Ruling.Mode.GRANTED else reaching(days, ruling.from_day)


def reaching(days: Days, from_day: date | None) -> Days:
    """What is needed from a day to come is not left to a later run."""
    if from_day is None:
        return days
    return replace(days, next_arrives_by=max(days.next_arrives_by, from_day))
