"""Finds covers and people by what a clerk types: 記号・番号・枝番, kana, or a name.

Numbers and kana are compared folded (width, small kana, separators); names as registered, blanks ignored.
"""

from __future__ import annotations

import re
from itertools import combinations

from django.db.models import F, Q, QuerySet, Value
from django.db.models.functions import Replace
from django.db.models.lookups import Contains

from core.text import identifier_key, kana_key
from members.models import Member, Person

_WORDS = re.compile(r"記号|番号|枝番")
_SEPARATORS = re.compile(r"[\s　・･/／、,，]+")
_KANA = re.compile(r"[ァ-ヺー]+")
_DIGIT = re.compile(r"\d")
_MOST_PARTS = 6


def members(term: str) -> QuerySet[Member]:
    """Covers that the typed text may mean."""
    return Member.objects.filter(member_condition(term))


def people(term: str) -> QuerySet[Person]:
    """People that the typed text may mean, also by the number of any of their covers."""
    return Person.objects.filter(person_condition(term))


def member_condition(term: str) -> Q:
    """The condition on ``Member``; for a model above: ``Q(member__in=members(term))``."""
    return _number(term) if _names_a_number(term) else _number(term) | _name(term, "person__")


def person_condition(term: str) -> Q:
    """The condition on ``Person``."""
    by_number = Q(pk__in=Member.objects.filter(_number(term)).values("person_id"))
    return by_number if _names_a_number(term) else by_number | _name(term, "")


def _names_a_number(term: str) -> bool:
    return bool(_DIGIT.search(identifier_key(term)))


def _number(term: str) -> Q:
    """Every way to read the text as 記号, 番号 and perhaps 枝番; a single word is either of the first two.

    A 記号 may itself hold a hyphen, so neighbouring parts are also read as one.
    """
    words = [identifier_key(word) for word in _SEPARATORS.split(_WORDS.sub(" ", term).strip())]
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


def _name(term: str, person: str) -> Q:
    kana = kana_key(term)
    squeezed = re.sub(r"[\s　]", "", term)
    if not squeezed:
        return Q(pk__in=[])
    found = Q()
    for field in ("name", "printed_name"):
        stored = Replace(Replace(F(person + field), Value("　"), Value("")), Value(" "), Value(""))
        found |= Q(Contains(stored, squeezed))
    if _KANA.fullmatch(kana):
        found |= Q(**{f"{person}name_kana_key__startswith": kana})
    return found
