"""高齢受給者証 from proposal to supersession, and certificates whose printed share is no longer right.

What is due is decided by ``certificates.rules.elderly`` on facts read in one go; everything is written set-based.
Source: rules.md §6, §9.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import date
from typing import Any, NamedTuple

from django.db import connection, transaction
from django.db.models import QuerySet

from certificates.decisions import reading
from certificates.decisions.deciding import policy_of
from certificates.decisions.granting import asked_anew, granted_among
from certificates.decisions.ruling import issued_by, rule_all
from certificates.documents.serials import draw
from certificates.lifecycle import ELDERLY, LIVE_STATES
from certificates.models import ElderlyBeneficiaryCertificate, EligibilityCertificate, Recovery, Ruling, Run
from certificates.recovery import open_duties
from certificates.rules.copayment import Told, share_from
from certificates.rules.elderly import (
    ElderlyAnswer,
    ElderlyFacts,
    ElderlyPaper,
    HeldElderly,
    Income,
    Wrong,
    elderly_due,
    share_on,
)
from certificates.rules.facts import MemberFacts
from certificates.rules.law import Law, law_on
from core.calendar import month_end_after
from core.errors import Refused
from core.models import Clerk, Event
from core.planner import refresh_statistics
from core.roles import RUN
from core.transitions import advance_many, check_permission, lock_chain, record
from members.models import Insurer
from members.querysets import HOLDER_KEY_SQL, PEOPLE_JOINS
from members.services import municipal, policy_on, society

__all__ = [
    "approve_elderly",
    "elderly_answers",
    "elderly_due",
    "elderly_key_sql",
    "propose_elderly",
    "supersede_changed_shares",
    "wrong_shares",
]

REASONS: Mapping[Wrong, str] = {
    Wrong.SHARE: "負担割合の変更",
    Wrong.FACE: "表面の内容の変更",
    Wrong.NOT_NEEDED: "資格確認書がないため不要",
}
_CAUSES = {Wrong.SHARE: Recovery.Cause.SUPERSEDED, Wrong.FACE: Recovery.Cause.FACE_CHANGED}


def elderly_key_sql(percent: str) -> str:
    """The fingerprint of a 高齢受給者証: its holder and the share. ``percent`` is a column."""
    return f"encode(sha256(convert_to({HOLDER_KEY_SQL} || '/' || {percent}, 'UTF8')), 'hex')"


# Who may be concerned: in the ages by the last day asked for, covered, with a certificate or such a paper in hand.
_MEMBERS = """
SELECT m.id FROM members_member m
JOIN members_person p ON p.id = m.person_id JOIN members_insurer i ON i.id = m.insurer_id
WHERE (i.id = %(insurer)s OR i.main_id = %(insurer)s) AND p.birth_date <= %(born_by)s
  AND (m.lost_on IS NULL OR m.lost_on > %(on)s)
  AND (EXISTS (SELECT 1 FROM certificates_eligibilitycertificate c WHERE c.member_id = m.id
               AND c.status = ANY(%(live)s) AND c.valid_through >= %(on)s)
       OR EXISTS (SELECT 1 FROM certificates_elderlybeneficiarycertificate d WHERE d.member_id = m.id
                  AND d.status = ANY(%(live)s) AND d.valid_through >= %(on)s))
"""

_INCOMES = """
SELECT m.id, coalesce(ip.birth_date, p.birth_date),
    CASE WHEN mi.id IS NULL THEN m.standard_monthly_remuneration_yen
         ELSE mi.standard_monthly_remuneration_yen END,
    relief.starts, relief.ends, m.copayment_percent
FROM members_member m
JOIN members_person p ON p.id = m.person_id
LEFT JOIN members_member mi ON mi.id = m.insured_id
LEFT JOIN members_person ip ON ip.id = mi.person_id
LEFT JOIN (
    SELECT member_id, array_agg(valid_from ORDER BY id) AS starts, array_agg(valid_through ORDER BY id) AS ends
    FROM members_sharerelief GROUP BY member_id
) relief ON relief.member_id = coalesce(mi.id, m.id)
WHERE m.id = ANY(%(members)s)
"""

_PAPERS = f"""
SELECT d.member_id, d.id, d.effective_on, d.valid_through, d.copayment_percent, d.status,
    d.face_key = {elderly_key_sql("d.copayment_percent")}
