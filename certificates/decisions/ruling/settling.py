"""Settles what is left open, and follows what the fund has reported since the newest month."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from django.db import connection, transaction

from certificates.decisions.ruling.asking import OPEN, Question, rule_all
from certificates.decisions.ruling.keeping import Draft, keep
from certificates.decisions.ruling.situations import Situation, Terms, rounds, situations, terms_on
from certificates.models import Decision, Ruling, Run
from certificates.rules import monthly
from certificates.rules.codes import Outcome
from core.calendar import FAR_FUTURE, business_days_after
from core.transitions import lock_chain
from members import policy as policies
from members.models import Insurer
from members.querysets import newest_first_sql


def settle(insurer: Insurer, *, on: date) -> dict[str, int]:
    """Settles the newest month's open decisions: by what has become known, or, once due, ex officio.

    Runs daily and may run any number of times a day; answers how many were settled and issued.
    """
    run = _newest_run(insurer, on)
    counts = {"settled": 0, "issued": 0, "open": 0}
    if run is None:
        return counts
    with transaction.atomic():
        lock_chain()
        for batch in rounds(_waiting(run)):
            at = _terms_of(run, on)
            found = situations(at, [case.member_id for case in batch])
            drafts = [_settled(case, found[case.member_id], at) for case in batch]
            made = keep([draft for draft in drafts if draft is not None], at, by=None)
            counts["settled"] += len(made)
            counts["open"] += len(batch) - len(made)
            counts["issued"] += sum(ruling.outcome == Outcome.ISSUE for ruling in made)
    return counts


@dataclass(frozen=True, slots=True)
class OpenCase:
    """A decision, or a ruling since then, that waits for news until ``due_on``."""

    request: str
    member_id: int
    due_on: date


def _newest_run(insurer: Insurer, on: date) -> Run | None:
    decided = Run.objects.filter(insurer=insurer.society, decisions__isnull=False, decided_on__lte=on)
    return decided.order_by("-month").first()


def still_open(insurer: Insurer, *, on: date) -> dict[int, date]:
    """Which covers wait for an answer on a day, each with the day by which it is told (``due_on``)."""
    run = _newest_run(insurer, on)
    return {case.member_id: case.due_on for case in _waiting(run, until=on)} if run is not None else {}


def _waiting(run: Run, *, until: date = FAR_FUTURE) -> list[OpenCase]:
    """The month's open decisions and the open rulings since, as far as nothing was ruled on them ``until`` a day."""
    cases = [
        OpenCase(f"decision:{pk}", member, due_on)
        for pk, member, due_on in Decision.objects.filter(run=run, outcome__in=OPEN, due_on__isnull=False)
        .order_by("pk")
        .values_list("pk", "member_id", "due_on")
    ]
    numbers = [run.insurer, *run.insurer.also.all()]
    since = Ruling.objects.filter(
        outcome__in=OPEN, decided_on__gte=run.decided_on, decided_on__lte=until, member__insurer__in=numbers
    )
    cases += [OpenCase(f"ruling:{r.pk}", r.member_id, due_of(r)) for r in since.order_by("pk")]
    requests = [case.request for case in cases]
    ruled = Ruling.objects.filter(request__in=requests, decided_on__lte=until)
    done = set(ruled.values_list("request", flat=True))
    return [case for case in cases if case.request not in done]


def due_of(ruling: Ruling) -> date:
    """By when an open ruling is settled: as many business days as the month's open decisions have."""
    days = policies.from_json(ruling.policy).inquiry_business_days
    return business_days_after(ruling.decided_on, days)


def _terms_of(run: Run, on: date) -> Terms:
    """The day's terms with the month's 基準日."""
    return replace(terms_on(on), days=monthly.days_of_run(as_of=run.as_of, decided_on=on))


def _settled(case: OpenCase, found: Situation, at: Terms) -> Draft | None:
    """The answer that closes one open case, or None while it may stay open."""
    facts = found.facts
    mode, answer = Ruling.Mode.TABLE, monthly.decide(facts, at.days, at.policy, at.law)
    by_inquiry = facts.row is not None and facts.row.source == "inquiry"
    cause = Ruling.Cause.INQUIRY if by_inquiry else Ruling.Cause.NEWER_ROW
    if answer.outcome in OPEN:
        if at.on < case.due_on:
            return None
        mode, cause = Ruling.Mode.DUE, Ruling.Cause.DUE
        answer = monthly.decide(facts, at.days, at.policy, at.law, due=True)
    return Draft(case.member_id, cause, case.request, mode, found, facts, at.days, answer)


# Covers whose person the fund has, since the newest month, reported without a usable card, or with one beside a paper
# that was posted.
_CUT_OFF = f"""
SELECT m.id, newest.id FROM members_member m
JOIN LATERAL (
    SELECT s.id, s.state, s.source, s.as_of FROM members_mynastatus s
    WHERE s.person_id = m.person_id AND s.as_of <= %(on)s ORDER BY {newest_first_sql("s")} LIMIT 1
) newest ON newest.source <> 'monthly' AND newest.as_of > %(as_of)s AND (
    newest.state IN ('returned', 'not_registered')
    OR newest.state = 'registered' AND EXISTS (
        SELECT 1 FROM certificates_eligibilitycertificate c
        WHERE c.member_id = m.id AND c.status = 'sent' AND c.valid_through >= %(on)s))
JOIN members_insurer i ON i.id = m.insurer_id AND (i.id = %(insurer)s OR i.main_id = %(insurer)s)
WHERE m.acquired_on <= %(on)s AND (m.lost_on IS NULL OR m.lost_on > %(on)s)
    AND NOT EXISTS (SELECT 1 FROM certificates_ruling r WHERE r.member_id = m.id
                    AND r.request = 'status:' || newest.id)
ORDER BY m.id
"""


def follow_news(insurer: Insurer, *, on: date) -> int:
    """Rules on whoever the fund has reported without a usable card since the newest month; answers how many.

    A card returned on the 10th must not wait for next month's file (rules.md §1, §4), nor a paper that a new
    registration calls back. Runs daily; each report is ruled on once.
    """
    run = Run.objects.filter(insurer=insurer.society, decisions__isnull=False).order_by("-month").first()
    if run is None:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(_CUT_OFF, {"on": on, "as_of": run.as_of, "insurer": run.insurer_id})
        found = cursor.fetchall()
    rule_all([Question(member, Ruling.Cause.NEWER_ROW, f"status:{status}") for member, status in found], on=on, by=None)
    return len(found)
