"""Shares that only a municipality knows: which papers would have to carry one that it has not told. Source: rules.md §12."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date

from certificates.models import EligibilityCertificate
from certificates.rules.copayment import share_from
from certificates.rules.law import law_on
from members.services import municipal, policy_on, society


def without_told_share(certificates: Collection[int]) -> set[int]:
    """The certificates (ids) with a share on the face that is not told; none of a society, which reckons it itself."""
    if not municipal():
        return set()
    mine = EligibilityCertificate.objects.filter(pk__in=list(certificates))
    return missing(mine.values_list("pk", "effective_on", "member__person__birth_date", "member__copayment_percent"))


def awaited_by(members: Collection[int], on: date) -> set[int]:
    """Which of these covers have an approved certificate that waits for the share: one may be printed only with it."""
    waiting = EligibilityCertificate.objects.filter(member__in=list(members), status="approved", valid_through__gte=on)
    if not policy_on(society(), on).share_on_face:
        return set()
    told = without_told_share(waiting.values_list("pk", flat=True))
    return set(waiting.filter(pk__in=told).values_list("member_id", flat=True))


def missing(papers: Iterable[tuple[int, date, date, int | None]]) -> set[int]:
    """Of papers (id, day, birth date, share told) those of people whose share of that day is for the municipality to tell."""
    return {pk for pk, day, born, told in papers if told is None and day >= share_from(born, law_on(day))}
