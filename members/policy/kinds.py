"""The kinds of settings: each checks a value, reads it back from storage and puts it in words.

Pure. Source: rules.md §12.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any

from core.calendar import month_day, wareki
from core.plausible import SETTINGS

NOTHING = "なし"


class Group(StrEnum):
    """The headings under which settings stand on their page, in its order."""

    SCHEME = "制度"
    PAPER = "様式と有効期限"
    SHARE = "負担割合"
    DECISION = "判定と照会"
    APPLICATION = "申請"
    RECOVERY = "回収"
    NOTICE = "お知らせ"
    DISPATCH = "送付"
    GATE = "月次判定を止める差"


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """What is said of a key on every page, and when it counts; what it may be, each kind adds.

    ``help`` may hold ``{law.…}``, for ``Law.fill``. ``after``: the key that it follows under its heading, where that is
    not the one declared before it. ``expiry_schemes``: the ways of expiry that use it, empty for all; ``needed`` is said
    where one of them is chosen and the value is empty. ``without_employers``: code → why a municipal scheme refuses it.
    """

    label: str
    group: Group
    help: str = ""
    after: str = ""
    expiry_schemes: tuple[str, ...] = ()
    needed: str = ""
    without_employers: Mapping[str, str] = field(default_factory=dict)

    def counts_under(self, expiry_scheme: str) -> bool:
        """Whether that way of expiry uses it."""
        return not self.expiry_schemes or expiry_scheme in self.expiry_schemes

    def check(self, value: Any) -> Any:
        """The value in its proper type. Raises ValueError: what was expected, in Japanese."""
        raise NotImplementedError

    def read(self, stored: Any) -> Any:
        """The value of its stored form."""
        return stored

    def word(self, stored: Any, *, municipal: bool = False) -> str:
        """A stored value in words, ``municipal`` as a scheme without employers says it."""
        return in_words(stored, self.one)

    def one(self, stored: Any) -> str:
        """A single stored value in words."""
        return plain_word(stored)


def plain_word(value: Any) -> str:
    """A single value in words, whatever its key."""
    if isinstance(value, bool):
        return "はい" if value else "いいえ"
    return f"{value:,}" if isinstance(value, int) else str(value)


def in_words(stored: Any, one: Callable[[Any], str] = plain_word) -> str:
    """A stored value in words, also none or several; ``one`` knows the words of one."""
    if stored in ("", None, [], ()):
        return NOTHING
    return "、".join(in_words(each, one) for each in stored) if isinstance(stored, (list, tuple)) else one(stored)


@dataclass(frozen=True, slots=True)
class Number(Setting):
    """A whole number from ``least`` to ``most``, which may be the law's own limit."""

    least: int
    most: int | Callable[[], int]

    def check(self, value: Any) -> int:
        most = self.most if isinstance(self.most, int) else self.most()
        if isinstance(value, bool) or not isinstance(value, int) or not self.least <= value <= most:
            raise ValueError(f"{self.least} から {most} までの整数にしてください。")
        return value


@dataclass(frozen=True, slots=True)
class Flag(Setting):
    """Yes or no."""

    def check(self, value: Any) -> bool:
        if not isinstance(value, bool):
            raise ValueError("true か false にしてください。")
        return value


@dataclass(frozen=True, slots=True)
class Choice(Setting):
    """One of the codes, each with its word."""

    codes: Mapping[str, str]

    def check(self, value: Any) -> str:
        if value not in tuple(self.codes):  # what a file gives may not be hashable
            raise ValueError(f"値は {' / '.join(self.codes)} のどれかにしてください。")
        return value

    def one(self, stored: Any) -> str:
        return self.codes[stored]


@dataclass(frozen=True, slots=True)
class Several(Setting):
    """Any of the codes, each with its word."""

    codes: Mapping[str, str]

    def check(self, value: Any) -> tuple[str, ...]:
        values, known = _listed(value), tuple(self.codes)
        if unknown := [str(v) for v in values if v not in known]:
            raise ValueError(f"使えない値があります：{'・'.join(unknown)}")
        return values

    def read(self, stored: Any) -> tuple[str, ...]:
        return tuple(stored)

    def one(self, stored: Any) -> str:
        return self.codes[stored]


@dataclass(frozen=True, slots=True)
class YearlyDay(Setting):
    """A day that every year has, as ``MM-DD``, or empty."""

    def check(self, value: Any) -> str:
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

    def one(self, stored: Any) -> str:
        month, day = str(stored).split("-")
        return f"{int(month)}月{int(day)}日"


@dataclass(frozen=True, slots=True)
class Day(Setting):
    """A day of the calendar."""

    def check(self, value: Any) -> date:
        return _day(value)

    def read(self, stored: Any) -> date:
        return date.fromisoformat(stored)

    def one(self, stored: Any) -> str:
        return wareki(date.fromisoformat(str(stored)))


@dataclass(frozen=True, slots=True)
class Days(Setting):
    """Days of the calendar, kept in their order."""

    def check(self, value: Any) -> tuple[date, ...]:
        return tuple(sorted(_day(each) for each in _listed(value)))

    def read(self, stored: Any) -> tuple[date, ...]:
        return tuple(date.fromisoformat(each) for each in stored)

    def one(self, stored: Any) -> str:
        return wareki(date.fromisoformat(str(stored)))


@dataclass(frozen=True, slots=True)
class Counts(Setting):
    """Whole numbers from 0, as many as are wanted."""

    def check(self, value: Any) -> tuple[int, ...]:
        return _counts(value)

    def read(self, stored: Any) -> tuple[int, ...]:
        return tuple(stored)


@dataclass(frozen=True, slots=True)
class DaysByChannel(Setting):
    """How many days it takes by each channel, in the order of ``channels``, each with its word; the last goes home."""

    channels: Mapping[str, str]

    def check(self, value: Any) -> tuple[int, ...]:
        days = _counts(value)
        if len(days) != len(self.channels):
            raise ValueError("事業所経由と自宅の二つの日数にしてください。")
        return days

    def read(self, stored: Any) -> tuple[int, ...]:
        return tuple(stored)

    def word(self, stored: Any, *, municipal: bool = False) -> str:
        if not stored:
            return NOTHING
        if municipal:
            return f"{stored[-1]}日"
        return "、".join(f"{word} {days}日" for word, days in zip(self.channels.values(), stored, strict=True))


def _listed(value: Any) -> tuple[Any, ...]:
    if not isinstance(value, (list, tuple)):
        raise ValueError("一覧（[ ] で囲んだ値）にしてください。")
    return tuple(value)


def _counts(value: Any) -> tuple[int, ...]:
    counts = _listed(value)
    if any(isinstance(v, bool) or not isinstance(v, int) or v < 0 for v in counts):
        raise ValueError("0 以上の整数の一覧にしてください。")
    return counts


def _day(value: Any) -> date:
    try:
        day = value if type(value) is date else date.fromisoformat(value)
    except (TypeError, ValueError):
        raise ValueError("YYYY-MM-DD の形の、暦にある日にしてください。") from None
    SETTINGS.check(day, day)
    return day
