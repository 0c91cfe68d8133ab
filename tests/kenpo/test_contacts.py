"""対応記録: nothing is read out before the caller was checked, a call is recorded once, and who waits is called back."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from certificates.models import Contact
from certificates.requests import contacts
from certificates.requests.contacts import Call, record_contact
from certificates.rules.matters import Matter
from core.errors import BadInput, Refused
from core.models import Clerk, Event
from kenpo.intake.load import load
from members.models import Person
from tests.builders import Folder
from tests.kenpo import calls
from tests.kenpo.reading import latin_words, text_of

pytestmark = pytest.mark.django_db
ON = calls.ON
SAID = "マイナ保険証が令和9年4月30日まで使えるため、今はお送りしていません。"


@pytest.fixture
def taro(tmp_path: Path, db: None) -> Person:
    load(Folder(tmp_path / "in").insured("1").insured("2", name="佐藤 一", name_kana="サトウ ハジメ").write(), on=ON)
    return Person.objects.get(name="山田 太郎")


def call(**told: Any) -> Call:
    usual = {"caller": "self", "topic": "why_not", "checked": ("name", "birth_date"), "answer": SAID}
    return Call(token=uuid4(), **{**usual, **told})


def columns(person: Person, one: Call, clerk: Clerk) -> list[str | None]:
    with pytest.raises(BadInput) as bad:
        record_contact(person, one, by=clerk, on=ON)
    assert not Contact.objects.exists()
    return [mistake.column for mistake in bad.value.mistakes]


@pytest.mark.parametrize("caller", Contact.Caller.values)
@pytest.mark.parametrize(
    ("checked", "enough"),
    [
        ((), False),
        (("name",), False),
        (("name", "name"), False),
        (("name", "birth_date"), True),
        (("birth_date", "number"), True),
        (("name", "birth_date", "number"), True),
    ],
)
def test_nothing_is_answered_before_two_things_were_checked(
    taro: Person, clerk: Clerk, caller: str, checked: tuple[str, ...], enough: bool
) -> None:
    asked = call(caller=caller, checked=checked)
    if enough:
        assert record_contact(taro, asked, by=clerk, on=ON).answer == SAID
    else:
        assert columns(taro, asked, clerk) == ["checked"]
        later = replace(asked, answer="", follow_up_by=ON)
        assert record_contact(taro, later, by=clerk, on=ON).answer == ""


@pytest.mark.parametrize("flag", ["address_protected", "nondisclosure"])
def test_of_a_protected_person_only_the_person_is_told(taro: Person, clerk: Clerk, flag: str) -> None:
    setattr(taro, flag, True)
    for caller in ("family", "employer", "provider", "other"):
        assert columns(taro, call(caller=caller), clerk) == ["answer"]
    assert record_contact(taro, call(), by=clerk, on=ON).caller == "self"


@pytest.mark.parametrize(
    ("told", "wrong"),
    [
        ({"topic": "other", "question": " "}, ["question"]),
        ({"answer": " "}, ["answer"]),
        ({"follow_up_by": date(2026, 11, 9)}, ["follow_up_by"]),
    ],
)
def test_a_record_that_helps_nobody_is_not_taken(
    taro: Person, clerk: Clerk, told: dict[str, Any], wrong: list[str]
) -> None:
    assert columns(taro, call(**told), clerk) == wrong


@pytest.mark.parametrize("by", [date(2026, 11, 10), date(2026, 11, 11)])
def test_a_call_back_is_for_today_or_later(taro: Person, clerk: Clerk, by: date) -> None:
    made = record_contact(taro, call(answer="", follow_up_by=by), by=clerk, on=ON)
    assert list(contacts.waiting()) == [made]


def test_the_database_refuses_an_answer_without_a_check(taro: Person, clerk: Clerk) -> None:
    with pytest.raises(DatabaseError, match="contact_answer_after_check"), transaction.atomic():
        Contact.objects.create(
            person=taro,
            on=ON,
            clerk=clerk,
            caller="self",
            topic="why_not",
            checked=["name"],
            answer=SAID,
            token=uuid4(),
        )


def test_a_record_is_never_changed(taro: Person, clerk: Clerk) -> None:
    made = record_contact(taro, call(), by=clerk, on=ON)
    for change in (Contact.objects.update, Contact.objects.all().delete):
        with pytest.raises(DatabaseError), transaction.atomic():
            change(**({"answer": ""} if change.__name__ == "update" else {}))
    event = Event.objects.get(verb="call")
    assert (event.subject_id, event.actor, event.note) == (made.pk, clerk, {"person": taro.pk})


def test_the_same_form_sent_twice_is_one_call(taro: Person, clerk: Clerk) -> None:
    one = call()
    assert record_contact(taro, one, by=clerk, on=ON) == record_contact(taro, one, by=clerk, on=ON)
    assert Contact.objects.count() == Event.objects.filter(verb="call").count() == 1


def test_a_call_is_returned_once_and_leaves_the_queue(taro: Person, clerk: Clerk) -> None:
    second = record_contact(taro, call(answer="", follow_up_by=date(2026, 11, 12)), by=clerk, on=ON)
    first = record_contact(taro, call(answer="", follow_up_by=date(2026, 11, 11)), by=clerk, on=ON)
    assert list(contacts.waiting()) == [first, second]
    other = Person.objects.get(name="佐藤 一")
    with pytest.raises(BadInput, match="別の方"):
        record_contact(other, call(answers=first), by=clerk, on=ON)
    back = record_contact(taro, call(answers=first), by=clerk, on=ON)
    assert list(contacts.waiting()) == [second] and back.answers == first
    with pytest.raises(Refused, match="すでに記録されています"):
        record_contact(taro, call(answers=first), by=clerk, on=ON)


def test_an_auditor_records_nothing(taro: Person) -> None:
    auditor = Clerk.objects.create_user("kansa", role="auditor")
    with pytest.raises(Refused, match="監査の権限ではできません"):
        record_contact(taro, call(), by=auditor, on=ON)
    assert not Contact.objects.exists()


# At the pages.


@pytest.fixture
def desk(settings: Any, client: Client) -> Client:
    settings.KENPO_TODAY = ON
    client.force_login(Clerk.objects.create_user("denwa", role="clerk", is_staff=True))
    return client


def form_of(person: Person) -> str:
    return reverse("admin:members_person_contact", args=[person.pk])


def told(token: UUID | None = None, **fields: Any) -> dict[str, Any]:
    return {
        "token": str(token or uuid4()),
        "caller": "self",
        "topic": "why_not",
        "question": "",
        "answer": "",
        "follow_up_by": "",
        **fields,
    }


def said(answer: Any) -> str:
    return text_of(answer.content.decode())


def test_todays_answer_is_taken_over_with_one_button(desk: Client, home: Path, tmp_path: Path) -> None:
    calls.month_sent(tmp_path)
    person = calls.not_issued().person
    (sentence,) = desk.get(form_of(person)).context["sentences"]
    assert sentence.startswith("マイナ保険証が令和") and sentence.endswith("まで使えるため、今はお送りしていません。")

    page = desk.post(form_of(person), told(take="0", checked=["name"]))
    assert page.context["form"].errors == {"checked": ["読み上げる前に、二つ以上を確かめて印を付けてください。"]}
    assert page.context["form"]["answer"].value() == ""

    page = desk.post(form_of(person), told(take="0", checked=["name", "number"], question="なぜ届かないか"))
    form = page.context["form"]
    assert not form.errors and form["answer"].value() == sentence
    assert form["question"].value() == "なぜ届かないか" and form["checked"].value() == ["name", "number"]
    assert not Contact.objects.exists()

    saved = told(checked=["name", "number"], answer=form["answer"].value(), stage="save")
    page = said(desk.post(form_of(person), saved, follow=True))
    assert "対応を記録しました。" in page and page.count(sentence) == 3  # the answer, the month, the call
    made = Contact.objects.get()
    assert (made.answer, made.person, made.member.person, made.on) == (sentence, person, person, ON)


def test_the_callers_matter_adds_what_belongs_to_it(desk: Client, taro: Person) -> None:
    answer_alone = desk.get(form_of(taro)).context["sentences"]
    assert len(answer_alone) == 1
    page = desk.post(form_of(taro), told(choose="moved", topic="", checked=["name"], question="引っ越した"))
    form = page.context["form"]
    assert page.context["sentences"] == [*answer_alone, "新しい住所を届け出てください。"]
    assert not form.errors and form["question"].value() == "引っ越した"
    assert (form["topic"].value(), form["matter"].value()) == ("moved", "moved")
    page = desk.post(form_of(taro), told(take="1", matter="moved", checked=["name", "number"]))
    assert page.context["form"]["answer"].value() == "新しい住所を届け出てください。"
    page = desk.post(form_of(taro), told(choose="lost", matter="moved", topic="other"))
    assert page.context["form"]["topic"].value() == "other"
    assert "新しい住所を届け出てください。" not in page.context["sentences"]
    assert [label for _, label, chosen in page.context["matters"] if chosen] == ["なくした"]
    assert not latin_words(said(page), data={"denwa"}) and not Contact.objects.exists()
    page = desk.post(form_of(taro), told(choose="none"))
    assert page.context["sentences"] == answer_alone


def test_each_matter_is_recorded_as_what_the_call_was_about(desk: Client, taro: Person) -> None:
    topics = {}
    for matter in Matter:
        page = desk.post(form_of(taro), told(choose=matter.value, topic=""))
        topics[matter.label] = Contact.Topic(page.context["form"]["topic"].value()).label
    assert topics == {
        "届かない": "証が届かない",
        "なくした": "証をなくした・傷んだ",
        "資格がなくなる": "資格がなくなる",
        "マイナ保険証を登録した": "マイナ保険証のこと",
        "転居した": "転居した",
    }


def test_before_the_first_month_there_is_an_answer_too(desk: Client, taro: Person) -> None:
    page = said(desk.get(form_of(taro)))
    assert "今は使える手段がありません。令和8年11月16日までの月次判定で" in page
    assert not latin_words(page, data={"denwa"})
    assert "住所秘匿" not in page
    Person.objects.filter(pk=taro.pk).update(address_protected=True)
    assert "本人以外には、加入の有無も答えないでください" in said(desk.get(form_of(taro)))


def test_a_mistake_stands_beside_its_field(desk: Client, taro: Person) -> None:
    page = desk.post(form_of(taro), told(stage="save", answer=SAID, follow_up_by="きのう", caller=""))
    assert set(page.context["form"].errors) == {"caller", "follow_up_by"}
    page = desk.post(form_of(taro), told(stage="save", answer="あ" * 501, checked=["name", "number"]))
    assert page.context["form"].errors == {"answer": ["500字までにしてください。"]}
    page = desk.post(form_of(taro), told(stage="save", answer="あ" * 500))
    assert set(page.context["form"].errors) == {"checked"}
    assert not Contact.objects.exists()
    assert not latin_words(said(page), data={"denwa"})


def test_the_queue_leads_to_the_call_back_and_empties(desk: Client, taro: Person) -> None:
    desk.post(form_of(taro), told(stage="save", question="いつ届くか", follow_up_by="R8.11.12"))
    first = Contact.objects.get()
    assert "折返しを待つ電話" in said(desk.get(reverse("admin:index")))
    queue = reverse("admin:certificates_contact_changelist") + "?waiting=1"
    page = said(desk.get(queue))
    assert "山田 太郎" in page and "折返し待ち" in page
    assert not latin_words(page, data={"denwa"})

    page = desk.get(reverse("admin:certificates_contact_change", args=[first.pk]))
    back = f"{form_of(taro)}?answers={first.pk}"
    assert back in page.content.decode()
    assert "いつ届くか" in said(desk.get(back))
    desk.post(back, told(stage="save", checked=["name", "number"], answer=SAID))
    second = Contact.objects.get(answers=first)
    assert "山田 太郎" not in said(desk.get(queue))
    assert "折返しを待つ電話" not in said(desk.get(reverse("admin:index")))
    page = said(desk.get(reverse("admin:certificates_contact_change", args=[first.pk])))
    assert "折返し済み" in page and str(second) in page and "折返しは記録済みです。" in page


@pytest.mark.parametrize("first", ["", "0", "-1", "x", "²", "١", "9" * 5_000, "1" + "0" * 30])
def test_a_call_that_is_none_is_not_returned(desk: Client, taro: Person, first: str) -> None:
    assert desk.get(form_of(taro), {"answers": first}).status_code == 200
    desk.post(f"{form_of(taro)}?answers={first}", told(stage="save", checked=["name", "number"], answer=SAID))
    assert Contact.objects.get().answers is None


@pytest.mark.parametrize(
    ("today", "word"),
    [(date(2026, 11, 11), "折返し待ち"), (date(2026, 11, 12), "折返し待ち"), (date(2026, 11, 13), "期限切れ")],
)
def test_a_call_back_past_its_day_says_so(
    desk: Client, taro: Person, clerk: Clerk, settings: Any, today: date, word: str
) -> None:
    record_contact(taro, call(answer="", follow_up_by=date(2026, 11, 12)), by=clerk, on=ON)
    settings.KENPO_TODAY = today
    html = desk.get(reverse("admin:members_person_change", args=[taro.pk])).content.decode()
    assert f"{word}</span>" in "".join(html.split()) or word in text_of(html)
    assert ("期限切れ" in text_of(html)) == (word == "期限切れ")


def test_fifty_calls_cost_no_more_queries_than_one(desk: Client, taro: Person, clerk: Clerk) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as asked:
            assert desk.get(reverse("admin:members_person_change", args=[taro.pk])).status_code == 200
            assert desk.get(reverse("admin:certificates_contact_changelist")).status_code == 200
        return len(asked)

    record_contact(taro, call(follow_up_by=ON), by=clerk, on=ON)
    few = queries()
    for _ in range(49):
        record_contact(taro, call(follow_up_by=ON), by=clerk, on=ON)
    assert queries() == few
