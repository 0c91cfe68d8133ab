"""Fragments of statements that join the documents of every kind to an enclosure (x), each by its kind's alias."""

from __future__ import annotations

from collections.abc import Callable, Collection

from mailing.papers.kinds.base import DocumentKind
from mailing.papers.kinds.registry import every

Kinds = Collection[DocumentKind]


def joins(kinds: Kinds | None = None, *, everyone: bool = False) -> str:
    """The documents of these kinds, or of all; ``everyone``: a row for each person on a shared sheet."""
    return "\n".join(kind.join_sql(everyone=everyone) for kind in (every() if kinds is None else kinds))


def first(column: str, kinds: Kinds | None = None) -> str:
    """A column of the document, whichever of these kinds it is."""
    named = (f"{kind.alias}.{column}" for kind in (every() if kinds is None else kinds))
    return f"coalesce({', '.join(named)})"


def kind() -> str:
    """The code of the document's kind."""
    return _case(lambda one: f"'{one.kind}'")


def reason() -> str:
    """What the document's decision says of the reason, as JSON text; NULL where it says nothing."""
    return f"({_case(lambda one: one.reason_sql or 'NULL::jsonb')})::text"


def reason_joins() -> str:
    """What ``reason`` asks, behind ``joins``."""
    return "\n".join(one.reason_joins_sql for one in every() if one.reason_joins_sql)


def wrong_face(kinds: Kinds | None = None) -> str:
    """Whether the document's face is not what was printed any more."""
    asked = [one.wrong_face_sql for one in (every() if kinds is None else kinds) if one.wrong_face_sql]
    return f"coalesce({', '.join([*asked, 'false'])})"


def needless() -> str:
    """Whether a newer word of the fund (``newest``) makes the document needless."""
    asked = [f"coalesce({one.needless_sql}, false)" for one in every() if one.needless_sql]
    return " OR ".join([*asked, "false"])


def needless_joins() -> str:
    """What ``needless`` asks, behind ``joins``."""
    return "\n".join(one.needless_joins_sql for one in every() if one.needless_joins_sql)


def counts(condition: str = "") -> str:
    """How many documents of each kind, a column each; ``condition``: of which enclosures."""
    only = f" FILTER (WHERE {condition})" if condition else ""
    return ", ".join(f"count(x.{one.column}_id){only}" for one in every())


def _case(value: Callable[[DocumentKind], str]) -> str:
    return f"CASE {' '.join(f'WHEN {one.alias}.id IS NOT NULL THEN {value(one)}' for one in every())} END"
