"""The bands: strictly more than the policy's value holds the month; at the value it passes."""

from __future__ import annotations

import re
from datetime import date

import pytest

from exchange import incoming
from exchange.rules import gates
from exchange.rules.gates import Figures, Rate, check
from members.policy import Policy
from tests.exchange.fund import (
    NOVEMBER,
    OCTOBER,
    ON,
    SECOND,
    SEPTEMBER,
    Line,
    daily,
    insurer,
    member,
    month,
    receive,
    v1,
)

POLICY = Policy()
BEFORE = {"06130488": Rate(600, 1000)}


def figures(**values: object) -> Figures:
    counts = {
        "rows": 1000,
        "rejected": 0,
        "unmatched": 0,
        "conflict": 0,
        "matched": 1000,
        "known": 1000,
        "changed": 0,
        "registration": {"06130488": Rate(600, 1000)},
        "previous": BEFORE,
    }
    return Figures(**{**counts, **values})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"unmatched": 20}, None),
        ({"unmatched": 21}, "該当しない行が 2.1%（21 / 1,000）"),
        ({"changed": 100}, None),
        ({"changed": 101}, "状態の違う行が 10.1%"),
        ({"changed": 11, "known": 100}, "状態の違う行が 11.0%"),
        ({"registration": {"06130488": Rate(570, 1000)}}, None),
        ({"registration": {"06130488": Rate(569, 1000)}}, "60.0%.*56.9%"),
        ({"registration": {"06130488": Rate(1000, 1000)}}, None),
        ({"registration": {"06130488": Rate(0, 0)}}, "0.0%"),
    ],
)
def test_each_band_ends_where_the_policy_says(values: dict[str, object], said: str | None) -> None:
    reasons = check(figures(**values), POLICY)
    if said is None:
        assert reasons == []
    else:
        assert len(reasons) == 1
        assert re.search(said, reasons[0])


def test_with_no_month_before_only_the_unmatched_band_applies() -> None:
    odd = {"changed": 1000, "registration": {"06130488": Rate(0, 1000)}, "previous": {}}
    assert check(figures(**odd), POLICY) == []
    assert len(check(figures(**odd, unmatched=21), POLICY)) == 1


def test_a_number_that_is_new_this_month_does_not_move_the_rate() -> None:
    both = {"06130488": Rate(600, 1000), SECOND: Rate(0, 900)}
    assert check(figures(registration=both), POLICY) == []


def test_of_nothing_nothing_is_outside() -> None:
    assert check(figures(rows=0, known=0, registration={}, previous={}), POLICY) == []


@pytest.mark.django_db
@pytest.mark.usefixtures("home")
class TestFigures:
    def test_counts_rows_changes_and_registration(self) -> None:
        for number in "12345":
            member(number)
        everyone = [Line(number=n) for n in "1234"]
        month(everyone, as_of=SEPTEMBER)
        file = receive(
            v1(
                [
                    Line(),
                    Line(number="2", registered="0"),
                    Line(number="3", expires=""),
                    Line(number="4", sex="9"),
                    Line(number="5"),
                    Line(number="6"),
                ]
            )
        )
        incoming.match([file], on=ON)
        found = incoming.figures([file])
        assert found == Figures(
            rows=6,
            rejected=1,
            unmatched=1,
            conflict=0,
            matched=4,
            known=3,
            changed=2,
            registration={"06130488": Rate(4, 5)},
            previous={"06130488": Rate(4, 4)},
        )
        incoming.apply([file], on=ON)
        assert incoming.figures([file]) == found

    def test_a_newer_daily_row_or_a_new_day_of_registration_is_no_change(self) -> None:
        member()
        month([Line()], as_of=SEPTEMBER)
        daily([Line(returned="1")], date(2026, 11, 3))
        file = receive(v1([Line(registered_on="20250101")]))
        incoming.match([file], on=ON)
        found = incoming.figures([file])
        assert (found.known, found.changed) == (1, 0)

    def test_who_was_absent_before_is_not_known(self) -> None:
        member()
        month([Line()], as_of=SEPTEMBER)
        month([])
        file = receive(v1([Line(registered="0")], as_of=NOVEMBER), on=NOVEMBER)
        incoming.match([file], on=ON)
        assert incoming.figures([file]).known == 0

    def test_the_month_before_is_the_newest_applied_of_the_same_number(self) -> None:
        insurer(SECOND, main=insurer())
        member()
        month([Line()], as_of=date(2026, 8, 31))
        month([Line(registered="0")], as_of=SEPTEMBER)
        receive(v1([Line()], as_of=OCTOBER))
        first = receive(v1([Line()], as_of=NOVEMBER), on=NOVEMBER, as_of=NOVEMBER)
        second = receive(v1([Line()], as_of=NOVEMBER, number=SECOND), on=NOVEMBER, as_of=NOVEMBER)
        assert incoming.figures([first, second]).previous == {"06130488": gates.Rate(0, 1)}
