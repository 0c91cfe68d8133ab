"""The insurer's settings in the office's words: each key's name and each value's. Source: rules.md §12."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from members.policy import KEYS
from members.policy.kinds import in_words


def word(key: str, value: Any) -> str:
    """One setting's stored value in words; of an unknown key, as well as can be."""
    return KEYS[key].word(value) if key in KEYS else in_words(value)


def described(values: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Every stored setting with its name, in the order of the handbook; an unknown key keeps its own."""
    municipal = values.get("scheme") == "municipal"
    known = [
        (setting.label, setting.word(values[key], municipal=municipal))
        for key, setting in KEYS.items()
        if key in values
    ]
    return known + [(key, word(key, value)) for key, value in values.items() if key not in KEYS]
