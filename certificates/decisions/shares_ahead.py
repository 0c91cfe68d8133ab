"""A share on the face that changes by the calendar: a relief that ends or begins, an insured person who reaches 70.

Known ahead like a filing's day, so another certificate is proposed before it; the old one is right until the day before.
Source: rules.md §4 "A face that becomes wrong", §6.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import date

from django.db import transaction

from certificates.decisions.elderly import Sharing, sharing
from certificates.decisions.granting import asked_anew, granted_among
from certificates.decisions.ruling import issued_by, rule_all
from certificates.models import EligibilityCertificate, Recovery, Ruling
from certificates.recovery import open_duties
from certificates.rules.elderly import next_share_change
from certificates.rules.law import law_on
from core.calendar import month_end_after
from core.models import Clerk
from core.transitions import lock_chain
from members.services import society


def foresee_shares(on: date, *, by: Clerk | None = None) -> dict[str, int]:
    """Plans the duties of certificates whose share changes before the next run's paper, and rules on whose they are.

    Daily, any number of times: a certificate whose duty is planned is left alone. Answers how many duties were planned,
    how many covers ruled on and how many papers issued.

    Raises:
        Refused: the society has no settings for the day, or their fixed dates have run out.
    """
    counts = {"planned": 0, "ruled": 0, "issued": 0}
    with transaction.atomic():
        lock_chain()
        for day, changing in sorted(_changing(on).items()):
            papers = EligibilityCertificate.objects.filter(pk__in=[one.certificate for one in changing])
            counts["planned"] += len(
                open_duties(papers, cause=Recovery.Cause.FACE_CHANGED, received_on=on, wrong_on=day, on=on, by=by)
            )
            granted = granted_among([one.certificate for one in changing])
            made = rule_all(
                [
                    asked_anew(
                        member,
                        granted.get(member),
                        cause=Ruling.Cause.FILING,
                        request=f"share:{certificate}:{day}",
                        on=on,
                        from_day=day,
                    )
                    for member, certificate in {one.member: one.certificate for one in changing}.items()
                ],
                on=on,
                by=by,
            )
            counts["ruled"] += len(made)
            counts["issued"] += sum(map(len, issued_by(made).values()))
    return counts


def _changing(on: date) -> dict[date, list[Sharing]]:
    """Certificates by the day on which their share will be another, as far as nothing takes them back by then."""
    law, until = law_on(on), month_end_after(on, 1)
    owed = dict(
        Recovery.objects.filter(certificate__isnull=False)
        .exclude(status="closed")
        .values_list("certificate_id", "opened_on")
    )
    found: dict[date, list[Sharing]] = defaultdict(list)
    for one in sharing(society(), on):
        day = next_share_change(one.facts, max(on, one.effective_on), law)
        if day <= min(until, one.valid_through) and owed.get(one.certificate, date.max) > day:
            found[day].append(one)
    return found
