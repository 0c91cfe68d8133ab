"""The duty to hand a paper back: opened by what happened to the cover, closed by what became of the paper."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from pathlib import Path

from django.db import connection, transaction
from django.db.models import Model, QuerySet

from certificates.law import law_on
from certificates.models import (
    Deregistration,
    ElderlyBeneficiaryCertificate,
    EligibilityCertificate,
    Recovery,
)
from core import parameters
from core.calendar import days_after
from core.models import Clerk
from core.transitions import advance, advance_many, lock_chain, record
from members.services import policy_on, society

Paper = EligibilityCertificate | ElderlyBeneficiaryCertificate

PAPERS: dict[type[Paper], str] = {
    EligibilityCertificate: "certificate",
    ElderlyBeneficiaryCertificate: "elderly_certificate",
}
"""Each kind of paper, and the field of ``Recovery`` that points to it."""
POSTED = ("sent", "returned", "superseded")
"""States of a paper that has left the office and is not done with."""
RETURN_TO_FILE = Path(__file__).parent / "return_to.toml"

# 任意継続 and 特例退職 have no employer any more, nor have their families.
_OPEN = """
INSERT INTO certificates_recovery
    ({column}_id, cause, return_to, opened_on, due_on, reminders, outcome, status)
SELECT c.id, %(cause)s,
    CASE WHEN %(return_to)s = 'establishment'
              AND (m.coverage_kind <> 'regular' OR coalesce(mi.coverage_kind <> 'regular', false))
         THEN 'insurer' ELSE %(return_to)s END,
    %(on)s, %(due_on)s, 0, '', 'open'
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
    on: date,
    by: Clerk | None,
) -> list[int]:
    """Opens a duty for each paper that is out and still valid; answers the ids of the new duties.

    Due: the later of ``lost_on`` + the law's days and ``received_on`` + the policy's ``return_days``. A paper with an
    open duty keeps it. What is expired on the day, or will be when the cover ends, is discarded by its holder.
    ``certificates``: a queryset, or papers of either kind.

    Raises:
        Refused: the society has no settings for the day.
    Source: domain.md §9; 健康保険法施行規則51条.
    """
    cause = Recovery.Cause(cause).value
    values = {
        "cause": cause,
        "return_to": parameters.load(RETURN_TO_FILE).at(cause, on),
        "on": on,
        "due_on": _due_on(received_on, lost_on, on),
        "posted": list(POSTED),
        "needed_on": max(on, lost_on or on),
    }
    opened: list[int] = []
    with transaction.atomic():
        lock_chain()
        for model, ids in _by_kind(certificates).items():
            sql = _OPEN.format(column=PAPERS[model], table=model._meta.db_table)
            with connection.cursor() as cursor:
                cursor.execute(sql, {**values, "ids": ids})
                opened += [row[0] for row in cursor.fetchall()]
        record("open", Recovery._meta.label, opened, by=by, on=on, note={"cause": cause})
    return sorted(opened)


def _due_on(received_on: date, lost_on: date | None, on: date) -> date:
    by_filing = days_after(received_on, policy_on(society(), on).return_days)
    if lost_on is None:
        return by_filing
    return max(by_filing, days_after(lost_on, law_on(on).return_after_loss_days))


def call_back(certificates: Iterable[int], *, on: date, by: Clerk | None) -> list[int]:
    """Opens the duties of certificates (ids) whose holders' マイナ保険証 has newly become usable. Source: domain.md §4.

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


def paper_of(recovery: Recovery) -> Paper:
    """The paper the duty is about."""
    paper = recovery.certificate or recovery.elderly_certificate
    assert paper is not None  # the database's check: exactly one of the two
    return paper


def duties_of(model: type[Model], ids: Iterable[int]) -> QuerySet[Recovery]:
    """The duties about papers of one kind."""
    return Recovery.objects.filter(**{f"{PAPERS[model]}_id__in": list(ids)})  # type: ignore[index]


def report_lost(certificate: Paper, *, by: Clerk, on: date) -> list[int]:
    """Takes in a 滅失届: the paper is lost and its duty, if there is one, ends; answers the duty's id.

    Raises:
        Refused: the paper is not out, or the clerk may not.
    """
    with transaction.atomic():
        advance(certificate, "report_lost", by=by, on=on)
        return advance_many(
            duties_of(type(certificate), [certificate.pk]), "close", by=by, on=on, reason="滅失届",
            closed_on=on, outcome=Recovery.Outcome.LOST.value, closed_by=by,
        )  # fmt: skip


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
