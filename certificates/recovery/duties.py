"""The duty to hand a paper back: opened by what happened to the cover, closed by what became of the paper."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from django.db import connection, transaction
from django.db.models import Model, QuerySet

from certificates.documents.face import MUNICIPAL_OFFICE
from certificates.lifecycle import LIVE_STATES
from certificates.models import Deregistration, ElderlyBeneficiaryCertificate, EligibilityCertificate, Recovery
from certificates.rules.law import law_on
from core import parameters
from core.calendar import days_after
from core.models import Clerk
from core.transitions import advance, advance_many, lock_chain, record
from members.services import municipal, policy_on, society

Paper = EligibilityCertificate | ElderlyBeneficiaryCertificate

PAPERS: dict[type[Paper], str] = {
    EligibilityCertificate: "certificate",
    ElderlyBeneficiaryCertificate: "elderly_certificate",
}
"""Each kind of paper, and the field of ``Recovery`` that points to it."""
POSTED = ("sent", "returned", "superseded")
"""States of a paper that has left the office and is not done with."""
UNPOSTED = ("proposed", "approved", "printed")
REPLACED = (Recovery.Cause.FACE_CHANGED.value, Recovery.Cause.SUPERSEDED.value)
"""Causes of duties for a paper whose place another takes."""
RETURN_TO_INSURER = Recovery.ReturnTo.INSURER.value
RETURN_TO_FILE = Path(__file__).parent / "return_to.toml"

# 任意継続 and 特例退職 have no employer any more, nor have their families.
_OPEN = """
INSERT INTO certificates_recovery
    ({column}_id, cause, return_to, opened_on, due_on, reminders, outcome, status)
SELECT c.id, %(cause)s,
    CASE WHEN %(return_to)s = 'establishment'
              AND (m.coverage_kind <> 'regular' OR coalesce(mi.coverage_kind <> 'regular', false))
         THEN 'insurer' ELSE %(return_to)s END,
    %(opened_on)s, %(due_on)s, 0, '', %(status)s
