"""Conditions on enclosures and held documents that ask the same of documents of every kind."""

from __future__ import annotations

from collections.abc import Iterable
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Q, QuerySet

from mailing.papers.kinds.base import DocumentKind
from mailing.papers.kinds.registry import every


def any_of(conditions: Iterable[Q]) -> Q:
    """Whichever of these holds."""
    return reduce(or_, conditions)


def document_is(**lookups: Any) -> Q:
    """The document fulfils all of these lookups, whatever its kind."""
    return any_of(Q(**{f"{kind.column}__{name}": value for name, value in lookups.items()}) for kind in every())


def concerns(**lookups: Any) -> Q:
    """The same, or somebody who stands on the document's sheet has such a one."""
    return any_of(condition for kind in every() for condition in kind.about(**lookups))


def ids_in(enclosures: QuerySet[Any], kind: DocumentKind, *, status: str = "") -> list[int]:
    """The documents of a kind in these enclosures, of those in this status or in any."""
    enclosed = enclosures.filter(**{f"{kind.column}__isnull": False})
    if status:
        enclosed = enclosed.filter(**{f"{kind.column}__status": status})
    return list(enclosed.values_list(f"{kind.column}_id", flat=True))


def document_in(condition: Q, kinds: Iterable[DocumentKind] | None = None) -> Q:
    """The document, of these kinds or any, fulfils a condition of its own; each kind is looked up by its own indexes."""
    return any_of(
        Q(**{f"{kind.column}__in": kind.model._default_manager.filter(condition)})
        for kind in (every() if kinds is None else kinds)
    )
