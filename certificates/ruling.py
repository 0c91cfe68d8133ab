"""Decisions about one person between two months: settle an open case, grant a request, follow a filing.

The same pure rules as the month's, on today's facts; the answer is kept as a ``Ruling`` that can be
replayed, and its certificates await approval like the month's. The next month finds them in hand and
leaves the person alone. Source: domain.md §4 "Waiting is not forever", §8.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from django.db import connection, transaction

from certificates import facts as fact_module
from certificates import reading, rules, rules_v1
from certificates.codes import Basis, Ground, Limit, Outcome, Reason
from certificates.facts import MemberFacts
from certificates.law import Law, law_on
from certificates.models import ComingFace, Decision, EligibilityCertificate, Ruling, Run
from certificates.models.runs import informed_through_of
from certificates.recovering.duties import call_back
from certificates.rules import Days, Decided
from certificates.serials import draw, serial_text
from core.calendar import FAR_FUTURE, business_days_after, month_end_after
from core.errors import Refused
from core.models import Clerk
from core.transitions import advance_many, lock_chain, record
from members import policy as policies
from members.models import Insurer, Member
from members.policy import Policy
from members.querysets import FACE_KEY_SQL, PEOPLE_JOINS, newest_first_sql
from members.services import policy_on

OPEN = (Outcome.WAIT, Outcome.REVIEW)
REPLACED = "必要になる日より後に始まる証のため、新しい証に替えました"


@dataclass(frozen=True, slots=True)
class Question:
    """What a ruling answers: about whom, why now, and under which record it is asked.

    ``request`` names that record (``decision:12``, ``application:3``, ``filing:7``); one request is ruled
    on once per member.
    """

    member_id: int
    cause: str
    request: str
    on: date
    by: Clerk | None


def rule(
    member_id: int,
    *,
    cause: str,
    request: str,
    on: date,
    by: Clerk | None,
    replaces: bool = False,
    from_day: date | None = None,
) -> Ruling:
    """Decides one cover by the month's rules on what is known on ``on``; proposes what is to be issued.

    ``replaces``: paper that was good until now has just been taken away; then nobody waits for the fund's answer, a
    short-term certificate (``unsettled``) bridges the time. ``from_day``: a day to come from which the face is another;
    what is needed then is issued now. Asked again for the same request, answers the ruling there is.

    Raises:
        Refused: no policy is in force, or its fixed dates have run out.
    """
    question = Question(member_id, cause, request, on, by)
    with transaction.atomic():
        if (known := _known(question)) is not None:
            return known
        facts, policy, law, days = situation(question.member_id, question.on)
        facts, days = _corrected(facts, member_id, from_day), _reaching(days, from_day)
        answer = rules.decide(facts, days, policy, law)
        mode = Ruling.Mode.TABLE
        if replaces and answer.outcome in OPEN:
            mode, answer = Ruling.Mode.DUE, rules.decide(facts, days, policy, law, due=True)
        return _keep(question, facts, answer, days, policy, mode=mode, from_day=from_day)


def issue(
    member_id: int,
    *,
    cause: str,
    request: str,
    ground: Ground,
    basis: Basis,
    on: date,
    by: Clerk | None,
    from_day: date | None = None,
    keep_through: date | None = None,
) -> Ruling:
    """Issues at once for ``ground``, whatever other routes there are: an application granted, say.

    ``from_day``: its first day where that is ahead. ``keep_through`` keeps an earlier certificate's end (再交付 under
    policy ``reissue_keeps_expiry``, a changed face).

    Raises:
        Refused: the cover has ended or has not begun, no policy is in force, or its fixed dates have run out.
    """
    question = Question(member_id, cause, request, on, by)
    with transaction.atomic():
        if (known := _known(question)) is not None:
            return known
        facts, policy, law, days = situation(question.member_id, question.on)
        facts = _corrected(facts, member_id, from_day)
        answer = rules.forced(
            facts, str(ground), days, policy, law, from_day=from_day, keep_through=keep_through
        )
        return _keep(
            question, facts, answer, days, policy,
            basis=basis, mode=Ruling.Mode.GRANTED, from_day=from_day, keep_through=keep_through,
        )  # fmt: skip


def settle(insurer: Insurer, *, on: date) -> dict[str, int]:
    """Settles the newest month's open decisions: by what has become known, or, once due, ex officio.

    Runs daily and may run any number of times a day; answers how many were settled and issued.
    """
    run = _newest_run(insurer, on)
    counts = {"settled": 0, "issued": 0, "open": 0}
    if run is None:
        return counts
    days = rules.days_of_run(as_of=run.as_of, decided_on=on)
    waiting = _waiting(run)
    known = reading.facts_of(run.insurer_id, on, [case.member_id for case in waiting])
    policy = policy_on(run.insurer, on)
    for case in waiting:
        ruling = _settle_one(case, known[case.member_id], days, policy)
        counts["open" if ruling is None else "settled"] += 1
        counts["issued"] += ruling is not None and ruling.outcome == Outcome.ISSUE
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


def _settle_one(case: OpenCase, facts: MemberFacts, days: Days, policy: Policy) -> Ruling | None:
    """The ruling that closes one open case, or None while it may stay open."""
    on, law = days.decided_on, law_on(days.decided_on)
    question = Question(case.member_id, Ruling.Cause.NEWER_ROW, case.request, on, None)
    with transaction.atomic():
        if (known := _known(question)) is not None:
            return known
        answer = rules.decide(facts, days, policy, law)
        if answer.outcome not in OPEN:
            by_inquiry = facts.row is not None and facts.row.source == "inquiry"
            cause = Ruling.Cause.INQUIRY if by_inquiry else Ruling.Cause.NEWER_ROW
            return _keep(replace(question, cause=cause), facts, answer, days, policy, mode=Ruling.Mode.TABLE)
        if on < case.due_on:
            return None
        due = rules.decide(facts, days, policy, law, due=True)
        return _keep(
            replace(question, cause=Ruling.Cause.DUE), facts, due, days, policy, mode=Ruling.Mode.DUE
        )


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

    A card returned on the 10th must not wait for next month's file (domain.md §1, §4), nor a paper that a new
    registration calls back. Runs daily; each report is ruled on once.
    """
    run = Run.objects.filter(insurer=insurer.society, decisions__isnull=False).order_by("-month").first()
    if run is None:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(_CUT_OFF, {"on": on, "as_of": run.as_of, "insurer": run.insurer_id})
        found = cursor.fetchall()
    for member_id, status_id in found:
        rule(member_id, cause=Ruling.Cause.NEWER_ROW, request=f"status:{status_id}", on=on, by=None)
    return len(found)


