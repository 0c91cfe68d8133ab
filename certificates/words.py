"""Why somebody was decided so, in the few words of a list: one code stands for several facts, and each has its own. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from certificates.codes import Detail, Ground, Reason
from certificates.facts import MemberFacts

_DETAILS: Final[Mapping[str, str]] = {
    Detail.NEVER: "①利用登録をしていない",
    Detail.RETURNED: "①カードを返納した",
    Detail.DEREGISTERED: "①利用登録を解除した",
}
UNUSABLE: Final[Mapping[str, str]] = {
    "conflict": "加入者と食い違う行",
    "double": "同じ方の行が二つ",
    "rejected": "読み取れない行",
}
"""The states of a row that says nothing of the マイナ保険証 although the person is in the file."""
_WITHOUT_USABLE_ROW: Final = (Reason.MISSING_FROM_FILE, Reason.JOINED_AFTER_FILE, Reason.ROW_UNUSABLE)
_LABELS: Final = dict((*Ground.choices(), *Reason.choices()))


def unusable_state(facts: MemberFacts) -> str:
    """The state of the person's row where the file has one that cannot be used; empty where it has none, or a usable one."""
    return facts.row.state if facts.row is not None and facts.row.state in UNUSABLE else ""


def reason_words(reason: str, detail: str, facts: MemberFacts) -> str:
    """The reason of one decision as its facts have it."""
    if detail in _DETAILS:
        return _DETAILS[detail]
    if reason == Reason.NUMBER_UNREGISTERED:
        return "③個人番号が不一致" if facts.number_state == "mismatch" else "③個人番号が未登録"
    if reason in _WITHOUT_USABLE_ROW and (state := unusable_state(facts)):
        return UNUSABLE[state]
    return "ファイルに載っていない" if reason == Reason.MISSING_FROM_FILE else _LABELS[reason]
