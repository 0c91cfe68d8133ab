"""Finds covers and people by what a clerk types: 記号・番号・枝番, kana, a name, a birth date; all words must hold.

Numbers and kana are compared folded (width, small kana, separators), names by their usual forms (髙 as 高; blanks
ignored). Every way to read the words is a query of its own, so that each is answered from an index.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from itertools import combinations, product

from django.db.models import Q, QuerySet, Value
from django.db.models.lookups import Contains, PostgresOperatorLookup

from core.calendar import ERAS, read_day
from core.text import identifier_key, kana_key
from members.functions import NameGrams, NameKey, WordGrams
from members.models import Member, Person

_LABELS = re.compile(r"記号|番号|枝番")
_SEPARATORS = re.compile(r"[\s　・･/／、,，.．:：]+")
_SPOKEN_HYPHEN = re.compile(r"(?<=[0-9A-Za-z０-９Ａ-Ｚａ-ｚ])[ーの~～〜](?=[0-9０-９])")
_INSIDE_A_DAY = re.compile(r"(?<=[年月])[\s　]+(?=[0-9０-９])")
_KANA = re.compile(r"[ァ-ヺー]+")
_HIRAGANA = re.compile(r"[ぁ-ゖ]")
_DIGIT = re.compile(r"\d")
_MOST_PARTS, _MOST_WORDS = 6, 5
_OLDEST = ERAS[-1][0]


class _Holds(PostgresOperatorLookup):
    lookup_name = "holds"
    postgres_operator = "@>"


@dataclass(frozen=True, slots=True)
class _Asked:
    """The typed words by what they can be; ``numbers`` is the text of all that stand for a number."""

    names: tuple[str, ...]
    born: tuple[date, ...]
    numbers: str

    def people(self, *conditions: Q, most: int | None = None) -> QuerySet[Person]:
        """Ids of whoever has every name and birth date asked for, one query for each way to read the names."""
        everybody = Person.objects.order_by().filter(*conditions)
        for born in self.born:
            everybody = everybody.filter(birth_date=born)
        first, *others = [
            everybody.filter(*each).values("pk") for each in product(*(_readings(name) for name in self.names))
        ]
        return first.union(*others, all=True)[:most]


def members(term: str) -> QuerySet[Member]:
    """Covers that the typed text may mean."""
    return Member.objects.filter(member_condition(term))


def people(term: str) -> QuerySet[Person]:
    """People that the typed text may mean, also by the number of any of their covers."""
    return Person.objects.filter(person_condition(term))


def words_of(term: str) -> list[str]:
    """The words that must all hold; a day written with blanks in it is one word."""
    return _INSIDE_A_DAY.sub("", _LABELS.sub(" ", term)).split()[:_MOST_WORDS]


def member_condition(term: str, *, most: int | None = None) -> Q:
    """The condition on ``Member``; for a model above: ``Q(member__in=members(term))``.

    ``most``: of more people with the names asked for, any so many will do; nobody waits for the others then.
    """
    covers = Member.objects.order_by()
    by_number = covers.filter(_number(term)).values("pk")
    asked = _asked(term)
    if not (asked.names or asked.born):
        return Q(pk__in=by_number)
    if asked.numbers:
        covers, most = covers.filter(_number(asked.numbers)), None
    covers = covers.filter(person__in=asked.people(most=most))
    return Q(pk__in=by_number.union(covers.values("pk"), all=True))


def person_condition(term: str) -> Q:
    """The condition on ``Person``."""
    covers = Member.objects.order_by()
    by_number = covers.filter(_number(term)).values("person_id")
    asked = _asked(term)
    if not (asked.names or asked.born):
        return Q(pk__in=by_number)
    numbered = covers.filter(_number(asked.numbers)).values("person_id")
    conditions = [Q(pk__in=numbered)] if asked.numbers else []
    return Q(pk__in=by_number.union(asked.people(*conditions), all=True))


def _asked(term: str) -> _Asked:
    names: list[str] = []
    born: list[date] = []
    numbers: list[str] = []
    for word in words_of(term):
        if day := _day(word):
            born.append(day)
        elif _DIGIT.search(identifier_key(word)):
            numbers.append(word)
        elif names and len(kana_key(word)) == 1 and not any(map(_reads_as_kana, (word, names[-1]))):
            # A given name of one kanji is found as part of the whole name: no index knows it alone.
            names[-1] += word
        elif kana_key(word):
            names.append(word)
    return _Asked(tuple(names), tuple(born), " ".join(numbers))


def _reads_as_kana(word: str) -> bool:
    return bool(_KANA.fullmatch(kana_key(word)))


def _day(word: str) -> date | None:
    """The birth date a word stands for; digits alone only where there are eight of them."""
    if word.isdecimal() and len(word) != 8:
        return None
    try:
        day = read_day(word)
    except ValueError:
        return None
    return day if day >= _OLDEST else None


def _number(term: str) -> Q:
    """Every way to read the text as 記号, 番号 and perhaps 枝番; a single word is either of the first two.

    A 記号 may itself hold a hyphen, so neighbouring parts are also read as one.
    """
    plain = _SPOKEN_HYPHEN.sub("-", _LABELS.sub(" ", term).strip())
    words = [identifier_key(word) for word in _SEPARATORS.split(plain)]
    parts = [part for word in words for part in word.split("-") if part][:_MOST_PARTS]
    if not parts:
        return Q(pk__in=[])
    whole = "-".join(parts)
    found = Q(number_key=whole) | Q(symbol_key=whole)
    for cut in range(1, len(parts)):
        found |= Q(symbol_key="-".join(parts[:cut]), number_key="-".join(parts[cut:]))
    for first, second in combinations(range(1, len(parts)), 2):
        found |= Q(
            symbol_key="-".join(parts[:first]),
            number_key="-".join(parts[first:second]),
            branch_key="-".join(parts[second:]),
        )
    return found


def _readings(word: str) -> list[Q]:
    """The word in the name or 通称名, or in the kana, wherever it stands; a single character must be the first.

    A name in katakana reads as it is written, so its kana are enough.
    """
    grams = NameGrams(NameKey("name"), NameKey("printed_name"), "name_kana_key")
    key, kana = NameKey(Value(word)), kana_key(word)
    named = Q(Contains(NameKey("name"), key)) | Q(Contains(NameKey("printed_name"), key))
    by_name = Q(_Holds(grams, WordGrams(key))) & named
    if not _reads_as_kana(word):
        return [by_name]
    by_kana = Q(_Holds(grams, WordGrams(Value(kana)))) & Q(name_kana_key__contains=kana)
    return [by_kana, by_name] if _HIRAGANA.search(word) else [by_kana]
