"""What a file's application writes of people: changes only, by the newest word, and silence counted."""

from __future__ import annotations

from datetime import date

import pytest

from core.errors import Refused
from exchange import incoming
from exchange.models import ExchangeFile
from members.models import MynaStatus, Person
from tests.exchange.fund import (
    NAMES,
    NOVEMBER,
    OCTOBER,
    ON,
    SECOND,
    SEPTEMBER,
    Line,
    cp932,
    daily,
    insurer,
    member,
    month,
    newest,
    outcomes,
    receive,
    v1,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("home")]

RETURNED = Line(returned="1", returned_on="20261103")


@pytest.fixture
def person() -> Person:
    return member().person


def states(person: Person) -> list[tuple[date, str]]:
    return list(person.myna_statuses.order_by("as_of", "id").values_list("as_of", "state"))


@pytest.mark.parametrize(
    ("line", "state"),
    [
        (Line(), "registered"),
        (Line(registered="0", registered_on="", expires=""), "not_registered"),
        (RETURNED, "returned"),
        (Line(registered="0", returned="1"), "returned"),
        (Line(expires=""), "registered"),
    ],
)
def test_what_a_row_says_becomes_the_status(person: Person, line: Line, state: str) -> None:
    file = month([line])
    status = person.myna_statuses.get()
    assert (status.state, status.as_of, status.source) == (state, OCTOBER, "monthly")
    assert (status.file_id, status.line_no) == (file.pk, 2)
    assert (status.e_certificate_expires_on is None) == (line.expires == "")
    assert outcomes(file) == [("applied", "")]


def test_only_changes_are_written(person: Person) -> None:
    month([Line()], as_of=SEPTEMBER)
    file = month([Line()])
    assert outcomes(file) == [("unchanged", "")]
    assert states(person) == [(SEPTEMBER, "registered")]
    month([Line(expires="20310115")], as_of=NOVEMBER)
    assert states(person) == [(SEPTEMBER, "registered"), (NOVEMBER, "registered")]


@pytest.mark.parametrize(
    "change", [{"registered": "0"}, {"registered_on": "20240402"}, {"expires": ""}, {"returned": "1"}]
)
def test_each_of_the_four_things_a_row_says_is_a_change(person: Person, change: dict[str, str]) -> None:
    month([Line()], as_of=SEPTEMBER)
    assert outcomes(month([Line(**change)])) == [("applied", "")]
    assert len(states(person)) == 2


def test_applied_twice_equals_once(person: Person) -> None:
    file = month([Line(), Line(number="2")])
    before, counts = list(MynaStatus.objects.values()), file.counts
    assert incoming.apply([file], on=ON) == counts
    assert list(MynaStatus.objects.values()) == before
    assert (file.status, file.counts) == ("applied", counts)


def test_rows_in_are_rows_out() -> None:
    for number in "1234":
        member(number)
    month([Line(number="2")], as_of=SEPTEMBER)
    file = month(
        [Line(), Line(number="2"), Line(number="3", sex="9"), Line(number="4", kana="サトウ"), Line(number="9")]
    )
    assert incoming.counts(file) == {
        "rows": 5,
        "applied": 1,
        "unchanged": 1,
        "rejected": 1,
        "unmatched": 1,
        "conflict": 1,
        "double": 0,
        "missing": 2,
        "odd": 0,
    }


def test_who_is_missing_from_the_snapshot_becomes_absent_once(person: Person) -> None:
    month([Line()], as_of=SEPTEMBER)
    file = month([])
    assert file.counts["missing"] == 1
    month([], as_of=NOVEMBER)
    assert states(person) == [(SEPTEMBER, "registered"), (OCTOBER, "absent")]
    gone = newest(person)
    assert gone is not None
    assert (gone.file_id, gone.line_no, gone.e_certificate_expires_on) == (file.pk, None, None)


def test_who_reappears_has_a_status_again(person: Person) -> None:
    month([Line()], as_of=SEPTEMBER)
    month([])
    assert outcomes(month([Line()], as_of=NOVEMBER)) == [("applied", "")]
    assert [state for _, state in states(person)] == ["registered", "absent", "registered"]


