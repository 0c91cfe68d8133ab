"""The values of the law that a society's settings are held to. Pure.

Settings are read without a day of today, so it is the newest value that counts; the rules ask for the one of their day
(``certificates.rules.law``).
"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from core import parameters

LAW_FILE = Path(__file__).with_suffix(".toml")


def certificate_max_years() -> int:
    """How many years a certificate may be good for at most."""
    return int(_newest("certificate_max_years"))


def legacy_card_last_day() -> date:
    """The last day on which a 健康保険証 may be good."""
    day: date = _newest("legacy_card_last_day")
    return day


def _newest(key: str) -> Any:
    return parameters.load(LAW_FILE).values[key][-1].value