FROM {table} c
JOIN members_member m ON m.id = c.member_id
LEFT JOIN members_member mi ON mi.id = m.insured_id
WHERE c.id = ANY(%(ids)s) AND c.status = ANY(%(posted)s) AND c.valid_through >= %(needed_on)s
ORDER BY c.id
ON CONFLICT DO NOTHING
RETURNING id
"""


def open_duties(
    certificates: Iterable[Paper],
    *,
    cause: str,
    received_on: date,
    lost_on: date | None = None,
    wrong_on: date | None = None,
    on: date,
    by: Clerk | None,
) -> list[int]:
    """Opens a duty for each paper that is out and still valid; answers the ids of the new duties.

    ``wrong_on``: the day on which the paper becomes wrong, ``lost_on`` where cover ends, else ``on``. While it is still
    to come the duty is planned, also for what is posted by then (``begin_duties``).
    Due: the latest of ``lost_on`` + the law's days, the day it becomes wrong and ``received_on``, each + the policy's
    ``return_days``. A paper with a duty keeps it, unless the new one begins earlier. What is expired on the day, or
    will be when the cover ends, is discarded by its holder. ``certificates``: a queryset, or papers of either kind.

    Raises:
        Refused: the society has no settings for the day.
    Source: rules.md §9; 健康保険法施行規則51条.
    """
    cause = Recovery.Cause(cause).value
    begins = max(on, wrong_on or lost_on or on)
    ahead = begins > on
    values = {
        "cause": cause,
        # Without employers there is nobody else to return it to.
        "return_to": RETURN_TO_INSURER if municipal() else parameters.load(RETURN_TO_FILE).at(cause, on),
        "opened_on": begins,
        "due_on": due_day(received_on=received_on, lost_on=lost_on, wrong_on=begins, on=on),
        "posted": list((*POSTED, *UNPOSTED) if ahead else POSTED),
        "needed_on": begins,
        "status": "planned" if ahead else "open",
    }
    opened: list[int] = []
    with transaction.atomic():
        lock_chain()
        for model, ids in _by_kind(certificates).items():
            later = duties_of(model, ids).filter(status="planned", opened_on__gt=begins)
            advance_many(
                later,
                "close",
                by=by,
                on=on,
                reason="別の事由で先に回収する",
                closed_on=on,
                outcome=Recovery.Outcome.LIFTED.value,
                closed_by=by,
            )
            sql = _OPEN.format(column=PAPERS[model], table=model._meta.db_table)
            with connection.cursor() as cursor:
                cursor.execute(sql, {**values, "ids": ids})
                opened += [row[0] for row in cursor.fetchall()]
        record("open", Recovery._meta.label, opened, by=by, on=on, note={"cause": cause})
    return sorted(opened)


def due_day(*, received_on: date, lost_on: date | None, wrong_on: date, on: date) -> date:
    """By when a paper is to be back, where no replacement is on its way. Source: rules.md §9."""
    due = days_after(max(received_on, wrong_on), policy_on(society(), on).return_days)
    return due if lost_on is None else max(due, days_after(lost_on, law_on(on).return_after_loss_days))


def begin_duties(on: date) -> dict[str, int]:
    """Opens the planned duties whose day has come (daily, any number of times a day); answers how many.

    What others take the place of is superseded on that day. What was not posted by then is void, and what the post
    brought back is with us already: nothing is asked of the holder.
    """
    counts = {"begun": 0, "superseded": 0, "voided": 0, "taken_back": 0}
    with transaction.atomic():
        lock_chain()
        for model, column in PAPERS.items():
            due = Recovery.objects.filter(status="planned", opened_on__lte=on, **{f"{column}__isnull": False})
            for cause in due.order_by().values_list("cause", flat=True).distinct():
                _begin(model, Recovery.Cause(cause), due.filter(cause=cause), on, counts)
    return counts


def _begin(
    model: type[Paper], cause: Recovery.Cause, due: QuerySet[Recovery], on: date, counts: dict[str, int]
) -> None:
    column = f"{PAPERS[model]}_id"
    papers = model._default_manager.filter(pk__in=list(due.values_list(column, flat=True)))
    voided = advance_many(papers, "void", by=None, on=on, reason=f"発送の前に使えなくなった（{cause.label}）")
    here = advance_many(papers.filter(status="returned"), "recover", by=None, on=on)
    out = list(papers.filter(status__in=("sent", "superseded")).values_list("pk", flat=True))
    begun = advance_many(due.filter(**{f"{column}__in": out}), "begin", by=None, on=on)
    advance_many(
        due.exclude(**{f"{column}__in": out}),
        "close",
        by=None,
        on=on,
        reason="お手元にない",
        closed_on=on,
        outcome=Recovery.Outcome.LIFTED.value,
    )
    superseded = advance_many(papers, "supersede", by=None, on=on) if cause in REPLACED else []
    for key, moved in (("begun", begun), ("superseded", superseded), ("voided", voided), ("taken_back", here)):
        counts[key] += len(moved)


# The next paper of the same person, while it is not in hand yet, puts off the day by which the old one is to be back;
# the one after it does not.
_NOT_BEFORE = """
UPDATE certificates_recovery r SET due_on = coming.day
FROM {table} c JOIN members_member m ON m.id = c.member_id
CROSS JOIN LATERAL (
    SELECT min(CASE WHEN x.status = 'sent' THEN x.arrives_on ELSE %(estimate)s END) AS day
    FROM {table} x JOIN members_member xm ON xm.id = x.member_id
    WHERE xm.person_id = m.person_id AND x.id > c.id AND x.status = ANY(%(live)s)
) coming
WHERE r.{column}_id = c.id AND r.status <> 'closed' AND r.cause = ANY(%(causes)s) AND coming.day > r.due_on
    AND r.requested_on IS NULL -- what a letter has said stands
    AND (%(duties)s::bigint[] IS NULL OR r.id = ANY(%(duties)s))
