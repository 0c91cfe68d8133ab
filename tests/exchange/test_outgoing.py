"""Files of requests for the fund: made once, handed over, taken in; each request on one file."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from certificates import deregistration as deregistrations
from certificates import inquiries
from certificates.loading import load
from certificates.models import Deregistration, EligibilityCertificate, Inquiry
from core.errors import BadInput, Fault, Refused
from core.models import Clerk, Event
from core.transitions import advance
from exchange import outgoing, storage
from exchange.models import OutgoingFile, OutgoingRow
from exchange.outgoing import layout as layouts
from exchange.outgoing.layout import Head, Line
from members.models import Member, MynaStatus
from members.services import society
from tests.builders import ALSO, INSURER, POLICY, SECOND_INSURER, Folder
from tests.conftest import run_command

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
TODAY = date(2026, 11, 10)
INTAKE = date(2026, 11, 12)
BORN = {"1": "1980-04-15", "2": "1991-01-31", "3": "2000-02-29"}
Clerks = tuple[Clerk, Clerk]


@pytest.fixture
def people(tmp_path: Path, clerks: Clerks, home: Path) -> dict[str, Member]:
    """Three insured persons with a マイナ保険証, one of them under the second number."""
    folder = Folder(tmp_path / "in", POLICY + ALSO)
    for number, born in BORN.items():
        more = {"insurer_number": SECOND_INSURER, "coverage_kind": "special_retired"} if number == "3" else {}
        folder.insured(number, birth_date=born, name_kana=f"ヤマダ {'アイウ'[int(number) - 1]}", **more)
    load(folder.write(), on=TODAY)
    found = {member.number: member for member in Member.objects.all()}
    for member in found.values():
        MynaStatus.objects.create(
            person=member.person, as_of=date(2026, 10, 31), source="monthly", state="registered",
            registered_on=date(2024, 1, 1), e_certificate_expires_on=date(2030, 1, 1),
        )  # fmt: skip
    return found


def _accepted(member: Member, clerks: Clerks, on: date = TODAY) -> Deregistration:
    made = deregistrations.receive(member, received_on=on, by=clerks[0], on=on)
    deregistrations.accept(made, by=clerks[1], on=on)
    return made


def _make(
    by: Clerk, kind: str = "deregistration", on: date = TODAY, number: str = INSURER
) -> OutgoingFile | None:
    return outgoing.make(kind, number, by=by, on=on)


def _made(by: Clerk, **more: Any) -> OutgoingFile:
    file = _make(by, **more)
    assert file is not None
    return file


def _text(file: OutgoingFile, home: Path) -> str:
    return (home / outgoing.place_of(file)).read_bytes().decode()


def test_the_file_has_every_request_and_closing_totals(
    people: dict[str, Member], clerks: Clerks, home: Path
) -> None:
    for number in ("1", "2"):
        _accepted(people[number], clerks)

    file = _made(clerks[0])

    total = 19800415 + 19910131
    assert _text(file, home) == (
        f"H,{INSURER},20261110,R,1\r\n"
        "D,1,101,1,00,ヤマダ ア,19800415\r\n"
        "D,2,101,2,00,ヤマダ イ,19910131\r\n"
        f"T,2,{total}\r\n"
    )
    assert (file.row_count, file.control_total, file.status) == (2, total, "made")
    assert outgoing.control_totals_hold(file)


def test_the_total_is_taken_modulo_the_layouts_number() -> None:
    layout = layouts.load(layouts.DEFAULT)
    lines = [Line(1, "101", "1", "00", "ヤマダ", date(1980, 4, 15))] * 60

    assert layouts.control_total(layout, lines) == 60 * 19800415 % 1_000_000_000 == 188_024_900


def test_it_lies_open_for_the_clerk_only_and_sealed_for_good(
    people: dict[str, Member], clerks: Clerks, home: Path
) -> None:
    _accepted(people["1"], clerks)
    file = _made(clerks[0])
    plain = home / outgoing.place_of(file)

    assert plain.name == f"deregistration-{INSURER}-20261110-01.csv"
    assert plain.stat().st_mode & 0o777 == 0o600
    assert b"".join(storage.read(file.path, file.sha256)) == plain.read_bytes()
    assert "ヤマダ".encode() not in (home / "files" / file.path).read_bytes()


def test_made_twice_it_is_the_same_file(people: dict[str, Member], clerks: Clerks, home: Path) -> None:
    _accepted(people["1"], clerks)
    first = _made(clerks[0])
    before = _text(first, home)
    (home / outgoing.place_of(first)).unlink()

    again = _made(clerks[1], on=TODAY + DAY)

    assert again == first
    assert _text(again, home) == before, "what was lost is put out again from the sealed copy"
    assert OutgoingRow.objects.count() == 1


def test_with_nothing_to_ask_there_is_no_file(people: dict[str, Member], clerks: Clerks) -> None:
    assert _make(clerks[0]) is None
    _accepted(people["1"], clerks)
    outgoing.send(_made(clerks[0]), by=clerks[0], on=TODAY)

    assert _make(clerks[0]) is not None, "the day's file, although it is handed over"
    assert _make(clerks[0], on=TODAY + DAY) is None


def test_what_comes_later_is_on_a_file_of_its_own(people: dict[str, Member], clerks: Clerks) -> None:
    _accepted(people["1"], clerks)
    first = _made(clerks[0])
    _accepted(people["2"], clerks)

    second = _made(clerks[0])

    assert (first.number, second.number) == (1, 2)
    assert [row.member.number for row in second.rows.all()] == ["2"]
    assert first.sha256 != second.sha256


def test_what_no_clerk_has_accepted_does_not_go_to_the_fund(
    people: dict[str, Member], clerks: Clerks
) -> None:
    deregistrations.receive(people["1"], received_on=TODAY, by=clerks[0], on=TODAY)

    assert _make(clerks[0]) is None
    said = run_command("make_outgoing", "deregistration", "--by", "suzuki", "--on", TODAY.isoformat())
    assert (said.json, "1 件" in said.out) == ({"files": []}, True)


def test_each_insurer_number_has_a_file_of_its_own(people: dict[str, Member], clerks: Clerks) -> None:
    for member in people.values():
        _accepted(member, clerks)

    files = outgoing.make_all("deregistration", by=clerks[0], on=TODAY)

    assert [(file.insurer.number, file.row_count) for file in files] == [(INSURER, 2), (SECOND_INSURER, 1)]


def test_a_request_on_two_files_is_impossible(people: dict[str, Member], clerks: Clerks) -> None:
    request = _accepted(people["1"], clerks)
    inquiry = inquiries.open_for(people["1"], by=clerks[0], on=TODAY)
    on_file, asked = _made(clerks[0]), _made(clerks[0], kind="inquiry")

    for row in (
        OutgoingRow(file=asked, line_no=9, member=people["1"], deregistration=request),
        OutgoingRow(file=on_file, line_no=9, member=people["1"], inquiry=inquiry),
        OutgoingRow(file=on_file, line_no=9, member=people["1"]),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            row.save()


@pytest.mark.parametrize(
    ("kind", "number", "profile"),
    [
        ("notice", INSURER, layouts.DEFAULT),
        ("inquiry", "06137251", layouts.DEFAULT),
        ("inquiry", INSURER, "none"),
    ],
)
def test_an_unknown_kind_number_or_layout_is_bad_input(
    people: dict[str, Member], clerks: Clerks, kind: str, number: str, profile: str
) -> None:
    with pytest.raises(BadInput):
        outgoing.make(kind, number, by=clerks[0], on=TODAY, profile=profile)


@pytest.mark.parametrize("kana", ["ヤマダ,タロウ", "ヤマダ\r\nD,9,101,9,00,X,19800101"])
def test_a_cell_that_would_break_the_line_is_refused_without_quoting_it(
    people: dict[str, Member], clerks: Clerks, kana: str
) -> None:
    _accepted(people["1"], clerks)
    people["1"].person.name_kana = kana
    people["1"].person.save()

    with pytest.raises(Refused, match=f"加入者番号 {people['1'].pk} の「フリガナ」") as refusal:
        _make(clerks[0])

    assert "ヤマダ" not in str(refusal.value)
    assert not OutgoingFile.objects.exists()


def test_handing_over_binds_the_request(people: dict[str, Member], clerks: Clerks) -> None:
    request = _accepted(people["1"], clerks)
    file = _made(clerks[0])
    with pytest.raises(BadInput, match="作成日より前"):
        outgoing.send(file, by=clerks[0], on=TODAY - DAY)

    outgoing.send(file, by=clerks[0], on=TODAY)
    outgoing.send(file, by=clerks[0], on=TODAY + DAY)

    assert (file.status, file.sent_on) == ("sent", TODAY)
    assert Event.objects.filter(verb="hand_over").count() == 1
    with pytest.raises(Refused, match="すでに支払基金へ渡している"):
        deregistrations.withdraw(request, reason="本人の申出", by=clerks[0], on=TODAY)


def test_a_file_with_a_withdrawn_request_is_not_handed_over(
    people: dict[str, Member], clerks: Clerks
) -> None:
    requests = [_accepted(people[number], clerks) for number in ("1", "2")]
    file = _made(clerks[0])
    deregistrations.withdraw(requests[0], reason="本人の申出", by=clerks[0], on=TODAY)

    with pytest.raises(Refused, match="1行目の申請は取り下げ"):
        outgoing.send(file, by=clerks[0], on=TODAY)
    outgoing.cancel(file, reason="取下げのため", by=clerks[0], on=TODAY)

    again = _made(clerks[0])
    assert again.number == 2
    assert [row.deregistration for row in again.rows.all()] == [requests[1]]
    assert outgoing.send(again, by=clerks[0], on=TODAY).status == "sent"


def test_a_sealed_copy_that_was_altered_is_not_handed_over(
    people: dict[str, Member], clerks: Clerks, home: Path
) -> None:
    _accepted(people["1"], clerks)
    file = _made(clerks[0])
    OutgoingFile.objects.update(control_total=1)
    with pytest.raises(Refused, match="照合用の合計"):
        outgoing.send(file, by=clerks[0], on=TODAY)
    sealed = home / "files" / file.path
    sealed.write_bytes(sealed.read_bytes()[:-9])

    with pytest.raises(Fault):
        outgoing.send(file, by=clerks[0], on=TODAY)


def test_the_intake_grants_and_takes_the_readable_file_away(
    people: dict[str, Member], clerks: Clerks, home: Path
) -> None:
    request = _accepted(people["1"], clerks)
    file = outgoing.send(_made(clerks[0]), by=clerks[0], on=TODAY)

    for _ in range(2):
        outgoing.acknowledge(file, accepted_on=INTAKE, by=clerks[0], on=INTAKE + DAY)

    request.refresh_from_db()
    assert (request.status, request.accepted_on) == ("granted", INTAKE)
    assert (file.status, file.accepted_on) == ("acknowledged", INTAKE)
    assert not (home / outgoing.place_of(file)).exists()
    assert outgoing.control_totals_hold(file)
    with pytest.raises(Refused, match="記録済み"):
        outgoing.acknowledge(file, by=clerks[0], on=INTAKE + DAY)


def test_a_row_that_the_fund_refused_is_refused_with_its_reason(
    people: dict[str, Member], clerks: Clerks
) -> None:
    requests = [_accepted(people[number], clerks) for number in ("1", "2")]
    file = outgoing.send(_made(clerks[0]), by=clerks[0], on=TODAY)

    outgoing.acknowledge(file, by=clerks[0], on=INTAKE, refused={2: "該当者なし"})

    assert [Deregistration.objects.get(pk=r.pk).status for r in requests] == ["granted", "refused"]
    assert file.rows.get(line_no=2).refusal == "該当者なし"
    refusal = Event.objects.get(subject=deregistrations.LABEL, verb="refuse")
    assert (refusal.subject_id, refusal.note["reason"]) == (requests[1].pk, "該当者なし")
    papers = EligibilityCertificate.objects.order_by("member__number")
    assert [paper.status for paper in papers] == ["approved", "voided"]
    assert deregistrations.receive(people["2"], received_on=INTAKE, by=clerks[0], on=INTAKE) != requests[1]


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"refused": {3: "該当者なし"}}, BadInput),
        ({"refused": {1: " "}}, Refused),
        ({"accepted_on": TODAY - DAY}, BadInput),
        ({"accepted_on": INTAKE + DAY}, BadInput),
    ],
)
def test_an_intake_that_cannot_be_is_refused(
    people: dict[str, Member], clerks: Clerks, changed: dict[str, Any], error: type[Exception]
) -> None:
    request = _accepted(people["1"], clerks)
    file = outgoing.send(_made(clerks[0]), by=clerks[0], on=TODAY)

    with pytest.raises(error):
        outgoing.acknowledge(file, by=clerks[0], on=INTAKE, **changed)

    request.refresh_from_db()
    file.refresh_from_db()
    assert (request.status, file.status) == ("received", "sent")


def test_what_was_not_handed_over_is_not_taken_in(people: dict[str, Member], clerks: Clerks) -> None:
    _accepted(people["1"], clerks)

    with pytest.raises(Refused, match="作成済み"):
        outgoing.acknowledge(_made(clerks[0]), by=clerks[0], on=INTAKE)


def test_a_file_that_the_fund_turned_away_frees_its_requests(
    people: dict[str, Member], clerks: Clerks, home: Path
) -> None:
    request = _accepted(people["1"], clerks)
    inquiry = inquiries.open_for(people["2"], by=clerks[0], on=TODAY)
    files = [_made(clerks[0]), _made(clerks[0], kind="inquiry")]
    for file in files:
        outgoing.send(file, by=clerks[0], on=TODAY)
        outgoing.cancel(file, reason="基金が形式の誤りで返した", by=clerks[0], on=TODAY)
        assert not (home / outgoing.place_of(file)).exists()
    assert not deregistrations.handed_over(request)

    again = [_made(clerks[0], on=TODAY + DAY), _made(clerks[0], kind="inquiry", on=TODAY + DAY)]

    assert not {file.pk for file in files} & {file.pk for file in again}
    for file in again:
        outgoing.send(file, by=clerks[0], on=TODAY + DAY)
    inquiry.refresh_from_db()
    assert (inquiry.status, inquiry.asked_on) == ("asked", TODAY + DAY)


def test_a_file_that_the_fund_took_in_is_not_cancelled(people: dict[str, Member], clerks: Clerks) -> None:
    _accepted(people["1"], clerks)
    file = outgoing.send(_made(clerks[0]), by=clerks[0], on=TODAY)
    outgoing.acknowledge(file, by=clerks[0], on=INTAKE)

    with pytest.raises(Refused, match="基金が受付済み"):
        outgoing.cancel(file, reason="誤り", by=clerks[0], on=INTAKE)

    assert not OutgoingRow.objects.filter(released=True).exists()


def test_questions_are_asked_by_their_file_and_wait_after_its_intake(
    people: dict[str, Member], clerks: Clerks, home: Path
) -> None:
    inquiry = inquiries.open_for(people["1"], by=clerks[0], on=TODAY)
    file = _made(clerks[0], kind="inquiry")
    assert _text(file, home).startswith(f"H,{INSURER},20261110,Q,1\r\n")

    outgoing.send(file, by=clerks[0], on=TODAY + DAY)
    outgoing.acknowledge(file, by=clerks[0], on=INTAKE, refused={1: "該当者なし"})

    inquiry.refresh_from_db()
    assert (inquiry.status, inquiry.asked_on) == ("asked", TODAY + DAY)
    assert _make(clerks[0], kind="inquiry", on=INTAKE) is None, "one question, one file"


def test_what_was_asked_by_other_means_is_on_no_file(people: dict[str, Member], clerks: Clerks) -> None:
    advance(
        inquiries.open_for(people["1"], by=clerks[0], on=TODAY), "ask", by=clerks[0], on=TODAY, asked_on=TODAY
    )

    assert _make(clerks[0], kind="inquiry") is None


def test_the_commands_play_a_request_to_its_grant_and_repeat_without_harm(
    people: dict[str, Member], clerks: Clerks
) -> None:
    for who in ("suzuki", "tanaka"):
        run_command("deregister", "101", "1", "--by", who, "--on", TODAY.isoformat())
    at = ("--by", "suzuki", "--on", TODAY.isoformat())

    made, again = (run_command("make_outgoing", "deregistration", *at) for _ in range(2))
    assert made.json == again.json
    (entry,) = made.json["files"]
    assert (entry["rows"], entry["control_total"]) == (1, 19800415)
    sent = [run_command("send_outgoing", entry["file"], *at) for _ in range(2)]
    taken = [
        run_command(
            "acknowledge_outgoing",
            entry["file"],
            "--by",
            "suzuki",
            "--on",
            "2026-11-13",
            "--accepted-on",
            INTAKE,
        )
        for _ in range(2)
    ]

    assert [answer.code for answer in (*sent, *taken)] == [0] * 4
    assert sent[0].json == sent[1].json
    assert taken[0].json == taken[1].json
    assert Deregistration.objects.get().accepted_on == INTAKE


def test_the_command_takes_the_funds_refusals(people: dict[str, Member], clerks: Clerks) -> None:
    for number in ("1", "2"):
        _accepted(people[number], clerks)
    file = outgoing.send(_made(clerks[0]), by=clerks[0], on=TODAY)
    at = ("--by", "suzuki", "--on", INTAKE.isoformat())

    assert run_command("acknowledge_outgoing", file.pk, *at, "--refused", "一行目").code == 2
    answer = run_command(
        "acknowledge_outgoing", file.pk, *at, "--refused", "1=該当者なし", "--refused", "2=重複"
    )

    assert answer.json["refused"] == 2
    assert set(Deregistration.objects.values_list("status", flat=True)) == {"refused"}
    assert run_command("send_outgoing", 999_999, *at).code == 2


def test_the_command_cancels(people: dict[str, Member], clerks: Clerks) -> None:
    _accepted(people["1"], clerks)
    file = _made(clerks[0])
    arguments = ("cancel_outgoing", file.pk, "--by", "suzuki", "--on", TODAY.isoformat(), "--reason")

    assert run_command(*arguments, " ").code == 1
    assert run_command(*arguments, "作り直し").json["status"] == "cancelled"


def test_the_questions_of_a_month_are_listed_by_one_command(
    people: dict[str, Member], clerks: Clerks, tmp_path: Path, home: Path
) -> None:
    Member.objects.filter(number="2").update(acquired_on=date(2026, 11, 5))
    MynaStatus.objects.filter(person=people["2"].person).delete()
    for number, line in (
        (INSURER, "D,101,1,00,ヤマダ ア,19800415"),
        (SECOND_INSURER, "D,101,3,00,ヤマダ ウ,20000229"),
    ):
        path = tmp_path / f"{number}.csv"
        path.write_text(
            f"H,{number},20261031,20261103,M\n{line},1,1,20240101,20300101,0,\nT,1\n", encoding="utf-8"
        )
        assert run_command("receive", path).code == 0
    assert run_command("run_month", "2026-11", "--by", "suzuki", "--on", TODAY.isoformat()).code == 0
    arguments = ("inquire", "2026-11", "--by", "suzuki", "--on", TODAY.isoformat())

    first, again = run_command(*arguments), run_command(*arguments)

    assert (first.code, again.code) == (0, 0)
    assert (first.json["inquiries"], first.json["new"], again.json["new"]) == (1, 1, 0)
    assert first.json["files"] == again.json["files"]
    assert "D,1,101,2,00,ヤマダ イ,19910131" in _text(OutgoingFile.objects.get(), home)
    assert Inquiry.objects.get().decision is not None
    assert run_command("inquire", "2026-12", "--by", "suzuki", "--on", TODAY.isoformat()).code == 1


def _broken(**changed: Any) -> dict[str, Any]:
    record = {"marker": "T", "columns": ["rows", "control_total"]}
    data: dict[str, Any] = {
        "label": "試験", "encoding": "cp932", "delimiter": "\t", "line_end": "lf", "date_format": "YYYY/MM/DD",
        "header": {"marker": "1", "columns": ["kind", "insurer_number", "number", "created_on"]},
        "row": {"marker": "2", "columns": ["birth_date", *(c for c in layouts.ROW if c != "birth_date")]},
        "trailer": record, "kinds": {"deregistration": "01", "inquiry": "02"},
        "control_total": {"column": "birth_date", "modulus": 97},
    }  # fmt: skip
    return data | changed


def test_another_layout_is_only_data() -> None:
    layout = layouts.build("trial", _broken())
    lines = [Line(1, "記号", "1", "", "ヤマダ　タロウ", date(1980, 4, 15))]

    written = layouts.write(layout, Head(INSURER, TODAY, "inquiry", 3), lines).decode("cp932")

    assert written == (
        f"1\t02\t{INSURER}\t3\t2026/11/10\n2\t1980/04/15\t1\t記号\t1\t\tヤマダ　タロウ\nT\t1\t{19800415 % 97}\n"
    )
    with pytest.raises(Refused, match="加入者番号 7"):
        layouts.write(
            layout, Head(INSURER, TODAY, "inquiry", 3), [Line(7, "記号", "1", "", "𠮷", date(1980, 4, 15))]
        )


@pytest.mark.parametrize(
    "changed",
    [
        {"encoding": "latin-1"}, {"delimiter": ""}, {"date_format": "YYMMDD"}, {"more": 1},
        {"kinds": {"deregistration": "R"}}, {"kinds": {"deregistration": "R", "inquiry": "R"}},
        {"trailer": {"marker": "T", "columns": ["rows"]}}, {"control_total": {"column": "line", "modulus": 9}},
        {"control_total": {"column": "birth_date", "modulus": 0}},
    ],
)  # fmt: skip
def test_a_layout_that_contradicts_itself_is_not_used(changed: dict[str, Any]) -> None:
    with pytest.raises(ValueError):
        layouts.build("trial", _broken(**changed))


def test_the_insurer_whose_turn_it_is_not_sees_none_of_it(people: dict[str, Member], clerks: Clerks) -> None:
    _accepted(people["3"], clerks)

    assert _make(clerks[0]) is None
    assert deregistrations.to_request(society()).count() == 0


@pytest.mark.parametrize(
    "step",
    [
        lambda file, by: outgoing.make("deregistration", INSURER, by=by, on=TODAY),
        lambda file, by: outgoing.send(file, by=by, on=TODAY),
        lambda file, by: outgoing.cancel(file, reason="試験", by=by, on=TODAY),
    ],
)
def test_a_dispatcher_has_no_part_in_it(
    people: dict[str, Member], clerks: Clerks, step: Callable[[OutgoingFile, Clerk], Any]
) -> None:
    _accepted(people["1"], clerks)
    file = _made(clerks[0])

    with pytest.raises(Refused, match="権限"):
        step(file, Clerk.objects.create_user("haisou", role="dispatcher"))

    assert OutgoingFile.objects.get().status == "made"
