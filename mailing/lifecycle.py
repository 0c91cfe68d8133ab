"""The lifecycle of a dispatch. Source: architecture.md "Lifecycles"; rules.md §10."""

from __future__ import annotations

from core.lifecycle import Lifecycle, Transition
from core.roles import DISPATCH as MAY_DISPATCH
from core.roles import SYSTEM

DISPATCH = Lifecycle(
    name="dispatch",
    label="発送",
    states={
        "assembled": "封入計画済み",
        "printed": "印刷済み",
        "proved": "照合済み",
        "sealed": "封緘済み",
        "sent": "発送済み",
        "cancelled": "取消し",
    },
    initial=("assembled",),
    beginnings={"assemble": "封入を計画する"},
    transitions=(
        Transition("print", ("assembled",), "printed", "印刷する", MAY_DISPATCH, source="rules.md §10"),
        Transition("prove", ("printed",), "proved", "照合する", SYSTEM, source="rules.md §10"),
        Transition("seal", ("proved",), "sealed", "封緘する", MAY_DISPATCH, source="rules.md §10"),
        Transition("send", ("sealed",), "sent", "発送する", MAY_DISPATCH, source="rules.md §10"),
        Transition(
            "cancel", ("assembled", "printed", "proved"), "cancelled", "取り消す", MAY_DISPATCH, asks=("reason",)
        ),
    ),
)
UNSENT = ("assembled", "printed", "proved", "sealed")
"""States of a dispatch that is still to be sent."""
