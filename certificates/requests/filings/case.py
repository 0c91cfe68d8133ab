"""One filing under way: what it says, what speaks against it, what it changes and what follows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from certificates.requests.filings.register import Register
from certificates.rules.filing_days import named_days
from certificates.rules.filing_kinds import Kind
from certificates.rules.law import Law
from core.calendar import wareki
from core.errors import Refused
from core.models import Clerk
from members.models import Insurer, Member
from members.policy import Policy


class Objection(Refused):
    """What is on record speaks against the filing; ``columns`` names the value each reason is about."""

    def __init__(self, reasons: Iterable[str], columns: Iterable[str]) -> None:
        self.columns = tuple(columns)
        super().__init__(reasons)


class NotYet(Refused):
    """The filing's day is still to come: it is kept as received and applied from then on."""

    def __init__(self, day: date, oddities: Sequence[str] = ()) -> None:
        """``oddities``: what looks odd about it all the same."""
        self.day, self.oddities = day, tuple(oddities)
        super().__init__(f"異動日（{wareki(day)}）がまだ先のため、受付のまま保管します。その日に自動で反映します。")


@dataclass(frozen=True, slots=True)
class Change:
    """One value of one person, cover or employer: which it is for a clerk, before and after."""

    who: str
    label: str
    before: str
    after: str

    def __str__(self) -> str:
        return f"{self.who} {self.label}：{self.before or '（なし）'} → {self.after or '（なし）'}"


@dataclass
class Case:
    """A filing on its way through: ``check`` fills refusals and oddities, ``act`` changes and consequences.

    ``consequences`` holds codes and ids only. ``request`` names the filing to the rulings.
    """

    kind: Kind
    member: Member | None
    values: Mapping[str, Any]
    effective_on: date
    received_on: date
    on: date
    by: Clerk | None
    request: str
    society: Insurer
    policy: Policy
    law: Law
    register: Register
    refusals: list[str] = field(default_factory=list)
    columns: list[str] = field(default_factory=list)
    oddities: list[str] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    consequences: list[dict[str, Any]] = field(default_factory=list)
    found: dict[str, Any] = field(default_factory=dict)
    # 資格確認書 that the filing took; who had been granted one has it granted still.
    withdrawn: list[int] = field(default_factory=list)
    # Of a change to come that is only rehearsed: the covers whose face or share would be another. None: it takes effect.
    coming: set[int] | None = None
    # 資格確認書 that were made ahead for this very change.
    foreseen: frozenset[int] = frozenset()
    # Covers known to have no certificate at all, so that none need be looked for.
    paperless: frozenset[int] = frozenset()

    @property
    def cover(self) -> Member:
        """The cover the filing is about."""
        assert self.member is not None
        return self.member

    @property
    def reason(self) -> str:
        """Why paper ends, as the log keeps it."""
        return f"届出：{self.kind.label}"

    @property
    def days(self) -> tuple[tuple[str, date], ...]:
        """See ``days.named_days``."""
        return named_days(self.kind, self.values, self.effective_on)

    def value(self, name: str, default: Any = None) -> Any:
        return self.values.get(name, default)

    def refuse(self, reason: str, column: str = "number") -> None:
        """Notes a reason to refuse, once, with the value it is about."""
        if reason not in self.refusals:
            self.refusals.append(reason)
            self.columns.append(column)

    def odd(self, reason: str) -> None:
        self.oddities.append(reason)

    def changed(self, who: Any, label: str, before: Any, after: Any) -> None:
        """Notes a change where there is one."""
        if before != after:
            self.changes.append(Change(str(who), label, _shown(before), _shown(after)))

    def follows(self, code: str, ids: Iterable[int] = (), **details: Any) -> None:
        """Notes a consequence: its code, the ids it concerns, further codes and days."""
        plain = {k: v.isoformat() if isinstance(v, date) else v for k, v in details.items()}
        self.consequences.append({"code": code, "ids": sorted(ids), **plain})


def _shown(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "はい" if value else "いいえ"
    return wareki(value) if isinstance(value, date) else str(value)
