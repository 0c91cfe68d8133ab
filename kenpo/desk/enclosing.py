"""Approved papers that lie in no envelope yet: a preset of the list of certificates, and its queues on the first page."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest

from certificates.models import EligibilityCertificate
from mailing.models import Enclosure
from members.models import Address

WAITING, ADDRESS = "waiting", "address"


def waiting() -> QuerySet[EligibilityCertificate]:
    """Approved certificates in no envelope, whatever keeps them."""
    enclosed = Enclosure.objects.filter(certificate=OuterRef("pk"), active=True)
    return EligibilityCertificate.objects.filter(~Exists(enclosed), status="approved")


def without_address() -> QuerySet[EligibilityCertificate]:
    """Those of them that are held until a safe address is named."""
    safe = Address.objects.filter(person=OuterRef("member__person"), use=Address.Use.SAFE)
    protected = Q(member__person__nondisclosure=True) | Q(member__person__address_protected=True)
    return waiting().filter(~Exists(safe), protected)


class EnclosingFilter(admin.SimpleListFilter):
    """The queues of papers that are approved and not enclosed."""

    title = "封入"
    parameter_name = "enclosing"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(WAITING, "封入を待つ書類"), (ADDRESS, "保留（送付先確認中）")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        wanted = {WAITING: waiting, ADDRESS: without_address}.get(self.value() or "")
        return queryset.filter(pk__in=wanted().values("pk")) if wanted else queryset


def offer_filter() -> None:
    """Adds the filter to the list of certificates, which knows no envelopes itself."""
    page: Any = admin.site.get_model_admin(EligibilityCertificate)
    page.list_filter = (EnclosingFilter, *page.list_filter)