def test_who_was_never_in_a_file_gets_no_status(person: Person) -> None:
    assert month([]).counts["missing"] == 1
    assert states(person) == []


@pytest.mark.parametrize(
    ("lines", "state"),
    [
        ([Line(sex="9")], "rejected"),
        ([Line(kana=NAMES[2])], "conflict"),
        ([Line(birth="19900101")], "conflict"),
        ([Line(), Line(registered="0")], "double"),
        ([Line(sex="9"), Line()], "double"),
        ([Line(sex="9"), Line(sex="8")], "double"),
        ([Line(kana=NAMES[2]), Line(sex="9")], "double"),
    ],
)
@pytest.mark.parametrize("known", [False, True])
def test_a_line_that_cannot_be_used_is_no_row_and_is_named(
    person: Person, lines: list[Line], state: str, known: bool
) -> None:
    if known:
        month([Line()], as_of=SEPTEMBER)
    file = month([Line(number="7"), *lines])
    status = newest(person)
    assert status is not None
    assert (status.state, status.file_id, status.line_no) == (state, file.pk, 3)
    assert len(states(person)) == 1 + known


def test_the_named_line_is_that_of_the_newest_month(person: Person) -> None:
    month([Line(sex="9")], as_of=SEPTEMBER)
    file = month([Line(number="7"), Line(sex="9")])
    status = newest(person)
    assert status is not None
    assert (status.state, status.file_id, status.line_no) == ("rejected", file.pk, 3)
    month([], as_of=NOVEMBER)
    assert [state for _, state in states(person)] == ["rejected", "rejected", "absent"]


def test_a_rejected_line_names_only_whom_it_names_exactly() -> None:
    other = member("1", branch="01", kana=NAMES[1]).person
    month([Line(branch="", sex="9"), Line(number="9", sex="9")])
    assert states(other) == []


def test_what_is_known_goes_on_under_a_new_cover() -> None:
    first = member(lost_on=date(2026, 10, 1))
    member("2", acquired_on=date(2026, 10, 1), person=first.person)
    month([Line()], as_of=SEPTEMBER)
    assert outcomes(month([Line(number="2")])) == [("unchanged", "")]
    assert states(first.person) == [(SEPTEMBER, "registered")]


def test_one_person_under_two_numbers_gets_one_status() -> None:
    one = member()
    member("9", of=insurer(SECOND, main=insurer()), person=one.person)
    files = [receive(v1([Line()])), receive(v1([Line(number="9")], number=SECOND))]
    incoming.match(files, on=ON)
    totals = incoming.apply(files, on=ON)
    assert (totals["rows"], totals["applied"], totals["unchanged"]) == (2, 1, 1)
    assert states(one.person) == [(OCTOBER, "registered")]


def test_silence_of_one_number_says_nothing_of_the_other(person: Person) -> None:
    retired = member("9", of=insurer(SECOND, main=insurer())).person
    for number, line in (("06130488", Line()), (SECOND, Line(number="9"))):
        month([line], as_of=SEPTEMBER, number=number)
    month([Line()])
    assert states(retired) == [(SEPTEMBER, "registered")]
    month([], number=SECOND)
    assert states(retired) == [(SEPTEMBER, "registered"), (OCTOBER, "absent")]
    assert states(person) == [(SEPTEMBER, "registered")]


def test_a_newer_daily_row_stands_when_the_month_comes_later(person: Person) -> None:
    month([Line()], as_of=SEPTEMBER)
    file = daily([RETURNED], date(2026, 11, 3))
    assert (file.status, outcomes(file)) == ("applied", [("applied", "")])
    assert outcomes(month([Line(registered="0")])) == [("applied", "")]
    status = newest(person)
    assert status is not None
    assert (status.state, status.source, status.as_of) == ("returned", "daily", date(2026, 11, 3))


