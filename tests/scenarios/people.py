"""People of a scenario as the office's lists write them, what the fund says of them, and what a month decided."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from types import SimpleNamespace

NEVER_REGISTERED = "0,,,0,"


def day(text: str) -> date:
    return date.fromisoformat(text)


def registered(until: str, since: str = "2022-06-01") -> str:
    """What the fund's row says of somebody with a マイナ保険証; ``until``: expiry of the 電子証明書 or ''."""
    return f"1,{since.replace('-', '')},{until.replace('-', '')},0,"


def returned(on: str) -> str:
    """What it says of somebody who gave the card back."""
    return f"0,,,1,{on.replace('-', '')}"


@dataclass(eq=False)
class Someone:
    """One cover of a person, as the office's lists write it; ``fund``: the last cells of the fund's row, if any."""

    row: dict[str, str]
    fund: str | None

    @property
    def key(self) -> tuple[str, str, str]:
        return self.row["symbol"], self.row["number"], self.row["branch_number"]

    def covered_on(self, on: date) -> bool:
        began = self.row.get("fund_registered_on") or self.row["acquired_on"]
        lost_on = self.row["lost_on"]
        return day(began) <= on and (not lost_on or on < day(lost_on))


@dataclass(frozen=True)
class Month:
    """The decisions of one month by person, as exported."""

    rows: dict[tuple[str, str, str], dict[str, str]]

    def __getitem__(self, who: Someone) -> SimpleNamespace:
        return SimpleNamespace(**self.rows[who.key])

    def answer(self, who: Someone) -> tuple[str, str]:
        """Outcome and reason."""
        return self[who].outcome, self[who].reason

    def period(self, who: Someone) -> tuple[str, str, str]:
        """First day, last day and what decided the last day."""
        return self[who].effective_on, self[who].valid_through, self[who].limit

    def issued(self) -> set[tuple[str, str, str]]:
        """The numbers of everybody who gets a certificate."""
        return {key for key, row in self.rows.items() if row["outcome"] == "issue"}
