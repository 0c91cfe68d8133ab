"""Documents whose printed share is not the holder's any more: held, pulled, or superseded once they are out.

Source: rules.md §6.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date

from certificates.decisions import elderly
from certificates.models import EligibilityCertificate
from core.models import Clerk
from mailing.papers import kinds
from members.models import Insurer


def changed(insurer: Insurer, documents: Mapping[str, Collection[int]], *, on: date) -> dict[tuple[str, int], str]:
    """Of these documents (ids by kind; of a shared sheet the one that leads it) those that cannot go out.

    Answers kind and id with ``face_changed``, ``not_needed`` or, where a municipality has not given the share that
    belongs on it, ``share_missing``.

    Raises:
        Refused: the society has no settings for the day.
    """
    return {
        (kind, pk): reason
        for kind, ids in documents.items()
        if ids
        for pk, reason in kinds.named(kind).wrong_shares(insurer, ids, on=on).items()
    }


def supersede_changed_shares(on: date, *, by: Clerk | None) -> dict[str, int]:
    """``certificates.decisions.elderly.supersede_changed_shares`` with the shares that were printed; for the daily job.

    Remuneration has no days of its own: only the paper says which share it gave when it was printed.

    Raises:
        Refused: see there.
    """
    live = EligibilityCertificate.objects.filter(status__in=("printed", "sent", "returned"), valid_through__gte=on)
    printed = kinds.CERTIFICATE.printed_shares(live.values_list("pk", flat=True))
    return elderly.supersede_changed_shares(on, by=by, printed=printed)
