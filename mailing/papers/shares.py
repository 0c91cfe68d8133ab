"""Papers whose printed share is not the holder's any more: held, pulled, or superseded once they are out.

Source: rules.md §6.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from certificates.decisions import elderly
from certificates.decisions.told_shares import without_told_share
from certificates.models import ElderlyBeneficiaryCertificate, EligibilityCertificate
from certificates.rules.elderly import Wrong
from core.models import Clerk
from mailing.envelopes import SHARE_MISSING
from mailing.models import Enclosure
from members.models import Insurer
from members.services import policy_on
from notices import services as notice_services

NOT_NEEDED = "not_needed"


def changed(
    insurer: Insurer,
    *,
    certificates: Collection[int],
    elderly_certificates: Collection[int],
    sheets: Collection[int] = (),
    on: date,
) -> dict[tuple[str, int], str]:
    """Of these papers (by id) the ones that cannot go out: kind and id, with ``face_changed``,
    ``not_needed`` or, where a municipality has not told the share that belongs on it, ``share_missing``.
    ``sheets``: of notices, each by the one that leads it.

    Raises:
        Refused: the society has no settings for the day.
    """
    found: dict[tuple[str, int], str] = {}
    if certificates:
        wrong = elderly.wrong_shares(insurer, on, printed=printed(certificates), ids=certificates)
        found |= {("certificate", pk): "face_changed" for pk in wrong}
        if policy_on(insurer, on).share_on_face:
            found |= {
                ("certificate", pk): SHARE_MISSING
                for pk in without_told_share(certificates) - set(printed(certificates))
            }
    if sheets:
        found |= {("notice", pk): SHARE_MISSING for pk in notice_services.without_told_share(sheets)}
    if elderly_certificates:
        mine = set(elderly_certificates)
        papers = ElderlyBeneficiaryCertificate.objects.filter(pk__in=mine)
        members = sorted(set(papers.values_list("member_id", flat=True)))
        for answer in elderly.elderly_answers(insurer, on, through=on, members=members).values():
            for pk, why in answer.wrong.items():
                if pk in mine:
                    found["elderly", pk] = NOT_NEEDED if why is Wrong.NOT_NEEDED else "face_changed"
    return found


def printed(certificates: Collection[int]) -> dict[int, int]:
    """The share that was printed on each of these certificates, where one was."""
    enclosed = Enclosure.objects.filter(
        certificate__in=list(certificates), active=True, copayment_percent__isnull=False
    )
    return dict(enclosed.values_list("certificate_id", "copayment_percent"))


def supersede_changed_shares(on: date, *, by: Clerk | None) -> dict[str, int]:
    """``certificates.decisions.elderly.supersede_changed_shares`` with what is known to be printed; for the daily job.

    Remuneration has no days of its own: only the paper says which share it gave when it was printed.

    Raises:
        Refused: see there.
    """
    live = EligibilityCertificate.objects.filter(
        status__in=("printed", "sent", "returned"), valid_through__gte=on
    )
    return elderly.supersede_changed_shares(on, by=by, printed=printed(live.values_list("pk", flat=True)))
