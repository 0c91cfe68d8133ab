"""What was granted stays granted: a paper that has become wrong gives a new one under the same basis and ground.

A certificate granted on application, or for ⑤, is not asked about again when its face, number or share changes;
whatever was issued ex officio is ruled anew. Source: rules.md §4 "A face that becomes wrong".
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from django.db.models import Q

from certificates.decisions.ruling import Question, Wish
from certificates.models import EligibilityCertificate
from certificates.rules import monthly
from certificates.rules.codes import Basis, Ground


@dataclass(frozen=True, slots=True)
class Grant:
    """Under which basis and ground a certificate was granted, from which day and through which."""

    basis: Basis
    ground: Ground
    begins: date
    through: date


def granted_among(certificates: Collection[int]) -> dict[int, Grant]:
    """Of these certificates those granted on application or for ⑤, by member id; of several the newest speaks."""
    papers = EligibilityCertificate.objects.filter(
        Q(basis=Basis.APPLICATION) | Q(ground__in=monthly.ASSISTED), pk__in=list(certificates)
    ).exclude(ground="")
    found: dict[int, Grant] = {}
    for member, basis, ground, begins, through in papers.order_by("pk").values_list(
        "member_id", "basis", "ground", "effective_on", "valid_through"
    ):
        # A successor of the same envelope lasts longer than what it follows.
        known = found.get(member)
        first, last = (min(begins, known.begins), max(through, known.through)) if known else (begins, through)
        found[member] = Grant(Basis.of(basis), Ground.of(ground), first, last)
    return found


def asked_anew(
    member_id: int,
    grant: Grant | None,
    *,
    cause: str,
    request: str,
    on: date,
    replaces: bool = True,
    from_day: date | None = None,
) -> Question:
    """What is asked about someone whose paper was taken: granted still where it was granted, else by the table.

    By the table also where the cover ends before another paper could arrive, or begins only after the next run's. What
    was granted from a day to come is granted from that day still.
    ``replaces`` and ``from_day`` as in ``ruling.Question``.
    """
    if grant is None:
        return Question(member_id, cause, request, replaces=replaces, from_day=from_day)
    if from_day is None and grant.begins > on:
        from_day = grant.begins
    wish = Wish(grant.ground, grant.basis, grant.through, or_table=True)
    return Question(member_id, cause, request, replaces=replaces, from_day=from_day, wish=wish)
