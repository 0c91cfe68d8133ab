"""The lifecycles of a 資格情報のお知らせ and of a letter's words. Source: architecture.md "Lifecycles"."""

from __future__ import annotations

from core.lifecycle import Lifecycle, Transition
from core.roles import APPROVE, DISPATCH, EDIT

NOTICE = Lifecycle(
    name="notice",
    label="資格情報のお知らせ",
    states={"drafted": "作成済み", "printed": "印刷済み", "sent": "発送済み", "returned": "返戻中", "voided": "無効"},
    initial=("drafted",),
    beginnings={"draft": "作成"},
    transitions=(
        Transition("print", ("drafted",), "printed", "印刷する", DISPATCH),
        Transition("send", ("printed",), "sent", "発送する", DISPATCH),
        Transition("return", ("sent",), "returned", "返戻を受ける", DISPATCH, asks=("reason",)),
        Transition("resend", ("returned",), "sent", "再送する", DISPATCH),
        Transition("void", ("drafted", "printed", "returned"), "voided", "無効にする", DISPATCH, asks=("reason",)),
    ),
)

LETTER_WORDING = Lifecycle(
    name="letter_wording",
    label="文面の変更",
    states={"drafted": "承認待ち", "approved": "承認済み", "dropped": "取下げ"},
    initial=("drafted",),
    beginnings={"draft": "作成"},
    transitions=(
        Transition("approve", ("drafted",), "approved", "承認する", APPROVE),
        Transition("drop", ("drafted",), "dropped", "取り下げる", EDIT),
    ),
)
