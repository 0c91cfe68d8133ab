"""個別照会: opened for what the month left open, answered by form and by CSV, ended when settled."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from certificates.decisions import ruling as rulings
from certificates.models import Decision, EligibilityCertificate, Inquiry, Ruling, Run
from certificates.requests import applications, inquiries
from certificates.requests.applications.intake import Form
from certificates.requests.inquiries import Answer
from core.errors import BadInput, Refused
from core.models import Clerk, Event
from members.models import Member, MynaStatus
from members.services import society
from tests.builders import Folder
from tests.conftest import run_command

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
TODAY = date(2026, 11, 10)
AS_OF = date(2026, 10, 31)
DUE = date(2026, 11, 16)
Clerks = tuple[Clerk, Clerk]
USABLE = Answer("registered", TODAY, date(2024, 1, 1), date(2030, 1, 1))
HEAD = (
    "insurer_number,symbol,number,branch_number,as_of,registration,registered_on,"
    "e_certificate_expires_on,returned,returned_on\n"
)


@pytest.fixture
def run(tmp_path: Path, clerks: Clerks) -> Run:
    """A month that leaves three open: two who joined after the file's day, one whose expiry is blank."""
    folder = Folder(tmp_path / "in").insured("1", name_kana="ヤマダ タロウ")
    folder.insured("2", acquired_on="2026-11-05", name_kana="サトウ ジロウ")
    folder.insured("3", name_kana="スズキ ケン").insured("4", acquired_on="2026-11-05", name_kana="タカハシ ユキ")
    assert run_command("load", folder.write(), "--on", TODAY.isoformat()).code == 0
    file = tmp_path / "fund.csv"
    file.write_text(
        "H,06130488,20261031,20261103,M\n"
        "D,101,1,00,ヤマダ タロウ,19800415,1,1,20240101,20300415,0,\n"
        "D,101,3,00,スズキ ケン,19800415,1,1,20240101,,0,\nT,2\n",
        encoding="utf-8",
    )
    assert run_command("receive", file).code == 0
    assert run_command("run_month", "2026-11", "--by", "suzuki", "--on", TODAY.isoformat()).code == 0
    return Run.objects.get()


def _of(number: str) -> Member:
    return Member.objects.get(number=number)


def _newest(member: Member) -> MynaStatus | None:
    return MynaStatus.objects.filter(person=member.person).order_by("-as_of", "-id").first()


def _file(tmp_path: Path, *rows: str, head: str = HEAD) -> Path:
    path = tmp_path / "answers.csv"
    path.write_text(head + "".join(row + "\n" for row in rows), encoding="utf-8")
    return path


def test_one_question_for_everyone_left_open_and_none_twice(run: Run, clerks: Clerks) -> None:
    first = inquiries.open_for_run(run, by=clerks[0], on=TODAY)

    assert inquiries.open_for_run(run, by=clerks[1], on=TODAY) == []
    found = Inquiry.objects.in_bulk(first).values()
    assert sorted(inquiry.member.number for inquiry in found) == ["2", "3", "4"]
    assert {(inquiry.due_on, inquiry.status) for inquiry in found} == {(DUE, "open")}
    assert Event.objects.filter(subject=Inquiry._meta.label, verb="open").count() == 3


def test_what_is_settled_already_is_not_asked(run: Run, clerks: Clerks) -> None:
    MynaStatus.objects.create(person=_of("2").person, as_of=TODAY, source="daily", state="not_registered")
    rulings.settle(society(), on=TODAY)

    inquiries.open_for_run(run, by=clerks[0], on=TODAY)

    assert not Inquiry.objects.filter(member=_of("2")).exists()


def test_whoever_was_asked_about_for_the_month_is_not_asked_about_again(run: Run, clerks: Clerks) -> None:
    inquiries.open_for_run(run, by=clerks[0], on=TODAY)
    inquiry = Inquiry.objects.get(member=_of("3"))
    inquiries.answer(inquiry, Answer("registered", TODAY, date(2024, 1, 1)), by=clerks[0], on=TODAY)
    rulings.settle(society(), on=TODAY)

    assert not Ruling.objects.exists(), "the answer left the expiry blank again"
    assert inquiries.open_for_run(run, by=clerks[0], on=TODAY + DAY) == []


def test_a_question_about_one_person_answers_the_open_one(run: Run, clerks: Clerks) -> None:
    first = inquiries.open_for(_of("1"), by=clerks[0], on=TODAY)

    assert inquiries.open_for(_of("1"), by=clerks[1], on=TODAY + DAY) == first
    assert (first.due_on, first.decision) == (DUE, None)