RETURNING r.id
"""


def wait_for_replacements(on: date, *, duties: Collection[int] | None = None) -> list[int]:
    """Puts off what would be due before its replacement is in hand (daily, any number of times); answers which.

    Of what is not posted yet the day is reckoned from ``on``.

    Raises:
        Refused: the society has no settings for the day.
    Source: rules.md §9.
    """
    policy = policy_on(society(), on)
    values = {
        "estimate": days_after(on, policy.arrives_after_days(policy.certificate_channel)),
        "live": list(LIVE_STATES),
        "causes": list(REPLACED),
        "duties": None if duties is None else list(duties),
    }
    moved: list[int] = []
    with transaction.atomic():
        lock_chain()
        for model, column in PAPERS.items():
            with connection.cursor() as cursor:
                cursor.execute(_NOT_BEFORE.format(table=model._meta.db_table, column=column), values)
                moved += [row[0] for row in cursor.fetchall()]
        record("put_off", Recovery._meta.label, moved, by=None, on=on, note={})
    return sorted(moved)


def call_back(certificates: Iterable[int], *, on: date, by: Clerk | None) -> list[int]:
    """Opens the duties of certificates (ids) whose holders' マイナ保険証 has newly become usable. Source: rules.md §4.

    Raises:
        Refused: the society has no settings for the day.
    """
    # Who asked for deregistration keeps the certificate, also before the fund takes the request in.
    leaving = Deregistration.objects.filter(status__in=("received", "granted")).values("person")
    papers = EligibilityCertificate.objects.filter(pk__in=list(certificates), status="sent")
    papers = papers.exclude(member__person__in=leaving)
    return open_duties(papers, cause=Recovery.Cause.REGISTRATION, received_on=on, on=on, by=by)


def _by_kind(certificates: Iterable[Paper]) -> dict[type[Paper], list[int]]:
    if isinstance(certificates, QuerySet):
        return {certificates.model: list(certificates.order_by().values_list("pk", flat=True))}
    found: dict[type[Paper], list[int]] = {}
    for certificate in certificates:
        found.setdefault(type(certificate), []).append(certificate.pk)
    return found


def place_words(return_to: str, *, municipal: bool) -> str:
    """Whom a paper goes back to, in words."""
    return MUNICIPAL_OFFICE if municipal else Recovery.ReturnTo(return_to).label


def paper_of(recovery: Recovery) -> Paper:
    """The paper the duty is about."""
    paper = recovery.certificate or recovery.elderly_certificate
    assert paper is not None  # the database's check: exactly one of the two
    return paper


def duties_of(model: type[Model], ids: Iterable[int]) -> QuerySet[Recovery]:
    """The duties about papers of one kind."""
    return Recovery.objects.filter(**{f"{PAPERS[model]}_id__in": list(ids)})


def report_lost(certificate: Paper, *, by: Clerk, on: date) -> list[int]:
    """Takes in a 滅失届: the paper is lost and its duty, if there is one, ends; answers the duty's id.

    Raises:
        Refused: the paper is not out, or the clerk may not.
    """
    with transaction.atomic():
        advance(certificate, "report_lost", by=by, on=on)
        return _close_lost(type(certificate), [certificate.pk], by=by, on=on)


def lost_ones(certificates: QuerySet[EligibilityCertificate], *, by: Clerk, on: date, note: Mapping[str, Any]) -> None:
    """The same for what an application says is lost; ``note``: what the log keeps. Within the caller's transaction."""
    lost = advance_many(certificates, "report_lost", by=by, on=on, note=note)
    _close_lost(EligibilityCertificate, lost, by=by, on=on)


def _close_lost(model: type[Paper], ids: Iterable[int], *, by: Clerk, on: date) -> list[int]:
    return advance_many(
        duties_of(model, ids),
        "close",
        by=by,
        on=on,
        reason="滅失届",
        closed_on=on,
        outcome=Recovery.Outcome.LOST.value,
        closed_by=by,
    )


def give_up(recovery: Recovery, *, reason: str, by: Clerk, on: date) -> None:
    """回収不能: the paper will not come back. ``reason`` goes into the log and holds no personal data.

    Raises:
        Refused: no reason given, the duty is closed already, or the clerk may not.
    """
    with transaction.atomic():
        _close(recovery, Recovery.Outcome.UNRECOVERABLE, reason=reason, by=by, on=on)
        advance(paper_of(recovery), "give_up", by=by, on=on, reason=reason)


def lift(recovery: Recovery, reason: str, *, by: Clerk | None, on: date) -> None:
    """Ends a duty that is no longer needed (a filing withdrawn, a loss annulled); the paper stays as it is.

    Raises:
        Refused: no reason given, the duty is closed already, or the clerk may not.
    """
    _close(recovery, Recovery.Outcome.LIFTED, reason=reason, by=by, on=on)


def _close(recovery: Recovery, outcome: Recovery.Outcome, *, reason: str, by: Clerk | None, on: date) -> None:
    advance(recovery, "close", by=by, on=on, reason=reason, closed_on=on, outcome=outcome.value, closed_by=by)
