"""Whether a month's files are too unlike the month before to be applied without a second look.

Pure. Each gate is outside its band when strictly more than the policy's value; with no month before,
only the unmatched band applies. Wrong insurer, day, structure and count never come this far: they are
refused. The gate on issues needs decisions and lies a floor above. Source: rules.md §11.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from members.policy import Policy


@dataclass(frozen=True, slots=True)
class Rate:
    """``part`` of ``whole`` as an exact share; of nothing, nothing."""

    part: int
    whole: int

    @property
    def percent(self) -> Fraction:
        return Fraction(100 * self.part, self.whole) if self.whole else Fraction(0)

    def __add__(self, other: Rate) -> Rate:
        return Rate(self.part + other.part, self.whole + other.whole)

    def __str__(self) -> str:
        return f"{float(self.percent):.1f}%（{self.part:,} / {self.whole:,}）"


@dataclass(frozen=True, slots=True)
class Figures:
    """The month's files in counts. ``known``: matched rows of persons with an earlier status; ``changed``
    of them say otherwise now; ``registration``: registered and not returned among readable rows, by
    insurer number; ``previous``: the same of the last month applied, empty when there is none."""

    rows: int
    rejected: int
    unmatched: int
    conflict: int
    matched: int
    known: int
    changed: int
    registration: Mapping[str, Rate] = field(default_factory=dict)
    previous: Mapping[str, Rate] = field(default_factory=dict)


def check(figures: Figures, policy: Policy) -> list[str]:
    """Reasons to hold the month, in Japanese; none when every figure is within its band."""
    reasons = []
    unmatched = Rate(figures.unmatched, figures.rows)
    if unmatched.percent > policy.gate_unmatched_percent:
        reasons.append(
            f"加入者に該当しない行が {unmatched} で、目安の {policy.gate_unmatched_percent}% を超えています。"
            "届書の入力漏れがないか確認してください。"
        )
    if not figures.previous:
        return reasons
    changed = Rate(figures.changed, figures.known)
    if changed.percent > policy.gate_status_change_percent:
        reasons.append(
            f"前月と状態の違う行が {changed} で、目安の {policy.gate_status_change_percent}% を超えています。"
            "月の違うファイルでないか確認してください。"
        )
    both = sorted(set(figures.previous) & set(figures.registration))
    before = sum((figures.previous[number] for number in both), Rate(0, 0))
    now = sum((figures.registration[number] for number in both), Rate(0, 0))
    if before.percent - now.percent > policy.gate_registration_drop_points:
        reasons.append(
            f"利用登録の割合が前月の {before} から {now} へ、目安の {policy.gate_registration_drop_points}"
            " ポイントを超えて下がっています。ファイルの中身を基金に確認してください。"
        )
    return reasons
