"""Records under the names a clerk knows: 記号-番号-枝番, 発行番号, a day; never the database's id.

A model's ``__str__`` is that name; ``NAMED_WITH`` are the relations it reads. A model whose name takes more than its
row answers many at once by ``clerk_names``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django.apps import apps
from django.db import models

Reference = tuple[str, int]
Names = Mapping[Reference, str]


def names_of(references: Iterable[Reference]) -> dict[Reference, str]:
    """The name of each record that still exists, by label and id; one query a kind (``models.Model._meta.label``)."""
    wanted: dict[str, set[int]] = {}
    for label, pk in references:
        wanted.setdefault(label, set()).add(pk)
    named: dict[Reference, str] = {}
    for label, ids in wanted.items():
        for pk, name in _names(label, ids).items():
            named[label, pk] = name
    return named


def _names(label: str, ids: set[int]) -> Mapping[int, str]:
    try:
        model: type[models.Model] = apps.get_model(label)
    except (LookupError, ValueError):  # the log outlives a kind of record
        return {}
    if (asked := getattr(model, "clerk_names", None)) is not None:
        found: Mapping[int, str] = asked(ids)
        return found
    rows = model._default_manager.filter(pk__in=ids)
    if related := getattr(model, "NAMED_WITH", ()):
        rows = rows.select_related(*related)
    return {row.pk: str(row) for row in rows}