def test_a_dispatcher_asks_nothing(run: Run) -> None:
    dispatcher = Clerk.objects.create_user("haisou", role="dispatcher")

    for ask in (
        lambda: inquiries.open_for_run(run, by=dispatcher, on=TODAY),
        lambda: inquiries.open_for(_of("1"), by=dispatcher, on=TODAY),
    ):
        with pytest.raises(Refused, match="権限"):
            ask()
    assert not Inquiry.objects.exists()


@pytest.mark.parametrize(
    ("given", "outcome", "reason"),
    [
        (USABLE, "not_needed", "myna_usable"),
        (Answer("not_registered", TODAY), "issue", "not_registered"),
        (Answer("returned", TODAY, returned_on=date(2026, 11, 1)), "issue", "not_registered"),
    ],
)
def test_an_answer_settles_the_decision(run: Run, clerks: Clerks, given: Answer, outcome: str, reason: str) -> None:
    inquiry = inquiries.open_for(_of("2"), decision=Decision.objects.get(member=_of("2")), by=clerks[0], on=TODAY)

    assert inquiries.answer(inquiry, given, by=clerks[0], on=TODAY)
    rulings.settle(society(), on=TODAY)

    ruling = Ruling.objects.get()
    assert (ruling.cause, ruling.outcome, ruling.reason) == ("inquiry", outcome, reason)
    assert (inquiry.status, inquiry.answered_on) == ("answered", TODAY)


@pytest.mark.parametrize(("as_of", "kept"), [(AS_OF - DAY, False), (AS_OF, True), (AS_OF + DAY, True)])
def test_an_older_answer_never_overwrites_what_is_known(run: Run, clerks: Clerks, as_of: date, kept: bool) -> None:
    inquiry = inquiries.open_for(_of("1"), by=clerks[0], on=TODAY)

    assert inquiries.answer(inquiry, Answer("not_registered", as_of), by=clerks[0], on=TODAY) is kept

    newest = _newest(_of("1"))
    assert newest is not None
    assert newest.state == ("not_registered" if kept else "registered")
    assert MynaStatus.objects.filter(source="inquiry").exists() is kept
    assert inquiry.status == "answered"


def test_a_month_that_changed_nothing_is_known_through_its_day(
    run: Run, clerks: Clerks, tmp_path: Path, settings: Any
) -> None:
    """November's file says of the first man what October's said: no row is written, and it is known all the same."""
    file = tmp_path / "fund.csv"
    file.write_text(
        "H,06130488,20261130,20261203,M\n"
        + "".join(
            f"D,101,{number},00,{kana},19800415,1,1,20240101,20300415,0,\n"
            for number, kana in zip(
                "1234", ("ヤマダ タロウ", "サトウ ジロウ", "スズキ ケン", "タカハシ ユキ"), strict=True
            )
        )
        + "T,4\n",
        encoding="utf-8",
    )
    settings.KENPO_TODAY = december = date(2026, 12, 8)
    assert run_command("receive", file).code == 0
    ran = run_command("run_month", "2026-12", "--by", "suzuki", "--on", december.isoformat())
    assert ran.code == 1, "so many changes wait for a second clerk"
    forced = run_command(
        "run_month", "2026-12", "--by", "tanaka", "--on", december.isoformat(), "--force-gates", "試験"
    )
    assert forced.code == 0
    assert MynaStatus.objects.filter(person=_of("1").person).count() == 1

    for as_of, kept in ((date(2026, 11, 29), False), (date(2026, 11, 30), True)):
        inquiry = inquiries.open_for(_of("1"), by=clerks[0], on=december)
        assert inquiries.answer(inquiry, Answer("returned", as_of), by=clerks[0], on=december) is kept
        newest = _newest(_of("1"))
        assert newest is not None
        assert newest.state == ("returned" if kept else "registered")


def test_a_wrong_answer_is_refused_by_column(run: Run, clerks: Clerks) -> None:
    inquiry = inquiries.open_for(_of("1"), by=clerks[0], on=TODAY)

    with pytest.raises(BadInput) as bad:
        inquiries.answer(inquiry, Answer("absent", TODAY + DAY), by=clerks[0], on=TODAY)

    assert [mistake.column for mistake in bad.value.mistakes] == ["registration", "as_of"]
    assert inquiry.status == "open"


def test_a_question_is_answered_once(run: Run, clerks: Clerks) -> None:
    inquiry = inquiries.open_for(_of("1"), by=clerks[0], on=TODAY)
    inquiries.answer(inquiry, USABLE, by=clerks[0], on=TODAY)

    with pytest.raises(Refused, match="回答済み"):
        inquiries.answer(inquiry, Answer("not_registered", TODAY), by=clerks[0], on=TODAY)

    assert MynaStatus.objects.filter(source="inquiry").count() == 1


