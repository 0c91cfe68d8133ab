"""The month as the office runs it: from the fund's files to proposals that await approval.

match → gates → apply → decide → propose. Each step is one transaction and keyed by the month, so the
button may be pressed twice, by two people at once, or after a crash. Source: rules.md §4, §11.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db import transaction

from certificates.decisions import deciding, elderly
from certificates.decisions.gaps import RUN_BY_BUSINESS_DAY
from certificates.models import Run
from core import jobs
from core.calendar import business_days_after, days_after, month_start, wareki, wareki_month
from core.errors import BadInput, Refused
from core.models import Clerk, Job
from core.roles import FORCE, RUN
from core.transitions import advance
from exchange import incoming as exchange
from exchange.models import ExchangeFile
from exchange.rules import gates
from members.models import Insurer, Member
from members.policy import Policy
from members.services import policy_on, society

STEPS = ("match", "gates", "apply", "decide", "propose")
_APPLIED_OR_LATER = ("applied", "decided", "proposed", "approved", "closed")


@dataclass(frozen=True, slots=True)
class Order:
    """What a clerk asks for: the month, its days, how far to go, why a held gate may be passed or no file awaited."""

    month: date
    decided_on: date
    issue_on: date
    until: str = "propose"
    force_reason: str | None = None
    without_file: str | None = None

    @property
    def as_of(self) -> date:
        """The day the month's file speaks of: the last day of the month before."""
        return self.month - timedelta(days=1)

    def check(self) -> None:
        """Raises ``BadInput`` when the days do not belong to the month."""
        if month_start(self.decided_on) != self.month:
            raise BadInput(
                f"判定日（{wareki(self.decided_on)}）は{wareki_month(self.month)}の日ではありません。判定日を確認してください。"
            )
        if self.issue_on < self.decided_on:
            raise BadInput("交付日は判定日以後の日にしてください。")
        if self.force_reason is not None and not self.force_reason.strip():
            raise BadInput("続ける理由を書いてください。")
        if self.without_file is not None and not self.without_file.strip():
            raise BadInput("月次ファイルを待たずに判定する理由を書いてください。")


def run_month(order: Order, *, by: Clerk) -> dict[str, Any]:
    """Takes the month as far as ordered and answers its counts; what is done already is left as it is.

    Raises:
        BadInput: the days do not lie in the month.
        Refused: no file, a gate that holds, another run of the same month under way.
    """
    order.check()
    if not by.can(RUN):
        raise Refused(f"月次判定は{by.get_role_display()}の権限ではできません。")
    insurer = society()
    with jobs.claim(f"month:{insurer.number}:{order.month:%Y-%m}", by=by) as job:
        run = Run.objects.filter(insurer=insurer, month=order.month).first()
        if run is None or run.status in ("open", "held"):
            files = _files_to_apply(insurer, order)
            run = _begin(run, insurer, order, by)
            jobs.step(job, "match")
            if files:
                exchange.match(files, on=order.decided_on, by=by)
            if order.until == "match":
                return summary(run, files)
            jobs.step(job, "gates")
            _through_gates(run, files, order, by=by, job=job)
        _decide_and_propose(run, order, by=by, job=job)
        answer = summary(run, exchange.monthly_files(run.as_of))
        job.outcome = answer
        return answer


def _begin(run: Run | None, insurer: Insurer, order: Order, by: Clerk) -> Run:
    """The month's run with the ordered days: they may still be set while nothing was applied."""
    later = Run.objects.filter(insurer=insurer, month__gt=order.month, status__in=_APPLIED_OR_LATER).first()
    if later is not None:
        raise Refused(
            f"{wareki_month(later.month)}がすでに反映済みのため、{wareki_month(order.month)}はもう判定できません。"
        )
    days = {
        "as_of": order.as_of,
        "decided_on": order.decided_on,
        "issue_on": order.issue_on,
        "policy": policy_on(insurer, order.decided_on).as_json(),
        "without_file_reason": (order.without_file or "").strip(),
        "informed_through": exchange.settled_through(insurer) if order.without_file else None,
    }
    if run is None:
        return Run.objects.create(insurer=insurer, month=order.month, run_by=by, file_hash="", **days)
    Run.objects.filter(pk=run.pk).update(**days)
    run.refresh_from_db()
    return run


