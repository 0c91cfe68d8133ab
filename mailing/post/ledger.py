"""帳尻: approved, decided, printed, pulled, sent and what became of it, and whether the numbers close.

What lies in envelopes is counted by the dispatch, what was approved by the paper's own month. By dispatch, month, insurer
number and kind of paper, all from the same rows. Source: rules.md §10.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection

from core.calendar import wareki_month
from mailing.papers import kinds
from mailing.papers.kinds import DocumentKind

SCOPES: Mapping[str, str] = {"kind": "合計", "month": "月ごと", "insurer": "保険者番号ごと", "dispatch": "発送ごと"}
STATES: Mapping[str, str] = {
    "sent": "配達中・手元",
    "returned": "返戻中",
    "recovered": "回収",
    "lost": "滅失",
    "unrecoverable": "回収不能",
    "expired": "期限切れ",
    "superseded": "差替え",
    "voided": "返戻の後に無効",
}
"""What may have become of paper that was sent. Not every kind is made void after it came back (``ends_void``)."""
_FLOW = (
    "decided",
    "due",
    "printed",
    "cancelled",
    "taken_out",
    "pulled",
    "enclosed",
    "sent",
    "logged",
    "stray",
    "printed_of",
    "to_print",
    "given_up",
)
_APPROVED = ("approved", "in_envelopes", "held", "waiting", "withdrawn")


@dataclass(frozen=True, slots=True)
class Equation:
    """One sum that must come out: a number on the left, its parts on the right."""

    name: str
    left: int
    parts: tuple[tuple[str, int], ...]

    @property
    def closes(self) -> bool:
        """Whether it comes out."""
        return self.left == sum(number for _, number in self.parts)

    def __str__(self) -> str:
        told = [part for part in self.parts if part[1]] or list(self.parts[:1])
        return f"{self.name} {self.left:,} ＝ " + " ＋ ".join(f"{name} {number:,}" for name, number in told)


@dataclass(frozen=True, slots=True)
class Line:
    """The numbers of one dispatch, month, insurer number or, altogether, kind of paper."""

    scope: str
    key: str
    kind: str
    counts: Mapping[str, int]

    @property
    def title(self) -> str:
        """What the line is about, in words."""
        if self.scope == "dispatch":
            return f"発送{self.key}" if self.key else "封筒の記録なし"
        if self.scope == "month":
            return wareki_month(date.fromisoformat(self.key))
        return self.key or "すべて"

    @property
    def kind_label(self) -> str:
        return kinds.named(self.kind).label

    @property
    def equations(self) -> tuple[Equation, ...]:
        """Every sum that must come out; the last ones compare with the log and with the papers themselves."""
        of = self.counts
        if self.scope == "dispatch":
            return self._flow(of)
        name = kinds.named(self.kind).made_word
        parts = _named(of, in_envelopes="封入", held="保留", waiting="封入待ち", withdrawn="封入前に無効")
        return (*self._flow(of), Equation(name, of["approved"], parts))

    def _flow(self, of: Mapping[str, int]) -> tuple[Equation, ...]:
        states = tuple((label, of[f"is_{state}"]) for state, label in STATES.items())
        return (
            Equation(
                "決定",
                of["decided"],
                _named(of, cancelled="取消し", taken_out="印刷前に外した分", pulled="引抜き", enclosed="封入"),
            ),
            Equation("印刷する分", of["due"], _named(of, printed="印刷")),
            Equation("発送", of["sent"], states),
            Equation("発送の操作記録", of["logged"], _named(of, sent="発送")),
            Equation("封筒の記録がない発送済み", of["stray"], (("あるべき数", 0),)),
            Equation(
                "封入した分",
                of["decided"],
                _named(
                    of,
                    printed_of="印刷",
                    taken_out="印刷前に外した分",
                    to_print="印刷待ち",
                    given_up="取消した発送の分",
                ),
            ),
        )

    @property
    def closes(self) -> bool:
        return all(equation.closes for equation in self.equations)

    @property
    def broken(self) -> list[Equation]:
        return [equation for equation in self.equations if not equation.closes]


def _named(counts: Mapping[str, int], **names: str) -> tuple[tuple[str, int], ...]:
    return tuple((label, counts[name]) for name, label in names.items())


_NONE: Mapping[str, int] = dict.fromkeys((*_FLOW, *(f"is_{state}" for state in STATES), *_APPROVED), 0)
_POSTED = "('sent', 'returned', 'recovered', 'lost', 'unrecoverable', 'expired', 'superseded')"


def _of(kind: DocumentKind) -> str:
    """The rows of one kind: every enclosure, then posted documents that lie in no envelope that was sent."""
    return f"""