FROM certificates_elderlybeneficiarycertificate d
JOIN members_member m ON m.id = d.member_id {PEOPLE_JOINS}
WHERE d.member_id = ANY(%(members)s) AND d.status <> 'voided'
"""

# Numbered in the order of the lists, as the certificates are.
_PROPOSE = f"""
INSERT INTO certificates_elderlybeneficiarycertificate
    (serial, member_id, run_id, cause, copayment_percent, issued_on, effective_on, valid_through, "limit",
     face_key, status)
SELECT certificates_serial(%(first)s + row_number() OVER ({reading.PLACE}, due.effective_on) - 1),
    m.id, %(run)s, due.cause, due.percent, %(issued_on)s, due.effective_on, due.valid_through, due."limit",
    {elderly_key_sql("due.percent")}, 'proposed'
FROM unnest(%(members)s::bigint[], %(causes)s::text[], %(percents)s::int[], %(starts)s::date[],
    %(ends)s::date[], %(limits)s::text[]) AS due(member_id, cause, percent, effective_on, valid_through, "limit")
JOIN members_member m ON m.id = due.member_id {PEOPLE_JOINS}
RETURNING id
"""


def incomes(members: Collection[int]) -> dict[int, Income]:
    """The insured person's income and dated reliefs of each member, by member id."""
    with connection.cursor() as cursor:
        cursor.execute(_INCOMES, {"members": list(members)})
        rows = cursor.fetchall()
    told = municipal()
    return {
        member: Income(born, yen, tuple(zip(starts or (), ends or (), strict=True)), Told(percent) if told else None)
        for member, born, yen, starts, ends, percent in rows
    }


def _papers(members: Collection[int]) -> dict[int, list[HeldElderly]]:
    with connection.cursor() as cursor:
        cursor.execute(_PAPERS, {"members": list(members)})
        found: dict[int, list[HeldElderly]] = {}
        for member, *values in cursor.fetchall():
            found.setdefault(member, []).append(HeldElderly(*values))
    return found


def _members(insurer: Insurer, on: date, through: date, law: Law) -> list[int]:
    params = {
        "insurer": insurer.pk,
        "on": on,
        "live": list(LIVE_STATES),
        "born_by": month_end_after(through, -12 * law.elderly_age),
    }
    with connection.cursor() as cursor:
        cursor.execute(_MEMBERS, params)
        return [row[0] for row in cursor.fetchall()]


def elderly_answers(
    insurer: Insurer, on: date, *, through: date, members: list[int] | None = None, run: Run | None = None
) -> dict[int, ElderlyAnswer]:
    """What the rule says of each member who may be concerned (or of ``members``), by member id; writes nothing.

    Raises:
        Refused: the society has no settings for the day.
    """
    law = law_on(on)
    policy = policy_of(run) if run is not None else policy_on(insurer, on)
    ids = _members(insurer, on, through, law) if members is None else members
    known, income, papers = reading.facts_of(insurer.pk, on, ids), incomes(ids), _papers(ids)
    start = max(on, run.issue_on) if run is not None else on
    return {
        member: elderly_due(
            ElderlyFacts(known[member], income[member], tuple(papers.get(member, ()))),
            start,
            through=through,
            policy=policy,
            law=law,
        )
        for member in ids
    }


def propose_elderly(run: Run | None, *, by: Clerk | None, on: date) -> dict[str, int]:
    """Proposes what is due for the days until the next month's paper arrives, and ends what no longer holds.

    With a run whose proposals still await approval the papers belong to it and travel with its certificates; without
    one, to the day. What was posted with another share or face is superseded and has to come back, what was not is
    void. A repeat finds everything there and does nothing. Answers how many were proposed, superseded and voided.

    Raises:
        Refused: the clerk may not, or the society has no settings for the day.
    Source: rules.md §6, §9.
    """
    if by is not None and not by.can(RUN):
        raise Refused(f"高齢受給者証の提案は{by.get_role_display()}の権限ではできません。")
    counts = {"proposed": 0, "superseded": 0, "voided": 0}
    insurer = run.insurer if run is not None else society()
    decided_on = run.decided_on if run is not None else on
    if run is not None and run.status not in ("decided", "proposed"):
        return counts
    with transaction.atomic():
        lock_chain()
        through = month_end_after(decided_on, 1)
        answers = elderly_answers(insurer, decided_on, through=through, run=run)
        wrong = {paper: why for answer in answers.values() for paper, why in answer.wrong.items()}
        counts |= _end(wrong, by=by, on=on)
        due = [(member, paper) for member, answer in answers.items() for paper in answer.due]
        issued_on = run.issue_on if run is not None else on
        counts["proposed"] = len(_insert(insurer, due, run=run, issued_on=issued_on, by=by, on=on))
    return counts


