"""A filing's consequences in Japanese, for the clerk before saving and for the record afterwards."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from certificates.requests.filings.phrases import SHARED, Saying
from certificates.requests.filings.table import HANDLERS


def sayings() -> dict[str, Saying]:
    """The sentence of each consequence by its code: those of several kinds, and each kind's own."""
    found = dict(SHARED)
    for handler in HANDLERS.values():
        found |= handler.sayings
    return found


def described(consequence: Mapping[str, Any]) -> str:
    """One sentence about one consequence as stored with the filing."""
    code = str(consequence["code"])
    say = sayings().get(code)
    return say(consequence) if say else code
