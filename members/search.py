"""Finds covers and people by what a clerk types: 記号・番号・枝番, kana, a name, a birth date; all words must hold.

Numbers and kana are compared folded (width, small kana, separators), names by their usual forms (髙 as 高; blanks
ignored). Every way to read the words is a query of its own, so that each is answered from an index.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from itertools import combinations

from django.db.models import F, Q, QuerySet, Value
from django.db.models.lookups import Contains, PostgresOperatorLookup

from core.calendar import read_day
from core.text import identifier_key, kana_key
from members.models import Member, NameGrams, NameKey, Person, WordGrams

_LABELS = re.compile(r"記号|番号|枝番")
_SEPARATORS = re.compile(r"[\s　・･/／、,，.．:：]+")
_SPOKEN_HYPHEN = re.compile(r"(?<=[0-9A-Za-z０-９Ａ-Ｚａ-ｚ])[ーの~～〜](?=[0-9０-９])")
_INSIDE_A_DAY = re.compile(r"(?<=[年月])[\s　]+(?=[0-9０-９])")
_KANA = re.compile(r"[ァ-ヺー]+")
_DIGIT = re.compile(r"\d")
_MOST_PARTS, _MOST_WORDS = 6, 8
_OLDEST = date(1868, 1, 25)


class _Holds(PostgresOperatorLookup):
    lookup_name = "holds"
    postgres_operator = "@>"


@dataclass(frozen=True, slots=True)
class _Asked:
    """The typed words by what they can be; ``numbers`` is the text of all that stand for a number."""

    names: tuple[str, ...]
    born: tuple[date, ...]
    numbers: str

    @property
    def people(self) -> QuerySet[Person]:
        """Whoever has every name and birth date asked for."""
        found = Person.objects.order_by()
        for born in self.born:
            found = found.filter(birth_date=born)
        for name in self.names:
            found = found.filter(_name(name))
        return found


def members(term: str) -> QuerySet[Member]:
    """Covers that the typed text may mean."""
    return Member.objects.filter(member_condition(term))


def people(term: str) -> QuerySet[Person]:
    """People that the typed text may mean, also by the number of any of their covers."""
    return Person.objects.filter(person_condition(term))


def words_of(term: str) -> list[str]:
    """The words that must all hold; a day written with blanks in it is one word."""
    return _INSIDE_A_DAY.sub("", _LABELS.sub(" ", term)).split()[:_MOST_WORDS]


def member_condition(term: str) -> Q:
    """The condition on ``Member``; for a model above: ``Q(member__in=members(term))``."""
    covers = Member.objects.order_by()
    by_number = covers.filter(_number(term)).values("pk")
    asked = _asked(term)
    if not (asked.names or asked.born):
        return Q(pk__in=by_number)
    covers = covers.filter(person__in=asked.people.values("pk"))
    if asked.numbers:
        covers = covers.filter(_number(asked.numbers))
    return Q(pk__in=by_number.union(covers.values("pk")))


def person_condition(term: str) -> Q:
    """The condition on ``Person``."""
    covers = Member.objects.order_by()
    by_number = covers.filter(_number(term)).values("person_id")
    asked = _asked(term)
    if not (asked.names or asked.born):
        return Q(pk__in=by_number)
    found = asked.people
    if asked.numbers:
        found = found.filter(pk__in=covers.filter(_number(asked.numbers)).values("person_id"))
    return Q(pk__in=by_number.union(found.values("pk")))


def _asked(term: str) -> _Asked:
    names, born, numbers = [], [], []
    for word in words_of(term):
        if day := _day(word):
            born.append(day)
        elif _DIGIT.search(identifier_key(word)):
            numbers.append(word)
        elif kana_key(word):
            names.append(word)
    return _Asked(tuple(names), tuple(born), " ".join(numbers))


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


def _name(word: str) -> Q:
    """Name, 通称名 or kana holds the word, wherever it stands; a single character must be the first."""
    grams = NameGrams(NameKey("name"), NameKey("printed_name"), "name_kana_key")
    key = NameKey(Value(word))
    held = Q(_Holds(grams, WordGrams(key)))
    found = held & (Q(Contains(NameKey("name"), key)) | Q(Contains(NameKey("printed_name"), key)))
    kana = kana_key(word)
    if _KANA.fullmatch(kana):
        by_kana = Q(_Holds(grams, WordGrams(Value(kana)))) & Q(Contains(F("name_kana_key"), kana))
        found |= by_kana
    return found