def _insert(
    insurer: Insurer,
    due: list[tuple[int, ElderlyPaper]],
    *,
    run: Run | None,
    issued_on: date,
    by: Clerk | None,
    on: date,
) -> list[int]:
    if not due:
        return []
    papers = [paper for _, paper in due]
    params: dict[str, Any] = {
        "first": draw(insurer.society, len(due)),
        "run": run and run.pk,
        "issued_on": issued_on,
        "members": [member for member, _ in due],
        "causes": [p.cause for p in papers],
        "percents": [p.copayment_percent for p in papers],
        "starts": [p.effective_on for p in papers],
        "ends": [p.valid_through for p in papers],
        "limits": [str(p.limit) for p in papers],
    }
    with connection.cursor() as cursor:
        cursor.execute(_PROPOSE, params)
        ids = [row[0] for row in cursor.fetchall()]
    refresh_statistics(ElderlyBeneficiaryCertificate, written=len(ids))
    note = {"run": run.pk} if run is not None else {}
    record("propose", ElderlyBeneficiaryCertificate._meta.label, ids, by=by, on=on, note=note)
    return ids


def _end(wrong: Mapping[int, Wrong], *, by: Clerk | None, on: date) -> dict[str, int]:
    counts = {"superseded": 0, "voided": 0}
    for why in Wrong:
        ids = [paper for paper, reason in wrong.items() if reason is why]
        if ids:
            papers = ElderlyBeneficiaryCertificate.objects.filter(pk__in=ids)
            ended = _withdraw(papers, cause=_CAUSES.get(why), reason=REASONS[why], by=by, on=on)
            counts = {key: counts[key] + ended[key] for key in counts}
    return counts


def _withdraw(papers: QuerySet[Any], *, cause: str | None, reason: str, by: Clerk | None, on: date) -> dict[str, int]:
    """Ends papers that are wrong: void before the post, superseded with a duty after it; at the office, taken back."""
    with transaction.atomic():
        ids = list(papers.values_list("pk", flat=True))
        mine = papers.model._default_manager.filter(pk__in=ids)
        voided = advance_many(mine, "void", by=by, on=on, reason=reason)
        advance_many(mine.filter(status="returned"), "recover", by=by, on=on, note={"reason": reason})
        out = list(mine.filter(status="sent").values_list("pk", flat=True))
        superseded: list[int] = []
        if cause is not None and out:
            open_duties(mine.filter(pk__in=out), cause=cause, received_on=on, on=on, by=by)
            superseded = advance_many(mine.filter(pk__in=out), "supersede", by=by, on=on, note={"reason": reason})
    return {"superseded": len(superseded), "voided": len(voided)}


def approve_elderly(*, by: Clerk, on: date, run: Run | None = None, ids: Iterable[int] | None = None) -> int:
    """Approves what others proposed: a run's, the given ones, or all that wait; answers how many now were.

    Raises:
        Refused: the clerk may not, or everything that waits was proposed by the same clerk (two pairs of eyes).
    Source: rules.md §6; architecture.md "Lifecycles".
    """
    check_permission(by, ELDERLY.by_verb["approve"])
    waiting = ElderlyBeneficiaryCertificate.objects.filter(status="proposed")
    if run is not None:
        waiting = waiting.filter(run=run)
    if ids is not None:
        waiting = waiting.filter(pk__in=list(ids))
    with transaction.atomic():
        lock_chain()
        subject = ElderlyBeneficiaryCertificate._meta.label
        own = Event.objects.filter(subject=subject, verb="propose", actor=by).values("subject_id")
        others = waiting.exclude(pk__in=own)
        if waiting.exists() and not others.exists():
            raise Refused("高齢受給者証を提案した担当者は承認できません。別の担当者が承認してください。")
        note = {"run": run.pk} if run is not None else {}
        return len(advance_many(others, "approve", by=by, on=on, note=note))


