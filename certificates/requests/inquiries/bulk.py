"""Answers to inquiries by CSV: all of them, or the good ones with the bad ones handed back.

Columns: ``insurer_number, symbol, number, branch_number, as_of, registration, registered_on,
e_certificate_expires_on, returned, returned_on``.
"""

from __future__ import annotations

from collections.abc import Container, Iterable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from django.db import transaction

from certificates.models import Inquiry
from certificates.requests.inquiries.answering import Answer, Taken, answer_many, check
from certificates.requests.inquiries.known import newest_words
from certificates.rules.facts import FundRow
from core.csv_rows import open_csv
from core.errors import BadInput, Mistake
from core.models import Clerk
from core.text import identifier_key
from members.models import Member

COLUMNS = (
    "insurer_number",
    "symbol",
    "number",
    "branch_number",
    "as_of",
    "registration",
    "registered_on",
    "e_certificate_expires_on",
    "returned",
    "returned_on",
)
Numbers = tuple[str, str, str, str]


@dataclass
class Result:
    """What became of a file: the batch's counts, rows that brought nothing new, mistakes of the bad rows."""

    taken: Taken | None = None
    unchanged: int = 0
    mistakes: list[Mistake] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Row:
    line: int
    numbers: Numbers
    answer: Answer


def answers_from_file(path: Path, *, by: Clerk | None, on: date, take_good: bool = False) -> Result:
    """Takes in a file of answers and settles what they settle; without ``take_good``, one bad row keeps all out.

    The same file again changes nothing.

    Raises:
        BadInput: the file cannot be read, or (without ``take_good``) a row is bad; every mistake is listed.
        Refused: the clerk may not.
    """
    result = Result()
    rows = list(_checked(path, on, result.mistakes))
    with transaction.atomic():
        answers = _matched(rows, on, result)
        if result.mistakes and not take_good:
            raise BadInput(sorted(result.mistakes, key=lambda mistake: mistake.line or 0))
        result.taken = answer_many(answers, by=by, on=on)
    result.mistakes.sort(key=lambda mistake: mistake.line or 0)
    return result


def _checked(path: Path, on: date, mistakes: list[Mistake]) -> Iterable[_Row]:
    """The rows that can be read; what is wrong with the others goes to ``mistakes``."""
    with open_csv(path, required=COLUMNS, known=COLUMNS) as file:
        for line, own, unreadable in file:
            try:
                if unreadable:
                    raise BadInput(unreadable)
                cells = dict(zip(file.names, own, strict=True))
                row = _Row(line, _numbers(cells), _answer(cells))
                if wrong := check(row.answer, on=on):
                    raise BadInput(wrong)
            except BadInput as bad:
                mistakes += [Mistake(m.expected, line=line, column=m.column) for m in bad.mistakes]
            else:
                yield row


def _numbers(cells: dict[str, str]) -> Numbers:
    symbol, number, branch = (identifier_key(cells[name]) for name in ("symbol", "number", "branch_number"))
    return cells["insurer_number"].strip(), symbol, number, branch


def _answer(cells: dict[str, str]) -> Answer:
    """The answer that a row gives; a returned card counts before its registration, as in the fund's file."""
    mistakes: list[Mistake] = []
    returned, registered = _flag(cells, "returned", mistakes), _flag(cells, "registration", mistakes)
    as_of = _day(cells, "as_of", mistakes)
    days = [_day(cells, name, mistakes) for name in ("registered_on", "e_certificate_expires_on", "returned_on")]
    if as_of is None and not any(mistake.column == "as_of" for mistake in mistakes):
        mistakes.append(Mistake("基準日が空です。回答の基準日を書いてください。", column="as_of"))
    if mistakes or as_of is None:
        raise BadInput(mistakes)
    state = "returned" if returned else "registered" if registered else "not_registered"
    return Answer(state, as_of, *days)


def _flag(cells: dict[str, str], column: str, mistakes: list[Mistake]) -> bool:
    if cells[column].strip() not in ("0", "1"):
        mistakes.append(Mistake("0 か 1 にしてください。", column=column))
    return cells[column].strip() == "1"


def _day(cells: dict[str, str], column: str, mistakes: list[Mistake]) -> date | None:
    text = cells[column].strip()
    try:
        if text and len(text) != 10:
            raise ValueError
        return date.fromisoformat(text) if text else None
    except ValueError:
        mistakes.append(Mistake("YYYY-MM-DD の形の、暦にある日にしてください。", column=column))
        return None


def _matched(rows: list[_Row], on: date, result: Result) -> dict[int, Answer]:
    """The answers by inquiry; rows of unknown people, without a question or said twice, differently, are mistakes."""
    people = _people(rows)
    wanted = {person for found in people.values() for person in found}
    waiting = dict(
        Inquiry.objects.filter(person__in=wanted, status__in=("open", "asked")).values_list("person_id", "pk")
    )
    asked_before = set(Inquiry.objects.filter(person__in=wanted).values_list("person_id", flat=True))
    known = newest_words(wanted, on)
    answers: dict[int, Answer] = {}
    for row in rows:
        found = people.get(row.numbers, set())
        person = _asked_one(found, waiting) or _asked_one(found, asked_before)
        if not found:
            result.mistakes.append(_no_member(row.line))
        elif person is None:
            result.mistakes.append(_no_question(row.line))
        elif person not in waiting:
            # Every question about the person has ended; the same file again must not read as a mistake.
            if _nothing_new(row.answer, known.get(person)):
                result.unchanged += 1
            else:
                result.mistakes.append(_no_question(row.line))
        elif (said := answers.setdefault(waiting[person], row.answer)) is not row.answer:
            if said == row.answer:
                result.unchanged += 1
            else:
                result.mistakes.append(_twice(row.line))
    return answers


def _people(rows: list[_Row]) -> dict[Numbers, set[int]]:
    """The persons under each row's numbers, under whichever of their covers."""
    symbols, numbers = {row.numbers[1] for row in rows}, {row.numbers[2] for row in rows}
    found: dict[Numbers, set[int]] = {}
    covers = Member.objects.filter(symbol_key__in=symbols, number_key__in=numbers).order_by()
    for *key, person in covers.values_list("insurer__number", "symbol_key", "number_key", "branch_key", "person_id"):
        found.setdefault((key[0], key[1], key[2], key[3]), set()).add(person)
    return found


def _asked_one(found: set[int], asked: Container[int]) -> int | None:
    """Of the people who bore the numbers in turn, the one who is asked about."""
    fitting = [person for person in found if person in asked]
    return fitting[0] if len(fitting) == 1 else None


def _nothing_new(given: Answer, known: FundRow | None) -> bool:
    """Whether an answer is older than what is known, or says the same."""
    if known is None or given.as_of > known.as_of:
        return False
    said = (known.state, known.registered_on, known.expires_on)
    return given.as_of < known.as_of or said == (given.state, given.registered_on, given.expires_on)


def _no_member(line: int) -> Mistake:
    return Mistake("その記号・番号・枝番の加入者は見つかりません。番号を確認してください。", line=line, column="number")


def _no_question(line: int) -> Mistake:
    return Mistake(
        "この加入者には回答待ちの個別照会がありません。番号を確認するか、先に照会を作成してください。",
        line=line,
        column="number",
    )


def _twice(line: int) -> Mistake:
    return Mistake("同じ加入者の違う回答がほかの行にもあります。正しい一行にしてください。", line=line, column="number")
