"""The month in figures beside the month before, and person by person where the two differ."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

from django.db import connection

from certificates.decisions.services import HAS_DECISIONS, explanations
from certificates.models import Decision, Run
from certificates.rules.codes import Outcome, Reason, by_number
from exchange.models import ExchangeFile
from exchange.rules.gates import Rate
from members.functions import number_order_sql
from members.models import Member

PER_PAGE = 100
SAMPLES = 3
KINDS = {"new": "新しく交付する", "ended": "資格がなくなった", "changed": "判定が変わった"}


def before(run: Run) -> Run | None:
    """The newest earlier month that has decisions."""
    earlier = Run.objects.filter(insurer=run.insurer_id, month__lt=run.month, status__in=HAS_DECISIONS)
    return earlier.order_by("-month").first()


@dataclass(frozen=True, slots=True)
class Total:
    """One line of the comparison: this month's number, last month's and the difference, as shown."""

    title: str
    now: str
    then: str
    difference: str


def totals(run: Run, last: Run | None) -> list[Total]:
    """Rows, registration, outcomes, grounds and certificates, each beside last month's."""
    runs = [run, *([last] if last else [])]
    files, grounds = _files(runs), _reasons(runs)
    made = [_counted("ファイルの行", "行", *(_rows(files, each) for each in (run, last)))]
    made.append(_rate(*(_registered(files, each) for each in (run, last))))
    for outcome in Outcome:
        counts = [_sum(grounds, each, outcome, None) for each in (run, last)]
        if any(counts):
            made.append(_counted(outcome.label, "人", *counts))
        if outcome is Outcome.ISSUE:
            for reason in sorted(Reason, key=by_number):
                parts = [_sum(grounds, each, outcome, reason) for each in (run, last)]
                if any(parts):
                    made.append(_counted(f"　{reason.label}", "人", *parts))
    papers = [each.counts.get("certificates", 0) if each else None for each in (run, last)]
    return [*made, _counted("資格確認書", "枚", *papers)]


def _files(runs: Sequence[Run]) -> list[ExchangeFile]:
    days = [run.as_of for run in runs]
    return list(ExchangeFile.objects.filter(kind="monthly", as_of__in=days, status="applied"))


def _rows(files: Sequence[ExchangeFile], run: Run | None) -> int | None:
    return sum(f.row_count or 0 for f in files if f.as_of == run.as_of) if run else None


def _registered(files: Sequence[ExchangeFile], run: Run | None) -> Rate | None:
    if run is None:
        return None
    mine = [file.counts for file in files if file.as_of == run.as_of]
    readable = sum(c["rows"] - c["rejected"] for c in mine)
    return Rate(sum(c["registered"] for c in mine), readable)


def _reasons(runs: Sequence[Run]) -> dict[tuple[int, str, str], int]:
    return {(run.pk, *key): people for run in runs for key, people in run.answers.items()}


def _sum(
    grounds: dict[tuple[int, str, str], int], run: Run | None, outcome: Outcome, reason: Reason | None
) -> int | None:
    if run is None:
        return None
    return sum(n for (pk, o, r), n in grounds.items() if pk == run.pk and o == outcome and reason in (None, r))


def _counted(title: str, unit: str, now: int | None, then: int | None) -> Total:
    difference = "―" if then is None else f"{(now or 0) - then:+,}{unit}"
    return Total(title, f"{now or 0:,}{unit}", "―" if then is None else f"{then:,}{unit}", difference)


def _rate(now: Rate | None, then: Rate | None) -> Total:
    assert now is not None
    words = [f"{float(rate.percent):.1f}％" if rate and rate.whole else "―" for rate in (now, then)]
    points = f"{float(now.percent - then.percent):+.1f}ポイント" if then and then.whole and now.whole else "―"
    return Total("利用登録の割合", words[0], words[1], points)


