"""A letter's number: a running one of its year, the same when it is printed again, and the way back to the case."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from core import clock
from core.errors import Refused
from core.models import Event
from core.transitions import record
from core.web import page_url
from core.web.words import worded
from members.models import Member
from notices.letters import service
from notices.letters.content import letter_number
from notices.letters.numbering import meant
from notices.letters.reminder.printing import print_reminders
from notices.letters.unregistered.printing import print_unregistered
from notices.models import LetterNumber
from tests.mailing import build
from tests.mailing.build import Office
from tests.notices.test_letters_printing import FIRST, application, duties, missing_number, pages

ON = date(2026, 11, 12)
NEW_YEAR = date(2027, 1, 1)


@pytest.fixture
def office(db: None, home: Path) -> Office:
    return build.office()


def uncovered(office: Office, number: str) -> Member:
    (member,) = office.household(number)
    return member


def refused(office: Office, member: Member, on: date = ON) -> Any:
    row = application(office, member)
    row.status, row.refusal_text, row.decided_on = "refused", "理由です。", on
    return row


@pytest.mark.parametrize(
    ("on", "said"),
    [(date(2026, 12, 31), "令和8年第7号"), (NEW_YEAR, "令和9年第7号"), (date(2019, 5, 1), "令和元年第7号")],
)
def test_how_a_number_is_said(on: date, said: str) -> None:
    assert letter_number(on, 7) == said


def test_letters_of_a_year_are_numbered_in_turn_and_keep_their_numbers(office: Office) -> None:
    first, second = uncovered(office, "0001"), uncovered(office, "0002")
    about = refused(office, second)
    missing_number(office, "0003", "未出 一郎")
    paths = [
        service.print_letter("interim", first, by=office.clerk, on=ON),
        service.print_letter("refusal", about, by=office.clerk, on=ON),
        *print_unregistered(office.establishments, by=office.clerk, on=ON)[0],
    ]
    printed = ["資格証明 令和8年第1号", "申請 令和8年第2号", "番号届 令和8年第3号"]
    for path, said in zip(paths, printed, strict=True):
        assert said in pages(path)[0]
    before = [path.read_bytes() for path in paths]
    service.print_letter("refusal", about, by=office.clerk, on=NEW_YEAR)
    service.print_letter("interim", first, by=office.clerk, on=ON)
    assert [path.read_bytes() for path in paths] == before and LetterNumber.objects.count() == 3
    assert "資格証明 令和9年第1号" in pages(service.print_letter("interim", first, by=office.clerk, on=NEW_YEAR))[0]


def test_no_letter_bears_an_id(office: Office) -> None:
    for spare in range(20):
        uncovered(office, f"9{spare}")
    member = uncovered(office, "0001")
    about = refused(office, member)
    text = pages(service.print_letter("interim", member, by=office.clerk, on=ON))[0]
    text += pages(service.print_letter("refusal", about, by=office.clerk, on=ON))[0]
    assert f"-{member.pk}" not in text and f"申請 {about.pk}" not in text
    (duty,) = duties(office, office.household("0002"))
    assert duty.certificate is not None
    (text,) = pages(print_reminders(FIRST, by=office.clerk).file)
    assert f"回収 {duty.certificate.serial}-1" in text


def test_a_letter_that_cannot_be_printed_takes_no_number(office: Office) -> None:
    member = uncovered(office, "0001")
    member.person.name = "李 \U0001f600"
    member.person.save()
    with pytest.raises(Refused):
        service.print_letter("interim", member, by=office.clerk, on=ON)
    assert not LetterNumber.objects.exists()


def test_the_log_tells_the_number(office: Office) -> None:
    service.print_letter("interim", uncovered(office, "0001"), by=office.clerk, on=ON)
    event = Event.objects.get(verb="letter")
    assert "文書番号" in worded(event.note) and "令和8年第1号" in worded(event.note)


def test_from_a_number_back_to_the_case(office: Office) -> None:
    member = uncovered(office, "0001")
    about = refused(office, member)
    missing_number(office, "0003", "未出 一郎")
    service.print_letter("interim", member, by=office.clerk, on=ON)
    service.print_letter("refusal", about, by=office.clerk, on=ON)
    print_unregistered(office.establishments, by=office.clerk, on=ON)
    employer = office.establishments[0]
    for words in ("資格証明 令和8年第1号", "令和8年第1号", "資格証明　令和８年 第１号", "証明 令和8年第1号"):
        assert meant(words) == member
    assert meant("申請 令和8年第2号") == about and meant("番号届 令和8年第3号") == employer
    for words in ("令和8年第4号", "令和9年第1号", "平成8年第1号", "明和8年第1号", "第1号", "山田 太郎", "1-0001"):
        assert meant(words) is None


def test_numbers_of_before_lead_to_the_case_too(office: Office) -> None:
    member = uncovered(office, "0001")
    about, employer = refused(office, member), office.establishments[0]
    (duty,) = duties(office, office.household("0002"))
    assert meant(f"資格証明 20261109-{member.pk}") is None, "no letter was printed about it"
    for one in (member, about, employer):
        note = {"letter": "x", "file": "x.pdf"}
        record("letter", one._meta.label, [one.pk], by=office.clerk, on=ON, note=note)
    print_reminders(FIRST, by=office.clerk)
    assert meant(f"資格証明 20261109-{member.pk}") == member
    assert meant(f"番号届 20261109-{employer.pk}") == employer
    assert meant(f"申請 {about.pk}") == about
    assert meant(f"回収 {duty.pk}-1") == duty
    assert duty.certificate is not None
    assert meant(f"回収 {duty.certificate.serial}-2") == duty == meant(f"返納 {duty.certificate.serial}")


def test_the_search_box_opens_what_a_number_names(
    office: Office, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock, "today", lambda: ON)
    member = uncovered(office, "0001")
    service.print_letter("interim", member, by=office.clerk, on=ON)
    office.clerk.is_staff = True
    office.clerk.save()
    client.force_login(office.clerk)
    answer = client.post(reverse("search"), {"words": "資格証明 令和8年第1号"})
    assert answer["Location"] == page_url(member.person)
    about = refused(office, member)
    service.print_letter("refusal", about, by=office.clerk, on=ON)
    answer = client.post(reverse("search"), {"words": "令和8年第2号"})
    assert answer["Location"] == page_url(about)
    assert client.post(reverse("search"), {"words": "令和8年第3号"}).status_code == 200
