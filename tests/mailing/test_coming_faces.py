"""A paper that was made ahead for a face to come: drawn, proved, posted and sent again as it will be, by its day and after."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from certificates.models import EligibilityCertificate, Filing, Recovery
from certificates.requests import filings
from core import clock
from core.models import Clerk
from core.paper import readback
from core.transitions import advance_many
from mailing.models import Dispatch, Enclosure, Envelope
from mailing.papers import files
from mailing.planning import leaving
from mailing.post import resends, returns
from mailing.services import (
    assemble,
    assemble_day,
    confirm,
    differences,
    holds_of_day,
    print_dispatch,
    prove_dispatch,
    pull_list,
    seal,
    send,
)
from members.models import Member
from tests.mailing.build import ON, Office

DAY = timedelta(1)
FIRST = date(2026, 12, 1)
ARRIVED = date(2026, 11, 25)


@pytest.fixture(autouse=True)
def _today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "today", lambda: ON)


@pytest.fixture
def member(office: Office) -> Member:
    """Somebody whose certificate of the month is in the post."""
    (found,) = office.household("0001", ["山田 太郎"])
    office.certify([found])
    (number,) = assemble(office.run, by=office.clerk, on=ON).dispatches
    finish(Dispatch.objects.get(pk=number), office)
    return found


def finish(dispatch: Dispatch, office: Office) -> None:
    print_dispatch(dispatch, by=office.clerk, on=ON)
    prove_dispatch(dispatch)
    confirm(dispatch, by=office.clerk, on=ON)
    seal(dispatch, by=office.clerk, on=ON)
    send(dispatch, by=office.clerk, on=ON)


def renamed(member: Member, by: Clerk) -> tuple[Filing, EligibilityCertificate]:
    """A name filed today for 12-01, and the approved paper of that day."""
    told = {"effective_on": FIRST.isoformat(), "name": "山本 太郎", "name_kana": "ヤマモト タロウ"}
    filing = filings.receive("name_change", member, told, received_on=ON, via="establishment", by=by)
    made = EligibilityCertificate.objects.filter(member=member, status="proposed")
    advance_many(made, "approve", by=None, on=ON)
    return filing, EligibilityCertificate.objects.filter(member=member).latest("pk")


def enclosed(office: Office) -> Dispatch:
    answer = assemble_day(ON, by=office.clerk)
    assert answer.held == {} and answer.enclosed["certificates"] == 1
    return Dispatch.objects.get(pk=answer.dispatches[-1])


def text_of(dispatch: Dispatch) -> str:
    with readback.open_pdf(files.folder(dispatch) / "certificates-0001.pdf") as pdf:
        return "".join("".join(readback.full_text(pdf, n + 1).split()) for n in range(len(pdf)))


def test_the_page_shows_the_face_of_its_first_day_and_proves_before_and_after_it(
    office: Office, member: Member
) -> None:
    _, paper = renamed(member, office.clerk)
    assert paper.effective_on == FIRST and holds_of_day(ON) == []
    dispatch = enclosed(office)
    print_dispatch(dispatch, by=office.clerk, on=ON)
    text = text_of(dispatch)
    assert "山本太郎" in text and "ヤマモトタロウ" in text and "山田太郎" not in text
    assert "令和8年12月1日" in text and paper.serial in text
    for on in (FIRST - DAY, FIRST, FIRST + DAY):
        filings.apply_due(on=on)
        assert (Member.objects.get(pk=member.pk).person.name == "山本 太郎") is (on >= FIRST)
        # The sheet with the address shows the name of the day on which it was printed.
        wrong = {difference.file for difference in differences(dispatch)}
        assert "certificates-0001.pdf" not in wrong and (not wrong or on >= FIRST)
        assert leaving.find(dispatch, on=on) == {} and pull_list(dispatch, on=on) == []


@pytest.mark.parametrize("printed", [False, True])
def test_a_filing_taken_back_takes_its_paper_out(office: Office, member: Member, printed: bool) -> None:
    filing, paper = renamed(member, office.clerk)
    dispatch = enclosed(office)
    if printed:
        print_dispatch(dispatch, by=office.clerk, on=ON)
    filings.withdraw(filing, reason="申出の取消し", by=office.clerk, on=ON)
    paper.refresh_from_db()
    assert paper.status == "voided"
    (reasons,) = leaving.find(dispatch, on=ON).values()
    assert "voided" in reasons


def test_a_paper_taken_out_for_its_address_is_made_once_more_with_the_coming_face(
    office: Office, member: Member
) -> None:
    _, paper = renamed(member, office.clerk)
    dispatch = enclosed(office)
    print_dispatch(dispatch, by=office.clerk, on=ON)
    enclosure = Enclosure.objects.get(envelope__dispatch=dispatch)
    leaving.take_out(dispatch, {enclosure.pk: ["moved"]}, by=office.clerk, on=ON)
    copy = EligibilityCertificate.objects.filter(member=member, status="proposed").get()
    paper.refresh_from_db()
    assert paper.status == "voided"
    assert (copy.coming_id, copy.effective_on, copy.face_key) == (paper.coming_id, FIRST, paper.face_key)
    assert copy.coming_id is not None


def test_what_the_post_brings_back_may_be_sent_again_on_either_side_of_the_day(office: Office, member: Member) -> None:
    renamed(member, office.clerk)
    dispatch = enclosed(office)
    finish(dispatch, office)
    envelope = Envelope.objects.get(dispatch=dispatch)
    returns.receive(envelope.code, reason="unknown_address", by=office.clerk, on=ARRIVED)
    for on in (FIRST - DAY, FIRST, FIRST + DAY):
        filings.apply_due(on=on)
        resends.check_still_right(envelope, on=on)


def test_the_old_paper_goes_out_until_the_day_and_comes_back_from_it(office: Office) -> None:
    """Approved, not yet posted when the name is filed: it is right through 11-30."""
    (found,) = office.household("0002", ["佐藤 一"])
    office.certify([found])
    _, new = renamed(found, office.clerk)
    (number,) = assemble(office.run, by=office.clerk, on=ON).dispatches
    finish(Dispatch.objects.get(pk=number), office)
    old = EligibilityCertificate.objects.filter(member=found).earliest("pk")
    assert (old.status, new.effective_on) == ("sent", FIRST)
    assert Recovery.objects.get(certificate=old).status == "planned"
