"""What only a look at everybody tells, kept with its moment: the daily job and a button write it, pages read it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from itertools import islice

from django.db import transaction

from core.models import Survey, SurveyLine

BATCH = 5_000


def keep(kind: str, on: date, lines: Iterable[tuple[str, int]], *, counts: Mapping[str, int] | None = None) -> Survey:
    """Keeps what was found for a day, in its order, in place of what was found for that day before.

    ``lines``: group and subject id; ``counts``: figures beside those of the groups, read when all lines have passed.
    """
    with transaction.atomic():
        # Whoever counts the same day at the same time waits here for the other.
        survey, _ = Survey.objects.select_for_update().get_or_create(kind=kind, on=on)
        survey.lines.all().delete()
        groups: Counter[str] = Counter()
        numbered = enumerate(lines)
        while batch := list(islice(numbered, BATCH)):
            groups.update(group for _, (group, _) in batch)
            SurveyLine.objects.bulk_create(
                SurveyLine(survey=survey, place=place, group=group, subject_id=subject)
                for place, (group, subject) in batch
            )
        survey.counts = {**dict(sorted(groups.items())), **(counts or {})}
        survey.save()
    return survey


def on_day(kind: str, on: date) -> Survey | None:
    """The survey of that day, if there is one."""
    return Survey.objects.filter(kind=kind, on=on).first()


def newest(kind: str, until: date) -> Survey | None:
    """The survey of the last day not after ``until`` for which there is one."""
    return newest_of((kind,), until).get(kind)


def newest_of(kinds: Sequence[str], until: date) -> dict[str, Survey]:
    """The same of several kinds, by kind. One query."""
    found = Survey.objects.filter(kind__in=kinds, on__lte=until).order_by("kind", "-on").distinct("kind")
    return {survey.kind: survey for survey in found}


def job_key(kind: str) -> str:
    """The key of the job that counts a kind anew."""
    return f"survey {kind}"


def sweep(on: date) -> int:
    """Removes the surveys of days before ``on`` and answers how many they were."""
    old = Survey.objects.filter(on__lt=on)
    found = old.count()
    SurveyLine.objects.filter(survey__in=old).delete()
    old.delete()
    return found
