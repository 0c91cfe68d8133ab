"""Grouping rules: no database, no paper."""

from __future__ import annotations

import dataclasses
import itertools
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailing.envelopes import ADDRESS_MISSING, PROTECTED, Paper, Plan, PostalAddress, check_digit, envelope_code, plan

HOME = PostalAddress("100-0001", "東京都", "甲")
ESTABLISHMENT = {"certificate": "establishment", "notice": "establishment"}
TO_HOME = {"certificate": "home", "notice": "home"}


def paper(household: int, branch: int = 0, **changes: object) -> Paper:
    base = Paper(
        kind="certificate",
        id=household * 100 + branch,
        member_id=household * 100 + branch,
        household_id=household * 100,
        establishment_id=1,
        establishment_code="001",
        symbol="1",
        number=f"{household:04d}",
        branch_number=f"{branch:02d}",
        form="postcard",
        person_address=HOME,
        household_address=HOME,
    )
    return dataclasses.replace(base, **changes)  # type: ignore[arg-type]


def planned(papers: list[Paper], channels=ESTABLISHMENT, sheets: int = 4, together: bool = True) -> Plan:
    return plan(papers, channels=channels, max_sheets=sheets, apart=() if together else ("notice",))


def envelopes(result: Plan) -> list[list[int]]:
    return [[p.id for p in e.papers] for es in result.dispatches.values() for e in es]


@pytest.mark.parametrize(("sheets", "expected"), [(3, [3]), (4, [4]), (5, [4, 1])])
def test_one_sheet_less_than_the_limit_the_limit_and_one_more(sheets: int, expected: list[int]) -> None:
    result = planned([paper(1, branch) for branch in range(sheets)])
    assert [len(e) for e in envelopes(result)] == expected


@given(st.lists(st.tuples(st.integers(1, 9), st.integers(0, 9)), unique=True), st.integers(1, 5), st.randoms())
def test_never_two_households_never_too_many_sheets_and_always_the_same_plan(
    people: list[tuple[int, int]], sheets: int, shuffled: random.Random
) -> None:
    papers = [paper(household, branch) for household, branch in people]
    result = planned(papers, sheets=sheets)
    for found in result.dispatches.values():
        for envelope in found:
            assert {p.household_id for p in envelope.papers} == {envelope.household_id}
            assert len(envelope.papers) <= sheets
        assert [e.position for e in found] == list(range(1, len(found) + 1))
    assert sorted(i for e in envelopes(result) for i in e) == sorted(p.id for p in papers)
    again = papers[:]
    shuffled.shuffle(again)
    assert planned(again, sheets=sheets) == result


def test_successors_of_one_member_are_never_divided() -> None:
    papers = [paper(1, 0), paper(1, 1), paper(1, 1, id=9, sequence=1), paper(1, 2)]
    assert envelopes(planned(papers, sheets=2)) == [[100], [101, 9], [102]]
    assert envelopes(planned(papers, sheets=1)) == [[100], [101, 9], [102]]


def test_bundles_are_sorted_by_establishment_symbol_and_number_as_numbers() -> None:
    papers = [
        paper(3, establishment_code="002", establishment_id=2),
        paper(2, symbol="い"),
        paper(1, symbol="ア"),
        paper(4, symbol="10"),
        paper(5, symbol="9"),
    ]
    (found,) = planned(papers).dispatches.values()
    assert [e.household_id for e in found] == [500, 400, 200, 100, 300]
    assert [e.bundle_position for e in found] == [1, 2, 3, 4, 1]
    assert [e.position for e in found] == [1, 2, 3, 4, 5]


def test_voluntary_and_special_retired_always_go_home() -> None:
    result = planned([paper(1), paper(2, always_home=True)])
    ways = {key.channel: [e.household_id for e in es] for key, es in result.dispatches.items()}
    assert ways == {"establishment": [100], "home": [200]}


def test_a_protected_person_waits_until_a_safe_address_is_named() -> None:
    result = planned([paper(1), paper(1, 1, protected=True)])
    assert envelopes(result) == [[100]]
    assert [(p.id, reason) for p, reason in result.held] == [(101, PROTECTED)]


