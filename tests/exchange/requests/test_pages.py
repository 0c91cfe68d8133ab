"""The files for the fund in the browser: made, saved, handed over, taken in and given up without a command."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from certificates.models import Deregistration
from certificates.requests import deregistration as deregistrations
from core.models import Clerk, Event
from core.web.html import EMPTY
from exchange.models import OutgoingFile
from members.models import Member
from tests.exchange.requests.asking import Clerks, accepted
from tests.kenpo.reading import text_of

pytestmark = pytest.mark.django_db

LIST = "admin:exchange_outgoingfile_changelist"
MAKE = "admin:exchange_outgoingfile_make"
TODAY = "2026-11-10"


def url(file: OutgoingFile, step: str) -> str:
    return reverse(f"admin:exchange_outgoingfile_{step}", args=[file.pk])


def said(answer: Any) -> str:
    return text_of(answer.content.decode())


@pytest.fixture
def desk(client: Client) -> Client:
    client.force_login(Clerk.objects.create_user("hanako", role="clerk", is_staff=True))
    return client


@pytest.fixture
def file(desk: Client, people: dict[str, Member], clerks: Clerks) -> OutgoingFile:
    for number in ("1", "2"):
        accepted(people[number], clerks)
    assert "基金へ渡すファイルは 1件です" in said(desk.post(reverse(MAKE), follow=True))
    return OutgoingFile.objects.get()


def test_the_list_leads_to_the_making_and_twice_makes_no_second_file(desk: Client, file: OutgoingFile) -> None:
    page = desk.get(reverse(LIST))
    assert reverse(MAKE) in page.content.decode() and "依頼ファイルを作る" in said(page)
    assert "二つのファイルに載ることはありません" in said(desk.get(reverse(MAKE)))
    desk.post(reverse(MAKE))
    assert OutgoingFile.objects.get() == file and file.row_count == 2


def test_an_empty_cell_of_its_lines_looks_as_on_every_page(desk: Client, file: OutgoingFile) -> None:
    cells = {line.strip() for line in said(desk.get(url(file, "change"))).splitlines()}
    assert EMPTY in cells and "-" not in cells


def test_with_nothing_to_ask_no_file_is_made(desk: Client, people: dict[str, Member]) -> None:
    assert "基金へ依頼するものはありません" in said(desk.post(reverse(MAKE), follow=True))
    assert not OutgoingFile.objects.exists()


def test_an_auditor_makes_none(client: Client, people: dict[str, Member]) -> None:
    client.force_login(Clerk.objects.create_user("kansa", role="auditor", is_staff=True))
    answer = client.post(reverse(MAKE))
    assert answer.status_code == 403 and "権限ではできません" in said(answer)


def test_the_saved_file_is_the_sealed_one_and_the_log_knows_who_took_it(desk: Client, file: OutgoingFile) -> None:
    answer = desk.get(url(file, "open"))
    assert answer.content.decode().splitlines()[-1] == f"T,2,{file.control_total}"
    assert answer["Content-Disposition"] == f'attachment; filename="{file.name}"'
    assert "no-store" in answer["Cache-Control"]
    assert Event.objects.get(verb="open_file", subject_id=file.pk).actor.username == "hanako"  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("day", "says"), [("令和8年11月9日", "作成日より前"), ("令和8年11月10日", ""), ("令和8年11月11日", "今日までの日")]
)
def test_it_is_handed_over_on_a_day_that_can_be(desk: Client, file: OutgoingFile, day: str, says: str) -> None:
    answer = desk.post(url(file, "send"), {"day": day}, follow=True)
    file.refresh_from_db()
    assert (file.status == "sent") is (not says)
    assert (says or "渡したことを記録しました") in said(answer)


def test_lines_not_taken_in_are_noted_with_their_reason(desk: Client, file: OutgoingFile) -> None:
    blocked = desk.post(url(file, "acknowledge"), {"accepted_on": TODAY})
    assert blocked.status_code == 409 and OutgoingFile.objects.get().status == "made"
    desk.post(url(file, "send"), {"day": TODAY})
    for wrong, says in (("二行目", "3=該当者なし"), ("9=該当者なし", "このファイルにない行"), ("2=", "理由を書いて")):
        assert says in said(desk.post(url(file, "acknowledge"), {"accepted_on": TODAY, "refused": wrong}))
    assert OutgoingFile.objects.get().status == "sent"
    answer = desk.post(url(file, "acknowledge"), {"accepted_on": TODAY, "refused": "2=該当者なし\r\n"}, follow=True)
    assert "受け付けられなかった 1件" in said(answer)
    file.refresh_from_db()
    assert (file.status, file.accepted_on) == ("acknowledged", date(2026, 11, 10))
    assert list(file.rows.values_list("line_no", "refusal")) == [(1, ""), (2, "該当者なし")]


def test_given_up_its_requests_go_on_the_next(desk: Client, file: OutgoingFile) -> None:
    assert "理由" in said(desk.post(url(file, "cancel"), {"reason": ""}))
    desk.post(url(file, "cancel"), {"reason": "形式の誤り"})
    file.refresh_from_db()
    assert file.status == "cancelled"
    desk.post(reverse(MAKE))
    assert OutgoingFile.objects.exclude(pk=file.pk).get().row_count == 2


def test_a_request_at_the_fund_stays_in_the_words_of_the_service(desk: Client, file: OutgoingFile) -> None:
    request = Deregistration.objects.order_by("pk")[0]
    address = reverse("admin:certificates_deregistration_withdraw", args=[request.pk])
    assert desk.get(address).status_code == 200
    desk.post(url(file, "send"), {"day": TODAY})
    blocked = desk.get(address)
    assert blocked.status_code == 409 and deregistrations.not_to_withdraw(request) in said(blocked)
    assert "すでに支払基金へ渡している" in said(blocked)