def test_a_newer_daily_row_that_confirms_outlives_an_older_file_that_differs(person: Person) -> None:
    month([Line()], as_of=SEPTEMBER)
    assert outcomes(daily([Line()], date(2026, 11, 3))) == [("unchanged", "")]
    month([Line(registered="0")])
    status = newest(person)
    assert status is not None
    assert (status.as_of, status.state) == (date(2026, 11, 3), "registered")


def test_a_late_daily_file_does_not_overwrite_the_month_that_said_nothing_new(person: Person) -> None:
    month([Line()], as_of=SEPTEMBER)
    month([Line()])
    late = daily([RETURNED], date(2026, 10, 20))
    assert outcomes(late) == [("unchanged", "older")]
    assert states(person) == [(SEPTEMBER, "registered")]


def test_daily_files_in_the_wrong_order_leave_the_newest_word(person: Person) -> None:
    daily([Line()], date(2026, 11, 4))
    daily([RETURNED], date(2026, 11, 3))
    status = newest(person)
    assert status is not None
    assert (status.as_of, status.state) == (date(2026, 11, 4), "registered")


def test_absence_from_a_daily_file_means_nothing(person: Person) -> None:
    month([Line()], as_of=SEPTEMBER)
    file = daily([], date(2026, 11, 3))
    assert states(person) == [(SEPTEMBER, "registered")]
    assert "missing" not in file.counts


@pytest.mark.parametrize(
    ("second", "state", "line"),
    [
        (Line(number="9", expires="20300115"), "double", 2),
        (Line(number="9", sex="9"), "rejected", 3),
        (Line(number="9", kana=NAMES[1]), "conflict", 3),
        (Line(number="9"), "registered", 2),
    ],
)
def test_one_unusable_row_of_a_person_leaves_none(person: Person, second: Line, state: str, line: int) -> None:
    member("9", person=person)
    month([Line(), second])
    assert [(s.state, s.line_no) for s in person.myna_statuses.all()] == [(state, line)]


def test_where_several_apply_the_heaviest_is_said(person: Person) -> None:
    member("9", person=person)
    member("8", person=person)
    month([Line(kana=NAMES[1]), Line(number="9", sex="9")])
    assert states(person) == [(OCTOBER, "rejected")]
    month([Line(sex="9"), Line(number="9"), Line(number="9")], as_of=NOVEMBER)
    assert states(person)[-1] == (NOVEMBER, "double")


UNUSABLE = [
    ([Line(kana=NAMES[2], returned="1")], "conflict"),
    ([Line(sex="9")], "rejected"),
    ([Line(), Line(registered="0")], "double"),
]


@pytest.mark.parametrize(("lines", "state"), UNUSABLE)
def test_an_unusable_daily_row_leaves_the_row_that_counted(person: Person, lines: list[Line], state: str) -> None:
    month([Line()], as_of=SEPTEMBER)
    file = daily(lines, date(2026, 11, 3))
    assert sum(file.counts[key] for key in ("conflict", "rejected")) == len(lines)
    assert states(person) == [(SEPTEMBER, "registered")]


@pytest.mark.parametrize(("lines", "state"), UNUSABLE)
def test_an_unusable_daily_row_leaves_a_row_that_was_unusable_too(
    person: Person, lines: list[Line], state: str
) -> None:
    month([Line(kana=NAMES[2])], as_of=SEPTEMBER)
    daily(lines, date(2026, 11, 3))
    assert states(person) == [(SEPTEMBER, "conflict")]


@pytest.mark.parametrize("absent", [False, True])
@pytest.mark.parametrize(("lines", "state"), UNUSABLE)
def test_an_unusable_daily_row_counts_for_who_has_no_other(
    person: Person, lines: list[Line], state: str, absent: bool
) -> None:
    if absent:
        month([Line()], as_of=SEPTEMBER)
        month([])
    file = daily(lines, date(2026, 11, 3))
    status = newest(person)
    assert status is not None
    assert (status.state, status.source, status.file_id) == (state, "daily", file.pk)


