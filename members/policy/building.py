"""Settings checked and put together: a preset and what is set otherwise, or what was stored.

Each preset is a TOML file under ``members/policies/``. Pure. Source: rules.md §12.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from core.errors import BadInput, Mistake
from members.policy.codes import PRESETS
from members.policy.keys import KEYS, Policy

FOLDER = Path(__file__).parents[1] / "policies"


@cache
def preset_values(name: str) -> Mapping[str, Any]:
    """The keys a preset sets, as written in its file.

    Raises:
        BadInput: no such preset.
    """
    if name not in PRESETS:
        raise BadInput(Mistake(f"「{name}」という既定はありません（{'・'.join(PRESETS)}）。", column="preset"))
    return tomllib.loads((FOLDER / f"{name}.toml").read_text(encoding="utf-8"))


def from_json(values: Mapping[str, Any]) -> Policy:
    """The policy stored by ``as_json``; a key that was not stored has its default."""
    return Policy(**{key: KEYS[key].read(value) for key, value in values.items()})


def build(preset: str, overrides: Mapping[str, Any]) -> Policy:
    """The policy of a preset with some keys set otherwise.

    A key of another scheme is ignored. Raises:
        BadInput: an unknown key or preset, or a value that cannot be; every mistake is listed.
    """
    values = {**preset_values(preset), **overrides}
    expiry_scheme = str(values.get("expiry_scheme", Policy().expiry_scheme))
    mistakes = [_mistake("この設定名はありません。", key) for key in values if key not in KEYS]
    checked: dict[str, Any] = {}
    for key, value in values.items():
        if key in KEYS and KEYS[key].counts_under(expiry_scheme):
            try:
                checked[key] = KEYS[key].check(value)
            except ValueError as error:
                mistakes.append(_mistake(str(error), key))
    if not mistakes:
        mistakes += _lacking(checked)
    if checked.get("scheme") == "municipal":
        mistakes += _without_employers(checked)
    if mistakes:
        raise BadInput(mistakes)
    return Policy(**checked)


def _lacking(values: Mapping[str, Any]) -> list[Mistake]:
    """What the chosen way of expiry cannot do without."""
    chosen = values.get("expiry_scheme")
    return [
        _mistake(setting.needed, key)
        for key, setting in KEYS.items()
        if setting.needed and chosen in setting.expiry_schemes and not values.get(key)
    ]


def _without_employers(values: Mapping[str, Any]) -> list[Mistake]:
    """What a municipal scheme cannot have, since it has no employers."""
    defaults = Policy()
    found: list[Mistake] = []
    for key, setting in KEYS.items():
        value = values.get(key, getattr(defaults, key))
        codes = value if isinstance(value, tuple) else (value,)
        found += [_mistake(why, key) for code, why in setting.without_employers.items() if code in codes]
    return found


def _mistake(expected: str, key: str) -> Mistake:
    return Mistake(expected, column=key, file="policy.toml")