SELECT '{kind.kind}' AS kind, d.id AS dispatch, coalesce(r.month, date_trunc('month', d.assembled_on)::date) AS month,
    i.number AS insurer, d.status AS dispatch_status, p.status, x.active, x.file_id IS NOT NULL AS printed,
    EXISTS (SELECT 1 FROM mailing_pull u WHERE u.enclosure_id = x.id AND u.confirmed_at IS NOT NULL
        AND NOT u.before_printing) AS pulled,
    EXISTS (SELECT 1 FROM mailing_pull u WHERE u.enclosure_id = x.id AND u.before_printing) AS taken_out,
    EXISTS (SELECT 1 FROM core_event e WHERE e.subject = '{kind.model._meta.label}' AND e.subject_id = p.id AND e.verb = 'send'
        AND (e.note ->> 'dispatch')::bigint = d.id) AS logged, false AS stray
FROM mailing_enclosure x
JOIN mailing_envelope v ON v.id = x.envelope_id JOIN mailing_dispatch d ON d.id = v.dispatch_id
JOIN {kind.table} p ON p.id = x.{kind.column}_id
JOIN members_member m ON m.id = p.member_id JOIN members_insurer i ON i.id = m.insurer_id
LEFT JOIN certificates_run r ON r.id = d.run_id
UNION ALL
SELECT '{kind.kind}', NULL, date_trunc('month', p.issued_on)::date, i.number, '', p.status, false, false, false, false,
    false, true
FROM {kind.table} p JOIN members_member m ON m.id = p.member_id JOIN members_insurer i ON i.id = m.insurer_id
WHERE {kind.ours_sql("p")} AND p.status IN {_POSTED} AND NOT EXISTS (
    SELECT 1 FROM mailing_enclosure x JOIN mailing_envelope v ON v.id = x.envelope_id
    JOIN mailing_dispatch d ON d.id = v.dispatch_id
    WHERE x.{kind.column}_id = p.id AND x.active AND d.status = 'sent')
"""


_SENT = "dispatch_status = 'sent' AND active"


def _states_sql() -> str:
    """How many of what was sent is in which of ``STATES`` now."""
    void = ",".join(kind.kind for kind in kinds.every() if kind.ends_void)
    only = {"voided": f" AND kind = ANY('{{{void}}}'::text[])"}
    return ",\n    ".join(
        f"count(*) FILTER (WHERE {_SENT} AND status = '{state}'{only.get(state, '')})" for state in STATES
    )


def _flow_sql() -> str:
    return f"""
WITH paper AS ({" UNION ALL ".join(_of(kind) for kind in kinds.every())})
SELECT grouping(dispatch), grouping(month), grouping(insurer), dispatch, month, insurer, kind,
    count(*) FILTER (WHERE NOT stray),
    count(*) FILTER (WHERE dispatch_status IN ('printed', 'proved', 'sealed', 'sent') AND NOT taken_out),
    count(*) FILTER (WHERE printed AND dispatch_status <> 'cancelled'),
    count(*) FILTER (WHERE dispatch_status = 'cancelled' AND NOT pulled AND NOT taken_out AND NOT active),
    count(*) FILTER (WHERE taken_out),
    count(*) FILTER (WHERE pulled), count(*) FILTER (WHERE active),
    count(*) FILTER (WHERE {_SENT}), count(*) FILTER (WHERE logged), count(*) FILTER (WHERE stray),
    count(*) FILTER (WHERE printed AND NOT taken_out AND dispatch_status <> 'cancelled'),
    count(*) FILTER (WHERE dispatch_status = 'assembled'),
    count(*) FILTER (WHERE dispatch_status = 'cancelled' AND NOT taken_out),
    {_states_sql()}
FROM paper WHERE %(month)s::date IS NULL OR month = %(month)s
GROUP BY GROUPING SETS ((kind), (month, kind), (insurer, kind), (dispatch, kind))
ORDER BY 1, 2, 3, month DESC NULLS LAST, insurer, dispatch DESC NULLS LAST, kind
"""


def _ready(kind: DocumentKind) -> str:
    """Every document of one kind that was approved (or drafted): whether it lies in an envelope, is held, or waits.

    It counts once: to an envelope also when it was taken out of it; a plan that was given up counts as none.
    """
    return f"""