def files_of_month(insurer: Insurer, order: Order) -> list[ExchangeFile]:
    """The month's files, one for each 保険者番号 that has covered members.

    Raises:
        Refused: one is missing; the reason names the 基準日 that is expected and what has come instead.
    """
    files = exchange.monthly_files(order.as_of)
    have = {file.insurer_id for file in files}
    missing = [number for number in _numbers_in_use(insurer, order.as_of) if number.pk not in have]
    if files and not missing:
        return files
    waiting = ExchangeFile.objects.filter(kind="monthly", status__in=("staged", "matched", "held")).exclude(
        as_of=order.as_of
    )
    reasons = [
        f"{wareki(order.as_of)}時点の月次ファイル（保険者番号 {number.number}）がまだ届いていません。"
        for number in missing or [insurer]
    ]
    reasons += [
        f"届いているファイル{file.pk}の基準日は{wareki(file.as_of)}で、この月のものではありません。" for file in waiting
    ]
    raise Refused(reasons)


def _files_to_apply(insurer: Insurer, order: Order) -> list[ExchangeFile]:
    """The month's files; those that have come where the clerk may decide without the others.

    Raises:
        Refused: one is missing and awaited still, or none is and the clerk would go without; nothing is known at all.
    """
    if order.without_file is None:
        return files_of_month(insurer, order)
    check_without_file(insurer, order)
    return exchange.monthly_files(order.as_of)


USUAL_WAY = "--without-file を付けずに実行してください。"


def check_without_file(insurer: Insurer, order: Order, *, usual_way: str = USUAL_WAY) -> None:
    """Raises ``Refused`` where a month may not be decided without its file: it has come, or is awaited still.

    ``usual_way``: what to do where it has come, in the words of whoever asks.
    """
    files = exchange.monthly_files(order.as_of)
    have = {file.insurer_id for file in files}
    if files and all(number.pk in have for number in _numbers_in_use(insurer, order.as_of)):
        raise Refused(f"{wareki(order.as_of)}時点の月次ファイルは届いています。{usual_way}")
    earliest = business_days_after(days_after(order.month, -1), RUN_BY_BUSINESS_DAY)
    if order.decided_on < earliest:
        raise Refused(
            f"月次ファイルなしの判定は、その月の第{RUN_BY_BUSINESS_DAY}営業日（{wareki(earliest)}）からできます。"
            f"判定日は{wareki(order.decided_on)}です。"
        )
    if exchange.settled_through(insurer) is None:
        raise Refused("月次ファイルをまだ一度も反映していないため、ファイルなしでは判定できません。")


def _numbers_in_use(insurer: Insurer, as_of: date) -> list[Insurer]:
    covered = Member.objects.filter(acquired_on__lte=as_of).exclude(lost_on__lte=as_of)
    return [number for number in [insurer, *insurer.also.order_by("number")] if covered.filter(insurer=number).exists()]


def _through_gates(run: Run, files: list[ExchangeFile], order: Order, *, by: Clerk, job: Job) -> None:
    """Applies the files unless a gate holds the month; a held month is left exactly as it was.

    The share of issues is known only after deciding, so applying and counting are one transaction that
    is rolled back when the gate holds or the order ends here.
    """
    policy = deciding.policy_of(run)
    reasons = gates.check(exchange.figures(files), policy) if files else []
    forced = order.force_reason is not None and run.status == "held"
    if forced:
        _check_second_clerk(run, by)
    if not reasons or forced:
        jobs.step(job, "apply")
        with transaction.atomic():
            if files:
                exchange.apply(files, on=order.decided_on, by=by)
            reasons += _issue_gate(run, policy)
            keep = (not reasons or forced) and order.until != "gates"
            if keep:
                _applied(run, files, order, by=by, forced=bool(reasons))
            transaction.set_rollback(not keep)
        run.refresh_from_db()
    if reasons and not forced:
        with transaction.atomic():
            advance(run, "hold", by=by, on=order.decided_on, held_reasons=reasons, run_by=by)
            if files:
                exchange.hold(files, reasons, by=by, on=order.decided_on)
        raise Refused([*reasons, "別の担当者が内容を確かめ、理由を書いて実行すると続けられます。"])


