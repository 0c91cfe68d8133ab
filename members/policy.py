"""The insurer's dated settings as one typed value: keys, defaults, presets, checks.

Pure. Source: rules.md §12. Each preset is a TOML file under ``members/policies/``.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, fields
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from core.calendar import month_day
from core.errors import BadInput, Mistake
from core.plausible import SETTINGS
from members.law import certificate_max_years, legacy_card_last_day

PRESETS = ("renesas", "toyobo", "kyokai", "kokuho")
DELIVERY_DAYS_ESTABLISHMENT, DELIVERY_DAYS_HOME = 10, 3

WISHED_GROUNDS = (
    "lost_card",
    "renewing_card",
    "e_certificate_expired",
    "not_registered",
    "no_card",
    "returned_card",
    "needs_assistance",
)
"""Those that the filing of somebody who joins may name beside 発行要否."""
APPLICATION_GROUNDS = (*WISHED_GROUNDS, "lost_certificate", "damaged_certificate", "expired_certificate")
LISTS: Mapping[str, tuple[str, ...]] = {
    "accepted_grounds": (*APPLICATION_GROUNDS, "anyone"),
    "short_term_grounds": ("unsettled", "new_member", *APPLICATION_GROUNDS),
    "optional_items": ("limit_category", "specific_disease", "establishment_name", "address"),
}

CHOICES: Mapping[str, tuple[str, ...]] = {
    "form": ("postcard", "card", "a4"),
    "expiry_scheme": ("years", "annual", "fixed"),
    "notice_scope": ("everyone", "without_certificate", "registered_only"),
    "notice_unit": ("person", "household"),
    "last_four_digits": ("never", "first_round", "always"),
    "certificate_channel": ("establishment", "home"),
    "notice_channel": ("establishment", "home"),
    "mass_channel": ("establishment", "home"),
    "postal_service": ("ordinary", "recorded", "registered"),
    "new_member_issue": ("after_inquiry", "short_for_all"),
    "scheme": ("society", "municipal"),
}
# key → smallest and largest value that makes sense, or the law's own limit
NUMBERS: Mapping[str, tuple[int, int | Callable[[], int]]] = {
    "expiry_years": (1, certificate_max_years),
    "minimum_days": (0, 1826),
    "return_days": (0, 365),
    "max_sheets_per_envelope": (1, 14),
    "max_persons_per_notice": (1, 20),
    "lead_months": (0, 24),
    "inquiry_business_days": (0, 60),
    "short_term_months": (1, 12),
    "reissue_fee_yen": (0, 100_000),
    "turnaround_days": (0, 365),
    "gate_unmatched_percent": (0, 100),
    "gate_status_change_percent": (0, 100),
    "gate_issue_points": (0, 100),
    "gate_registration_drop_points": (0, 100),
}


@dataclass(frozen=True, slots=True)
class Policy:
    """All settings in force on a day. Days and months are counts, ``_yen`` and ``_percent`` as named."""

    form: str = "postcard"
    expiry_scheme: str = "years"
    expiry_years: int = field(default_factory=certificate_max_years)
    expiry_day: str = ""
    expiry_dates: tuple[date, ...] = ()
    minimum_days: int = 0
    share_on_face: bool = True
    share_review_day: str = ""
    accepted_grounds: tuple[str, ...] = APPLICATION_GROUNDS
    recover_on_registration: bool = False
    return_days: int = 5
    notice_scope: str = "everyone"
    notice_unit: str = "person"
    notice_on_share_change: bool = True
    notice_reissue: bool = True
    last_four_digits: str = "never"
    certificate_channel: str = "establishment"
    notice_channel: str = "establishment"
    mass_channel: str = "establishment"
    postal_service: str = "recorded"
    max_sheets_per_envelope: int = 4
    max_persons_per_notice: int = 4
    lead_months: int = 0
    new_member_issue: str = "after_inquiry"
    inquiry_business_days: int = 4
    short_term_months: int = 3
    short_term_grounds: tuple[str, ...] = ("unsettled", "new_member")
    legacy_last_day: date = field(default_factory=legacy_card_last_day)
    scheme: str = "society"
    reminder_days: tuple[int, ...] = (14, 30, 60)
    notice_with_certificate: bool = True
    qr: bool = True
    optional_items: tuple[str, ...] = ()
    reissue_fee_yen: int = 0
    turnaround_days: int = 10
    delivery_days: tuple[int, int] = (DELIVERY_DAYS_ESTABLISHMENT, DELIVERY_DAYS_HOME)
    reissue_keeps_expiry: bool = True
    gate_unmatched_percent: int = 2
    gate_status_change_percent: int = 10
    gate_issue_points: int = 10
    gate_registration_drop_points: int = 3

    @property
    def municipal(self) -> bool:
        """Whether cover is by household: no employers, no dependents, everything to the head. Source: rules.md §12."""
        return self.scheme == "municipal"

    def arrives_after_days(self, channel: str) -> int:
        """Days from posting until the paper is in the member's hands, by ``establishment``/``home``."""
        return self.delivery_days[0 if channel == "establishment" else 1]

    def as_json(self) -> dict[str, Any]:
        """Plain values for storage; ``from_json`` reads them back."""
        return {k: _plain(v) for k, v in asdict(self).items()}


