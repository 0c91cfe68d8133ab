"""Months that may be run on an invented society: no gate holds, certificates keep to the limits."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from certificates.rules import monthly
from certificates.rules.facts import FundRow, HeldCard, HeldCertificate, InsuredCover, MemberFacts
from certificates.rules.law import law_on
from core.calendar import age_reached_on, month_end_after
from core.text import identifier_key, kana_key
from members.policy import PRESETS, build
from tests.kenpo.invented.reading import MONTH, Row, Society, case_rows, certain, covered, day, fund_rows, key, table
from tools.invent.papers import LEGACY_STOPPED_ON


@pytest.mark.parametrize("preset", PRESETS)
@pytest.mark.parametrize("month", [date(2026, 11, 1), date(2025, 10, 1), date(2027, 2, 1), date(2026, 8, 1)])
def test_no_gate_holds_in_three_months_run_in_turn(society: Society, preset: str, month: date) -> None:
    folder, _ = society(preset, 1500, month)
    issues, registered, known = [], [], None
    policy = build(preset, {})
    held: dict[int, list[HeldCertificate]] = {}
    for months in (-2, -1, 0):
        file = Month(folder, month_end_after(month, months).replace(day=1))
        assert file.unmatched / file.rows <= policy.gate_unmatched_percent / 100
        states = file.states
        if known is not None:
            changed = sum(replace(known[who], as_of=row.as_of) != row for who, row in states.items() if who in known)
            assert changed / len(states) <= policy.gate_status_change_percent / 100
        known = states
        registered.append(100 * sum(row.state == "registered" for row in states.values()) / len(states))
        decided = file.decide(preset, held)
        issued = sum(each.outcome == "issue" for each in decided)
        issues.append(100 * issued / sum(each.outcome != "not_covered" for each in decided))
    assert max(abs(a - b) for a, b in pairwise(issues)) < policy.gate_issue_points
    drop = policy.gate_registration_drop_points
    assert max(abs(a - b) for a, b in pairwise(registered)) < drop
    assert 0.3 < issues[0] < 6 and 0 < issues[2] < 6


class Month:
    """One month's files matched to the members, and the outcome the rules give, without a database."""

    def __init__(self, folder: Path, first: date) -> None:
        self.folder, self.first = folder, first
        self.as_of = first - timedelta(days=1)
        self.members = table(folder, "members")
        self.rows = self.unmatched = 0
        self.states: dict[str, FundRow] = {}
        here = {
            (insurer, identifier_key(symbol), identifier_key(number), branch): row
            for row in self.members
            for insurer, symbol, number, branch in [key(row)]
            if covered(row, self.as_of)
        }
        seen: Counter[str] = Counter()
        for path in sorted(folder.glob(f"fund_{first:%Y-%m}*.csv")):
            lines = fund_rows(path)
            for line in lines[1:-1]:
                self.rows += 1
                row = here.get((lines[0][1], identifier_key(line[1]), identifier_key(line[2]), line[3] or "00"))
                if row is None:
                    self.unmatched += 1
                elif self._agrees(line, row):
                    seen[self.who(row)] += 1
                    self.states[self.who(row)] = self._state(line)
        for who in [who for who, count in seen.items() if count > 1]:
            del self.states[who]

    @staticmethod
    def who(row: Row) -> str:
        return row["person_key"] or "-".join((*key(row), row["acquired_on"]))

    @staticmethod
    def _agrees(line: list[str], row: Row) -> bool:
        same = kana_key(line[4]) == kana_key(row["name_kana"]) and line[5] == row["birth_date"].replace("-", "")
        return same and line[7] in ("0", "1")

    def _state(self, line: list[str]) -> FundRow:
        state = "returned" if line[10] == "1" else "registered" if line[7] == "1" else "not_registered"
        return FundRow(state, self.as_of, registered_on=_compact(line[8]), expires_on=_compact(line[9]))

    def decide(self, preset: str, held: dict[int, list[HeldCertificate]]) -> list[monthly.Decided]:
        """The outcomes on the sixth; ``held`` gathers what this run issues, for the next month."""
        on = self.first + timedelta(days=5)
        days = monthly.days_of_run(as_of=self.as_of, decided_on=on)
        papers = Papers(self.folder, self.members)
        decided = []
        for index, row in enumerate(self.members):
            own = papers.certificates.get(index, []) + held.get(index, [])
            facts = papers.facts(index, row, [each for each in own if each.valid_through >= on])
            facts = replace(facts, row=self.states.get(self.who(row)))
            outcome = monthly.decide(facts, days, build(preset, {}), law_on(on))
            if outcome.certificate is not None:
                periods = (outcome.certificate, *outcome.successors)
                new = [HeldCertificate(0, each.effective_on, each.valid_through) for each in periods]
                held.setdefault(index, []).extend(new)
            decided.append(outcome)
        return decided


