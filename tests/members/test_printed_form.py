"""The printed form: recorded with a reason, never instead of the registered name, dropped by a change of name."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.db import ProgrammingError, connection, transaction

from core.errors import BadInput, Refused
from core.models import Clerk, Event
from members.models import Person, PrintedForm
from members.printed_forms import exchanged, name_on_paper, printed, record_form, suggestion
from members.querysets import FACE_KEY_SQL, PEOPLE_JOINS
from tests.mailing import build

ON = date(2026, 11, 9)
NABE = "\u9089\U000e0102"
"""邉 with a selector of a collection that the name typeface lacks."""
REGISTERED = f"渡{NABE} 一郎"
FORM = "渡\u9089 一郎"

Record = Callable[..., PrintedForm]


@pytest.fixture
def office(db: None) -> build.Office:
    return build.office()


@pytest.fixture
def person(office: build.Office) -> Person:
    return office.household("0001", [REGISTERED])[0].person


@pytest.fixture
def record(office: build.Office) -> Record:
    def do(person: Person, form: str, field: str = "name", **given: Any) -> PrintedForm:
        facts = {"reason": "字形が書体にないため", "by": office.clerk, "on": ON, **given}
        return record_form(person, field, form, facts.pop("reason"), **facts)

    return do


def rename(person: Person, **names: str) -> None:
    for field, name in names.items():
        setattr(person, field, name)
    person.save()


def test_the_form_is_printed_and_the_register_stays(person: Person, record: Record) -> None:
    assert name_on_paper(person) == REGISTERED
    made = record(person, FORM)
    person.refresh_from_db()
    assert person.name == made.registered == REGISTERED
    assert name_on_paper(person) == printed(person, "name") == FORM


def test_the_newest_form_wins_and_the_registered_one_ends_them(person: Person, record: Record) -> None:
    other = "渡\u9089\U000e0110 一郎"
    for form in (FORM, other, REGISTERED):
        record(person, form)
        assert name_on_paper(person) == form
    with pytest.raises(BadInput, match="同じ"):
        record(person, REGISTERED)


def test_a_change_of_name_drops_the_form(person: Person, record: Record) -> None:
    record(person, FORM)
    rename(person, name=f"山{NABE} 一郎")
    assert name_on_paper(person) == f"山{NABE} 一郎"


def test_legal_name_and_name_in_use_have_forms_of_their_own(person: Person, record: Record) -> None:
    rename(person, printed_name=f"田{NABE}")
    record(person, FORM)
    assert (name_on_paper(person), printed(person, "name")) == (f"田{NABE}", FORM)
    record(person, "田\u9089", "printed_name")
    assert (name_on_paper(person), printed(person, "name")) == ("田\u9089", FORM)
    rename(person, printed_name="")
    assert name_on_paper(person) == FORM


def test_the_form_is_no_part_of_the_face(person: Person, record: Record) -> None:
    """What is in somebody's hands does not become wrong."""

    def key() -> str:
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {FACE_KEY_SQL} FROM members_member m {PEOPLE_JOINS}")
            return str(cursor.fetchone()[0])

    before = key()
    record(person, FORM)
    assert key() == before


@pytest.mark.parametrize(
    ("form", "said"),
    [
        (REGISTERED, "同じ"),
        ("渡\u9089一郎", "文字の数が違います（登録は5字、入力は4字）"),
        ("渡\u9089 一郎\u3000", "文字の数"),
        ("", "文字の数"),
        ("渡\u9089\U000e0103 一郎", "U\\+9089 U\\+E0103"),
        ("渡\u9089一 郎", "空白"),
        ("山本\u3000太朗", "すべての字"),
    ],
)
def test_what_is_not_an_exchange_of_printable_characters_is_refused(
    person: Person, record: Record, form: str, said: str
) -> None:
    with pytest.raises(BadInput, match=said) as refusal:
        record(person, form)
    assert {mistake.column for mistake in refusal.value.mistakes} == {"form"}
    assert "一郎" not in str(refusal.value)
    assert not PrintedForm.objects.exists() and name_on_paper(person) == REGISTERED


def test_a_name_in_use_that_is_not_registered_has_no_form(person: Person, record: Record) -> None:
    with pytest.raises(BadInput, match="通称名の登録はありません"):
        record(person, FORM, "printed_name")


@pytest.mark.parametrize("reason", ["", "  \n"])
def test_the_reason_is_wanted(person: Person, record: Record, reason: str) -> None:
    with pytest.raises(BadInput) as refusal:
        record(person, FORM, reason=reason)
    assert refusal.value.mistakes[0].column == "reason"


@pytest.mark.parametrize("role", ["auditor", "dispatcher"])
def test_only_who_edits_may_record(person: Person, record: Record, role: str) -> None:
    with pytest.raises(Refused, match="権限"):
        record(person, FORM, by=Clerk.objects.create_user("kato", role=role))
    assert not PrintedForm.objects.exists()


def test_the_log_says_who_and_whose_without_a_name(person: Person, record: Record, office: build.Office) -> None:
    made = record(person, FORM)
    event = Event.objects.get(verb="record_form")
    assert (event.subject, event.subject_id, event.actor, event.on) == (
        "members.PrintedForm",
        made.pk,
        office.clerk,
        ON,
    )
    assert event.note == {"person": person.pk}


def test_a_record_is_never_changed_or_taken_away(person: Person, record: Record) -> None:
    made = record(person, FORM)
    for change in (lambda: PrintedForm.objects.update(form="山"), made.delete):
        with pytest.raises(ProgrammingError, match="Cannot update or delete"), transaction.atomic():
            change()
    assert PrintedForm.objects.get().form == FORM


def test_exchanges_and_the_suggestion() -> None:
    assert exchanged(REGISTERED, FORM) == [(NABE, "\u9089")]
    assert suggestion(f"{NABE}\U000e0fff 花") == "\u9089\U000e0fff 花"
    assert suggestion("山田") == "山田"
