"""Which member a row speaks of. Each rule of rules.md §11, by itself."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from core.errors import Refused
from exchange import incoming
from exchange.models import ExchangeFile
from tests.exchange.fund import (
    NAMES,
    OCTOBER,
    ON,
    SECOND,
    SEPTEMBER,
    Line,
    insurer,
    member,
    month,
    outcomes,
    receive,
    v1,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("home")]

FITS, UNMATCHED = ("staged", ""), ("unmatched", "no_member")
DOUBLE, BESIDE = ("conflict", "double"), ("conflict", "beside_unusable")


@pytest.fixture(autouse=True)
def _society(db: None) -> None:
    insurer()


def matched(*lines: Line, **more: object) -> ExchangeFile:
    file = receive(v1(lines, **more))  # type: ignore[arg-type]
    incoming.match([file], on=ON)
    return file


def test_a_row_fits_by_number_birth_date_and_kana() -> None:
    one = member()
    file = matched(Line())
    assert outcomes(file) == [FITS]
    assert file.rows.get().member == one
    assert file.rows.get().person == one.person
    assert (file.status, file.counts["matched"], file.counts["missing"]) == ("matched", 1, 0)


@pytest.mark.parametrize("kana", ["ヤマダ　シヨウイチ", "ﾔﾏﾀﾞ ｼｮｳｲﾁ", "ﾔﾏﾀﾞｼﾖｳｲﾁ", "やまだ・しょういち"])
def test_small_and_half_width_kana_are_one_man(kana: str) -> None:
    member()
    assert outcomes(matched(Line(kana=kana))) == [FITS]


def test_width_of_symbol_and_number_makes_no_difference_and_zeros_do() -> None:
    member("０１２", symbol="ＡＢ１")
    assert outcomes(matched(Line(symbol="ab1", number="012"), Line(symbol="AB1", number="12"))) == [FITS, UNMATCHED]


@pytest.mark.parametrize(
    ("line", "reason"), [(Line(birth="19800116"), "birth_differs"), (Line(kana="ヤマダ　ショウジ"), "kana_differs")]
)
def test_a_disagreement_is_a_conflict_and_no_match(line: Line, reason: str) -> None:
    one = member()
    file = matched(line)
    assert outcomes(file) == [("conflict", reason)]
    assert file.rows.get().member == one
    assert (file.counts["matched"], file.counts["conflict"], file.counts["missing"]) == (0, 1, 1)


@pytest.mark.parametrize(
    ("acquired_on", "lost_on", "expected"),
    [
        (OCTOBER, None, FITS),
        (OCTOBER + timedelta(days=1), None, UNMATCHED),
        (date(2020, 4, 1), OCTOBER, UNMATCHED),
        (date(2020, 4, 1), OCTOBER + timedelta(days=1), FITS),
    ],
)
def test_cover_counts_on_the_files_day(acquired_on: date, lost_on: date | None, expected: tuple[str, str]) -> None:
    member(acquired_on=acquired_on, lost_on=lost_on)
    assert outcomes(matched(Line())) == [expected]


def test_a_number_used_in_turn_belongs_to_the_cover_of_the_day() -> None:
    member(lost_on=date(2026, 4, 1))
    now = member(acquired_on=date(2026, 4, 1), kana=NAMES[1])
    file = matched(Line(kana=NAMES[1]))
    assert file.rows.get().member == now


def test_a_row_of_another_insurer_number_does_not_fit() -> None:
    member(of=insurer(SECOND, main=insurer()))
    assert outcomes(matched(Line())) == [UNMATCHED]
    assert outcomes(matched(Line(), number=SECOND)) == [FITS]


@pytest.mark.parametrize(("registered", "in_row"), [("", "00"), ("00", ""), ("", "")])
def test_a_missing_branch_fits_by_birth_date_and_kana(registered: str, in_row: str) -> None:
    one = member(branch=registered)
    member(branch="07", kana=NAMES[1])
    file = matched(Line(branch=in_row))
    assert outcomes(file) == [FITS]
    assert file.rows.get().member == one


def test_a_missing_branch_that_several_fit_is_a_conflict() -> None:
    member(branch="01")
    member(branch="02")
    file = matched(Line(branch=""))
    assert outcomes(file) == [("conflict", "several_fit")]
    assert file.rows.get().member is None


def test_a_missing_branch_that_nobody_fits_is_unmatched() -> None:
    member()
    assert outcomes(matched(Line(branch="", birth="19800116"))) == [UNMATCHED]
    assert outcomes(matched(Line(branch="01"), as_of=SEPTEMBER)) == [UNMATCHED]


def test_two_rows_for_one_member_are_both_double() -> None:
    member()
    member("2", kana=NAMES[1])
    file = matched(Line(), Line(number="2", kana=NAMES[1]), Line(registered="0"))
    assert outcomes(file) == [DOUBLE, FITS, DOUBLE]
    assert (file.counts["double"], file.counts["conflict"], file.counts["missing"]) == (2, 2, 1)


def test_the_very_same_row_twice_is_double() -> None:
    member()
    assert outcomes(matched(Line(), Line())) == [DOUBLE, DOUBLE]


def test_a_row_without_branch_beside_one_with_it_is_double() -> None:
    member()
    assert outcomes(matched(Line(), Line(branch=""))) == [DOUBLE, DOUBLE]


def test_a_second_row_that_disagrees_leaves_no_row_either() -> None:
    member()
    assert outcomes(matched(Line(), Line(kana=NAMES[1]))) == [DOUBLE, DOUBLE]


def test_two_rows_under_one_member_are_double_whatever_each_says() -> None:
    one = member()
    file = matched(Line(sex="9"), Line())
    assert outcomes(file) == [("rejected", "unknown_code"), DOUBLE]
    assert [row.member for row in file.rows.order_by("line_no")] == [one, one]


@pytest.mark.parametrize(("registered", "in_row"), [("", "00"), ("00", ""), ("", "")])
def test_a_rejected_row_without_branch_belongs_to_whom_it_would_match(registered: str, in_row: str) -> None:
    one = member(branch=registered)
    member(branch="07", kana=NAMES[1])
    assert matched(Line(branch=in_row, sex="9")).rows.get().member == one


@pytest.mark.parametrize(
    "line",
    [
        Line(branch="", sex="9", kana=NAMES[2]),
        Line(branch="", sex="9", birth="19800116"),
        Line(branch="", birth="19801341"),
        Line(branch="05", sex="9"),
        Line(number="2", sex="9"),
    ],
)
def test_a_rejected_row_that_would_match_nobody_belongs_to_nobody(line: Line) -> None:
    member()
    assert matched(line).rows.get().member is None


def test_a_rejected_row_without_branch_that_several_fit_belongs_to_nobody() -> None:
    member(branch="01")
    member(branch="02")
    file = matched(Line(branch="", sex="9"))
    assert (outcomes(file), file.rows.get().member) == ([("rejected", "unknown_code")], None)


def test_a_row_with_its_number_belongs_to_it_though_it_cannot_be_read() -> None:
    one = member()
    assert matched(Line(birth="19801341")).rows.get().member == one


@pytest.mark.parametrize(
    ("second", "expected"),
    [
        (Line(number="9"), [FITS, FITS]),
        (Line(number="9", expires="20300115"), [DOUBLE, DOUBLE]),
        (Line(number="9", sex="9"), [BESIDE, ("rejected", "unknown_code")]),
        (Line(number="9", kana=NAMES[1]), [BESIDE, ("conflict", "kana_differs")]),
    ],
)
def test_rows_of_one_person_under_two_covers(second: Line, expected: list[tuple[str, str]]) -> None:
    member("9", person=member().person)
    member("3", kana=NAMES[3])
    assert outcomes(matched(Line(), second, Line(number="3", kana=NAMES[3]))) == [*expected, FITS]


def test_a_double_row_under_one_cover_spoils_the_row_under_the_other() -> None:
    member("9", person=member().person)
    assert outcomes(matched(Line(), Line(number="9"), Line(number="9"))) == [BESIDE, DOUBLE, DOUBLE]


def test_a_file_that_comes_alone_is_held_against_the_other_numbers_applied_one() -> None:
    one = member()
    member("9", of=insurer(SECOND, main=insurer()), person=one.person)
    month([Line()])
    file = matched(Line(number="9", registered="0"), number=SECOND)
    assert outcomes(file) == [DOUBLE]


def test_a_person_under_two_numbers_may_be_named_twice_if_both_say_the_same() -> None:
    special = insurer(SECOND, main=insurer())
    one = member()
    member("9", of=special, person=one.person)
    first = receive(v1([Line()]))
    same = receive(v1([Line(number="9")], number=SECOND))
    incoming.match([first, same], on=ON)
    assert outcomes(first) + outcomes(same) == [FITS, FITS]
    incoming.reject(same, by=None, on=ON, reason="差替え")
    other = receive(v1([Line(number="9", registered="0")], number=SECOND))
    incoming.match([first, other], on=ON)
    assert outcomes(first) + outcomes(other) == [DOUBLE, DOUBLE]


def test_matching_again_gives_the_same_and_sees_corrected_members() -> None:
    one = member(kana="ヤマダ　ショウジ")
    file = matched(Line(), Line(number="5"))
    before = list(file.rows.order_by("line_no").values())
    incoming.match([file], on=ON)
    assert list(file.rows.order_by("line_no").values()) == before
    one.person.name_kana_key = "ヤマダシヨウイチ"
    one.person.save()
    incoming.match([file], on=ON)
    assert outcomes(file) == [FITS, UNMATCHED]


@pytest.mark.parametrize(
    ("birth", "missing"), [(date(1951, 10, 31), 0), (date(1951, 11, 1), 1), (date(1952, 2, 29), 1)]
)
def test_who_is_75_on_the_day_is_not_missing(birth: date, missing: int) -> None:
    member(birth=birth)
    assert matched().counts["missing"] == missing


def test_files_of_different_days_are_not_matched_together() -> None:
    with pytest.raises(Refused, match="基準日の違う"):
        incoming.match([receive(v1([])), receive(v1([], as_of=SEPTEMBER))], on=ON)


def test_a_rejected_file_is_not_matched() -> None:
    file = receive(v1([Line()]))
    incoming.reject(file, by=None, on=ON, reason="取り違え")
    with pytest.raises(Refused, match="受付不可"):
        incoming.match([file], on=ON)
    with pytest.raises(Refused, match="まだ受け付けられていません"):
        incoming.match([], on=ON)
