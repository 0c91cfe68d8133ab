"""What ends by the calendar alone: papers past their day, legacy cards, duties to take them back."""

from __future__ import annotations

from datetime import date

from django.db import transaction
from django.db.models import Q, QuerySet

from certificates.models import ElderlyBeneficiaryCertificate, EligibilityCertificate, LegacyCard, Recovery
from certificates.recovery.cards import last_card_day
from core.transitions import advance_many


def close_what_ended(on: date) -> dict[str, int]:
    """Marks what ended before ``on``; may run any number of times a day, and days late.

    An expired paper is discarded by its holder, so its duty closes with it (rules.md §9).
    """
    with transaction.atomic():
        expired = advance_many(EligibilityCertificate.objects.filter(valid_through__lt=on), "expire", by=None, on=on)
        elderly = advance_many(
            ElderlyBeneficiaryCertificate.objects.filter(valid_through__lt=on), "expire", by=None, on=on
        )
        over = Q(certificate__valid_through__lt=on) | Q(elderly_certificate__valid_through__lt=on)
        closed = advance_many(
            Recovery.objects.filter(over),
            "close",
            by=None,
            on=on,
            reason="有効期限が過ぎた",
            closed_on=on,
            outcome=Recovery.Outcome.EXPIRED.value,
        )
        lapsed = advance_many(_lapsing_cards(on), "lapse", by=None, on=on)
    return {
        "certificates": len(expired),
        "elderly_certificates": len(elderly),
        "recoveries": len(closed),
        "legacy_cards": len(lapsed),
    }


def _lapsing_cards(on: date) -> QuerySet[LegacyCard]:
    """All cards once the last day of cards is past; before, those past a day of their own."""
    cards = LegacyCard.objects.all()
    return cards if on > last_card_day(on) else cards.filter(valid_through__lt=on)
