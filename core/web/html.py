"""How days, labels, links and small tables are written on every page."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from django.contrib import admin
from django.contrib.admin.exceptions import NotRegistered
from django.db import models
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.http import urlencode
from django.utils.safestring import SafeString

from core.calendar import wareki, wareki_month

EMPTY = "―"


def day_html(day: date | None, text: str | None = None) -> str:
    """A day in the era calendar, with its ISO form on hover; a dash for none."""
    if day is None:
        return EMPTY
    iso = day.isoformat()
    return format_html('<time datetime="{0}" title="{0}">{1}</time>', iso, text or wareki(day))


def month_html(day: date | None) -> str:
    """The era year and month of a day, with the ISO month on hover."""
    if day is None:
        return EMPTY
    return format_html('<time datetime="{0}" title="{0}">{1}</time>', f"{day:%Y-%m}", wareki_month(day))


def instant_html(at: datetime | None) -> str:
    """A moment in Japan's time, to the minute, with its ISO form on hover."""
    if at is None:
        return EMPTY
    local = timezone.localtime(at)
    said = f"{wareki(local.date())} {local:%H:%M}"
    return format_html('<time datetime="{0}" title="{0}">{1}</time>', local.isoformat(timespec="seconds"), said)


def label_html(text: str, kind: str = "") -> str:
    """Words on a tinted ground; the colour says nothing that the words do not."""
    return render_to_string("unfold/helpers/label.html", {"text": text, "type": kind or "default"})


def heading_link(document: models.Model | None) -> str:
    """A link to the document under the name its page has; a plain name where it has no page."""
    if document is None:
        return EMPTY
    try:
        page = admin.site.get_model_admin(type(document))
    except NotRegistered:
        return str(document)
    return link_to(document, page.heading(document))


def link_to(document: models.Model | None, text: str = "") -> str:
    """A link to the document's own page."""
    if document is None:
        return EMPTY
    return format_html(
        '<a class="text-primary-700 underline" href="{}">{}</a>', page_url(document), text or str(document)
    )


def page_url(document: models.Model) -> str:
    """Address of the document's own page."""
    meta = document._meta
    return reverse(f"admin:{meta.app_label}_{meta.model_name}_change", args=[document.pk])


def list_url(model: type[models.Model], **conditions: Any) -> str:
    """Address of the model's list, narrowed by filters."""
    url = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
    return f"{url}?{urlencode(conditions)}" if conditions else url


def table_html(rows: Iterable[tuple[Any, Any]], *, head: tuple[str, str] | None = None) -> str:
    """Two columns, for settings and counts."""
    body = format_html_join(
        "", '<tr><th scope="row">{}</th><td>{}</td></tr>', ((first, second) for first, second in rows)
    )
    if not body:
        return EMPTY
    top = format_html("<thead><tr><th>{}</th><th>{}</th></tr></thead>", *head) if head else SafeString("")
    return format_html('<table class="kenpo-table">{}<tbody>{}</tbody></table>', top, body)
