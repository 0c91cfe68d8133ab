"""The one place that reads the day. Services are told the day; commands and pages ask here."""

from __future__ import annotations

from datetime import date

from django.conf import settings
from django.utils import timezone


def today() -> date:
    """Today in Japan, or the day set by ``KENPO_TODAY`` (never in production)."""
    fixed: date | None = settings.KENPO_TODAY
    return fixed or timezone.localdate()
