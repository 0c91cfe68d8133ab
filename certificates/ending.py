"""What ends by the calendar alone: certificates past their day, legacy cards, duties to take them back."""

from __future__ import annotations

from datetime import date

from django.db import transaction

from certificates.law import law_on
from certificates.models import EligibilityCertificate, LegacyCard, Recovery
from core.transitions import advance_many


def close_what_ended(on: date) -> dict[str, int]:
    """Marks what ended before ``on``; may run any number of times a day.

    An expired certificate is discarded by its holder, so its duty closes with it (domain.md §9).
    """
    with transaction.atomic():
        over = EligibilityCertificate.objects.filter(valid_through__lt=on)
        expired = advance_many(over, "expire", by=None, on=on)
        duties = Recovery.objects.filter(certificate__valid_through__lt=on)
        closed = advance_many(
            duties, "close", by=None, on=on, reason="有効期限が過ぎた", closed_on=on, outcome="expired"
        )
        cards = LegacyCard.objects.all()
        if on <= law_on(on).legacy_card_last_day:
            cards = cards.filter(valid_through__lt=on)
        lapsed = advance_many(cards, "lapse", by=None, on=on)
    return {"certificates": len(expired), "recoveries": len(closed), "legacy_cards": len(lapsed)}
