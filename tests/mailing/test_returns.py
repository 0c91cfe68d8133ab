"""Returned mail: it waits, nothing is printed again for it, and the same serial goes out once more."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from certificates.decisions import ruling
from certificates.decisions.gaps import Waiting, gaps
from certificates.documents.serials import serial_text
from certificates.models import EligibilityCertificate, Ruling, Run
from certificates.recovery import recover_by_serials
from core.errors import BadInput, Refused
from core.models import Clerk, Event
from core.paper import readback
from core.paper.book import Book
from core.transitions import advance
from mailing.addresses import postcodes
from mailing.models import Dispatch, Envelope, Resend, ReturnedMail
from mailing.papers.layouts.address import AddressFace
from mailing.post import resends, returns
from mailing.services import assemble, print_dispatch, prove_dispatch, seal, send
from members.models import Address, Member, MynaStatus
from notices.models import EligibilityNotice
from notices.services import draft
from tests.mailing.build import ON, Office

POSTED_ON = date(2026, 11, 12)
BACK_ON = date(2026, 11, 20)


def post(office: Office) -> Dispatch:
    (number,) = assemble(office.run, by=office.clerk, on=ON).dispatches
    dispatch = Dispatch.objects.get(pk=number)
    print_dispatch(dispatch, by=office.clerk, on=ON)
    prove_dispatch(dispatch)
    seal(dispatch, by=office.clerk, on=ON)
    send(dispatch, by=office.clerk, on=POSTED_ON)
    return dispatch


@pytest.fixture
def posted(office: Office) -> Dispatch:
    """Two households straight home, the first with two certificates in its envelope."""
    office.certify(office.household("0001", ["山田 太郎", "山田 花子"], coverage_kind="voluntary"))
    office.certify(office.household("0002", ["佐藤 一郎"], coverage_kind="voluntary"))
    for number, certificate in enumerate(EligibilityCertificate.objects.order_by("serial"), start=1):
        EligibilityCertificate.objects.filter(pk=certificate.pk).update(serial=serial_text(number))
    return post(office)


def back(posted: Dispatch, office: Office, place: int = 1, on: date = BACK_ON) -> ReturnedMail:
    code = posted.envelopes.get(position=place).code
    return returns.receive(code, reason="moved", by=office.clerk, on=on).returned


def statuses() -> list[str]:
    return list(EligibilityCertificate.objects.order_by("serial").values_list("status", flat=True))


def test_one_scan_takes_everything_in_the_envelope_back(posted: Dispatch, office: Office) -> None:
    code = posted.envelopes.get(position=1).code
    receipt = returns.receive(f" {code} ", reason="unknown_address", by=office.clerk, on=BACK_ON)
    assert (receipt.result, receipt.papers) == ("returned", 2)
    assert statuses() == ["returned", "returned", "sent"]
    events = Event.objects.count()
    serial = EligibilityCertificate.objects.order_by("serial")[1].serial
    again = returns.receive(serial, reason="moved", by=office.clerk, on=BACK_ON)
    assert (again.result, again.returned.pk) == ("already", receipt.returned.pk)
    assert (Event.objects.count(), ReturnedMail.objects.count()) == (events, 1)


def test_what_cannot_be_taken_back(posted: Dispatch, office: Office) -> None:
    code = posted.envelopes.get(position=1).code
    with pytest.raises(BadInput, match="もう一度読み取って"):
        returns.receive("1-99999-0", reason="moved", by=office.clerk, on=BACK_ON)
    with pytest.raises(BadInput, match="理由"):
        returns.receive(code, reason="lost", by=office.clerk, on=BACK_ON)
    with pytest.raises(Refused, match=r"発送の日（.*）より前"):
        returns.receive(code, reason="moved", by=office.clerk, on=POSTED_ON - timedelta(1))
    auditor = Clerk.objects.create_user("auditor", role="auditor")
    with pytest.raises(Refused, match="権限"):
        returns.receive(code, reason="moved", by=auditor, on=BACK_ON)
    returns.receive(code, reason="moved", by=office.clerk, on=POSTED_ON)
    assert ReturnedMail.objects.count() == 1


def test_paper_that_was_not_sent_does_not_come_back(printed: Dispatch, office: Office) -> None:
    with pytest.raises(Refused, match="まだ発送していません"):
        returns.receive(printed.envelopes.all()[0].code, reason="moved", by=office.clerk, on=BACK_ON)


def test_the_board_says_so_and_the_next_decision_prints_nothing(office: Office) -> None:
    (member,) = office.household("0001")
    office.certify([member])
    MynaStatus.objects.create(person=member.person, as_of=date(2026, 10, 31), source="monthly", state="not_registered")
    dispatch = post(office)
    arrived = POSTED_ON + timedelta(10)
    assert not gaps(office.insurer, arrived)
    code = dispatch.envelopes.get().code
    returned = returns.receive(code, reason="not_handed_over", by=office.clerk, on=arrived).returned
    (gap,) = gaps(office.insurer, arrived)
    assert (gap.read.member_id, gap.waiting) == (member.pk, Waiting.RETURNED)
    made = ruling.rule(member.pk, cause=Ruling.Cause.NEWER_ROW, request="test:1", on=date(2026, 12, 7), by=None)
    assert (made.outcome, made.reason) == ("not_needed", "certificate_in_hand")
    assert EligibilityCertificate.objects.filter(member=member).count() == 1
    returns.hand_over(returned, "counter", by=office.clerk, on=arrived)
    assert not gaps(office.insurer, arrived)


def test_no_notice_is_drafted_again_while_one_has_come_back(office: Office) -> None:
    (member,) = office.household("0001", coverage_kind="voluntary")
    Member.objects.filter(pk=member.pk).update(acquired_on=date(2026, 10, 20), fund_registered_on=date(2026, 10, 25))
    assert draft(office.run, by=office.clerk, on=ON) == 1
    dispatch = post(office)
    receipt = returns.receive(dispatch.envelopes.get().code, reason="moved", by=office.clerk, on=BACK_ON)
    assert receipt.papers == 1
    assert EligibilityNotice.objects.get().status == "returned"
    next_run = Run.objects.create(
        insurer=office.insurer,
        month=date(2026, 12, 1),
        as_of=date(2026, 11, 30),
        decided_on=date(2026, 12, 7),
        issue_on=date(2026, 12, 7),
        file_hash="1" * 64,
        policy=office.run.policy,
        run_by=office.clerk,
    )
    for verb in ("apply", "decide", "propose", "approve"):
        advance(next_run, verb, by=office.clerk, on=date(2026, 12, 7))
    assert draft(next_run, by=office.clerk, on=date(2026, 12, 7)) == 0
    assert EligibilityNotice.objects.filter(member=member).count() == 1
    returns.end_papers(receipt.returned, reason="裁断した", by=office.clerk, on=date(2026, 12, 7))
    assert [n.status for n in EligibilityNotice.objects.all()] == ["voided"]


def test_resent_to_a_new_address_under_the_same_serial(posted: Dispatch, office: Office) -> None:
    serials = list(EligibilityCertificate.objects.values_list("serial", flat=True))
    returned = back(posted, office)
    day = BACK_ON + timedelta(2)
    made = returns.send_again(
        returned, postal_code="530-0001", address="大阪市北区梅田一丁目一番", by=office.clerk, on=day
    )
    assert statuses() == ["sent", "sent", "sent"]
    assert list(EligibilityCertificate.objects.values_list("serial", flat=True)) == serials
    certificate = EligibilityCertificate.objects.order_by("serial")[0]
    assert (certificate.sent_on, certificate.arrives_on) == (day, day + timedelta(3))
    assert (returned.resolution, returned.resolved_on) == ("new_address", day)
    person = office.members["0001-00"].person
    kept = Address.objects.get(person=person, use="mailing")
    assert (kept.address, kept.valid_from) == ("大阪市北区梅田一丁目一番", day)
    with readback.open_pdf(resends.sheet_path(made)) as pdf:
        text = "".join(readback.full_text(pdf, 1).split())
    assert "大阪市北区梅田一丁目一番" in text and made.code in text
    assert resends.face_of(made).barcode == postcodes.codes("530-0001", "大阪市北区梅田一丁目一番") != ()
    assert resends.sheet(made)[:5] == b"%PDF-"
    with pytest.raises(Refused, match="終わっています"):
        returns.send_again(returned, by=office.clerk, on=day)


def test_a_sheet_that_does_not_say_what_it_must_is_not_sent(
    posted: Dispatch, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    returned = back(posted, office, 2)
    drawn = resends.layout.draw

    def another(book: Book, face: AddressFace) -> None:
        drawn(book, replace(face, recipient="別人 太郎"))

    monkeypatch.setattr(resends.layout, "draw", another)
    with pytest.raises(Refused, match="あて名：") as refused:
        returns.send_again(returned, by=office.clerk, on=BACK_ON)
    assert "太郎" not in str(refused.value)
    returned.refresh_from_db()
    assert returned.resolution == "" and not Resend.objects.exists()


def test_it_may_come_back_again_under_the_new_code(posted: Dispatch, office: Office) -> None:
    made = returns.send_again(back(posted, office, 2), by=office.clerk, on=BACK_ON)
    assert made.returned.resolution == "same_address"
    with pytest.raises(Refused, match=r"発送の日（.*）より前"):
        returns.receive(made.code, reason="moved", by=office.clerk, on=BACK_ON - timedelta(1))
    second = returns.receive(made.code, reason="refused", by=office.clerk, on=BACK_ON + timedelta(9))
    assert second.result == "returned"
    assert list(returns.waiting()) == [second.returned]


def test_an_altered_address_sheet_is_not_shown(posted: Dispatch, office: Office) -> None:
    made = returns.send_again(back(posted, office, 2), by=office.clerk, on=BACK_ON)
    path = resends.sheet_path(made)
    path.write_bytes(path.read_bytes() + b" ")
    with pytest.raises(Refused, match="控えから"):
        resends.sheet(made)


@pytest.mark.parametrize(("channel", "after"), [("counter", 0), ("establishment", 10)])
def test_handed_over(posted: Dispatch, office: Office, channel: str, after: int) -> None:
    returned = back(posted, office, 2)
    returns.hand_over(returned, channel, by=office.clerk, on=BACK_ON)
    certificate = EligibilityCertificate.objects.order_by("serial")[2]
    assert (certificate.status, certificate.arrives_on) == ("sent", BACK_ON + timedelta(after))
    assert returned.resolution == channel
    note = Event.objects.filter(verb="resend", subject_id=certificate.pk).get().note
    assert note["handed_to"] == channel
    assert not Resend.objects.exists()


def test_nobody_protected_goes_to_the_establishment_or_to_the_old_address(posted: Dispatch, office: Office) -> None:
    alone, shared = back(posted, office, 2), back(posted, office, 1)
    for key in ("0002-00", "0001-01"):
        person = office.members[key].person
        person.address_protected = True
        person.save()
    with pytest.raises(Refused, match="事業所へは渡せません"):
        returns.hand_over(alone, "establishment", by=office.clerk, on=BACK_ON)
    with pytest.raises(Refused, match="安全な送付先"):
        returns.send_again(alone, by=office.clerk, on=BACK_ON)
    with pytest.raises(Refused, match="同じ封筒"):
        returns.send_again(shared, by=office.clerk, on=BACK_ON)
    made = returns.send_again(alone, address="京都市中京区", by=office.clerk, on=BACK_ON)
    assert Address.objects.get(address="京都市中京区").use == "safe"
    assert made.address == "京都市中京区"


def test_what_is_no_longer_right_is_neither_resent_nor_handed_over(posted: Dispatch, office: Office) -> None:
    returned = back(posted, office, 2)
    person = office.members["0002-00"].person
    person.name = "鈴木 一郎"
    person.save()
    for act in (
        lambda: returns.send_again(returned, by=office.clerk, on=BACK_ON),
        lambda: returns.hand_over(returned, "counter", by=office.clerk, on=BACK_ON),
    ):
        with pytest.raises(Refused, match="今の登録"):
            act()
    returns.end_papers(returned, reason="氏名が変わった", by=office.clerk, on=BACK_ON)
    assert statuses()[2] == "recovered"
    assert returned.resolution == "ended"


@pytest.mark.parametrize(("lost_after", "goes"), [(-1, False), (0, False), (1, True)])
def test_cover_that_ended_by_the_day_is_not_resent(
    posted: Dispatch, office: Office, lost_after: int, goes: bool
) -> None:
    returned = back(posted, office, 2)
    member = office.members["0002-00"]
    member.lost_on = BACK_ON + timedelta(lost_after)
    member.save()
    if goes:
        returns.send_again(returned, by=office.clerk, on=BACK_ON)
        return
    with pytest.raises(Refused, match="今の登録"):
        returns.send_again(returned, by=office.clerk, on=BACK_ON)


def test_records_whose_papers_ended_otherwise_are_closed(posted: Dispatch, office: Office) -> None:
    returned = back(posted, office, 2)
    assert returns.close_ended(on=BACK_ON) == 0
    serial = EligibilityCertificate.objects.order_by("serial")[2].serial
    recover_by_serials([serial], by=office.clerk, on=BACK_ON, channel="mail")
    assert returns.close_ended(on=BACK_ON) == 1
    assert returns.close_ended(on=BACK_ON) == 0
    returned.refresh_from_db()
    assert (returned.resolution, returned.resolved_by) == ("ended", None)


def test_an_envelope_of_before_the_last_one_is_found_by_its_own_code(posted: Dispatch, office: Office) -> None:
    found: Any = returns.envelope_of(Envelope.objects.get(position=2).code)
    assert found.position == 2
