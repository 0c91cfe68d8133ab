"""What every page may ask of the scheme: whether it is a municipal one, which has households and no employers."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from members.services import municipal


def scheme(_: HttpRequest) -> dict[str, Any]:
    """``municipal_scheme``, looked up by the pages that use it only."""
    return {"municipal_scheme": SimpleLazyObject(municipal)}