def _plain(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    return [_plain(v) for v in value] if isinstance(value, tuple) else value


def from_json(values: Mapping[str, Any]) -> Policy:
    """The policy stored by ``as_json``."""
    read = dict(values)
    read["expiry_dates"] = tuple(date.fromisoformat(d) for d in read.get("expiry_dates", ()))
    read["legacy_last_day"] = date.fromisoformat(read["legacy_last_day"])
    for key in ("accepted_grounds", "short_term_grounds", "reminder_days", "optional_items", "delivery_days"):
        read[key] = tuple(read[key])
    return Policy(**read)


@cache
def preset_values(name: str) -> Mapping[str, Any]:
    """The keys a preset sets, as written in its file.

    Raises:
        BadInput: no such preset.
    """
    if name not in PRESETS:
        raise BadInput(Mistake(f"「{name}」という既定はありません（{'・'.join(PRESETS)}）。", column="preset"))
    path = Path(__file__).parent / "policies" / f"{name}.toml"
    return tomllib.loads(path.read_text(encoding="utf-8"))


def build(preset: str, overrides: Mapping[str, Any]) -> Policy:
    """The policy of a preset with some keys set otherwise.

    A key of another scheme is ignored. Raises:
        BadInput: an unknown key or preset, or a value that cannot be; every mistake is listed.
    """
    values = {**preset_values(preset), **overrides}
    known = {f.name: f for f in fields(Policy)}
    mistakes = [
        Mistake("この設定名はありません。", column=key, file="policy.toml") for key in values if key not in known
    ]
    checked: dict[str, Any] = {}
    for key in values:
        if key in known and not _of_another_scheme(key, str(values.get("expiry_scheme", "years"))):
            try:
                checked[key] = _checked(key, values[key], str(known[key].type))
            except ValueError as error:
                mistakes.append(Mistake(str(error), column=key, file="policy.toml"))
    if not mistakes and checked.get("expiry_scheme") == "annual" and not checked.get("expiry_day"):
        mistakes.append(
            Mistake(
                "毎年決まった日とするときは、一斉更新の期限日を入れてください。",
                column="expiry_day",
                file="policy.toml",
            )
        )
    if not mistakes and checked.get("expiry_scheme") == "fixed" and not checked.get("expiry_dates"):
        mistakes.append(
            Mistake(
                "決まった日の一覧とするときは、有効期限の一覧に日を入れてください。",
                column="expiry_dates",
                file="policy.toml",
            )
        )
    if checked.get("scheme") == "municipal":
        mistakes += _without_employers(checked)
    if mistakes:
        raise BadInput(mistakes)
    return Policy(**checked)


def _without_employers(values: Mapping[str, Any]) -> list[Mistake]:
    """What a municipal scheme cannot have, since it has no employers."""
    defaults = Policy()
    found = [
        Mistake("事業所のない制度では、自宅（home）にしてください。", column=key, file="policy.toml")
        for key in ("certificate_channel", "notice_channel", "mass_channel")
        if values.get(key, getattr(defaults, key)) != "home"
    ]
    if "establishment_name" in values.get("optional_items", ()):
        why = "事業所のない制度では、事業所名称（establishment_name）を印字できません。一覧から除いてください。"
        found.append(Mistake(why, column="optional_items", file="policy.toml"))
    return found


def _of_another_scheme(key: str, scheme: str) -> bool:
    belongs = {
        "expiry_day": ("annual",),
        "expiry_years": ("years", "annual"),
        "expiry_dates": ("fixed",),
        "minimum_days": ("fixed",),
    }
    return scheme not in belongs.get(key, (scheme,))


def _checked(key: str, value: Any, type_name: str) -> Any:
    """The value in its proper type; ``ValueError`` says in Japanese what was expected."""
    if key in CHOICES:
        if value not in CHOICES[key]:
            raise ValueError(f"値は {' / '.join(CHOICES[key])} のどれかにしてください。")
        return value
    if key in NUMBERS:
        low, limit = NUMBERS[key]
        high = limit if isinstance(limit, int) else limit()
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            raise ValueError(f"{low} から {high} までの整数にしてください。")
        return value
    if type_name == "bool":
        if not isinstance(value, bool):
            raise ValueError("true か false にしてください。")
        return value
    if type_name.startswith("tuple"):
        if not isinstance(value, (list, tuple)):
            raise ValueError("一覧（[ ] で囲んだ値）にしてください。")
        return _checked_list(key, tuple(value))
    return _checked_day(key, value)


def _checked_list(key: str, values: tuple[Any, ...]) -> tuple[Any, ...]:
    if key == "expiry_dates":
        return tuple(sorted(_as_date(v) for v in values))
    if key in ("reminder_days", "delivery_days"):
        if any(isinstance(v, bool) or not isinstance(v, int) or v < 0 for v in values):
            raise ValueError("0 以上の整数の一覧にしてください。")
        if key == "delivery_days" and len(values) != 2:
            raise ValueError("事業所経由と自宅の二つの日数にしてください。")
        return values
    if unknown := [str(v) for v in values if v not in LISTS[key]]:
        raise ValueError(f"使えない値があります：{'・'.join(unknown)}")
    return values


def _checked_day(key: str, value: Any) -> Any:
    if key == "legacy_last_day":
        return _as_date(value)
    if not isinstance(value, str):
        raise ValueError("MM-DD の形の文字にしてください。")
    if value:
        try:
            if len(value) != 5:
                raise ValueError
            month_day(value, 2024)
        except ValueError:
            raise ValueError("MM-DD の形の、暦にある日にしてください（例：03-31）。") from None
    if value == "02-29":
        raise ValueError("毎年ある日にしてください。2月の末日は 02-28 とします。")
    return value


def _as_date(value: Any) -> date:
    try:
        day = value if type(value) is date else date.fromisoformat(value)
    except (TypeError, ValueError):
        raise ValueError("YYYY-MM-DD の形の、暦にある日にしてください。") from None
    SETTINGS.check(day, day)
    return day
