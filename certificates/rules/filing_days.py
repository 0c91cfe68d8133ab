"""Days on forms: a form asks the day people know, the register keeps the first day without cover. Pure.

Source: rules.md §3 "Days on forms"; 健康保険法36条 (cover is lost on the day after a death or a retirement, on the very
day where another insurer's cover begins).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any

from certificates.rules.filing_kinds import LOST_ON, Kind, KnownDay
from core.calendar import wareki

# In a filing's values: the day as it stands on the form, where the register keeps another one.
KNOWN_DAY = "known_on"
_ONE_DAY = timedelta(days=1)


def known_day(kind: Kind, reason: str | None = None) -> KnownDay:
    """The day that a form of this kind asks for; ``reason`` is a loss's own (unsaid, it tells the 資格喪失日 itself)."""
    return kind.day.by_reason.get(reason or "", kind.day)


def form_day(kind: Kind) -> tuple[str, str]:
    """Label and help (for ``Law.fill``) of the day on a kind's form, before its reason is known."""
    return kind.day.asked or kind.day.label, kind.day.help


def effect_of(kind: Kind, reason: str | None, told: date) -> date:
    """The day from which a filing has effect: of one that ends cover, the first day without it."""
    return told + _ONE_DAY if known_day(kind, reason).still_covered else told


def told_for(kind: Kind, reason: str | None, effect: date) -> date:
    """The day on the form of a filing that has effect from ``effect``."""
    return effect - _ONE_DAY if known_day(kind, reason).still_covered else effect


def named_days(kind: Kind, values: Mapping[str, Any], effect: date) -> tuple[tuple[str, date], ...]:
    """The day on the form and, where another one has effect, the 資格喪失日, each with its name; of filed values."""
    label, known = known_day(kind, values.get("reason")).label, values.get(KNOWN_DAY)
    if known is None:
        return ((label, effect),)
    return (label, date.fromisoformat(known)), (LOST_ON, effect)


def said(named: Iterable[tuple[str, date]]) -> str:
    """The days in one line, e.g. ``死亡日 令和8年10月12日、資格喪失日 令和8年10月13日``."""
    return "、".join(f"{label} {wareki(day)}" for label, day in named)


CSV_HELP = (
    "届書に書かれている日を入れてください。死亡（death）は死亡日、理由が退職（reason が retirement）の資格喪失（loss）は退職日で、"
    "どちらも翌日が資格喪失日になります。退職でない資格喪失と、扶養から外れる届（dependent_removed）は、資格がなくなる最初の日"
    "（就職日、{law.late_elderly_age}歳の誕生日など）です。資格喪失日そのものを入れるときは lost_on の列を使ってください。"
)
