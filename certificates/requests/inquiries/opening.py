"""Which questions there are for the fund, and when they end unanswered."""

from __future__ import annotations

from datetime import date

from django.db import connection, transaction
from django.db.models import CharField, Exists, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Cast, Concat

from certificates.lifecycle import INQUIRY
from certificates.models import Decision, Inquiry, Ruling, Run
from certificates.rules.codes import Outcome
from core.calendar import business_days_after
from core.models import Clerk
from core.transitions import advance_many, check_permission, lock_chain, record
from members.models import Insurer, Member
from members.services import policy_on, society

OPEN = ("open", "asked")

# One question per person, however many covers wait; a person asked about for this run is not asked about again.
_OPEN_FOR_RUN = """
INSERT INTO certificates_inquiry (person_id, member_id, decision_id, opened_on, due_on, status)
SELECT DISTINCT ON (m.person_id) m.person_id, d.member_id, d.id, %(on)s, coalesce(d.due_on, %(on)s), 'open'
  FROM certificates_decision d
  JOIN members_member m ON m.id = d.member_id
 WHERE d.run_id = %(run)s AND d.outcome = ANY(%(outcomes)s)
   AND NOT EXISTS (SELECT 1 FROM certificates_ruling r
                    WHERE r.request = 'decision:' || d.id AND r.member_id = d.member_id)
   AND NOT EXISTS (SELECT 1 FROM certificates_inquiry q
                     JOIN certificates_decision asked ON asked.id = q.decision_id
                    WHERE q.person_id = m.person_id AND asked.run_id = d.run_id)
 ORDER BY m.person_id, d.due_on, d.id
ON CONFLICT DO NOTHING
RETURNING id
"""


def open_for_run(run: Run, *, by: Clerk | None, on: date) -> list[int]:
    """Opens a question for everyone whose decision of the run is still open; answers the ids of the new ones.

    Questions left from an earlier month end first. May run any number of times.

    Raises:
        Refused: the clerk may not.
    Source: rules.md §4.
    """
    check_permission(by, INQUIRY.by_verb["ask"])
    with transaction.atomic():
        lock_chain()
        close_settled(on)
        with connection.cursor() as cursor:
            outcomes = [str(Outcome.WAIT), str(Outcome.REVIEW)]
            cursor.execute(_OPEN_FOR_RUN, {"run": run.pk, "on": on, "outcomes": outcomes})
            made = sorted(row[0] for row in cursor.fetchall())
        record("open", Inquiry._meta.label, made, by=by, on=on, note={"run": run.pk})
    return made


def open_for(member: Member, *, decision: Decision | None = None, by: Clerk | None, on: date) -> Inquiry:
    """Opens a question about one person, as before an application is refused; answers the open one if there is.

    Due on the decision's day, else after the policy's ``inquiry_business_days``.

    Raises:
        Refused: the clerk may not, or no policy is in force.
    Source: rules.md §8 "Whether it is granted".
    """
    check_permission(by, INQUIRY.by_verb["ask"])
    due_on = decision.due_on if decision is not None else None
    if due_on is None:
        due_on = business_days_after(on, policy_on(member.insurer, on).inquiry_business_days)
    with transaction.atomic():
        lock_chain()
        inquiry = Inquiry.objects.filter(person_id=member.person_id, status__in=OPEN).first()
        if inquiry is None:
            inquiry = Inquiry.objects.create(
                person_id=member.person_id, member=member, decision=decision, opened_on=on, due_on=due_on
            )
            record("open", Inquiry._meta.label, [inquiry.pk], by=by, on=on, note={})
    return inquiry


def to_ask(insurer: Insurer) -> QuerySet[Inquiry]:
    """Questions about members under one insurer number that wait for an answer, oldest first."""
    return Inquiry.objects.filter(status__in=OPEN, member__insurer=insurer).order_by("pk")


def close_settled(on: date) -> int:
    """Ends the questions whose decision was settled meanwhile, by a newer row or at its due day (daily).

    A later month decides anew, so the questions of an earlier one end with it. Those asked without a
    decision stay until they are answered. Answers how many ended.
    """
    request = Concat(Value("decision:"), Cast(OuterRef("decision_id"), CharField()))
    ruled = Exists(Ruling.objects.filter(request=request, member=OuterRef("decision__member")))
    decided = Run.objects.filter(insurer=society(), decided_on__lte=on).filter(
        Exists(Decision.objects.filter(run=OuterRef("pk")))
    )
    newest = decided.order_by("-month").first()
    earlier = Q(decision__run__month__lt=newest.month) if newest is not None else Q(pk__in=())
    over = Inquiry.objects.filter(Q(decision__isnull=False) & (Q(ruled) | earlier))
    return len(advance_many(over, "close", by=None, on=on))