@pytest.mark.parametrize(("on", "closed"), [(DUE - DAY, 0), (DUE, 3), (DUE + DAY, 3)])
def test_the_unanswered_end_when_the_daily_job_issues(run: Run, clerks: Clerks, on: date, closed: int) -> None:
    inquiries.open_for_run(run, by=clerks[0], on=TODAY)
    rulings.settle(society(), on=on)

    assert inquiries.close_settled(on) == closed
    assert inquiries.close_settled(on) == 0
    assert Inquiry.objects.filter(status="closed").count() == closed


def test_one_asked_before_a_refusal_stays_until_it_is_answered(run: Run, clerks: Clerks) -> None:
    application = applications.receive(_of("1"), Form("issue", "not_registered", TODAY, "mail"), on=TODAY, by=clerks[0])
    with pytest.raises(Refused, match="個別照会"):
        applications.refuse(application, by=clerks[1], on=TODAY)
    inquiry = inquiries.open_for(_of("1"), by=clerks[1], on=TODAY)
    assert inquiries.close_settled(date(2026, 12, 31)) == 0

    inquiries.answer(inquiry, USABLE, by=clerks[1], on=TODAY)

    assert applications.refuse(application, by=clerks[1], on=TODAY).status == "refused"


def test_a_file_of_answers_settles_what_it_settles_and_changes_nothing_twice(
    run: Run, clerks: Clerks, tmp_path: Path
) -> None:
    inquiries.open_for_run(run, by=clerks[0], on=TODAY)
    path = _file(
        tmp_path,
        "06130488,101,2,00,2026-11-10,1,2024-01-01,2030-01-01,0,",
        "06130488,１０１,3,00,2026-11-10,0,,,0,",
        "06130488,101,4,00,2026-11-10,0,,,1,2026-11-01",
    )
    arguments = ("answer_inquiries", path, "--by", "suzuki", "--on", TODAY.isoformat())

    first, again = run_command(*arguments), run_command(*arguments)

    assert first.json == {"answered": 3, "older": 0, "unchanged": 0, "bad": 0, "settled": 3, "issued": 2}
    assert again.json == {"answered": 0, "older": 0, "unchanged": 3, "bad": 0, "settled": 0, "issued": 0}
    assert (first.code, again.code) == (0, 0)
    assert [s.state for s in MynaStatus.objects.filter(source="inquiry").order_by("person")] == [
        "registered",
        "not_registered",
        "returned",
    ]
    assert EligibilityCertificate.objects.count() == 2


@pytest.mark.parametrize(
    "row", ["06130488,101,2,00,2026-11-10,0,,,0,", "06130488,101,2,00,2026-11-11,1,2024-01-01,2030-01-01,0,"]
)
def test_another_answer_to_an_answered_question_is_not_passed_over_in_silence(
    run: Run, clerks: Clerks, tmp_path: Path, row: str
) -> None:
    inquiries.answer(inquiries.open_for(_of("2"), by=clerks[0], on=TODAY), USABLE, by=clerks[0], on=TODAY)

    answer = run_command("answer_inquiries", _file(tmp_path, row), "--by", "suzuki", "--on", (TODAY + DAY).isoformat())

    assert (answer.code, "回答待ちの個別照会がありません" in answer.err) == (2, True)
    assert MynaStatus.objects.filter(source="inquiry").count() == 1


GOOD = "06130488,101,2,00,2026-11-10,1,2024-01-01,2030-01-01,0,"


@pytest.mark.parametrize(
    ("row", "column"),
    [
        ("06130488,101,9,00,2026-11-10,1,,,0,", "number"),
        ("06137251,101,4,00,2026-11-10,1,,,0,", "number"),
        ("06130488,101,1,00,2026-11-10,1,,,0,", "number"),
        ("06130488,101,2,00,2026-11-10,1,,,0,", "number"),
        ("06130488,101,4,00,2026-11-31,1,,,0,", "as_of"),
        ("06130488,101,4,00,,1,,,0,", "as_of"),
        ("06130488,101,4,00,2026-11-11,1,,,0,", "as_of"),
        ("06130488,101,4,00,2026-11-10,2,,,0,", "registration"),
        ("06130488,101,4,00,2026-11-10,1,20240101,,0,", "registered_on"),
        ("06130488,101,4,00,2026-11-10,1,,2030-02-29,0,", "e_certificate_expires_on"),
        ("06130488,101,4,00,2026-11-10,1,,,,", "returned"),
        ("06130488,101,4,00,2026-11-10,1,,,1,yesterday", "returned_on"),
        ("06130488,101,4,00", None),
    ],
)
def test_a_bad_row_is_named_and_keeps_the_file_out_unless_the_good_ones_are_wanted(
    run: Run, clerks: Clerks, tmp_path: Path, row: str, column: str | None
) -> None:
    inquiries.open_for_run(run, by=clerks[0], on=TODAY)
    path = _file(tmp_path, GOOD, row)

    with pytest.raises(BadInput) as bad:
        inquiries.answers_from_file(path, by=clerks[0], on=TODAY)
    assert [(mistake.line, mistake.column) for mistake in bad.value.mistakes] == [(3, column)]
    assert not MynaStatus.objects.filter(source="inquiry").exists()
    assert not Inquiry.objects.exclude(status="open").exists()

    taken = run_command("answer_inquiries", path, "--by", "suzuki", "--on", TODAY.isoformat(), "--take-good")
    assert (taken.code, taken.json["answered"], taken.json["bad"]) == (0, 1, 1)
    assert "3行目" in taken.out
    assert "サトウ" not in taken.out


