"""対応記録: records a call once, lets nothing be read out before the caller was checked, and keeps who waits for a call back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from certificates.models import Contact
from certificates.models.contacts import ENOUGH_CHECKED
from core.errors import BadInput, Mistake, Refused
from core.models import Clerk
from core.roles import EDIT
from core.transitions import lock_chain, record
from members.models import Member, Person

LABEL = "電話の対応を記録する"
VERB = "call"


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """What one call was about; see ``Contact`` for the fields."""

    token: UUID
    caller: str
    topic: str
    checked: tuple[str, ...] = ()
    question: str = ""
    answer: str = ""
    follow_up_by: date | None = None
    member: Member | None = None
    answers: Contact | None = None


def waiting() -> QuerySet[Contact]:
    """Calls whose caller waits to be called back (折返し待ち), the most urgent first."""
    return Contact.objects.filter(follow_up_by__isnull=False, answered_by__isnull=True).order_by("follow_up_by", "id")


def is_protected(person: Person) -> bool:
    """Whether nothing may be told about the person to anybody else (住所秘匿, 自己情報提供不可)."""
    return person.address_protected or person.nondisclosure


def record_contact(person: Person, call: Call, *, by: Clerk, on: date) -> Contact:
    """Records a call about a person; the same form sent again answers the call that was recorded.

    Raises:
        Refused: the clerk may not, or the earlier call was returned already.
        BadInput: see ``_mistakes``; columns are those of ``Contact``. No text is quoted.
    """
    if not by.can(EDIT):
        raise Refused(f"「{LABEL}」は{by.get_role_display()}の権限ではできません。")
    with transaction.atomic():
        lock_chain()
        if known := Contact.objects.filter(token=call.token).first():
            return known
        if found := list(_mistakes(person, call, on)):
            raise BadInput(found)
        if call.answers is not None and Contact.objects.filter(answers=call.answers).exists():
            raise Refused("この折返しは、すでに記録されています。人の画面で新しい記録を確かめてください。")
        made = Contact.objects.create(
            person=person,
            member=call.member,
            answers=call.answers,
            on=on,
            clerk=by,
            caller=call.caller,
            checked=list(dict.fromkeys(call.checked)),
            topic=call.topic,
            question=call.question.strip(),
            answer=call.answer.strip(),
            follow_up_by=call.follow_up_by,
            token=call.token,
        )
        record(VERB, Contact._meta.label, [made.pk], by=by, on=on, note={"person": person.pk})
    return made


def _mistakes(person: Person, call: Call, on: date) -> Iterator[Mistake]:
    answered = bool(call.answer.strip())
    if answered and len(set(call.checked)) < ENOUGH_CHECKED:
        yield Mistake(
            "答える前に、氏名・生年月日・記号番号のうち二つ以上を確かめてください。"
            "確かめられないときは、答えたことを空にし、折返しの期限を入れてください。",
            column="checked",
        )
    if answered and call.caller != Contact.Caller.SELF and is_protected(person):
        yield Mistake(
            "住所秘匿または自己情報提供不可の方です。本人以外には何も答えられません。"
            "答えたことを空にし、本人へ折り返してください。",
            column="answer",
        )
    if call.topic == Contact.Topic.OTHER and not call.question.strip():
        yield Mistake("「その他」のときは、用件の内容を書いてください。", column="question")
    if not answered and call.follow_up_by is None:
        yield Mistake("答えたことを書くか、折返しの期限を入れてください。", column="answer")
    if call.follow_up_by is not None and call.follow_up_by < on:
        yield Mistake("折返しの期限が過ぎた日です。今日か先の日を入れてください。", column="follow_up_by")
    if call.answers is not None and call.answers.person_id != person.pk:
        yield Mistake("別の方の記録への折返しです。その方の画面から記録してください。", column=None)
