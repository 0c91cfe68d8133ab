"""Approved papers that only wait for their envelope: a preset of the lists of 資格確認書 and 高齢受給者証."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from certificates.models import ElderlyBeneficiaryCertificate, EligibilityCertificate
from mailing.planning import holding

WAITING = "waiting"
KINDS: tuple[tuple[str, type[Any]], ...] = (
    ("certificate", EligibilityCertificate), ("elderly", ElderlyBeneficiaryCertificate),
)  # fmt: skip


class EnclosingFilter(admin.SimpleListFilter):
    """The queue of papers that are approved, in no envelope, and not held."""

    title = "封入"
    parameter_name = "enclosing"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(WAITING, "封入を待つ書類")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() != WAITING:
            return queryset
        kind = next(kind for kind, model in KINDS if model is queryset.model)
        return queryset.filter(pk__in=holding.waiting(kind).values("pk"))


def offer_filter() -> None:
    """Adds the filter to the lists of papers, which know no envelopes themselves."""
    for _, model in KINDS:
        page: Any = admin.site.get_model_admin(model)
        page.list_filter = (EnclosingFilter, *page.list_filter)
