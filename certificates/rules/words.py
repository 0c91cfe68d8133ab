"""Why somebody was decided so, in the few words of a list: one code stands for several facts, and each has its own. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from certificates.rules.codes import Detail, Ground, Reason
from certificates.rules.facts import FundRow, MemberFacts

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
_COUNTS: Final[Mapping[int, str]] = {2: "二つ", 3: "三つ"}
_WITHOUT_USABLE_ROW: Final = (Reason.MISSING_FROM_FILE, Reason.JOINED_AFTER_FILE, Reason.ROW_UNUSABLE)
_LABELS: Final = dict((*Ground.choices(), *Reason.choices()))


def unusable_state(facts: MemberFacts) -> str:
    """The state of the person's row where the file has one that cannot be used; empty where it has none, or a usable one."""
    return facts.row.state if facts.row is not None and facts.row.state in UNUSABLE else ""


def lines_words(row: FundRow) -> str:
    """Every line of the fund's files that names the person, e.g. ``ファイル3の2行目と5行目``; empty where none is known."""
    if row.file_id is None or row.line_no is None:
        return ""
    by_file: dict[int, list[str]] = {}
    for file, line in sorted({(row.file_id, row.line_no), *row.other_lines}):
        by_file.setdefault(file, []).append(f"{line}行目")
    return "、".join(f"ファイル{file}の{'と'.join(lines)}" for file, lines in by_file.items())


def double_words(row: FundRow) -> str:
    """How many rows name one person, and which where all of them are known."""
    if not row.other_lines:
        return "同じ方の行が二つ"
    count = len(row.other_lines) + 1
    return f"同じ方の行が{_COUNTS.get(count, f'{count}個')}（{lines_words(row)}）"


def reason_words(reason: str, detail: str, facts: MemberFacts) -> str:
    """The reason of one decision as its facts have it."""
    if detail in _DETAILS:
        return _DETAILS[detail]
    if reason == Reason.NUMBER_UNREGISTERED:
        return "③個人番号が不一致" if facts.number_state == "mismatch" else "③個人番号が未登録"
    if reason in _WITHOUT_USABLE_ROW and (state := unusable_state(facts)):
        return UNUSABLE[state]
    return "ファイルに載っていない" if reason == Reason.MISSING_FROM_FILE else _LABELS[reason]
