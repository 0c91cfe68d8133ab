"""Taking in the fund's answers; an answer older than what is known never overwrites it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from django.db import transaction

from certificates.decisions import ruling
from certificates.models import Inquiry
from certificates.requests.inquiries.known import newest_words
from certificates.rules.facts import USABLE_STATES, FundRow
from core.errors import BadInput, Mistake, Refused
from core.models import Clerk
from core.plausible import window
from core.transitions import advance_many, lock_chain
from members.models import MynaStatus
from members.services import society


@dataclass(frozen=True, slots=True)
class Answer:
    """What the fund says of one person as of a day; ``state`` is one of registered, not_registered, returned."""

    state: str
    as_of: date
    registered_on: date | None = None
    expires_on: date | None = None
    returned_on: date | None = None


@dataclass(frozen=True, slots=True)
class Taken:
    """Counts of a batch: answered inquiries, those of them that were older than what is known, what was settled."""

    answered: int
    older: int
    settled: Mapping[str, int]


def check(answer: Answer, *, on: date) -> list[Mistake]:
    """What is wrong with an answer, by the file's columns; a day that merely looks odd is taken."""
    mistakes: list[Mistake] = []
    if answer.state not in USABLE_STATES:
        words = " / ".join(USABLE_STATES)
        mistakes.append(Mistake(f"状態は {words} のどれかにしてください。", column="registration"))
    days = {
        "as_of": answer.as_of,
        "registered_on": answer.registered_on,
        "e_certificate_expires_on": answer.expires_on,
        "returned_on": answer.returned_on,
    }
    mistakes += [
        Mistake(window(column).words(on), column=column)
        for column, day in days.items()
        if day is not None and not window(column).holds(day, on)
    ]
    if answer.as_of > on:
        mistakes.append(Mistake("基準日が先の日付です。回答の基準日を確認してください。", column="as_of"))
    return mistakes


def answer(inquiry: Inquiry, given: Answer, *, by: Clerk | None, on: date) -> bool:
    """Takes in one answer; whether it is the newest word and was kept. ``settle`` is left to the caller.

    Raises:
        BadInput: the answer is not right; every mistake is listed by column.
        Refused: the inquiry is answered or closed already, or the clerk may not.
    """
    if mistakes := check(given, on=on):
        raise BadInput(mistakes)
    with transaction.atomic():
        moved, older = _take({inquiry.pk: given}, by=by, on=on)
    inquiry.refresh_from_db()
    if not moved:
        raise Refused(inquiry.lifecycle.why_not(inquiry.status, "answer"))
    return not older


def answer_many(answers: Mapping[int, Answer], *, by: Clerk | None, on: date) -> Taken:
    """Takes in a batch of checked answers by inquiry id, and settles what they settle.

    Inquiries that are answered or closed already are left as they are.

    Raises:
        Refused: the clerk may not, or no policy is in force for what is to be settled.
    """
    with transaction.atomic():
        moved, older = _take(answers, by=by, on=on)
    return Taken(len(moved), len(older), ruling.settle(society(), on=on))


def _take(answers: Mapping[int, Answer], *, by: Clerk | None, on: date) -> tuple[list[int], list[int]]:
    """Answers the inquiries that moved, and which of them brought nothing newer, in the caller's transaction."""
    lock_chain()
    waiting = Inquiry.objects.filter(pk__in=list(answers), status__in=("open", "asked"))
    person_of = dict(waiting.values_list("pk", "person_id"))
    known = newest_words(person_of.values(), on)
    older = [pk for pk, person in person_of.items() if _is_older(answers[pk], known.get(person))]
    news = sorted(set(person_of) - set(older))
    moved = []
    for ids, applied in ((news, True), (older, False)):
        mine = Inquiry.objects.filter(pk__in=ids)
        moved += advance_many(mine, "answer", by=by, on=on, note={"applied": applied}, answered_on=on)
    MynaStatus.objects.bulk_create(_status(person_of[pk], answers[pk], on) for pk in news)
    return moved, older


def _is_older(given: Answer, known: FundRow | None) -> bool:
    return known is not None and given.as_of < known.as_of


def _status(person_id: int, given: Answer, on: date) -> MynaStatus:
    return MynaStatus(
        person_id=person_id,
        as_of=given.as_of,
        source=MynaStatus.Source.INQUIRY,
        state=given.state,
        registered_on=given.registered_on,
        e_certificate_expires_on=given.expires_on,
        returned_on=given.returned_on,
        created_on=on,
    )
