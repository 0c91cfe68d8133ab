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
