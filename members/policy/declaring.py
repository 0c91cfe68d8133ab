"""How a setting is declared: one call gives the field of ``Policy`` its default and its descriptor.

A default that the law sets is given as the function that reads it. Pure. Source: rules.md §12.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import field, fields
from datetime import date
from typing import Any, Required, TypedDict, Unpack

from members.policy.kinds import (
    Choice,
    Counts,
    Day,
    Days,
    DaysByChannel,
    Flag,
    Group,
    Number,
    Setting,
    Several,
    YearlyDay,
)

_SETTING = "setting"


class Told(TypedDict, total=False):
    """What every declaration may say; ``Setting`` explains each."""

    label: Required[str]
    group: Required[Group]
    help: str
    after: str
    expiry_schemes: tuple[str, ...]
    needed: str
    without_employers: Mapping[str, str]


def keys_of(policy: type) -> dict[str, Setting]:
    """Key → descriptor, in the order of declaration, of a dataclass whose fields are declared here."""
    return {one.name: one.metadata[_SETTING] for one in fields(policy)}


def number(default: int | Callable[[], int], *, least: int, most: int | Callable[[], int], **told: Unpack[Told]) -> int:
    return _declared(default, Number(least, most, **told))


def flag(default: bool, **told: Unpack[Told]) -> bool:
    return _declared(default, Flag(**told))


def choice(default: str, codes: Mapping[str, str], **told: Unpack[Told]) -> str:
    return _declared(default, Choice(codes, **told))


def several(default: tuple[str, ...], codes: Mapping[str, str], **told: Unpack[Told]) -> tuple[str, ...]:
    return _declared(default, Several(codes, **told))


def yearly_day(default: str, **told: Unpack[Told]) -> str:
    return _declared(default, YearlyDay(**told))


def day(default: Callable[[], date], **told: Unpack[Told]) -> date:
    return _declared(default, Day(**told))


def days(default: tuple[date, ...], **told: Unpack[Told]) -> tuple[date, ...]:
    return _declared(default, Days(**told))


def counts(default: tuple[int, ...], **told: Unpack[Told]) -> tuple[int, ...]:
    return _declared(default, Counts(**told))


def days_by_channel(default: tuple[int, int], channels: Mapping[str, str], **told: Unpack[Told]) -> tuple[int, int]:
    return _declared(default, DaysByChannel(channels, **told))


def _declared(default: Any, setting: Setting) -> Any:
    metadata = {_SETTING: setting}
    if callable(default):
        return field(default_factory=default, metadata=metadata)
    return field(default=default, metadata=metadata)
