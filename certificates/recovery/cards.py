"""健康保険証 of before: taken back or handed back while they last, and nothing afterwards.

Source: rules.md §7 "Legacy cards"; seed 000 1-1, 1-2.
"""

from __future__ import annotations

from datetime import date

from django.db.models import Q, QuerySet

from certificates.models import LegacyCard
from certificates.rules.law import law_on, law_on_or_after
from certificates.rules.validity import last_day_of_cover
from core.calendar import days_after, wareki
from core.errors import Refused
from core.models import Clerk
from core.transitions import advance
from members.models import Member
from members.services import policy_on, society


def last_card_day(on: date) -> date:
    """The last day on which a 健康保険証 is worth anything here: the law's, or an earlier one of the policy."""
    day = law_on(on).legacy_card_last_day
    try:
        return min(day, policy_on(society(), on).legacy_last_day)
    except Refused:
        # Before there are settings only the law speaks.
        return day


def cards_to_collect(on: date) -> QuerySet[LegacyCard]:
    """Cards in use whose holder has lost cover by the day; empty once cards are void."""
    if on > last_card_day(on):
        return LegacyCard.objects.none()
    gone = Q(member__lost_on__lte=on) | Q(member__insured__lost_on__lte=on)
    still = Q(valid_through=None) | Q(valid_through__gte=on)
    return LegacyCard.objects.filter(gone, still, status="valid").order_by("member_id", "issued_on")


def recover_card(card: LegacyCard, *, by: Clerk, on: date) -> None:
    """Takes back the card of someone who lost cover while cards were valid.

    Raises:
        Refused: cards are void already, cover was not lost by then, the card has ended, or the clerk may not.
    """
    last = _usable(on)
    if first_day_without_cover(card.member, on) > last:
        raise Refused(
            f"{wareki(last)}までに資格を失った方の健康保険証だけを回収します。"
            "資格のある方が返すときは、自主返納として受け付けてください。"
        )
    advance(card, "recover", by=by, on=on)


def hand_back_card(card: LegacyCard, *, by: Clerk, on: date) -> None:
    """自主返納: the holder does not want the card any more. Possible from the day issuing ended.

    Raises:
        Refused: too early or too late, the card has ended, or the clerk may not.
    """
    first = days_after(law_on_or_after(on).legacy_card_last_issue, 1)
    if on < first:
        raise Refused(f"健康保険証の自主返納は{wareki(first)}から受け付けます。")
    _usable(on)
    advance(card, "hand_back", by=by, on=on)


def report_card_lost(card: LegacyCard, *, by: Clerk, on: date) -> None:
    """Takes in that a card was lost; no other is issued.

    Raises:
        Refused: cards are void already, the card has ended, or the clerk may not.
    """
    _usable(on)
    advance(card, "report_lost", by=by, on=on)


def _usable(on: date) -> date:
    """The last day of cards; refuses once it is past."""
    last = last_card_day(on)
    if on > last:
        raise Refused(
            f"健康保険証は{wareki(last)}で使えなくなり、回収や届出の受付も終わりました。"
            "細かく切って捨てるよう案内してください。"
        )
    return last


class _Cover:
    """A member's cover as the rule about its last day reads it."""

    def __init__(self, member: Member) -> None:
        self.coverage_kind, self.acquired_on, self.lost_on = (member.coverage_kind, member.acquired_on, member.lost_on)
        self.birth_date, self.resident = member.person.birth_date, member.person.resident
        self.insured = _Cover(member.insured) if member.insured else None


def first_day_without_cover(member: Member, on: date) -> date:
    """The day after the last day of cover, by loss, age, term, or with the insured person; under the law of a day."""
    last = last_day_of_cover(_Cover(member), law_on(on))
    return days_after(last, 1)
