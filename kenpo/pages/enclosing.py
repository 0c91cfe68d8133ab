"""Approved documents that only wait for their envelope: a preset of the lists of 資格確認書 and 高齢受給者証."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from mailing.papers import kinds
from mailing.papers.kinds import DocumentKind
from mailing.planning import holding

WAITING = "waiting"


def approved() -> list[DocumentKind]:
    """The kinds of document that somebody approves before they are enclosed."""
    return [kind for kind in kinds.every() if kind.ready_verb == "approve"]


class EnclosingFilter(admin.SimpleListFilter):
    """The queue of documents that are approved, in no envelope, and not held."""

    title = "封入"
    parameter_name = "enclosing"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(WAITING, "封入を待つ書類")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() != WAITING:
            return queryset
        return queryset.filter(pk__in=holding.waiting(kinds.of_model(queryset.model)).values("pk"))


def offer_filter() -> None:
    """Adds the filter to the lists of documents that are approved, which know no envelopes themselves."""
    for kind in approved():
        page: Any = admin.site.get_model_admin(kind.model)
        page.list_filter = (EnclosingFilter, *page.list_filter)
