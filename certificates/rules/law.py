"""The values of the law in force on a day, as one typed value. Pure.

They stand in ``law.toml``; those that a society's settings are held to in ``members.law``, which is read here too.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache, lru_cache
from pathlib import Path

from core import parameters
from core.calendar import wareki
from core.parameters import Parameters
from members import law as of_settings

LAW_FILE = Path(__file__).with_suffix(".toml")


@dataclass(frozen=True, slots=True)
class Law:
    """Legal values on a day: counts of months, years and days, ages, yen and percent as named."""

    myna_grace_months: int
    deregistration_months: int
    certificate_max_years: int
    legacy_card_last_issue: date
    legacy_card_last_day: date
    voluntary_years: int
    voluntary_within_days: int
    voluntary_insured_months: int
    elderly_age: int
    late_elderly_age: int
    high_income_remuneration_yen: int
    relief_alone_yen: int
    relief_family_yen: int
    preschool_age: int
    preschool_last_day: str
    copayment_preschool_percent: int
    copayment_percent: int
    copayment_elderly_percent: int
    copayment_elderly_high_percent: int
    return_after_loss_days: int
    municipal_notice_days: int
    specific_disease_yen: int
    specific_disease_high_yen: int
    ex_officio_until: date | None

    @property
    def deregistered(self) -> str:
        """When a link is cut, counted from the month of the fund's intake, in words."""
        months = self.deregistration_months
        return "翌月末" if months == 1 else f"{months}か月後の月末"

    @property
    def cards_end(self) -> str:
        """The last day of every 健康保険証, in words."""
        return wareki(self.legacy_card_last_day)

    def fill(self, sentence: str) -> str:
        """The sentence with its ``{law.…}`` filled."""
        return sentence.format(law=self)


def table() -> Parameters:
    """Every dated value of the law, in the order of ``Law``."""
    files = [parameters.load(path) for path in (LAW_FILE, of_settings.LAW_FILE)]
    labels = {key: label for file in files for key, label in file.labels.items()}
    values = {key: dated for file in files for key, dated in file.values.items()}
    keys = Law.__slots__
    return Parameters(LAW_FILE.name, {key: labels[key] for key in keys}, {key: values[key] for key in keys})


@lru_cache(maxsize=64)
def law_on(day: date) -> Law:
    """The law's values in force on ``day``.

    Raises:
        core.errors.Fault: a value has not begun yet on that day.
    """
    dated = table()
    values = {key: dated.at(key, day) for key in dated.values}
    # TOML knows no "none": an end that is not set is empty text.
    return Law(**{**values, "ex_officio_until": values["ex_officio_until"] or None})


@cache
def first_day() -> date:
    """The first day on which every value is in force."""
    return max(dated[0].valid_from for dated in table().values.values())


def law_on_or_after(day: date) -> Law:
    """The law in force on ``day``; for a day before there was all of it, the law of its first day."""
    return law_on(max(day, first_day()))
