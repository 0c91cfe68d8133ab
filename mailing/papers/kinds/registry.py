"""Which kinds of document there are, and of which kind a document, a row or a code is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import models

from mailing.papers.kinds.base import DocumentKind

_REGISTERED: dict[str, DocumentKind] = {}


def register(kind: DocumentKind) -> DocumentKind:
    """Adds a kind behind those there are; answers it.

    Raises:
        ValueError: its code, foreign key, files or alias are those of another kind.
    """
    for other in _REGISTERED.values():
        for name in ("kind", "column", "stem", "alias"):
            if getattr(kind, name) == getattr(other, name):
                raise ValueError(f"{name} {getattr(kind, name)!r} is taken by {type(other).__name__}")
    _REGISTERED[kind.kind] = kind
    return kind


def every() -> tuple[DocumentKind, ...]:
    """Every kind, in the order in which they lie in an envelope and are counted and listed."""
    return tuple(_REGISTERED.values())


def with_days() -> tuple[DocumentKind, ...]:
    """The kinds that serve from a day through another."""
    return tuple(kind for kind in every() if kind.has_days)


def find(code: str) -> DocumentKind | None:
    """The kind of that code; None where a file or an address names something else."""
    return _REGISTERED.get(code)


def named(code: str) -> DocumentKind:
    """The kind of that code, which is there."""
    return _REGISTERED[code]


def of_model(model: type[models.Model]) -> DocumentKind:
    """The kind whose documents are kept in the model."""
    return next(kind for kind in every() if kind.model is model)


def of(document: models.Model) -> DocumentKind:
    """The kind of a document."""
    return next(kind for kind in every() if isinstance(document, kind.model))


def of_row(row: Any) -> DocumentKind:
    """The kind of the document that an enclosure or a held document names."""
    return next(kind for kind in every() if getattr(row, f"{kind.column}_id") is not None)


def columns() -> tuple[str, ...]:
    """The foreign keys to a document, of every kind."""
    return tuple(kind.column for kind in every())


def labels() -> Mapping[str, str]:
    """What each kind is called, by code."""
    return {kind.kind: kind.label for kind in every()}