class Papers:
    """Certificates, cards and deregistrations by the member's place in ``members.csv``."""

    def __init__(self, folder: Path, members: list[Row]) -> None:
        self.members = members
        self._places: dict[tuple[str, ...], list[int]] = {}
        for index, row in enumerate(members):
            self._places.setdefault(key(row), []).append(index)
        self.certificates: dict[int, list[HeldCertificate]] = {}
        self.assisted: set[int] = set()
        for row in table(folder, "certificates"):
            index = self._place(row, "effective_on")
            period = HeldCertificate(0, certain(row["effective_on"]), certain(row["valid_through"]))
            self.certificates.setdefault(index, []).append(period)
            if row["basis"] == "application" and row["ground"] == "needs_assistance":
                self.assisted.add(index)
        self.cards: dict[int, list[HeldCard]] = {}
        for row in table(folder, "legacy_cards"):
            card = HeldCard(certain(row["issued_on"]), day(row["valid_through"]))
            self.cards.setdefault(self._place(row, "issued_on"), []).append(card)
        self.released: dict[int, list[date]] = {}
        for row in table(folder, "deregistrations"):
            self.released.setdefault(self._place(row, "accepted_on"), []).append(certain(row["accepted_on"]))

    def _place(self, row: Row, column: str) -> int:
        """The cover that holds the day of the row; every row must have exactly one."""
        [index] = [i for i in self._places[key(row)] if covered(self.members[i], certain(row[column]))]
        return index

    def facts(self, index: int, row: Row, certificates: list[HeldCertificate]) -> MemberFacts:
        return MemberFacts(
            acquired_on=certain(row["acquired_on"]),
            birth_date=certain(row["birth_date"]),
            kind=row["kind"],
            coverage_kind=row["coverage_kind"],
            lost_on=day(row["lost_on"]),
            resident=row["resident"] == "1",
            insured=self._insured(row),
            number_state=row["individual_number_state"],
            nondisclosure=row["nondisclosure"] == "1",
            needs_assistance=row["needs_assistance"] == "1",
            assisted=index in self.assisted,
            fund_registered_on=day(row["fund_registered_on"]),
            deregistered_on=tuple(self.released.get(index, [])),
            certificates=tuple(certificates),
            cards=tuple(self.cards.get(index, [])),
        )

    def _insured(self, row: Row) -> InsuredCover | None:
        if row["kind"] == "insured":
            return None
        head = self.members[self._places[*key(row)[:3], "00"][0]]
        return InsuredCover(
            head["coverage_kind"],
            certain(head["acquired_on"]),
            day(head["lost_on"]),
            certain(head["birth_date"]),
            head["resident"] == "1",
        )


def _compact(text: str) -> date | None:
    return date(int(text[:4]), int(text[4:6]), int(text[6:])) if text else None


@pytest.mark.parametrize("preset", PRESETS)
@pytest.mark.parametrize("month", [date(2025, 1, 1), date(2026, 7, 1), date(2026, 11, 1), date(2031, 3, 1)])
def test_certificates_keep_to_the_limits(society: Society, preset: str, month: date) -> None:
    folder, _ = society(preset, 600, month)
    members = table(folder, "members")
    Papers(folder, members)  # every paper has its cover
    births = {key(row): row for row in members}
    policy = build(preset, {})
    for row in table(folder, "certificates"):
        issued_on, effective_on, last = (
            certain(row[column]) for column in ("issued_on", "effective_on", "valid_through")
        )
        assert LEGACY_STOPPED_ON <= issued_on <= effective_on <= last
        assert issued_on < month + timedelta(days=6)
        assert last < effective_on.replace(year=effective_on.year + policy.expiry_years, day=1) + timedelta(31)
        holder = births[key(row)]
        if holder["resident"] == "1":
            assert last <= age_reached_on(certain(holder["birth_date"]), 75)


@pytest.mark.parametrize("preset", PRESETS)
def test_the_one_whose_name_cannot_be_printed_needs_a_certificate_this_month(society: Society, preset: str) -> None:
    folder, _ = society(preset)
    rows = case_rows(folder, "missing_glyph")
    assert rows and all("\u8d5f" in row["name"] or "\u9648" in row["name"] for row in rows)
    outcomes = Month(folder, MONTH).decide(preset, {})
    names = [row["name"] for row in table(folder, "members")]
    assert all(outcomes[names.index(row["name"])].outcome == "issue" for row in rows)
