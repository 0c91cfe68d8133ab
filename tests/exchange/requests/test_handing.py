"""What becomes of a file: handed over, taken in, refused in part, turned away."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from certificates.models import Deregistration, EligibilityCertificate
from certificates.requests import deregistration as deregistrations
from certificates.requests import inquiries
from core.errors import BadInput, Fault, Refused
from core.models import Clerk, Event
from core.transitions import advance
from exchange import outgoing
from exchange.models import OutgoingFile, OutgoingRow
from exchange.outgoing.saying import refused_lines
from members.models import Member
from tests.builders import INSURER
from tests.exchange.requests.asking import DAY, INTAKE, TODAY, Clerks, accepted, made_file, make_file, text_of_file

pytestmark = pytest.mark.django_db


def test_handing_over_binds_the_request(people: dict[str, Member], clerks: Clerks) -> None:
    request = accepted(people["1"], clerks)
    file = made_file(clerks[0])
    with pytest.raises(BadInput, match="作成日より前"):
        outgoing.send(file, by=clerks[0], on=TODAY - DAY)

    outgoing.send(file, by=clerks[0], on=TODAY)
    outgoing.send(file, by=clerks[0], on=TODAY + DAY)

    assert (file.status, file.sent_on) == ("sent", TODAY)
    assert Event.objects.filter(verb="hand_over").count() == 1
    with pytest.raises(Refused, match="すでに支払基金へ渡している"):
        deregistrations.withdraw(request, reason="本人の申出", by=clerks[0], on=TODAY)


def test_a_file_with_a_withdrawn_request_is_not_handed_over(people: dict[str, Member], clerks: Clerks) -> None:
    requests = [accepted(people[number], clerks) for number in ("1", "2")]
    file = made_file(clerks[0])
    deregistrations.withdraw(requests[0], reason="本人の申出", by=clerks[0], on=TODAY)

    with pytest.raises(Refused, match="1行目の申請は取り下げ"):
        outgoing.send(file, by=clerks[0], on=TODAY)
    outgoing.cancel(file, reason="取下げのため", by=clerks[0], on=TODAY)

    again = made_file(clerks[0])
    assert again.number == 2
    assert [row.deregistration for row in again.rows.all()] == [requests[1]]
    assert outgoing.send(again, by=clerks[0], on=TODAY).status == "sent"


def test_a_sealed_copy_that_was_altered_is_not_handed_over(
    people: dict[str, Member], clerks: Clerks, home: Path
) -> None:
    accepted(people["1"], clerks)
    file = made_file(clerks[0])
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
    request = accepted(people["1"], clerks)
    file = outgoing.send(made_file(clerks[0]), by=clerks[0], on=TODAY)

    for _ in range(2):
        outgoing.acknowledge(file, accepted_on=INTAKE, by=clerks[0], on=INTAKE + DAY)

    request.refresh_from_db()
    assert (request.status, request.accepted_on) == ("granted", INTAKE)
    assert (file.status, file.accepted_on) == ("acknowledged", INTAKE)
    assert not (home / outgoing.place_of(file)).exists()
    assert outgoing.control_totals_hold(file)
    with pytest.raises(Refused, match="記録済み"):
        outgoing.acknowledge(file, by=clerks[0], on=INTAKE + DAY)


def test_a_row_that_the_fund_refused_is_refused_with_its_reason(people: dict[str, Member], clerks: Clerks) -> None:
    requests = [accepted(people[number], clerks) for number in ("1", "2")]
    file = outgoing.send(made_file(clerks[0]), by=clerks[0], on=TODAY)

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
    request = accepted(people["1"], clerks)
    file = outgoing.send(made_file(clerks[0]), by=clerks[0], on=TODAY)

    with pytest.raises(error):
        outgoing.acknowledge(file, by=clerks[0], on=INTAKE, **changed)

    request.refresh_from_db()
    file.refresh_from_db()
    assert (request.status, file.status) == ("received", "sent")


def test_what_was_not_handed_over_is_not_taken_in(people: dict[str, Member], clerks: Clerks) -> None:
    accepted(people["1"], clerks)

    with pytest.raises(Refused, match="作成済み"):
        outgoing.acknowledge(made_file(clerks[0]), by=clerks[0], on=INTAKE)


def test_a_file_that_the_fund_turned_away_frees_its_requests(
    people: dict[str, Member], clerks: Clerks, home: Path
) -> None:
    request = accepted(people["1"], clerks)
    inquiry = inquiries.open_for(people["2"], by=clerks[0], on=TODAY)
    files = [made_file(clerks[0]), made_file(clerks[0], kind="inquiry")]
    for file in files:
        outgoing.send(file, by=clerks[0], on=TODAY)
        outgoing.cancel(file, reason="基金が形式の誤りで返した", by=clerks[0], on=TODAY)
        assert not (home / outgoing.place_of(file)).exists()
    assert not deregistrations.handed_over(request)

    again = [made_file(clerks[0], on=TODAY + DAY), made_file(clerks[0], kind="inquiry", on=TODAY + DAY)]

    assert not {file.pk for file in files} & {file.pk for file in again}
    for file in again:
        outgoing.send(file, by=clerks[0], on=TODAY + DAY)
    inquiry.refresh_from_db()
    assert (inquiry.status, inquiry.asked_on) == ("asked", TODAY + DAY)


def test_a_file_that_the_fund_took_in_is_not_cancelled(people: dict[str, Member], clerks: Clerks) -> None:
    accepted(people["1"], clerks)
    file = outgoing.send(made_file(clerks[0]), by=clerks[0], on=TODAY)
    outgoing.acknowledge(file, by=clerks[0], on=INTAKE)

    with pytest.raises(Refused, match="基金が受付済み"):
        outgoing.cancel(file, reason="誤り", by=clerks[0], on=INTAKE)

    assert not OutgoingRow.objects.filter(released=True).exists()


def test_questions_are_asked_by_their_file_and_wait_after_its_intake(
    people: dict[str, Member], clerks: Clerks, home: Path
) -> None:
    inquiry = inquiries.open_for(people["1"], by=clerks[0], on=TODAY)
    file = made_file(clerks[0], kind="inquiry")
    assert text_of_file(file, home).startswith(f"H,{INSURER},20261110,Q,1\r\n")

    outgoing.send(file, by=clerks[0], on=TODAY + DAY)
    outgoing.acknowledge(file, by=clerks[0], on=INTAKE, refused={1: "該当者なし"})

    inquiry.refresh_from_db()
    assert (inquiry.status, inquiry.asked_on) == ("asked", TODAY + DAY)
    assert make_file(clerks[0], kind="inquiry", on=INTAKE) is None, "one question, one file"


def test_what_was_asked_by_other_means_is_on_no_file(people: dict[str, Member], clerks: Clerks) -> None:
    advance(inquiries.open_for(people["1"], by=clerks[0], on=TODAY), "ask", by=clerks[0], on=TODAY, asked_on=TODAY)

    assert make_file(clerks[0], kind="inquiry") is None


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
    accepted(people["1"], clerks)
    file = made_file(clerks[0])

    with pytest.raises(Refused, match="権限"):
        step(file, Clerk.objects.create_user("haisou", role="dispatcher"))

    assert OutgoingFile.objects.get().status == "made"


@pytest.mark.parametrize(
    ("given", "lines"),
    [("3=該当者なし", {3: "該当者なし"}), ("３＝該当者なし", None), ("３=該当者なし", {3: "該当者なし"})],
)
def test_a_refused_line_is_written_with_its_number(given: str, lines: dict[int, str] | None) -> None:
    if lines is None:
        with pytest.raises(BadInput, match="行の番号と理由"):
            refused_lines([given])
    else:
        assert refused_lines([given]) == lines


@pytest.mark.parametrize("number", ["", "x", "-1", "²", "9" * 5_000, "1" + "0" * 30])
def test_a_line_that_is_no_number_is_told(number: str) -> None:
    with pytest.raises(BadInput, match="行の番号と理由"):
        refused_lines([f"{number}=該当者なし"])


def test_a_line_told_twice_is_told() -> None:
    with pytest.raises(BadInput, match="行の番号と理由"):
        refused_lines(["3=該当者なし", "", "３=ほか"])
