"""The pages of a municipal scheme: nothing empty about employers, and forms that offer only what there is."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from certificates.models import Run
from core.models import Clerk
from members.models import Insurer
from tests.scenarios.office import Office

pytestmark = pytest.mark.django_db

MONTH, RUN = "2026-09", "2026-09-10"
WORDS = ("事業所", "事業主", "被扶養者", "扶養から", "退職", "任意継続", "標準報酬")


@pytest.fixture
def office(kokuho: Office) -> Office:
    """A month with a head and a child, before its approval."""
    for nth, born in enumerate(("1980-04-15", "2010-06-06")):
        kokuho.joins(born, household_key="S0001", household_head=str(int(not nth)), copayment_percent="")
    kokuho.month(MONTH, on=RUN)
    return kokuho


@pytest.fixture
def approver(office: Office, client: Client) -> Client:
    client.force_login(Clerk.objects.create_user("ichiro", role="administrator", is_staff=True))
    return client


def words_of(client: Client, address: str, **asked: Any) -> str:
    """What a page says to its reader."""
    answer = client.get(address, asked, follow=True)
    assert answer.status_code == 200 and "ログイン" not in answer.content.decode()[:2000], address
    page = re.sub(r"<(script|style)\b.*?</\1>", "", answer.content.decode(), flags=re.S)
    return re.sub(r"<[^>]+>", " ", page)


def test_pages_do_not_speak_of_employers(office: Office, approver: Client) -> None:
    member, run = office.member(office.everybody[1]), Run.objects.get()
    wrong: dict[str, list[str]] = {}
    for name, at in (
        ("admin:index", ()),
        ("month", ()),
        ("search", ()),
        ("gaps", ()),
        ("ledger", ()),
        ("statistics", ()),
        ("wording", ()),
        ("admin:members_member_changelist", ()),
        ("admin:members_member_change", (member.pk,)),
        ("admin:members_person_change", (member.person_id,)),
        ("admin:members_member_filing", (member.pk,)),
        ("admin:certificates_eligibilitycertificate_changelist", ()),
        ("admin:certificates_run_change", (run.pk,)),
        ("admin:certificates_run_proposals", (run.pk,)),
        ("admin:mailing_envelope_changelist", ()),
    ):
        said = words_of(approver, reverse(name, args=at))
        if found := [said[max(0, at - 30) : at + 30] for word in WORDS if (at := said.find(word)) >= 0]:
            wrong[name] = found
    assert not wrong, "\n".join(f"{n} {f}".replace("\n", " ") for n, f in wrong.items())


def test_a_person_s_cover_tells_household_head_and_share(office: Office, approver: Client) -> None:
    head, child = map(office.member, office.everybody)
    said = words_of(approver, reverse("admin:members_member_change", args=[child.pk]))
    assert "S0001" in said and head.person.name in said
    assert child.person.name in words_of(approver, reverse("admin:members_member_change", args=[head.pk]))


def test_a_household_stands_together_on_the_person_s_page(office: Office, approver: Client) -> None:
    head, child = map(office.member, office.everybody)
    said = words_of(approver, reverse("admin:members_person_change", args=[child.person_id]))
    assert head.person.name in said


@pytest.mark.parametrize("kind", ["loss", "death", "name_change", "address"])
def test_forms_offer_no_employer_and_no_retirement(office: Office, approver: Client, kind: str) -> None:
    member = office.member(office.everybody[0])
    said = words_of(approver, reverse("admin:members_member_filing", args=[member.pk]), kind=kind)
    assert "受付方法" in said and "窓口" in said
    assert "事業所経由" not in said


def test_a_kind_that_only_employers_file_has_no_form(office: Office, approver: Client) -> None:
    member = office.member(office.everybody[0])
    said = words_of(approver, reverse("admin:members_member_filing", args=[member.pk]), kind="voluntary")
    assert "受付方法" not in said


def test_people_join_under_the_insurer(office: Office, approver: Client) -> None:
    address = reverse("admin:members_insurer_filing", args=[Insurer.objects.get().pk])
    assert "資格取得" in words_of(approver, address)
    said = words_of(approver, address, kind="acquisition")
    assert "氏名" in said and "事業所コード" not in said and "標準報酬" not in said
