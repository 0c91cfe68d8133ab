"""The lifecycle of a change of settings. Source: rules.md §12."""

from __future__ import annotations

from core.lifecycle import Lifecycle, Transition
from core.roles import APPROVE, EDIT

POLICY_DRAFT = Lifecycle(
    name="policy_draft",
    label="運用設定の変更案",
    states={"drafted": "承認待ち", "approved": "承認済み", "dropped": "取下げ"},
    initial=("drafted",),
    beginnings={"draft": "作成"},
    transitions=(
        Transition("approve", ("drafted",), "approved", "承認する", APPROVE, source="rules.md §12"),
        Transition("drop", ("drafted",), "dropped", "取り下げる", EDIT),
    ),
)
