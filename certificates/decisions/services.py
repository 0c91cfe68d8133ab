"""What the office does with runs and certificates: approve a month, look one up, explain."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.db.models import CharField, Exists, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Cast, Concat

from certificates.decisions import elderly, replay
from certificates.decisions.afterwards import afterwards
from certificates.decisions.deciding import days_of, policy_of
from certificates.models import Decision, EligibilityCertificate, Ruling, Run
from certificates.rules import versions as rule_versions
from certificates.rules.explain import Case, Explanation, explain
from certificates.rules.law import law_on
from core.calendar import wareki_month
from core.errors import BadInput, Refused
from core.models import Clerk, Event
from core.text import identifier_key
from core.transitions import advance, advance_many
from members.models import Insurer, Member

HAS_DECISIONS = ("decided", "proposed", "approved", "closed")
"""Statuses of a run with decisions."""


def run_of(insurer: Insurer, month: date) -> Run:
    """The society's run of a month.

    Raises:
        Refused: the month has not been run yet.
    """
    run = Run.objects.filter(insurer=insurer.society, month=month).first()
    if run is None:
        raise Refused(
            f"{wareki_month(month)}の月次判定はまだありません。`manage.py run_month {month:%Y-%m}` を実行してください。"
        )
    return run


def latest_run(insurer: Insurer) -> Run:
    """The society's newest run that has decisions.

    Raises:
        Refused: there is none yet.
    """
    run = Run.objects.filter(insurer=insurer.society, decisions__isnull=False).distinct().order_by("-month").first()
    if run is None:
        raise Refused("月次判定がまだありません。先に月次ファイルを受け付けて判定してください。")
    return run


def undecided(run: Run | None = None) -> QuerySet[Decision]:
    """The month's open decisions on which nothing has been ruled since; of the newest month when none is named."""
    newest = Run.objects.filter(status__in=HAS_DECISIONS).order_by("-month").values("pk")[:1]
    request = Concat(Value("decision:"), Cast(OuterRef("pk"), CharField()))
    return Decision.objects.filter(
        ~Exists(Ruling.objects.filter(request=request)), run=run or Subquery(newest), outcome__in=("wait", "review")
    )


def approve_month(run: Run, *, by: Clerk, on: date) -> int:
    """Approves every proposal of the run; answers how many certificates of it are approved or further on.

    Raises:
        Refused: the run is not ready, or the clerk took part in running it (two pairs of eyes).
    """
    if run.status not in ("approved", "closed"):
        if run.status != "proposed":
            raise Refused(
                f"{wareki_month(run.month)}は「{run.get_status_display()}」です。判定が終わってから承認してください。"
            )
        if by.pk in who_ran(run):
            raise Refused("判定を実行した担当者は承認できません。別の担当者が承認してください。")
        with transaction.atomic():
            advance(run, "approve", by=by, on=on, approved_by=by)
            advance_many(
                EligibilityCertificate.objects.filter(run=run, status="proposed"),
                "approve",
                by=by,
                on=on,
                note={"run": run.pk},
            )
            elderly.approve_elderly(by=by, on=on, run=run)
    return EligibilityCertificate.objects.filter(run=run).exclude(status__in=("proposed", "voided")).count()


def who_ran(run: Run) -> set[int]:
    """Ids of the clerks who ran the month; none of them approves it."""
    acted = Event.objects.filter(subject=Run._meta.label, subject_id=run.pk, verb__in=("apply", "decide", "propose"))
    return {run.run_by_id, *acted.exclude(actor=None).values_list("actor_id", flat=True)}


@dataclass(frozen=True, slots=True)
class Answer:
    """The explanation of one cover in one run (none when the run has no decision about it), and what came after."""

    member: Member
    run: Run
    explanation: Explanation | None
    afterwards: list[str]


def why(members: list[Member], run: Run) -> Iterator[Answer]:
    """Explains the run's decision about each cover, replayed from its stored facts."""
    found = explanations(run, [m.pk for m in members])
    for member in members:
        yield Answer(member, run, found.get(member.pk), afterwards(member, run))


def explanations(run: Run, member_ids: list[int]) -> dict[int, Explanation]:
    """The explanation of the run's decision about each of these covers, by member id."""
    days, policy, law = days_of(run), policy_of(run), law_on(run.decided_on)
    with replay.stored_decisions(run, member_ids=member_ids) as decisions:
        return {
            stored.member_id: explain(
                Case(
                    stored.facts,
                    rule_versions.decide(run.rules_version, stored.facts, days, policy, law),
                    days,
                    policy,
                    law,
                    informed_through=run.informed_through,
                )
            )
            for stored in decisions
        }


def find_members(
    symbol: str, number: str, branch_number: str | None = None, *, insurer_number: str | None = None
) -> list[Member]:
    """Covers under a 記号・番号 (and 枝番), compared after width folding, oldest first.

    Raises:
        BadInput: there is none.
    """
    found = Member.objects.filter(symbol_key=identifier_key(symbol), number_key=identifier_key(number))
    if branch_number is not None:
        found = found.filter(branch_key=identifier_key(branch_number))
    if insurer_number is not None:
        found = found.filter(insurer__number=insurer_number)
    members = list(found.select_related("insurer", "person").order_by("insurer", "branch_key", "acquired_on", "pk"))
    if not members:
        raise BadInput("その記号・番号の加入者は見つかりません。記号と番号を確認してください。")
    return members
