"""Paper that is not printed yet and that nobody needs any more, since the fund's word it was decided on was mistaken.

Source: domain.md §4 "The file comes late, or comes again".
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from certificates import rules, ruling
from certificates.codes import Basis, Outcome, Reason
from certificates.models import EligibilityCertificate
from core.models import Clerk
from core.transitions import advance_many

UNPRINTED = ("proposed", "approved")
WHY = "訂正のファイルでマイナ保険証が使えるとわかったため"


def withdraw_unneeded(member_id: int, *, on: date, by: Clerk | None) -> list[int]:
    """Voids what was issued ex officio to one cover and is not printed, where the マイナ保険証 makes it needless.

    What was granted on application stays granted, and so does what another ground than the マイナ保険証 asks for. Answers
    the certificates that are void now.

    Raises:
        Refused: no policy is in force.
    """
    unprinted = EligibilityCertificate.objects.filter(
        member=member_id, basis=Basis.EX_OFFICIO, status__in=UNPRINTED
    )
    ids = set(unprinted.values_list("pk", flat=True))
    if not ids:
        return []
    facts, policy, law, days = ruling.situation(member_id, on)
    without = replace(facts, certificates=tuple(held for held in facts.certificates if held.id not in ids))
    answer = rules.decide(without, days, policy, law)
    if (answer.outcome, answer.reason) != (Outcome.NOT_NEEDED, Reason.MYNA_USABLE):
        return []
    return advance_many(unprinted, "void", by=by, on=on, reason=WHY)
