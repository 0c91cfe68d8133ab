"""Forms from the database: what is filled in beforehand, and for whom there is none."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from core.errors import Refused
from members.models import Member, Person
from notices.letters import service
from tests.mailing import build
from tests.mailing.build import Office
from tests.notices.test_letters_printing import duties, pages, protect


@pytest.fixture
def office(db: None, home: Path) -> Office:
    return build.office()


def test_a_form_knows_the_member_and_the_paper(office: Office, command: Any) -> None:
    head, child = office.household("0001", ["山田 太郎", "山田 花子"])
    (opened,) = duties(office, [child])
    answer = command("letters", "form", "lost", "1", "0001", "01", "--by", "haraguchi", "--on", "2026-11-20")
    assert answer.json == {"files": [f"paper/letters/form-lost-{child.pk}-20261120.pdf"]}
    (page,) = pages(service.folder() / f"form-lost-{child.pk}-20261120.pdf")
    assert opened.certificate is not None
    for words in ("山田 太郎", "山田 花子", "1・0001（枝番 01）", opened.certificate.serial, "甲乙健康保険組合 御中"):
        assert words in page
    assert "千代田一丁目" not in page  # an address is for the holder to write
    insured = command("letters", "form", "application", "1", "0001", "--by", "haraguchi", "--on", "2026-11-20")
    assert insured.json == {"files": [f"paper/letters/form-application-{head.pk}-20261120.pdf"]}
    (page,) = pages(service.folder() / f"form-application-{head.pk}-20261120.pdf")
    assert "カードの紛失" in page and "希望による" not in page and "①" not in page
    assert command("letters", "form", "lost", "9", "9999", "--by", "haraguchi").code == 2


def test_the_relief_form_is_for_three_tenths_only(office: Office) -> None:
    head, wife = office.household("0001", ["山田 太郎", "山田 花子"])
    with pytest.raises(Refused, match="3割"):
        service.print_letter("form_relief", head, by=office.clerk, on=date(2026, 11, 20))
    Person.objects.filter(pk=head.person_id).update(birth_date=date(1955, 4, 10))
    wife = Member.objects.get(pk=wife.pk)
    (page,) = pages(service.print_letter("form_relief", wife, by=office.clerk, on=date(2026, 11, 20)))
    assert "3割" in page and "山田 太郎" in page and "花子" not in page


def test_a_protected_persons_unrecoverable_form_never_goes_to_the_employer(office: Office) -> None:
    (member,) = office.household("0001")
    assert service.print_letter("form_unrecoverable", member, by=office.clerk, on=date(2026, 11, 20)).exists()
    protect(member, nondisclosure=True)
    member = Member.objects.get(pk=member.pk)
    with pytest.raises(Refused, match="事業所へ渡せません"):
        service.print_letter("form_unrecoverable", member, by=office.clerk, on=date(2026, 11, 20))


def test_an_unknown_form(office: Office) -> None:
    with pytest.raises(Refused, match="ありません"):
        service.print_letter("form_marriage", office.household("0001")[0], by=office.clerk, on=date(2026, 11, 20))