@pytest.mark.parametrize("line", [Line(), Line(kana=NAMES[2])])
def test_an_unusable_daily_row_gives_way_to_an_older_months_row_that_comes_later(person: Person, line: Line) -> None:
    daily([Line(sex="9")], date(2026, 11, 3))
    file = month([line])
    status = newest(person)
    assert status is not None
    assert (status.source, status.file_id) == ("monthly", file.pk)


def test_of_one_day_the_newer_file_counts_whichever_comes_first(person: Person) -> None:
    day = date(2026, 11, 3)
    for made, line in ((6, Line()), (4, Line()), (8, Line()), (7, RETURNED)):
        daily([line], day, created=date(2026, 11, made))
    status = newest(person)
    assert status is not None
    assert (status.state, status.created_on) == ("registered", date(2026, 11, 8))


@pytest.mark.parametrize(("made", "state"), [(3, "registered"), (4, "returned"), (5, "returned")])
def test_a_daily_file_of_the_months_own_day_counts_by_its_making(person: Person, made: int, state: str) -> None:
    month([Line()], as_of=SEPTEMBER)
    month([Line()])
    daily([RETURNED], OCTOBER, created=date(2026, 11, made))
    status = newest(person)
    assert status is not None
    assert status.state == state


def test_an_older_month_is_not_applied_after_a_newer() -> None:
    member()
    file = receive(v1([Line(registered="0")], as_of=SEPTEMBER))
    month([Line()])
    incoming.match([file], on=ON)
    with pytest.raises(Refused, match="令和8年10月31日"):
        incoming.apply([file], on=ON)
    assert MynaStatus.objects.count() == 1


def test_only_matched_monthly_files_of_one_day_are_applied_together() -> None:
    insurer()
    staged = receive(v1([]))
    with pytest.raises(Refused, match="読込済み"):
        incoming.apply([staged], on=ON)
    incoming.match([staged], on=ON)
    with pytest.raises(Refused, match="同じ基準日"):
        incoming.apply([staged, daily([], date(2026, 11, 3))], on=ON)
    with pytest.raises(Refused, match="日次ファイルではありません"):
        incoming.apply_daily(staged, on=ON)


def test_a_held_file_is_applied_once_someone_says_so(person: Person) -> None:
    file = receive(v1([Line()]))
    incoming.match([file], on=ON)
    incoming.hold([file], ["目安を超えています。"], on=ON)
    incoming.match([file], on=ON)
    assert file.status == "held"
    incoming.apply([file], on=ON)
    assert (file.status, states(person)) == ("applied", [(OCTOBER, "registered")])
    with pytest.raises(Refused):
        incoming.reject(file, by=None, on=ON, reason="遅い")


def test_both_layouts_give_the_same_statuses(person: Person) -> None:
    lines = [Line(), Line(number="2", kana=NAMES[1], expires=""), RETURNED, Line(number="4", sex="9")]
    member("2", kana=NAMES[1])
    member("4")
    file = month(lines)
    said = list(
        MynaStatus.objects.order_by("person").values(
            "person", "state", "registered_on", "returned_on", "e_certificate_expires_on"
        )
    )
    MynaStatus.objects.all().delete()
    ExchangeFile.objects.filter(pk=file.pk).delete()
    again = receive(cp932(lines), profile="example-cp932", insurer_number="06130488", as_of=OCTOBER)
    incoming.match([again], on=ON)
    incoming.apply([again], on=ON)
    assert said == list(
        MynaStatus.objects.order_by("person").values(
            "person", "state", "registered_on", "returned_on", "e_certificate_expires_on"
        )
    )
    assert incoming.counts(again) == incoming.counts(file)


def test_a_month_that_says_nothing_new_is_unchanged_beside_a_newer_daily_row(person: Person) -> None:
    month([Line()], as_of=SEPTEMBER)
    daily([RETURNED], date(2026, 11, 3))
    assert outcomes(month([Line()])) == [("unchanged", "")]
    assert states(person) == [(SEPTEMBER, "registered"), (date(2026, 11, 3), "returned")]