def approve(ruling: Ruling, *, by: Clerk, on: date) -> int:
    """Approves a ruling's certificates; answers how many are approved or further on.

    Raises:
        Refused: the clerk who ruled may not approve.
    """
    if ruling.ruled_by_id == by.pk:
        raise Refused("個別判定をした担当者は承認できません。別の担当者が承認してください。")
    waiting = EligibilityCertificate.objects.filter(ruling=ruling, status="proposed")
    advance_many(waiting, "approve", by=by, on=on, note={"ruling": ruling.pk})
    done = EligibilityCertificate.objects.filter(ruling=ruling).exclude(status__in=("proposed", "voided"))
    return done.count()


def replayed(ruling: Ruling) -> Decided:
    """The answer the rules give now on the ruling's stored facts, policy and days."""
    facts, policy = fact_module.from_json(ruling.facts), policies.from_json(ruling.policy)
    days, law = days_of(ruling), law_on(ruling.decided_on)
    if ruling.rules_version == rules_v1.VERSION:
        return _replayed_v1(ruling, facts, days, policy, law)
    if ruling.mode == Ruling.Mode.GRANTED:
        return rules.forced(
            facts,
            ruling.reason,
            days,
            policy,
            law,
            from_day=ruling.from_day,
            keep_through=ruling.keep_through,
        )
    return rules.decide(facts, days, policy, law, due=ruling.mode == Ruling.Mode.DUE)


def _replayed_v1(ruling: Ruling, facts: MemberFacts, days: Days, policy: Policy, law: Law) -> Decided:
    """The same by the rules of version 1, which kept no mode: only an issue that asks for no other route had that ground."""
    unsettled = ruling.reason == Reason.UNSETTLED
    if unsettled or ruling.cause in (Ruling.Cause.APPLICATION, Ruling.Cause.DEREGISTRATION):
        kept = ruling.valid_through if ruling.limit == Limit.SCHEME else None
        return rules_v1.forced(facts, ruling.reason, days, policy, law, keep_through=kept)
    return rules_v1.decide(facts, days, policy, law)


def days_of(ruling: Ruling) -> Days:
    """The ruling's days for the rules."""
    days = Days(ruling.as_of, ruling.decided_on, ruling.issue_on, month_end_after(ruling.decided_on, 1))
    return days if ruling.mode == Ruling.Mode.GRANTED else _reaching(days, ruling.from_day)


def _reaching(days: Days, from_day: date | None) -> Days:
    """What is needed from a day to come is not left to a later run."""
    if from_day is None:
        return days
    return replace(days, next_arrives_by=max(days.next_arrives_by, from_day))


def _corrected(facts: MemberFacts, member_id: int, from_day: date | None) -> MemberFacts:
    """The facts with the birth date that is filed for a day to come: the next certificate's days go by it."""
    coming = None if from_day is None else _face_on(_coming_faces(member_id), from_day)
    born = None if coming is None else coming.face.get("birth_date")
    return facts if born is None else replace(facts, birth_date=date.fromisoformat(born))


def _known(question: Question) -> Ruling | None:
    lock_chain()
    return Ruling.objects.filter(request=question.request, member_id=question.member_id).first()


