"""People, insurers and days as odd as they may be, for what must hold for every one of them."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from hypothesis import strategies as st

from certificates.rules.facts import FundRow, HeldCard, HeldCertificate, InsuredCover, MemberFacts, Registration
from certificates.rules.law import law_on
from certificates.rules.monthly import Days, days_of_run
from members import policy as policies
from members.policy import Policy

DAY = timedelta(days=1)
START = date(2025, 1, 1)
LAW = law_on(START)
FAR_DATES = tuple(date(year, 3, 31) for year in range(2025, 2090, 2))


def month_before_end(day: date) -> date:
    return day.replace(day=1) - DAY


def schemes() -> st.SearchStrategy[dict[str, Any]]:
    years = st.builds(lambda n: {"expiry_scheme": "years", "expiry_years": n}, st.integers(1, 5))
    annual = st.builds(
        lambda n, day: {"expiry_scheme": "annual", "expiry_years": n, "expiry_day": day},
        st.integers(1, 5),
        st.sampled_from(["01-31", "02-28", "03-01", "03-31", "07-31", "11-30", "12-15"]),
    )
    fixed = st.builds(
        lambda n: {"expiry_scheme": "fixed", "expiry_dates": FAR_DATES, "minimum_days": n}, st.integers(0, 400)
    )
    return st.one_of(years, annual, fixed)


@st.composite
def insurers(draw: st.DrawFn) -> Policy:
    """A policy that can always find a date, whatever else it says."""
    return policies.build(
        draw(st.sampled_from(policies.PRESETS)),
        {
            **draw(schemes()),
            "share_on_face": draw(st.booleans()),
            "share_review_day": draw(st.sampled_from(["", "02-28", "07-31", "08-31", "12-10"])),
            "lead_months": draw(st.integers(0, 3)),
            "new_member_issue": draw(st.sampled_from(["after_inquiry", "short_for_all"])),
            "short_term_months": draw(st.integers(1, 6)),
            "inquiry_business_days": draw(st.integers(0, 10)),
            "recover_on_registration": draw(st.booleans()),
        },
    )


@st.composite
def run_days(draw: st.DrawFn) -> Days:
    decided_on = draw(st.dates(START, date(2029, 12, 31)))
    issue_on = decided_on + timedelta(draw(st.integers(0, 20)))
    return days_of_run(as_of=month_before_end(decided_on), decided_on=decided_on, issue_on=issue_on)


@st.composite
def births(draw: st.DrawFn, about: date) -> date:
    """Any age, often one of those that turn 70 or 75 about a day."""
    age = draw(st.sampled_from([1, 30, 45, 64, 69, 70, 70, 70, 72, 75]))
    return date(about.year - age, about.month, 1) + timedelta(
        draw(st.one_of(st.integers(1, 29), st.integers(-70, 120)))
    )


def seldom(often: int = 5) -> st.SearchStrategy[bool]:
    return st.sampled_from([False] * often + [True])


@st.composite
def rows(draw: st.DrawFn, as_of: date, *, known: bool) -> FundRow | None:
    if not known and draw(st.booleans()):
        nothing = [None, FundRow("absent", as_of), FundRow("double", as_of), FundRow("registered", as_of)]
        return draw(st.sampled_from(nothing))
    state = draw(st.sampled_from(["registered", "registered", "registered", "not_registered", "returned"]))
    if state != "registered":
        return FundRow(state, as_of)
    registered_on = draw(st.none() | st.dates(date(2024, 6, 1), as_of))
    expires_on = as_of + timedelta(draw(st.one_of(st.integers(-150, 100), st.integers(0, 1800))))
    return FundRow(state, as_of, registered_on=registered_on, expires_on=expires_on)


@st.composite
def held_certificates(draw: st.DrawFn, decided_on: date) -> tuple[HeldCertificate, ...]:
    """Live ones, most in the member's hands by the day of the decision, some of a later day or not yet posted."""
    left = st.one_of(st.integers(0, 90), st.integers(0, 1500))
    before = st.one_of(st.integers(0, 1500), st.integers(-60, 10))
    spans = draw(st.lists(st.tuples(before, left), max_size=3))
    return tuple(
        HeldCertificate(
            n,
            decided_on - timedelta(ago),
            max(decided_on, decided_on - timedelta(ago)) + timedelta(after),
            status=draw(st.sampled_from(["sent", "sent", "returned", "approved", "printed"])),
            issued_on=decided_on - timedelta(draw(st.integers(0, 400))),
            ground=draw(st.sampled_from(["not_registered", "lost_card", "needs_assistance", "anyone"])),
            carried_over=draw(seldom()),
            known=draw(st.sampled_from([None, Registration(False), Registration(True, date(2024, 6, 1))])),
        )
        for n, (ago, after) in enumerate(spans, 1)
    )


@st.composite
def members(draw: st.DrawFn, days: Days, *, known: bool = True) -> MemberFacts:
    """Facts of one member; ``known`` leaves out whoever the rules must wait for."""
    today = days.decided_on
    ends = st.one_of(st.none(), st.none(), st.dates(today - timedelta(5), today + timedelta(1500)))
    kinds = st.sampled_from(["regular", "regular", "regular", "voluntary", "special_retired"])
    coverage_kind = draw(kinds)
    past = 700 if coverage_kind == "voluntary" else 3000
    acquired_on = today - timedelta(draw(st.one_of(st.integers(0, past), st.integers(-70, 60))))
    insured = None
    if draw(seldom(2)):
        insured = InsuredCover(coverage_kind, acquired_on, draw(ends), draw(births(today)), not draw(seldom()))
    lost_on = draw(ends)
    number = ["registered"] * 5 + ["unregistered", "mismatch"] + ([] if known else ["pending"])
    return MemberFacts(
        acquired_on=acquired_on,
        birth_date=draw(births(today)),
        kind="dependent" if insured else "insured",
        coverage_kind=coverage_kind,
        lost_on=lost_on if lost_on is None or lost_on > acquired_on else None,
        resident=not draw(seldom()),
        insured=insured,
        number_state=draw(st.sampled_from(number)),
        nondisclosure=draw(seldom()),
        address_protected=draw(seldom()),
        needs_assistance=draw(seldom(2)),
        assisted=draw(seldom(2)),
        fund_registered_on=draw(st.sampled_from([None, acquired_on + timedelta(3)])),
        row=draw(rows(days.as_of, known=known)),
        deregistered_on=draw(st.sampled_from([(), (), (today - timedelta(60),), (today, date(2025, 1, 6))])),
        certificates=draw(held_certificates(today)),
        cards=draw(st.sampled_from([(), (HeldCard(date(2020, 4, 1), None),)])),
    )


@st.composite
def situations(draw: st.DrawFn, *, known: bool = True) -> tuple[MemberFacts, Days, Policy]:
    days = draw(run_days())
    return draw(members(days, known=known)), days, draw(insurers())
