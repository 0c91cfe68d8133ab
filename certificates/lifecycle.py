"""The lifecycles of the rights: certificate, legacy card, deregistration, recovery duty, monthly run.

Source: architecture.md "Lifecycles"; rules.md §7–9.
"""

from __future__ import annotations

from core.lifecycle import Lifecycle, Transition
from core.roles import APPROVE, DISPATCH, EDIT, RUN, SYSTEM

CERTIFICATE = Lifecycle(
    name="certificate",
    label="資格確認書",
    states={
        "proposed": "承認待ち",
        "approved": "承認済み",
        "printed": "印刷済み",
        "sent": "発送済み",
        "returned": "返戻中",
        "recovered": "回収済み",
        "lost": "滅失",
        "unrecoverable": "回収不能",
        "expired": "期限切れ",
        "superseded": "差替え済み",
        "voided": "無効（発送前に取消し）",
    },
    initial=("proposed",),
    beginnings={"propose": "判定"},
    carried_over=("sent", "expired"),
    transitions=(
        Transition("approve", ("proposed",), "approved", "承認する", APPROVE),
        Transition("print", ("approved",), "printed", "印刷する", DISPATCH),
        Transition("send", ("printed",), "sent", "発送する", DISPATCH),
        Transition("return", ("sent",), "returned", "返戻を受ける", DISPATCH, asks=("reason",)),
        Transition("resend", ("returned",), "sent", "再送する", DISPATCH),
        Transition("recover", ("sent", "returned", "superseded"), "recovered", "回収する", EDIT, source="rules.md §9"),
        Transition("report_lost", ("sent", "superseded"), "lost", "滅失届を受ける", EDIT, source="rules.md §9"),
        Transition(
            "give_up",
            ("sent", "returned", "superseded"),
            "unrecoverable",
            "回収不能とする",
            APPROVE,
            asks=("reason",),
            source="rules.md §9",
        ),
        Transition("expire", ("sent", "returned", "superseded"), "expired", "期限切れとする", SYSTEM),
        Transition("supersede", ("sent", "returned"), "superseded", "差替え済みとする", SYSTEM),
        Transition("void", ("proposed", "approved", "printed"), "voided", "無効にする", DISPATCH, asks=("reason",)),
    ),
)
ELDERLY = Lifecycle(
    name="elderly_certificate",
    label="高齢受給者証",
    states=CERTIFICATE.states,
    initial=CERTIFICATE.initial,
    beginnings=CERTIFICATE.beginnings,
    carried_over=CERTIFICATE.carried_over,
    transitions=CERTIFICATE.transitions,
)
LIVE_STATES = ("proposed", "approved", "printed", "sent", "returned")

LEGACY_CARD = Lifecycle(
    name="legacy_card",
    label="健康保険証",
    states={
        "valid": "使用中",
        "recovered": "回収済み",
        "lost": "滅失",
        "handed_back": "自主返納",
        "void": "無効（制度廃止）",
    },
    initial=("valid",),
    transitions=(
        Transition("recover", ("valid",), "recovered", "回収する", EDIT, source="seed 000 1-1"),
        Transition("report_lost", ("valid",), "lost", "滅失届を受ける", EDIT),
        Transition("hand_back", ("valid",), "handed_back", "自主返納を受ける", EDIT, source="seed 000 1-2"),
        Transition("lapse", ("valid",), "void", "制度廃止で無効とする", SYSTEM, source="law.toml"),
    ),
)

DEREGISTRATION = Lifecycle(
    name="deregistration",
    label="利用登録解除",
    states={
        "received": "受付",
        "granted": "基金へ依頼済み",
        "refused": "不可",
        "done": "解除済み",
        "withdrawn": "取下げ",
    },
    initial=("received",),
    beginnings={"receive": "受付"},
    carried_over=("granted",),
    transitions=(
        Transition("grant", ("received",), "granted", "基金が受け付けた", EDIT),
        Transition("refuse", ("received",), "refused", "受け付けない", APPROVE, asks=("reason",)),
        Transition("complete", ("granted",), "done", "解除を確認した", SYSTEM, source="rules.md §4"),
        Transition("withdraw", ("received", "granted"), "withdrawn", "取下げを受ける", EDIT, asks=("reason",)),
    ),
)

APPLICATION = Lifecycle(
    name="application",
    label="申請",
    states={
        "received": "受付",
        "incomplete": "不備返戻中",
        "granted": "交付決定",
        "refused": "不交付",
        "done": "交付済み",
        "withdrawn": "取下げ",
    },
    initial=("received",),
    beginnings={"receive": "受付"},
    transitions=(
        Transition("send_back", ("received",), "incomplete", "不備として返す", EDIT, source="rules.md §8"),
        Transition("complete", ("incomplete",), "received", "不備の補正を受ける", EDIT),
        Transition("grant", ("received",), "granted", "交付を決める", APPROVE, source="rules.md §8"),
        Transition("refuse", ("received",), "refused", "交付しない", APPROVE, asks=("reason",)),
        Transition("finish", ("granted",), "done", "交付済みとする", SYSTEM),
        Transition("withdraw", ("received", "incomplete"), "withdrawn", "取下げを受ける", EDIT),
    ),
)

INQUIRY = Lifecycle(
    name="inquiry",
    label="個別照会",
    states={"open": "未照会", "asked": "照会中", "answered": "回答済み", "closed": "回答なしで終了"},
    initial=("open",),
    beginnings={"open": "照会を起こす"},
    transitions=(
        Transition("ask", ("open",), "asked", "照会する", EDIT),
        Transition("answer", ("open", "asked"), "answered", "回答を受ける", EDIT),
        Transition("close", ("open", "asked"), "closed", "終える", SYSTEM, source="rules.md §4"),
    ),
)

FILING = Lifecycle(
    name="filing",
    label="届出",
    states={"received": "受付", "applied": "反映済み", "refused": "不受理", "withdrawn": "取下げ"},
    initial=("received",),
    beginnings={"receive": "受付"},
    transitions=(
        Transition("apply", ("received",), "applied", "反映する", EDIT),
        Transition("refuse", ("received",), "refused", "受理しない", EDIT, asks=("reason",)),
        Transition("withdraw", ("received",), "withdrawn", "取下げを受ける", EDIT, asks=("reason",)),
    ),
)

RECOVERY = Lifecycle(
    name="recovery",
    label="回収",
    states={"planned": "回収予定", "open": "回収中", "closed": "終了"},
    initial=("planned", "open"),
    beginnings={"open": "発生"},
    transitions=(
        Transition("begin", ("planned",), "open", "始める", SYSTEM, source="rules.md §9"),
        Transition("close", ("planned", "open"), "closed", "終える", EDIT, asks=("reason",)),
    ),
)

RUN_MONTH = Lifecycle(
    name="run",
    label="月次判定",
    states={
        "open": "開始",
        "held": "確認待ち（第二の担当者）",
        "applied": "反映済み",
        "decided": "判定済み",
        "proposed": "承認待ち",
        "approved": "承認済み",
        "closed": "締め",
    },
    initial=("open",),
    transitions=(
        Transition("hold", ("open", "held"), "held", "止める", SYSTEM, source="rules.md §11"),
        Transition("apply", ("open", "held"), "applied", "反映する", RUN),
        Transition("decide", ("applied",), "decided", "判定する", RUN),
        Transition("propose", ("decided",), "proposed", "承認に回す", RUN),
        Transition("approve", ("proposed",), "approved", "承認する", APPROVE),
        Transition("close", ("approved",), "closed", "締める", APPROVE),
    ),
)
