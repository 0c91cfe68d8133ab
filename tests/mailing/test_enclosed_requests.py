"""返納のお願い travels with the replacement: printed, proved, listed, withdrawn with it, and asked for once."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from certificates.decisions.afterwards import everything
from certificates.models import EligibilityCertificate, Filing, Recovery
from certificates.recovery import (
    begin_duties,
    due_reminders,
    due_requests,
    open_duties,
    report_lost,
    wait_for_replacements,
)
from certificates.requests import filings
from core import clock
from core.errors import Refused
from core.models import Event
from core.paper import readback
from core.transitions import advance_many
from mailing.bundling import sending
from mailing.models import Dispatch, EnclosedRequest
from mailing.papers import files, requests
from mailing.papers.layouts.enclosed import MOST_ROWS
from mailing.post import returns
from mailing.services import (
    assemble,
    assemble_day,
    confirm,
    differences,
    print_dispatch,
    prove_dispatch,
    pull_list,
    seal,
    send,
)
from members.models import Address, Member, Person
from notices.letters.request.printing import print_requests
from tests.mailing import build
from tests.mailing.build import ON, Office

DAY = timedelta(1)
QUERIES = (20, 14)
FIRST = date(2026, 12, 1)


@pytest.fixture(autouse=True)
def _today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "today", lambda: ON)


@pytest.fixture
def family(office: Office) -> list[Member]:
    """Husband and wife whose certificates of the month are in the post."""
    found = office.household("0001", ["山田 太郎", "山田 花子"])
    office.certify(found)
    (number,) = assemble(office.run, by=office.clerk, on=ON).dispatches
    finish(Dispatch.objects.get(pk=number), office)
    return found


def finish(dispatch: Dispatch, office: Office) -> None:
    print_dispatch(dispatch, by=office.clerk, on=ON)
    prove_dispatch(dispatch)
    confirm(dispatch, by=office.clerk, on=ON)
    seal(dispatch, by=office.clerk, on=ON)
    send(dispatch, by=office.clerk, on=ON)


def renamed(office: Office, member: Member, effective_on: date = FIRST) -> Recovery:
    """A name filed today, the approved paper for it, and the duty about the former one."""
    told = {"effective_on": effective_on.isoformat(), "name": "山本 花子", "name_kana": "ヤマモト ハナコ"}
    filing = filings.receive("name_change", member, told, received_on=ON, via="establishment", by=office.clerk)
    if effective_on <= ON:
        filings.apply(filing, by=office.clerk, on=ON)
    approve()
    return Recovery.objects.exclude(status="closed").filter(certificate__member=member).get()


def approve() -> None:
    advance_many(EligibilityCertificate.objects.filter(status="proposed"), "approve", by=None, on=ON)


def printed(office: Office) -> Dispatch:
    dispatch = Dispatch.objects.get(pk=assemble_day(ON, by=office.clerk).dispatches[-1])
    print_dispatch(dispatch, by=office.clerk, on=ON)
    return dispatch


def pages(dispatch: Dispatch, name: str) -> list[str]:
    path = files.folder(dispatch) / name
    if not path.is_file():
        return []
    with readback.open_pdf(path) as pdf:
        return ["".join(readback.full_text(pdf, n + 1).split()) for n in range(len(pdf))]


def test_the_letter_names_old_and_new_paper_and_the_days(office: Office, family: list[Member]) -> None:
    duty = renamed(office, family[1])
    assert duty.status == "planned" and duty.certificate is not None
    dispatch = printed(office)
    (page,) = pages(dispatch, "requests-0001.pdf")
    assert "資格確認書の返納のお願い" in page and "山田太郎様" in page
    assert f"表面の内容が変わったため、お手元の資格確認書（発行番号{duty.certificate.serial}、" in page
    assert "令和8年12月1日から使えません" in page and "令和8年11月30日までは、これまでどおりお使いになれます" in page
    assert "新しい資格確認書は、同封しています" in page and "別にお送り" not in page
    duty.refresh_from_db()
    kept = EnclosedRequest.objects.get()
    assert duty.requested_on == ON and (kept.since, kept.recovery_id) == (FIRST, duty.pk)
    assert f"封筒番号{dispatch.envelopes.get().code}" in page
    assert "返納のお願い・返信用封筒" in pages(dispatch, "addresses-0001.pdf")[0]
    assert "同封2枚" in pages(dispatch, "addresses-0001.pdf")[0]


def test_it_is_proved_with_the_rest_and_a_wrong_day_is_found(office: Office, family: list[Member]) -> None:
    renamed(office, family[1])
    dispatch = printed(office)
    assert differences(dispatch) == []
    # What lies in the envelope is counted as the sheet on top counts it.
    assert prove_dispatch(dispatch)["papers_per_envelope"] == {"2": 1}
    EnclosedRequest.objects.update(until=FIRST + 20 * DAY)
    (found,) = differences(dispatch)
    assert (found.file, found.page) == ("requests-0001.pdf", 1)
    assert "「本文（body）」" in str(found) and "封筒" in found.whose and "1-0001" in found.whose
    with pytest.raises(Refused, match="本文"):
        prove_dispatch(dispatch)


def test_it_waits_for_its_envelope_and_is_asked_for_once(office: Office, family: list[Member]) -> None:
    duty = renamed(office, family[1])
    begin_duties(FIRST)
    # Its replacement is approved: it will travel with that, not alone.
    assert not due_requests(FIRST)
    Recovery.objects.filter(pk=duty.pk).update(status="open")
    dispatch = printed(office)
    finish(dispatch, office)
    assert not due_requests(FIRST) and print_requests(FIRST, by=office.clerk).count == 0
    asked = Event.objects.filter(subject=Recovery._meta.label, verb="request")
    assert [(event.subject_id, event.note) for event in asked] == [(duty.pk, {"dispatch": dispatch.pk})]


def test_the_day_s_letters_are_printed_beside_it(office: Office, family: list[Member]) -> None:
    enclosed = renamed(office, family[1])
    printed(office)
    other = EligibilityCertificate.objects.filter(member=family[0], status="sent")
    (alone,) = open_duties(other, cause="annulled", received_on=ON, on=ON, by=office.clerk)
    assert alone != enclosed.pk
    for _ in "ab":
        done = print_requests(ON, by=office.clerk)
        assert (done.count, len(done.files)) == (1, 1)


def test_printed_again_it_is_the_same(office: Office, family: list[Member]) -> None:
    renamed(office, family[1])
    dispatch = printed(office)
    path = files.folder(dispatch) / "requests-0001.pdf"
    before, events = path.read_bytes(), Event.objects.count()
    print_dispatch(dispatch, by=office.clerk, on=ON)
    path.unlink()
    Dispatch.objects.filter(pk=dispatch.pk)
    print_dispatch(dispatch, by=office.clerk, on=ON)
    assert path.read_bytes() == before and Event.objects.count() == events
    assert EnclosedRequest.objects.count() == 1


def test_a_duty_put_off_after_printing_does_not_change_the_letter(office: Office, family: list[Member]) -> None:
    duty = renamed(office, family[1])
    dispatch = printed(office)
    Recovery.objects.filter(pk=duty.pk).update(due_on=FIRST + 40 * DAY)
    assert differences(dispatch) == []


def test_paper_and_record_have_one_day_that_the_daily_job_leaves_alone(office: Office, family: list[Member]) -> None:
    duty = renamed(office, family[1])
    printed(office)
    duty.refresh_from_db()
    assert duty.due_on == EnclosedRequest.objects.get().until
    wait_for_replacements(FIRST + 20 * DAY)
    before = duty.due_on
    duty.refresh_from_db()
    assert duty.due_on == before


@pytest.mark.parametrize(("late", "stale"), [(-1, False), (0, False), (1, True)])
def test_a_letter_whose_day_comes_before_the_post_does_not_go(
    office: Office, family: list[Member], late: int, stale: bool
) -> None:
    """Through an employer ten days pass to the hand: the day named may be that of the arrival, not one before."""
    renamed(office, family[1])
    dispatch = printed(office)
    prove_dispatch(dispatch)
    until = EnclosedRequest.objects.get().until
    on = until - 10 * DAY + late * DAY
    if not stale:
        seal(dispatch, by=office.clerk, on=on)
        send(dispatch, by=office.clerk, on=on)
        return
    with pytest.raises(Refused, match="返納のお願い 1通は、このままでは出せません"):
        seal(dispatch, by=office.clerk, on=on)
    confirm(dispatch, by=office.clerk, on=on)
    kept = EnclosedRequest.objects.get()
    assert kept.until == kept.recovery.due_on == on + 17 * DAY
    assert differences(dispatch) == []
    seal(dispatch, by=office.clerk, on=on)
    with pytest.raises(Refused, match="返納のお願い"):
        send(dispatch, by=office.clerk, on=on + 8 * DAY)
    send(dispatch, by=office.clerk, on=on + 7 * DAY)


def test_what_is_lost_after_printing_is_asked_for_no_more(office: Office, family: list[Member]) -> None:
    duty = renamed(office, family[1])
    dispatch = printed(office)
    prove_dispatch(dispatch)
    assert duty.certificate is not None
    report_lost(duty.certificate, by=office.clerk, on=ON)
    with pytest.raises(Refused, match="引抜きの一覧を開いて、確かめたと記録すると"):
        seal(dispatch, by=office.clerk, on=ON)
    confirm(dispatch, by=office.clerk, on=ON)
    assert pages(dispatch, "requests-0001.pdf") == [] and differences(dispatch) == []
    assert "返納" not in pages(dispatch, "addresses-0001.pdf")[0]
    seal(dispatch, by=office.clerk, on=ON)


def test_what_comes_back_by_post_asked_nobody(office: Office, family: list[Member]) -> None:
    duty = renamed(office, family[1], effective_on=ON)
    dispatch = printed(office)
    finish(dispatch, office)
    code = dispatch.envelopes.get().code
    back = returns.receive(code, reason="moved", by=office.clerk, on=ON + 3 * DAY).returned
    duty.refresh_from_db()
    assert duty.requested_on is None and returns.held_request(back.envelope)
    # While its replacement is at the office nothing is asked, and nobody is reminded.
    assert not due_requests(ON + 30 * DAY) and not due_reminders(ON + 60 * DAY)
    returns.send_again(back, by=office.clerk, on=ON + 5 * DAY, postal_code="530-0001", address="大阪市北区一番")
    assert [one.pk for one in due_requests(ON + 5 * DAY)] == [duty.pk]
    assert print_requests(ON + 5 * DAY, by=office.clerk).count == 1


def test_a_change_that_is_withdrawn_after_the_post_is_told(office: Office, family: list[Member]) -> None:
    """The letter beside the new paper asked for the old one: another says that it is void, and asks for the new one."""
    duty = renamed(office, family[1])
    finish(printed(office), office)
    filings.withdraw(Filing.objects.get(), by=office.clerk, on=ON + DAY, reason="届出の取下げ")
    duty.refresh_from_db()
    assert (duty.status, duty.outcome) == ("closed", "lifted")
    newer = EligibilityCertificate.objects.filter(member=family[1]).latest("pk")
    done = print_requests(ON + DAY, by=office.clerk)
    with readback.open_pdf(done.files[-1]) as pdf:
        page = "".join(readback.full_text(pdf, 1).split())
    assert f"届け出られていた変更が取り下げられたため、お手元の資格確認書（発行番号{newer.serial}" in page
    assert "これまでの資格確認書は、引き続きお使いください" in page and "書面は、取り消します" in page
    assert "表面の内容が変わったため" not in page
    told = "".join(happening.text for happening in everything(family[1]))
    assert duty.certificate is not None
    assert f"{duty.certificate.serial}）を令和8年12月" not in told


def confirmed_on_its_page(dispatch: Dispatch, office: Office, monkeypatch: pytest.MonkeyPatch, on: date) -> str:
    monkeypatch.setattr(clock, "today", lambda: on)
    type(office.clerk).objects.filter(pk=office.clerk.pk).update(is_staff=True)
    client = Client()
    client.force_login(office.clerk)
    page = client.post(reverse("admin:mailing_dispatch_pulls", args=[dispatch.pk]), follow=True)
    return page.content.decode()


@pytest.mark.parametrize("households", [1, 4])
def test_it_asks_as_often_for_few_as_for_many(office: Office, households: int) -> None:
    people = [office.household(f"100{n}")[0] for n in range(households)]
    office.certify(people)
    for number in assemble(office.run, by=office.clerk, on=ON).dispatches:
        finish(Dispatch.objects.get(pk=number), office)
    for one in people:
        renamed(office, one)
    dispatch = printed(office)
    Recovery.objects.update(requested_on=None)
    EnclosedRequest.objects.all().delete()
    with CaptureQueriesContext(connection) as asked, transaction.atomic():
        assert requests.enclose(dispatch, by=office.clerk, on=ON) == households
    with CaptureQueriesContext(connection) as again, transaction.atomic():
        requests.refresh(dispatch, by=office.clerk, on=ON + 60 * DAY)
    assert (len(asked), len(again)) == QUERIES


def test_a_name_that_comes_between_print_and_seal_is_said_with_the_way(
    office: Office, family: list[Member], monkeypatch: pytest.MonkeyPatch
) -> None:
    renamed(office, family[1])
    dispatch = printed(office)
    prove_dispatch(dispatch)
    filings.apply_due(on=FIRST)
    filings.look_ahead(on=FIRST)
    begin_duties(FIRST)
    with pytest.raises(Refused, match="引抜きの一覧を開いて"):
        seal(dispatch, by=office.clerk, on=FIRST)
    said = confirmed_on_its_page(dispatch, office, monkeypatch, FIRST)
    assert "作り直したもの：宛名、返納のお願い。印刷し直して" in said
    assert "作り直したもの：" not in confirmed_on_its_page(dispatch, office, monkeypatch, FIRST)
    assert differences(dispatch) == []
    seal(dispatch, by=office.clerk, on=FIRST)


def test_a_pull_takes_the_letter_out_and_the_next_envelope_has_it(office: Office, family: list[Member]) -> None:
    duty = renamed(office, family[1])
    dispatch = printed(office)
    prove_dispatch(dispatch)
    Address.objects.create(
        person=family[1].person, use="mailing", postal_code="530-0001", address="大阪市北区一番", valid_from=ON
    )
    Person.objects.filter(pk=family[1].person_id).update(address_protected=True)
    (row,) = pull_list(dispatch, on=ON)
    assert "同じ封筒の返納のお願いも抜く" in row.label
    confirm(dispatch, by=office.clerk, on=ON)
    duty.refresh_from_db()
    assert duty.requested_on is None and pages(dispatch, "requests-0001.pdf") == []
    assert "返納" not in pages(dispatch, "addresses-0001.pdf")[0] and differences(dispatch) == []
    office.address(family[1], "safe", "大阪府大阪市北区二番")
    approve()
    again = printed(office)
    (page,) = pages(again, "requests-0001.pdf")
    assert "新しい資格確認書は、同封しています" in page and "太郎" not in page
    duty.refresh_from_db()
    assert duty.requested_on == ON
    assert [one.active for one in EnclosedRequest.objects.order_by("pk")] == [False, True]


def test_a_dispatch_given_up_asks_for_nothing(office: Office, family: list[Member]) -> None:
    duty = renamed(office, family[1])
    dispatch = printed(office)
    sending.cancel(dispatch, by=office.clerk, on=ON, reason="紙詰まり")
    duty.refresh_from_db()
    assert duty.requested_on is None and not EnclosedRequest.objects.filter(active=True).exists()
    verbs = Event.objects.filter(subject=Recovery._meta.label, subject_id=duty.pk).order_by("seq")
    assert list(verbs.values_list("verb", flat=True))[-2:] == ["request", "take_back_request"]


def test_who_gets_an_envelope_of_the_own_is_asked_by_name(office: Office, family: list[Member]) -> None:
    """The insured person is protected: the wife's envelope does not go through the employer, nor her letter to him."""
    renamed(office, family[1])
    Person.objects.filter(pk=family[0].person_id).update(nondisclosure=True)
    dispatch = printed(office)
    (page,) = pages(dispatch, "requests-0001.pdf")
    assert "山田花子様" in page and "山田太郎様" not in page
    assert "山田花子様" in pages(dispatch, "addresses-0001.pdf")[0] and differences(dispatch) == []