SELECT '{kind.kind}' AS kind, coalesce(r.month, date_trunc('month', p.issued_on)::date) AS month, i.number AS insurer,
    p.status = '{kind.ready}' AS ready, p.status = 'voided' AS void,
    EXISTS (SELECT 1 FROM core_event e WHERE e.subject = '{kind.model._meta.label}' AND e.subject_id = p.id
        AND e.verb = '{kind.ready_verb}') AS approved,
    EXISTS (SELECT 1 FROM mailing_enclosure x LEFT JOIN mailing_pull u ON u.enclosure_id = x.id
        WHERE x.{kind.column}_id = p.id AND (x.active OR u.confirmed_at IS NOT NULL)) AS enclosed,
    EXISTS (SELECT 1 FROM mailing_heldpaper h WHERE h.{kind.column}_id = p.id) AS held
FROM {kind.table} p JOIN members_member m ON m.id = p.member_id JOIN members_insurer i ON i.id = m.insurer_id
LEFT JOIN certificates_run r ON r.id = p.run_id
WHERE {kind.ours_sql("p")} AND p.status <> 'proposed'
"""


def _approved_sql() -> str:
    return f"""
WITH paper AS ({" UNION ALL ".join(_ready(kind) for kind in kinds.every())})
SELECT grouping(month), grouping(insurer), month, insurer, kind, count(*) FILTER (WHERE approved),
    count(*) FILTER (WHERE enclosed), count(*) FILTER (WHERE ready AND NOT enclosed AND held),
    count(*) FILTER (WHERE ready AND NOT enclosed AND NOT held), count(*) FILTER (WHERE void AND approved AND NOT enclosed)
FROM paper WHERE (%(month)s::date IS NULL OR month = %(month)s) AND (approved OR enclosed OR ready)
GROUP BY GROUPING SETS ((kind), (month, kind), (insurer, kind))
"""


def ledger(month: date | None = None) -> list[Line]:
    """Every line of one month of decisions (``month``: its first day), or of all; totals first.

    Paper outside the month counts to the month of its assembly.
    """
    with connection.cursor() as cursor:
        cursor.execute(_flow_sql(), {"month": month})
        lines = {(line.scope, line.key, line.kind): line for line in map(_line, cursor.fetchall())}
        cursor.execute(_approved_sql(), {"month": month})
        for no_month, no_insurer, of_month, insurer, kind, *numbers in cursor.fetchall():
            scope, key = ("month", of_month.isoformat()) if not no_month else ("insurer", insurer)
            scope, key = ("kind", "") if no_month and no_insurer else (scope, key)
            flow = lines.get((scope, key, kind))
            counts = {**_NONE, **(flow.counts if flow else {}), **dict(zip(_APPROVED, numbers, strict=True))}
            lines[scope, key, kind] = Line(scope, key, kind, counts)
    return sorted(lines.values(), key=_place)


def _place(line: Line) -> tuple[int, int, int]:
    """Totals first; of each scope the newest month, the lowest insurer number, the newest dispatch first."""
    newest = -int(line.key.replace("-", "") or 0)
    return (
        list(SCOPES).index(line.scope),
        -newest if line.scope == "insurer" else newest,
        kinds.every().index(kinds.named(line.kind)),
    )


def _line(row: tuple[Any, ...]) -> Line:
    no_dispatch, no_month, no_insurer, dispatch, month, insurer, kind, *numbers = row
    names = (*_FLOW, *(f"is_{state}" for state in STATES))
    counts = {**_NONE, **dict(zip(names, numbers, strict=True))}
    if not no_dispatch:
        return Line("dispatch", str(dispatch or ""), kind, counts)
    if not no_month:
        return Line("month", month.isoformat(), kind, counts)
    if not no_insurer:
        return Line("insurer", insurer, kind, counts)
    return Line("kind", "", kind, counts)


def months() -> list[date]:
    """Months of which paper was approved or dispatched, the newest first."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT coalesce(r.month, date_trunc('month', d.assembled_on)::date) FROM mailing_dispatch d"
            " LEFT JOIN certificates_run r ON r.id = d.run_id"
            " UNION SELECT month FROM certificates_run WHERE status IN ('approved', 'closed') ORDER BY 1 DESC"
        )
        return [row[0] for row in cursor.fetchall()]