def situation(member_id: int, on: date) -> tuple[MemberFacts, Policy, Law, Days]:
    """The member's facts on the day, and the policy, law and days they are judged by."""
    insurer = Member.objects.select_related("insurer__main").get(pk=member_id).insurer.society
    newest = _newest_of(member_id)
    as_of = newest.as_of if newest is not None else month_end_after(on, -1)
    facts = reading.facts_of(insurer.pk, on, [member_id])[member_id]
    days = rules.days_of_run(as_of=as_of, decided_on=on)
    return facts, policy_on(insurer, on), law_on(on), days


def _newest_of(member_id: int) -> Run | None:
    """The newest month with decisions of the cover's society."""
    insurer = Member.objects.select_related("insurer__main").get(pk=member_id).insurer.society
    return Run.objects.filter(insurer=insurer, decisions__isnull=False).order_by("-month").first()


def _keep(
    question: Question,
    facts: MemberFacts,
    answer: Decided,
    days: Days,
    policy: Policy,
    *,
    mode: str,
    basis: Basis = Basis.EX_OFFICIO,
    from_day: date | None = None,
    keep_through: date | None = None,
) -> Ruling:
    lock_chain()
    first = answer.certificate
    then = answer.successors[0] if answer.successors else None
    further = [
        [v.effective_on.isoformat(), v.valid_through.isoformat(), str(v.limit)] for v in answer.successors[1:]
    ]
    ruling = Ruling.objects.create(
        member_id=question.member_id, cause=question.cause, request=question.request, as_of=days.as_of,
        decided_on=days.decided_on, issue_on=days.issue_on, policy=policy.as_json(), ruled_by=question.by,
        mode=mode, from_day=from_day, keep_through=keep_through,
        informed_through=informed_through_of(_newest_of(question.member_id), question.on),
        outcome=str(answer.outcome), reason=str(answer.reason), detail=str(answer.detail or ""),
        kind=answer.kind, need_from=answer.need_from,
        effective_on=first and first.effective_on, valid_through=first and first.valid_through,
        limit=str(first.limit) if first else "",
        then_effective_on=then and then.effective_on, then_valid_through=then and then.valid_through,
        then_limit=str(then.limit) if then else "", further=further or None,
        facts=fact_module.as_json(facts),
    )  # fmt: skip
    record("rule", Ruling._meta.label, [ruling.pk], by=question.by, on=question.on, note={
        "request": question.request, "outcome": str(answer.outcome),
    })  # fmt: skip
    if answer.recover:
        call_back(answer.recover, on=question.on, by=question.by)
    if first is not None:
        _void_replaced(ruling, answer, by=question.by)
        _propose(ruling, answer, basis, by=question.by)
    return ruling


def _void_replaced(ruling: Ruling, answer: Decided, *, by: Clerk | None) -> None:
    """Voids what is not yet posted and would begin only after this one is needed (§4 ``serves_through``)."""
    advance_many(
        EligibilityCertificate.objects.filter(pk__in=answer.replaced), "void", by=by, on=ruling.decided_on,
        reason=REPLACED, note={"ruling": ruling.pk},
    )  # fmt: skip


def _propose(ruling: Ruling, answer: Decided, basis: Basis, *, by: Clerk | None) -> None:
    periods = tuple(period for period in (answer.certificate, *answer.successors) if period is not None)
    insurer = ruling.member.insurer.society
    number, registered = draw(insurer, len(periods)), _face_key(ruling.member_id)
    ahead = _coming_faces(ruling.member_id)
    faces = [_face_on(ahead, period.effective_on) for period in periods]
    made = EligibilityCertificate.objects.bulk_create(
        EligibilityCertificate(
            serial=serial_text(number + place), member_id=ruling.member_id, ruling=ruling, sequence=place,
            basis=str(basis), ground=ruling.reason, kind=ruling.kind if place == 0 else "renewal",
            issued_on=ruling.issue_on, effective_on=period.effective_on, valid_through=period.valid_through,
            limit=str(period.limit), face_key=coming.face_key if coming else registered, coming=coming,
            straight_home=answer.straight_home,
        )
        for place, (period, coming) in enumerate(zip(periods, faces, strict=True))
    )  # fmt: skip
    record(
        "propose", EligibilityCertificate._meta.label, [c.pk for c in made], by=by, on=ruling.decided_on,
        note={"ruling": ruling.pk},
    )  # fmt: skip


def _coming_faces(member_id: int) -> list[ComingFace]:
    return list(ComingFace.objects.filter(member=member_id).order_by("from_day", "filing_id"))


def _face_on(ahead: list[ComingFace], day: date) -> ComingFace | None:
    """The face to come that holds on the day, where it is another than the register's of now."""
    return next((one for one in reversed(ahead) if one.from_day <= day), None)


def _face_key(member_id: int) -> str:
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {FACE_KEY_SQL} FROM members_member m {PEOPLE_JOINS} WHERE m.id = %s", [member_id]
        )
        return str(cursor.fetchone()[0])
