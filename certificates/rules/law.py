"""The values of ``law.toml`` in force on a day, as one typed value. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path

from core import parameters

LAW_FILE = Path(__file__).with_suffix(".toml")


@dataclass(frozen=True, slots=True)
class Law:
    """Legal values on a day: counts of months, years and days, ages, yen and percent as named."""

    myna_grace_months: int
    certificate_max_years: int
    legacy_card_last_issue: date
    legacy_card_last_day: date
    voluntary_years: int
    elderly_age: int
    late_elderly_age: int
    high_income_remuneration_yen: int
    copayment_preschool_percent: int
    copayment_percent: int
    copayment_elderly_percent: int
    copayment_elderly_high_percent: int
    return_after_loss_days: int
    specific_disease_yen: int
    specific_disease_high_yen: int
    ex_officio_until: date | None


@lru_cache(maxsize=64)
def law_on(day: date) -> Law:
    """The law's values in force on ``day``.

    Raises:
        core.errors.Fault: a value has not begun yet on that day.
    """
    table = parameters.load(LAW_FILE)
    values = {key: table.at(key, day) for key in Law.__slots__}
    # TOML knows no "none": an end that is not set is empty text.
    return Law(**{**values, "ex_officio_until": values["ex_officio_until"] or None})