def test_all_bad_rows_are_listed_in_their_order(run: Run, clerks: Clerks, tmp_path: Path) -> None:
    inquiries.open_for_run(run, by=clerks[0], on=TODAY)
    path = _file(tmp_path, "06130488,101,9,00,2026-11-10,1,,,0,", GOOD, "06130488,101,4,00,x,3,,,0,")

    answer = run_command("answer_inquiries", path, "--by", "suzuki", "--on", TODAY.isoformat())

    assert answer.code == 2
    assert [" ".join(line.split()[:2]) for line in answer.err.splitlines()] == [
        "answers.csv 2行目",
        "answers.csv 4行目",
        "answers.csv 4行目",
    ]


def test_the_same_answer_twice_counts_once_and_two_answers_are_refused(
    run: Run, clerks: Clerks, tmp_path: Path
) -> None:
    inquiries.open_for_run(run, by=clerks[0], on=TODAY)
    other = GOOD.replace("2030-01-01", "2031-01-01")
    with pytest.raises(BadInput, match="違う回答"):
        inquiries.answers_from_file(_file(tmp_path, GOOD, other), by=clerks[0], on=TODAY)

    result = inquiries.answers_from_file(_file(tmp_path, GOOD, "", GOOD), by=clerks[0], on=TODAY)

    assert result.taken is not None and (result.taken.answered, result.unchanged) == (1, 1)


def test_a_doubled_column_answers_for_nobody(run: Run, clerks: Clerks, tmp_path: Path) -> None:
    inquiries.open_for_run(run, by=clerks[0], on=TODAY)
    path = _file(tmp_path, GOOD)
    head, row = path.read_text(encoding="utf-8").splitlines()
    path.write_text(f"{head},number\n{row},4\n", encoding="utf-8")

    answer = run_command("answer_inquiries", path, "--by", "suzuki", "--on", TODAY.isoformat())

    assert answer.code == 2 and "answers.csv 1行目 「number」: 同じ名前の列が二つあります" in answer.err
    assert not MynaStatus.objects.filter(source="inquiry").exists()


@pytest.mark.parametrize("content", [b"symbol,number\n", "記号".encode("cp932"), b'"\nx'])
def test_an_unreadable_file_is_bad_input(run: Run, clerks: Clerks, tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "answers.csv"
    path.write_bytes(content)

    assert run_command("answer_inquiries", path, "--by", "suzuki").code == 2
    assert run_command("answer_inquiries", tmp_path / "none.csv", "--by", "suzuki").code == 2


def test_the_month_after_asks_anew_and_ends_the_old_question(
    run: Run, clerks: Clerks, tmp_path: Path, settings: Any
) -> None:
    inquiries.open_for_run(run, by=clerks[0], on=TODAY)
    settings.KENPO_TODAY = december = date(2026, 12, 8)
    file = tmp_path / "fund.csv"
    file.write_text(
        "H,06130488,20261130,20261203,M\n"
        "D,101,1,00,ヤマダ タロウ,19800415,1,1,20240101,20300415,0,\n"
        "D,101,3,00,スズキ ケン,19800415,1,1,20240101,,0,\nT,2\n",
        encoding="utf-8",
    )
    assert run_command("receive", file).code == 0
    assert run_command("run_month", "2026-12", "--by", "suzuki", "--on", december.isoformat()).code == 0
    newest = Run.objects.get(month=date(2026, 12, 1))

    made = inquiries.open_for_run(newest, by=clerks[0], on=december)

    assert len(made) == 3
    assert Inquiry.objects.filter(status="closed").count() == 3
    assert set(Inquiry.objects.filter(status="open").values_list("decision__run", flat=True)) == {newest.pk}
