"""Every address of the URLconf, with whatever of the small office fits into it."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.contrib import admin
from django.contrib.contenttypes.models import ContentType
from django.db.models import Model
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from core.models import Job
from kenpo.intake.tables.kinds import KINDS
from tests.kenpo.walk.inputs import TYPES, quote_from_bytes

NAMELESS = ("<path:object_id>/", "(?P<url>.*)$")
"""Addresses of the admin from before it had names: the first leads to a document's page, the second answers 404."""
Place = tuple[str, dict[str, Any]]


def patterns(resolver: URLResolver | None = None, space: str = "") -> Iterator[tuple[str, list[str]]]:
    """The name of each address and what stands in it."""
    for one in (resolver or get_resolver()).url_patterns:
        if isinstance(one, URLResolver):
            yield from patterns(one, f"{one.namespace}:" if one.namespace else space)
            continue
        assert isinstance(one, URLPattern)
        if one.name is None:
            assert str(one.pattern) in NAMELESS, one
            continue
        yield f"{space}{one.name}", list(one.pattern.regex.groupindex)


def model_of(name: str) -> type[Model] | None:
    """The model whose pages an address of the admin belongs to."""
    for model in admin.site._registry:
        if name.startswith(f"admin:{model._meta.app_label}_{model._meta.model_name}_"):
            return model
    return None


def documents(model: type[Model], per_status: int) -> list[Any]:
    """Ids of documents, some of each status and kind."""
    rows = model._default_manager.order_by("pk")
    sorts = [field.name for field in model._meta.fields if field.name in ("status", "kind")]
    if not sorts:
        return list(rows.values_list("pk", flat=True)[:per_status])
    found = []
    for values in rows.order_by(*sorts).values(*sorts).distinct():
        found += rows.filter(**values).values_list("pk", flat=True)[:per_status]
    return found


def others(name: str, kept: str) -> list[dict[str, Any]]:
    """What stands in the addresses that are no document's page."""
    certificate = apps.get_model("certificates", "EligibilityCertificate").objects.earliest("pk").pk
    content = ContentType.objects.get_for_model(Job).pk
    told: dict[str, list[dict[str, Any]]] = {
        "survey": [{"kind": kind} for kind in ("gaps", "addresses", "none")],
        "printed": [{"kind": "certificate", "document_id": certificate}, {"kind": "x", "document_id": 10**30}],
        "recovery_letters_file": [{"name": "requests-20261110-1.pdf"}, {"name": "x"}],
        "wording_change": [{"letter": "household", "key": "title"}, {"letter": "x", "key": "x"}],
        "job_progress": [{"pk": Job.objects.earliest("pk").pk}, {"pk": 10**30}],
        "table_check": [{"name": kept}, {"name": "1-" + "a" * 32}],
        "table_bad": [{"name": kept, "form": "csv"}, {"name": "x", "form": "xlsx"}],
        "table": [{"code": code} for code in (*KINDS, "none")],
        "table_export": [{"code": code} for code in (*KINDS, "none")],
        "table_template": [{"code": "people", "form": form} for form in ("csv", "xlsx", "none")],
        "admin:app_list": [{"app_label": label} for label in ("certificates", "mailing")],
        "admin:view_on_site": [{"content_type_id": content, "object_id": text} for text in ("1", "x")],
        "admin:mailing_paperlot_ledger": [{"form": form} for form in ("postcard", "none")],
        "admin:mailing_paperlot_ledger_csv": [{"form": form} for form in ("postcard", "none")],
    }
    assert name in told, f"say here what stands in the address {name}"
    return told[name]


def places(kept: str, *, per_status: int, every_id: bool) -> Iterator[Place]:
    """Every address: each with documents in it, and each document's place with what is no id of anything."""
    ids_in_turn = itertools.cycle(TYPES.values())
    for name, holes in patterns():
        if not holes:
            yield reverse(name), {"name": name}
            continue
        model = model_of(name)
        if model is None or holes == ["form"]:
            for told in others(name, kept):
                yield reverse(name, kwargs=told), {"name": name}
            continue
        assert holes in (["object_id"], ["id"]), (name, holes)
        ids = documents(model, per_status)
        assert ids, f"the office has no {model}"
        address = reverse(name, args=[987_654_321])
        for pk in ids:
            yield address.replace("987654321", str(pk)), {"name": name}
        for bad in TYPES.values() if every_id else [next(ids_in_turn)]:
            yield (address.replace("987654321", quote_from_bytes(bad[:500], safe="")), {"name": name, "odd": True})
