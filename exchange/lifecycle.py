"""The lifecycles of a file from the fund and of one for it. Source: architecture.md "Lifecycles"; rules.md §8, §11."""

from __future__ import annotations

from core.lifecycle import Lifecycle, Transition
from core.roles import APPROVE, EDIT, RUN, SYSTEM

EXCHANGE_FILE = Lifecycle(
    name="exchange_file",
    label="基金のファイル",
    states={
        "received": "受領",
        "staged": "読込済み",
        "matched": "突合済み",
        "held": "確認待ち（第二の担当者）",
        "applied": "反映済み",
        "corrected": "訂正済み（新しいファイルに替えた）",
        "rejected": "受付不可",
    },
    initial=("received",),
    forward=False,
    transitions=(
        Transition("stage", ("received",), "staged", "読み込む", RUN, source="rules.md §11"),
        Transition("restage", ("rejected",), "staged", "読み込み直す", RUN, source="interfaces.md receive"),
        Transition("match", ("staged",), "matched", "突合する", SYSTEM, source="rules.md §11"),
        Transition("hold", ("matched",), "held", "止める", SYSTEM, source="rules.md §11"),
        Transition("apply", ("matched", "held"), "applied", "反映する", RUN, source="rules.md §11"),
        Transition("correct", ("applied",), "corrected", "訂正のファイルに替える", SYSTEM, source="rules.md §4"),
        Transition(
            "reject",
            ("received", "staged", "matched", "held"),
            "rejected",
            "受け付けない",
            RUN,
            asks=("reason",),
            source="rules.md §11",
        ),
    ),
)
# States in which a monthly file stands for its month; a rejected one never read to its end does not.
STANDING = ("staged", "matched", "held", "applied")
# A correction stands for its month once it is applied; until then it waits for a second clerk in one of these.
WAITING = ("staged", "matched", "held")

OUTGOING_FILE = Lifecycle(
    name="outgoing_file",
    label="基金への依頼ファイル",
    states={"made": "作成済み", "sent": "基金へ渡した", "acknowledged": "基金が受付済み", "cancelled": "取消し"},
    initial=("made",),
    beginnings={"make": "作成"},
    transitions=(
        Transition("send", ("made",), "sent", "基金へ渡したと記録する", EDIT, source="rules.md §8"),
        Transition("acknowledge", ("sent",), "acknowledged", "基金の受付を記録する", EDIT, source="rules.md §8"),
        # A file that the fund turned away as a whole was handed over too, and its requests go on another.
        Transition("cancel", ("made", "sent"), "cancelled", "取り消す", APPROVE, asks=("reason",)),
    ),
)
