"""Functions of PostgreSQL that columns, constraints and searches of people are built on."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField, DateRangeField
from django.db import models
from django.db.models import Func


class InsurerNumberValid(Func):
    """True for 8 digits, a 都道府県番号 of 01–47 or 51–97, and a right Luhn digit (PostgreSQL function)."""

    function = "members_insurer_number_valid"
    output_field = models.BooleanField()


class CoverDays(Func):
    """``[acquired_on, lost_on)`` as a range; a loss before the acquisition is an empty cover."""

    function = "daterange"
    output_field = DateRangeField()


class CoverKey(Func):
    """Insurer and 記号・番号・枝番 as one number: comparing it costs a fifth of comparing the four of them.

    Two different keys share one number once in 2^64 pairs; a million covers meet such a pair in 1 of 30 million loads.
    """

    function = "hashtextextended"
    template = "%(function)s(%(expressions)s, 0)"
    arg_joiner = " || chr(31) || "
    output_field = models.BigIntegerField()


# Every run of digits gets zeros in front and keeps its last twenty places. The embedded server has no ICU, so no
# collation could say it.
_NUMBER_ORDER = (
    "regexp_replace(regexp_replace({}, '[0-9]+', '" + "0" * 20 + "\\&', 'g'), "
    "'[0-9]*(" + "[0-9]" * 20 + ")', '\\1', 'g')" + ' COLLATE "C"'
)


def number_order_sql(cover: str) -> str:
    """What covers (alias) are sorted by on paper and on pages: 記号・番号・枝番, runs of digits as numbers."""
    keys = (f"{cover}.{column}" for column in ("symbol_key", "number_key", "branch_key"))
    return _NUMBER_ORDER.format(" || chr(31) || ".join(keys))


class NumberOrder(Func):
    """``number_order_sql`` for querysets and for the index: the three keys of a cover."""

    template = f"({_NUMBER_ORDER.format('%(expressions)s')})"
    arg_joiner = " || chr(31) || "
    output_field = models.TextField()

    @classmethod
    def of(cls, path: str = "") -> NumberOrder:
        """Of covers, or with ``path`` (``member__``) of what belongs to one."""
        return cls(f"{path}symbol_key", f"{path}number_key", f"{path}branch_key")


class NameKey(Func):
    """A name for comparison: usual forms of kanji (髙 as 高), no variation selectors and blanks, Latin letters as one."""

    function = "members_name_key"
    output_field = models.TextField()


class NameGrams(Func):
    """Every two neighbouring characters of some names, and each name's first: what the index of names holds.

    Japanese names are too short for trigrams, and those know only letters of the database's locale.
    """

    function = "members_name_grams"
    output_field = ArrayField(models.TextField())


class WordGrams(Func):
    """What ``NameGrams`` of a name holds when the word stands in it; of a single character, when it is the first."""

    function = "members_word_grams"
    output_field = ArrayField(models.TextField())
