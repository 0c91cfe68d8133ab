"""System checks of this floor: every layout that ships can be read."""

from __future__ import annotations

from typing import Any

from django.core import checks

from core.errors import Fault
from exchange import profiles


@checks.register
def check_profiles(**_options: Any) -> list[checks.CheckMessage]:
    """One error for each profile whose file contradicts itself."""
    errors: list[checks.CheckMessage] = []
    for name in profiles.names():
        try:
            profiles.load(name)
        except Fault as fault:
            errors.append(checks.Error(str(fault), id="exchange.E001"))
    return errors
