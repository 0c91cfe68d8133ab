"""The page of letters about papers to hand back: what is due, one button for each kind, and the files of late."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

from certificates.models import EligibilityCertificate, Recovery
from certificates.recovery import open_duties
from core import clock
from core.models import Clerk, Event
from core.transitions import advance_many
from members.models import Person
from members.services import policy_on
from notices.letters import service
from tests.mailing import build
from tests.mailing.build import ON, Office

DAY = timedelta(1)


@pytest.fixture(autouse=True)
def _today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "today", lambda: ON)


@pytest.fixture
def office(db: None, home: Path) -> Office:
    return build.office()


@pytest.fixture
def duties(office: Office) -> list[Recovery]:
    """Two papers of two households that are to be handed back."""
    members = [office.household(number)[0] for number in ("0001", "0002")]
    papers = EligibilityCertificate.objects.filter(pk__in=office.certify(members))
    for verb in ("print", "send"):
        advance_many(papers, verb, by=office.clerk, on=ON)
    opened = open_duties(papers, cause="loss", received_on=ON, on=ON, by=office.clerk)
    return list(Recovery.objects.filter(pk__in=opened).order_by("pk"))


def signed_in(role: str = "clerk") -> Client:
    client = Client()
    client.force_login(Clerk.objects.create_user(f"{role}9", role=role, is_staff=True))
    return client


def page(client: Client) -> str:
    return client.get(reverse("recovery_letters")).content.decode()


def test_what_is_due_is_printed_with_one_press_and_opened(duties: list[Recovery]) -> None:
    client = signed_in()
    before = page(client)
    assert (
        "今日印刷する分：2枚の証" in before and "返納のお願いを印刷する" in before and "督促状を印刷する" not in before
    )
    said = client.post(reverse("recovery_letters"), {"kind": "request"}, follow=True).content.decode()
    assert "お願いした証：2枚" in said.replace(" ", "") or "お願いした証" in said
    assert "2枚" in said and f'href="{reverse("recovery_letters")}"' in said
    after = page(client)
    assert "返納のお願いを印刷する" not in after and "令和8年11月9日" in after and "2枚分" in after
    name = "requests-20261109-1.pdf"
    answer = client.get(reverse("recovery_letters_file", args=[name]))
    assert b"".join(answer) == (service.folder() / name).read_bytes()  # type: ignore[arg-type]
    opened = Event.objects.filter(verb="open_file", subject=Recovery._meta.label)
    assert {event.subject_id for event in opened} == {duty.pk for duty in duties}
    assert {event.note["file"] for event in opened} == {name}


@pytest.mark.parametrize(("late", "offered"), [(-1, False), (0, True), (1, True)])
def test_reminders_are_offered_from_their_day_on(
    office: Office, duties: list[Recovery], monkeypatch: pytest.MonkeyPatch, late: int, offered: bool
) -> None:
    client = signed_in()
    client.post(reverse("recovery_letters"), {"kind": "request"})
    first = duties[0].due_on + policy_on(office.insurer, ON).reminder_days[0] * DAY
    monkeypatch.setattr(clock, "today", lambda: first + late * DAY)
    assert ("督促状を印刷する" in page(client)) is offered
    said = client.post(reverse("recovery_letters"), {"kind": "remind"}, follow=True).content.decode()
    assert ("2枚" in said) is offered
    assert set(Recovery.objects.values_list("reminders", flat=True)) == {int(offered)}


def test_who_could_not_be_written_to_is_named_until_it_is_mended(office: Office, duties: list[Recovery]) -> None:
    client = signed_in()
    paper = duties[1].certificate
    assert paper is not None
    Person.objects.filter(pk=paper.member.person_id).update(address_protected=True)
    said = client.post(reverse("recovery_letters"), {"kind": "request"}, follow=True).content.decode()
    assert "印刷できなかった証：1枚" in said
    told = page(client)
    assert f"発行番号 {paper.serial}" in told and "安全な送付先を登録してください" in told and "山田" not in told
    office.address(paper.member, "safe", "大阪府大阪市北区一番")
    client.post(reverse("recovery_letters"), {"kind": "request"})
    assert "前回、印刷できなかった分" not in page(client)


@pytest.mark.parametrize("name", ["requests-20261109-1.pdf", "..%2F..%2Fsecret", "refusal-1.pdf"])
def test_only_files_of_this_page_are_opened(duties: list[Recovery], name: str) -> None:
    (service.folder()).mkdir(parents=True, exist_ok=True)
    (service.folder() / "refusal-1.pdf").write_bytes(b"%PDF")
    assert signed_in().get(f"{reverse('recovery_letters')}{name}").status_code == 404


@pytest.mark.parametrize("late", [0, 1, 30])
def test_a_file_that_is_gone_is_drawn_again(duties: list[Recovery], monkeypatch: pytest.MonkeyPatch, late: int) -> None:
    client = signed_in()
    client.post(reverse("recovery_letters"), {"kind": "request"})
    path = service.folder() / "requests-20261109-1.pdf"
    before = path.read_bytes()
    path.unlink()
    monkeypatch.setattr(clock, "today", lambda: ON + late * DAY)
    answer = client.get(reverse("recovery_letters_file", args=[path.name]))
    assert b"".join(answer) == before == path.read_bytes()  # type: ignore[arg-type]


@pytest.mark.parametrize(("role", "status"), [("auditor", 403), ("dispatcher", 403), ("approver", 200)])
def test_who_may_print_letters(duties: list[Recovery], role: str, status: int) -> None:
    client = signed_in(role)
    assert client.get(reverse("recovery_letters")).status_code == status
    client.post(reverse("recovery_letters"), {"kind": "request"})
    assert (Recovery.objects.filter(requested_on=ON).count() == 2) is (status == 200)


def test_the_list_of_duties_leads_there(duties: list[Recovery]) -> None:
    said = signed_in().get(reverse("admin:certificates_recovery_changelist")).content.decode()
    assert reverse("recovery_letters") in said and "返納のお願いと督促" in said