@pytest.mark.parametrize("verb", ["report_lost", "return"])
def test_what_is_lost_or_back_is_not_asked_for(office: Office, family: list[Member], verb: str) -> None:
    duty = renamed(office, family[1])
    old = EligibilityCertificate.objects.filter(pk=duty.certificate_id)
    advance_many(old, verb, by=office.clerk, on=ON, reason="宛先不明")
    dispatch = printed(office)
    assert pages(dispatch, "requests-0001.pdf") == [] and differences(dispatch) == []


@pytest.mark.parametrize("papers", [1, MOST_ROWS - 1, MOST_ROWS])
def test_a_full_envelope_still_lists_the_letter(db: None, home: Path, papers: int) -> None:
    """The name of the insured person changes, which stands on everybody's paper."""
    office = build.office(max_sheets_per_envelope=MOST_ROWS)
    kana = "一二三四五六七八九十百千万"
    found = office.household("0002", ["山田 太郎", *(f"山田 {each}子" for each in kana)][:papers])
    office.certify(found)
    for number in assemble(office.run, by=office.clerk, on=ON).dispatches:
        finish(Dispatch.objects.get(pk=number), office)
    renamed(office, found[0])
    dispatch = printed(office)
    assert differences(dispatch) == [] and EnclosedRequest.objects.count() == papers
    asked = pages(dispatch, "requests-0001.pdf")
    assert sum("資格確認書の返納のお願い" in page and "様" in page for page in asked) == 1
    (sheet,) = pages(dispatch, "addresses-0001.pdf")
    assert f"同封{papers + 1}枚" in sheet and "返納のお願い・返信用封筒" in sheet