# Every cover that is decided otherwise than the month before, once, with what it was and is. A cover that is in
# neither month is in nothing; one that is new and gets nothing has not changed for anybody.
_DIFFERENCE = """
WITH differs AS (
    SELECT coalesce(now.member_id, was.member_id) AS member_id, now.outcome AS now_outcome, now.reason AS now_reason,
        was.outcome AS was_outcome, was.reason AS was_reason,
        CASE WHEN now.outcome = 'issue' AND was.outcome IS DISTINCT FROM 'issue' THEN 'new'
             WHEN coalesce(now.outcome, 'not_covered') = 'not_covered' THEN 'ended' ELSE 'changed' END AS kind
    FROM (SELECT * FROM certificates_decision WHERE run_id = %(now)s) now
    FULL JOIN (SELECT * FROM certificates_decision WHERE run_id = %(was)s) was ON was.member_id = now.member_id
    WHERE now.outcome IS DISTINCT FROM was.outcome
        AND NOT (was.member_id IS NULL AND now.outcome <> 'issue')
        AND NOT (now.member_id IS NULL AND was.outcome = 'not_covered')
), narrowed AS (
    SELECT d.*, m.establishment_id FROM differs d JOIN members_member m ON m.id = d.member_id
    WHERE (%(reason)s = '' OR %(reason)s IN (d.now_reason, d.was_reason))
        AND (%(establishment)s = 0 OR m.establishment_id = %(establishment)s)
)
"""


@dataclass(frozen=True, slots=True)
class Narrowed:
    """What of the difference is asked for: a kind, a reason, an establishment; empty or 0 for all."""

    kind: str = ""
    reason: str = ""
    establishment: int = 0

    def params(self, run: Run, last: Run) -> dict[str, Any]:
        return {
            "now": run.pk,
            "was": last.pk,
            "kind": self.kind,
            "reason": self.reason,
            "establishment": self.establishment,
        }


@dataclass(frozen=True, slots=True)
class Changed:
    """One cover whose decision differs, in words."""

    member: Member
    kind: str
    was: str
    now: str


def difference_counts(run: Run, last: Run, narrowed: Narrowed) -> dict[str, int]:
    """How many covers differ, by kind, under the reason and establishment asked for."""
    with connection.cursor() as cursor:
        cursor.execute(_DIFFERENCE + "SELECT kind, count(*) FROM narrowed GROUP BY kind", narrowed.params(run, last))
        return dict(cursor.fetchall())


def difference(run: Run, last: Run, narrowed: Narrowed, page: int) -> list[Changed]:
    """One page of the covers that differ, by symbol and number."""
    params = {**narrowed.params(run, last), "limit": PER_PAGE, "offset": (page - 1) * PER_PAGE}
    with connection.cursor() as cursor:
        cursor.execute(
            _DIFFERENCE
            + "SELECT n.member_id, n.kind, n.was_outcome, n.was_reason, n.now_outcome, n.now_reason FROM narrowed n"
            " JOIN members_member m ON m.id = n.member_id WHERE %(kind)s IN ('', n.kind)"
            f" ORDER BY {number_order_sql('m')}, m.id"
            " LIMIT %(limit)s OFFSET %(offset)s",
            params,
        )
        rows = cursor.fetchall()
    members = Member.objects.select_related("person", "establishment").in_bulk([row[0] for row in rows])
    return [
        Changed(members[pk], KINDS[kind], _said(was, why_was), _said(now, why_now))
        for pk, kind, was, why_was, now, why_now in rows
    ]


def _said(outcome: str | None, reason: str | None) -> str:
    if outcome is None or reason is None:
        return "判定なし"
    return f"{Outcome(outcome).label}（{Reason(reason).label}）"


@dataclass(frozen=True, slots=True)
class Sample:
    """One decided cover and what a clerk may read out about it."""

    decision: Decision
    sentence: str
    because: tuple[str, ...]


def samples(run: Run) -> list[tuple[str, list[Sample]]]:
    """For each ground of an issue, and each reason to wait or look again, the first three decisions explained."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT example.id FROM (SELECT DISTINCT outcome, reason FROM certificates_decision WHERE run_id = %(run)s"
            " AND outcome IN ('issue', 'wait', 'review')) reasons CROSS JOIN LATERAL"
            " (SELECT id FROM certificates_decision d WHERE d.run_id = %(run)s AND d.outcome = reasons.outcome"
            " AND d.reason = reasons.reason ORDER BY d.id LIMIT %(samples)s) example",
            {"run": run.pk, "samples": SAMPLES},
        )
        ids = [row[0] for row in cursor.fetchall()]
    found = list(Decision.objects.filter(pk__in=ids).select_related("member__person").order_by("pk"))
    told = explanations(run, [decision.member_id for decision in found])
    groups: dict[str, list[Sample]] = {}
    for decision in found:
        explained = told[decision.member_id]
        title = f"{Outcome(decision.outcome).label}：{Reason(decision.reason).label}"
        groups.setdefault(title, []).append(Sample(decision, explained.sentence, explained.because))
    return sorted(groups.items(), key=itemgetter(0))
