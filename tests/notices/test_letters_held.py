"""No letter and no form shows a text that may be damaged before a clerk has said that it is right."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.errors import Refused
from members.damaged import confirm, damaged_of
from members.models import Member, Person
from notices.letters import service
from notices.letters.reminder.printing import print_reminders
from notices.letters.unregistered.printing import print_unregistered
from tests.mailing import build
from tests.mailing.build import ON, Office
from tests.notices.test_letters_printing import FIRST, duties, pages


@pytest.fixture
def office(db: None, home: Path) -> Office:
    return build.office()


@pytest.fixture
def member(office: Office) -> Member:
    return office.household("0001", ["〓崎 次郎"])[0]


def settle(owner: Person, office: Office) -> None:
    confirm(owner, [one.key for one in damaged_of(owner, ON)], "届書の原本", by=office.clerk, on=ON)


def test_a_form_waits_for_the_word(member: Member, office: Office) -> None:
    with pytest.raises(Refused, match="文字化けかもしれないため、印刷できません"):
        service.print_letter("form_name_sex", member, by=office.clerk, on=ON)
    settle(member.person, office)
    assert service.print_letter("form_name_sex", member, by=office.clerk, on=ON).exists()


def test_a_form_for_a_dependent_waits_for_the_insured_persons_name(office: Office) -> None:
    _, child = office.household("0001", ["〓崎 次郎", "尾崎 花子"])
    with pytest.raises(Refused, match="氏名"):
        service.print_letter("form_name_sex", child, by=office.clerk, on=ON)


def test_a_reminder_to_who_has_left_is_held_alone(office: Office) -> None:
    spoilt, other = office.household("0001", ["〓崎 次郎"])[0], office.household("0002", ["山田 花子"])[0]
    first, _ = duties(office, [spoilt, other])
    Member.objects.filter(pk=spoilt.pk).update(lost_on=ON)
    done = print_reminders(FIRST, by=office.clerk)
    assert [held.id for held in done.held] == [first.pk] and "文字化け" in done.held[0].reason
    said = "".join(pages(done.file))
    assert "山田 花子" in said and "次郎" not in said
    settle(spoilt.person, office)
    assert "〓崎 次郎" in "".join(pages(print_reminders(FIRST, by=office.clerk).file))


def test_the_list_of_an_establishment_is_held(office: Office) -> None:
    (member,) = office.household("0001", ["〓崎 次郎"], establishment=0)
    Person.objects.filter(pk=member.person_id).update(individual_number_state="unregistered")
    paths, held = print_unregistered(office.establishments, by=office.clerk, on=ON)
    assert paths == [] and "氏名" in held[0].reason and "次郎" not in held[0].reason
    settle(member.person, office)
    paths, held = print_unregistered(office.establishments, by=office.clerk, on=ON)
    assert len(paths) == 1 and held == []


def test_decomposed_names_stand_on_letters_and_forms(office: Office) -> None:
    (member,) = office.household("0001", ["は\u3099やし José Nu\u0301n\u0303ez"])
    said = "".join(pages(service.print_letter("form_name_sex", member, by=office.clerk, on=ON)))
    assert "は\u3099やし" in said and "Nu\u0301n\u0303ez" in said