def _check_second_clerk(run: Run, by: Clerk) -> None:
    if run.run_by_id == by.pk:
        raise Refused("止まった月を続けるには、実行した担当者とは別の担当者の確認が要ります。")
    if not by.can(FORCE):
        raise Refused(f"止まった月を続けることは{by.get_role_display()}の権限ではできません。")


def _applied(run: Run, files: list[ExchangeFile], order: Order, *, by: Clerk, forced: bool) -> None:
    seal = hashlib.sha256("".join(sorted(file.sha256 for file in files)).encode()).hexdigest()
    force = {"forced_by": by, "force_reason": order.force_reason} if forced else {}
    advance(
        run,
        "apply",
        by=by,
        on=order.decided_on,
        reason=(order.force_reason or "") if forced else "",
        note={"files": [file.pk for file in files]},
        file_hash=seal,
        run_by=by,
        **force,
    )


def _issue_gate(run: Run, policy: Policy) -> list[str]:
    """Holds when the share of issues moved by more points than the policy allows since the last ordinary month."""
    was = _ordinary_percent(run, policy)
    if was is None:
        return []
    now = deciding.issue_percent(deciding.count_outcomes(run))
    if abs(now - was) <= policy.gate_issue_points:
        return []
    return [
        f"交付する人の割合が前月の {was:.1f}％ から {now:.1f}％ になり、"
        f"差が {policy.gate_issue_points} ポイントを超えています。"
    ]


def _ordinary_percent(run: Run, policy: Policy) -> float | None:
    """The share of issues of the month before; none where that was a first month or a mass round.

    A mass round is a month whose share rose by more points than the policy allows and was let through. Source: rules.md §11.
    """
    before = Run.objects.filter(
        insurer=run.insurer, month__lt=run.month, status__in=("proposed", "approved", "closed")
    ).order_by("-month")[:2]
    shares = [deciding.issue_percent(each.counts["outcomes"]) for each in before]
    if len(shares) < 2 or shares[0] - shares[1] > policy.gate_issue_points:
        return None
    return shares[0]


def _decide_and_propose(run: Run, order: Order, *, by: Clerk, job: Job) -> None:
    goal = STEPS.index(order.until)
    if run.status == "applied" and goal >= STEPS.index("decide"):
        jobs.step(job, "decide")
        with transaction.atomic():
            outcomes = deciding.decide(run)
            counts = {**run.counts, "outcomes": dict(sorted(outcomes.items()))}
            advance(run, "decide", by=by, on=run.decided_on, counts=counts)
    if run.status == "decided" and goal >= STEPS.index("propose"):
        jobs.step(job, "propose")
        deciding.propose(run, by=by)
    if run.status == "proposed" and goal >= STEPS.index("propose"):
        elderly.propose_elderly(run, by=by, on=run.decided_on)


def summary(run: Run, files: list[ExchangeFile]) -> dict[str, Any]:
    """The month in counts: rows by what became of them, decisions by outcome, certificates."""
    rows: dict[str, int] = {}
    for file in files:
        for key, count in exchange.counts(file).items():
            rows[key] = rows.get(key, 0) + count
    outcomes = run.counts.get("outcomes", {})
    return {
        "run": run.pk,
        "month": f"{run.month:%Y-%m}",
        "status": run.status,
        "file": files[0].pk if files else None,
        "files": [file.pk for file in files],
        "without_file": bool(run.without_file_reason),
        **rows,
        "decisions": sum(outcomes.values()),
        **outcomes,
        "certificates": run.counts.get("certificates", 0),
        "elderly_certificates": run.elderly_certificates.count(),
        "recoveries": run.counts.get("recoveries", 0),
    }