_SHARED = """
SELECT c.id, c.member_id, c.effective_on, c.valid_through, p.birth_date
FROM certificates_eligibilitycertificate c
JOIN members_member m ON m.id = c.member_id
JOIN members_person p ON p.id = m.person_id JOIN members_insurer i ON i.id = m.insurer_id
WHERE (i.id = %(insurer)s OR i.main_id = %(insurer)s) AND p.birth_date <= %(born_by)s
  AND c.status = ANY(%(live)s) AND c.valid_through >= %(on)s
  -- What was made ahead shows the share of its first day, which the register does not have yet.
  AND c.coming_id IS NULL
  AND (%(ids)s::bigint[] IS NULL OR c.id = ANY(%(ids)s))
ORDER BY c.member_id, c.id
"""


def supersede_changed_shares(on: date, *, by: Clerk | None, printed: Mapping[int, int] | None = None) -> dict[str, int]:
    """Where the share stands on the 資格確認書: ends those with another share than the holder has, and rules anew.

    ``printed``: the share that a certificate (by id) is known to carry; otherwise it is the one of its 発効期日, from
    the dated facts. For one that takes effect later its first day is judged. May run any number of times a day.
    Answers how many were superseded, voided, ruled on and issued.

    Raises:
        Refused: the clerk may not, no settings are in force, or their fixed dates have run out.
    Source: rules.md §6 (superseded on the first day of the new share), §9.
    """
    insurer = society()
    counts = {"superseded": 0, "voided": 0, "ruled": 0, "issued": 0}
    with transaction.atomic():
        lock_chain()
        wrong = wrong_shares(insurer, on, printed=printed or {})
        papers = EligibilityCertificate.objects.filter(pk__in=list(wrong))
        counts |= _withdraw(papers, cause=Recovery.Cause.SUPERSEDED, reason=REASONS[Wrong.SHARE], by=by, on=on)
        granted = granted_among(list(wrong))
        first = {member: certificate for certificate, member in sorted(wrong.items(), reverse=True)}
        made = rule_all(
            [
                asked_anew(
                    member,
                    granted.get(member),
                    cause=Ruling.Cause.FILING,
                    request=f"share:{certificate}:{on.isoformat()}",
                    on=on,
                )
                for member, certificate in sorted(first.items())
            ],
            on=on,
            by=by,
        )
        counts["ruled"] += len(made)
        counts["issued"] += sum(map(len, issued_by(made).values()))
    return counts


def wrong_shares(
    insurer: Insurer, on: date, *, printed: Mapping[int, int], ids: Collection[int] | None = None
) -> dict[int, int]:
    """Live certificates (or those of ``ids``) with another share than their holder has, with the member's id.

    Raises:
        Refused: the society has no settings for the day.
    """
    law, wrong = law_on(on), {}
    for one in sharing(insurer, on, ids=ids):
        now = share_on(one.facts, max(on, one.effective_on), law)
        # A share that is not told (any more) says nothing against the one that was.
        if now is not None and printed.get(one.certificate, one.share) != now:
            wrong[one.certificate] = one.member
    return wrong


class Sharing(NamedTuple):
    """A live certificate that shows a share, with what the share goes by; ``share``: that of its 発効期日, None while it is not told."""

    certificate: int
    member: int
    effective_on: date
    valid_through: date
    facts: ElderlyFacts
    share: int | None


def sharing(insurer: Insurer, on: date, *, ids: Collection[int] | None = None) -> list[Sharing]:
    """The live certificates (or those of ``ids``) with a share on the face; none where the society prints none.

    Raises:
        Refused: the society has no settings for the day.
    """
    if not policy_on(insurer, on).share_on_face:
        return []
    law = law_on(on)
    params = {
        "insurer": insurer.pk,
        "on": on,
        "live": list(LIVE_STATES),
        "ids": None if ids is None else list(ids),
        "born_by": month_end_after(on, -12 * law.elderly_age),
    }
    with connection.cursor() as cursor:
        cursor.execute(_SHARED, params)
        rows = cursor.fetchall()
    income = incomes({row[1] for row in rows})
    found = []
    for certificate, member, effective_on, valid_through, born in rows:
        # Before that day no share is printed, and the certificate ends with the month of the 70th birthday.
        if effective_on < share_from(born, law):
            continue
        facts = ElderlyFacts(MemberFacts(acquired_on=effective_on, birth_date=born), income[member])
        share = share_on(facts, effective_on, law)
        found.append(Sharing(certificate, member, effective_on, valid_through, facts, share))
    return found
