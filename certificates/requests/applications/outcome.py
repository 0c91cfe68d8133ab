"""Granting and refusing. A granted application issues at once, outside the month."""

from __future__ import annotations

from datetime import date

from django.db import transaction

from certificates.decisions import ruling as rulings
from certificates.models import Application, EligibilityCertificate, Recovery, Ruling
from certificates.recovery.duties import lost_ones, open_duties
from certificates.requests.applications.judging import earlier_certificate, judge
from certificates.rules.codes import Basis, Ground
from core.errors import Refused
from core.models import Clerk
from core.transitions import advance, advance_many
from members.models import Person
from members.services import policy_on


def grant(application: Application, *, by: Clerk, on: date) -> Ruling:
    """Grants, rules, proposes the certificate; it is approved at once when another clerk took the form in.

    The lost or damaged certificate it replaces ends with it.

    Raises:
        Refused: the policy does not allow it (the verdict's words), or it is decided already.
    """
    if application.status == "granted":
        return Ruling.objects.get(request=_request(application))
    verdict = judge(application, on=on)
    if not verdict.granted:
        raise Refused(verdict.text)
    with transaction.atomic():
        advance(application, "grant", by=by, on=on, decided_on=on)
        keep = _end_earlier(application, by=by, on=on)
        if application.ground == Ground.NEEDS_ASSISTANCE:
            Person.objects.filter(pk=application.member.person_id).update(needs_assistance=True)
        ruling = rulings.issue(
            application.member_id,
            cause=Ruling.Cause.APPLICATION,
            request=_request(application),
            ground=Ground(application.ground),
            basis=Basis.APPLICATION,
            on=on,
            by=by,
            keep_through=keep,
        )
        if application.received_by_id not in (None, by.pk):
            waiting = EligibilityCertificate.objects.filter(ruling=ruling, status="proposed")
            advance_many(waiting, "approve", by=by, on=on, note={"application": application.pk})
    return ruling


def refuse(application: Application, *, by: Clerk, on: date) -> Application:
    """Refuses, keeping the words for the letter.

    Raises:
        Refused: the policy grants it, the fund has to be asked first, or it is decided already.
    """
    verdict = judge(application, on=on)
    if verdict.granted:
        raise Refused("この申請は運用設定では交付の対象です。交付を決めてください。")
    if verdict.ask_fund:
        raise Refused(
            "交付しないと決める前に、支払基金へ個別照会をしてください。回答が届いてから、もう一度決めてください。"
        )
    advance(
        application,
        "refuse",
        by=by,
        on=on,
        reason=verdict.code,
        refusal=verdict.code,
        refusal_text=verdict.text,
        decided_on=on,
    )
    return application


def finish_sent(on: date) -> int:
    """Marks granted applications as done whose certificates are all posted (daily); answers how many."""
    done = [application.pk for application in Application.objects.filter(status="granted") if _all_posted(application)]
    return len(advance_many(Application.objects.filter(pk__in=done), "finish", by=None, on=on))


def _all_posted(application: Application) -> bool:
    mine = EligibilityCertificate.objects.filter(ruling__request=_request(application))
    return mine.exists() and not mine.filter(status__in=("proposed", "approved", "printed")).exists()


def _request(application: Application) -> str:
    return f"application:{application.pk}"


def _end_earlier(application: Application, *, by: Clerk, on: date) -> date | None:
    """Ends what a 再交付 replaces, the successor of the same envelope too; the day to keep, if the policy keeps it.

    What was lost is wanted back no more; what is damaged has to come back once its replacement is in hand.
    """
    if application.kind != Application.Kind.REISSUE:
        return None
    earlier = earlier_certificate(application)
    if earlier is None or application.ground == Ground.EXPIRED_CERTIFICATE:
        return None
    posted = EligibilityCertificate.objects.filter(
        member=application.member, status__in=("sent", "returned"), valid_through__gte=on, coming__isnull=True
    )
    out = list(posted.filter(status="sent").values_list("pk", flat=True))
    note = {"application": application.pk}
    if application.ground == Ground.LOST_CERTIFICATE:
        lost_ones(posted.filter(pk__in=out), by=by, on=on, note=note)
    advance_many(posted, "supersede", by=by, on=on, note=note)  # what came back by post cannot be lost
    if application.ground != Ground.LOST_CERTIFICATE:
        replaced = EligibilityCertificate.objects.filter(pk__in=out)
        open_duties(replaced, cause=Recovery.Cause.SUPERSEDED, received_on=application.received_on, on=on, by=by)
    policy = policy_on(application.member.insurer, on)
    return earlier.valid_through if policy.reissue_keeps_expiry and earlier.valid_through >= on else None
