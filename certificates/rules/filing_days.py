"""Days on forms: a form asks the day people know, the register keeps the first day without cover. Pure.

Source: rules.md §3 "Days on forms"; 健康保険法36条 (cover is lost on the day after a death or a retirement, on the very
day where another insurer's cover begins).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from certificates.rules.filing_kinds import Kind, LossReason
from core.calendar import wareki

# In a filing's values: the day as it stands on the form, where the register keeps another one.
KNOWN_DAY = "known_on"
LOST_ON = "資格喪失日"
_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class KnownDay:
    """What the day on a form is called; ``still_covered``: on that day there is cover yet.

    ``help``: for ``Law.fill``.
    """

    label: str
    help: str = ""
    still_covered: bool = False


_DIED = KnownDay(
    "死亡日", "亡くなった日を入れてください。資格は翌日に喪失します（家族も同じ日です）。", still_covered=True
)
_RETIRED = KnownDay("退職日", still_covered=True)
_OF_KIND: Mapping[Kind, KnownDay] = {
    Kind.ACQUISITION: KnownDay("資格取得日"),
    Kind.ACQUISITION_ANNULLED: KnownDay("取り消す資格取得日", "台帳にある資格取得日を入れてください。"),
    Kind.LOSS: KnownDay(LOST_ON),
    Kind.LOSS_ANNULLED: KnownDay(
        "取り消す資格喪失日", "台帳にある資格喪失日（死亡・退職のときは、その翌日）を入れてください。"
    ),
    Kind.DEATH: _DIED,
    Kind.DEPENDENT_ADDED: KnownDay("認定日"),
    Kind.DEPENDENT_REMOVED: KnownDay(
        "扶養から外れた日",
        "扶養でなくなった最初の日（就職日、{law.late_elderly_age}歳の誕生日など）を入れてください。その日に資格を喪失します。",
    ),
    Kind.ESTABLISHMENT_MOVE: KnownDay("異動日", "新しい事業所での最初の日を入れてください。"),
    Kind.REHIRE: KnownDay("新しい資格の取得日"),
    Kind.VOLUNTARY: KnownDay("新しい資格の取得日", "前の資格の喪失日（退職日の翌日）と同じ日です。"),
    Kind.SPECIAL_RETIRED: KnownDay("新しい資格の取得日"),
    Kind.OPTIONAL_ITEMS: KnownDay("発効期日（取下げのときは取り下げる日）"),
}
_OTHER = KnownDay("異動日")
# The form of a loss asks one day; which one, the reason says.
LOSS_LABEL = "退職日（退職のとき）または資格喪失日"
LOSS_HELP = (
    "理由が「退職」なら退職日（在籍した最後の日）を入れてください。翌日に資格を喪失します。"
    "「その他」なら資格がなくなる最初の日（就職日、{law.late_elderly_age}歳の誕生日など）を入れてください。その日に資格を喪失します。"
)


def known_day(kind: Kind, reason: str | None = None) -> KnownDay:
    """The day that a form of this kind asks for; ``reason`` is a loss's own (unsaid, it tells the 資格喪失日 itself)."""
    if kind == Kind.LOSS and reason == LossReason.RETIREMENT:
        return _RETIRED
    return _OF_KIND.get(kind, _OTHER)


def form_day(kind: Kind) -> tuple[str, str]:
    """Label and help (for ``Law.fill``) of the day on a kind's form, before its reason is known."""
    if kind == Kind.LOSS:
        return LOSS_LABEL, LOSS_HELP
    asked = known_day(kind)
    return asked.label, asked.help


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
