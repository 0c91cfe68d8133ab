"""Paper that is not printed yet and that nobody needs any more, since the fund's word it was decided on was mistaken.

Source: rules.md §4 "The file comes late, or comes again".
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import replace
from datetime import date

from certificates.decisions import reading, ruling
from certificates.models import EligibilityCertificate
from certificates.rules import monthly
from certificates.rules.codes import Basis, Outcome, Reason
from certificates.rules.facts import MemberFacts
from core.models import Clerk
from core.transitions import advance_many

UNPRINTED = ("proposed", "approved")
WHY = "訂正のファイルでマイナ保険証が使えるとわかったため"


def withdraw_unneeded(members: Collection[int], *, on: date, by: Clerk | None) -> list[int]:
    """Voids what was issued ex officio to these covers and is not printed, where the マイナ保険証 makes it needless.

    What was granted on application stays granted, and so does what another ground than the マイナ保険証 asks for. Answers
    the certificates that are void now.

    Raises:
        Refused: no policy is in force.
    """
    unprinted: dict[int, set[int]] = defaultdict(set)
    found = EligibilityCertificate.objects.filter(
        member__in=list(members), basis=Basis.EX_OFFICIO, status__in=UNPRINTED
    )
    for member, pk in found.values_list("member_id", "pk"):
        unprinted[member].add(pk)
    if not unprinted:
        return []
    at = ruling.terms_on(on)
    needless = [
        pk
        for member, facts in reading.facts_of(at.society.pk, on, list(unprinted)).items()
        if _needless(facts, unprinted[member], at)
        for pk in unprinted[member]
    ]
    return advance_many(EligibilityCertificate.objects.filter(pk__in=needless), "void", by=by, on=on, reason=WHY)


def _needless(facts: MemberFacts, unprinted: Collection[int], at: ruling.Terms) -> bool:
    """Whether the rules, without this paper, find the マイナ保険証 enough."""
    without = replace(facts, certificates=tuple(one for one in facts.certificates if one.id not in unprinted))
    answer = monthly.decide(without, at.days, at.policy, at.law)
    return (answer.outcome, answer.reason) == (Outcome.NOT_NEEDED, Reason.MYNA_USABLE)