def test_with_a_safe_address_a_protected_person_rides_alone_in_a_dispatch_apart() -> None:
    safe = PostalAddress("900-0001", "那覇市", "乙")
    result = planned([paper(1), paper(1, 1, protected=True, safe_address=safe), paper(1, 2)])
    apart = {key: es for key, es in result.dispatches.items() if key.to_safe_address}
    ((key, (envelope,)),) = apart.items()
    assert key.channel == "home"
    assert (envelope.address, [p.id for p in envelope.papers]) == (safe, [101])
    assert envelope.establishment_id is None


def test_dependents_of_a_protected_insured_person_stand_on_no_list() -> None:
    safe = PostalAddress("900-0001", "那覇市", "乙")
    own = PostalAddress("100-0001", "東京都", "丙")
    papers = [
        paper(1, 0, protected=True, household_protected=True, safe_address=safe),
        paper(1, 1, household_protected=True, person_address=own),
    ]
    result = planned(papers)
    assert {key.channel for key in result.dispatches} == {"home"}
    assert all(len(e.papers) == 1 for es in result.dispatches.values() for e in es)
    assert {e.address for es in result.dispatches.values() for e in es} == {safe, own}


def test_a_mailing_address_of_ones_own_makes_an_envelope_of_ones_own_only_straight_home() -> None:
    own = PostalAddress("060-0001", "札幌市", "丙")
    papers = [paper(1, 0), paper(1, 1, own_address=own), paper(1, 2)]
    assert envelopes(planned(papers, TO_HOME)) == [[100, 102], [101]]
    assert envelopes(planned(papers)) == [[100, 101, 102]]


def test_no_address_at_all_is_held() -> None:
    result = planned([paper(1, household_address=None)], TO_HOME)
    assert [reason for _, reason in result.held] == [ADDRESS_MISSING]


def test_a_notice_rides_with_its_households_certificates_over_the_same_channel() -> None:
    notice = {"kind": "notice", "form": "a4"}
    papers = [paper(1), paper(1, 1, id=7, **notice), paper(2, id=8, **notice)]
    together = {(k.kind, k.form): envelopes(Plan({k: v}, [])) for k, v in planned(papers).dispatches.items()}
    assert together == {("certificate", "postcard"): [[100, 7]], ("notice", "a4"): [[8]]}
    apart = planned(papers, together=False).dispatches
    assert {k.kind: envelopes(Plan({k: v}, [])) for k, v in apart.items()} == {
        "certificate": [[100]],
        "notice": [[7], [8]],
    }


def test_an_envelope_code_tells_a_wrong_digit() -> None:
    code = envelope_code(12, 345)
    assert code.startswith("12-00345-")
    digits = code.replace("-", "")
    for place in range(len(digits) - 1):
        other = digits[:place] + str((int(digits[place]) + 1) % 10) + digits[place + 1 : -1]
        assert check_digit(other) != digits[-1]


KINDS = ("certificate", "elderly", "notice")


@pytest.mark.parametrize("kinds", [c for n in (1, 2, 3) for c in itertools.combinations(KINDS, n)])
def test_papers_of_one_household_and_day_lie_in_one_envelope_whatever_their_kind(kinds: tuple[str, ...]) -> None:
    ways = dict.fromkeys(KINDS, "establishment")
    papers = [paper(1, branch, kind=kind) for branch, kind in enumerate(kinds)]
    result = planned(papers, channels=ways)
    assert envelopes(result) == [[100 + branch for branch in range(len(kinds))]]
    assert [key.kind for key in result.dispatches] == [kinds[0]]


def test_papers_whose_channels_differ_travel_apart() -> None:
    ways = {"certificate": "establishment", "elderly": "establishment", "notice": "home"}
    result = planned([paper(1, 0, kind="elderly"), paper(1, 1, kind="notice")], channels=ways)
    assert {(key.kind, key.channel) for key in result.dispatches} == {("elderly", "establishment"), ("notice", "home")}


def test_a_notice_that_may_not_ride_along_travels_apart_from_either() -> None:
    ways = dict.fromkeys(KINDS, "establishment")
    papers = [paper(1, branch, kind=kind) for branch, kind in enumerate(KINDS)]
    assert envelopes(planned(papers, channels=ways, together=False)) == [[100, 101], [102]]
