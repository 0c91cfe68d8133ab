"""Taking papers back: who must return what by when, what came in, who is asked and reminded, and how well it goes.

Source: rules.md §9.
"""

from certificates.recovery.cards import (
    cards_to_collect,
    first_day_without_cover,
    hand_back_card,
    last_card_day,
    recover_card,
    report_card_lost,
)
from certificates.recovery.duties import (
    begin_duties,
    due_day,
    give_up,
    lift,
    open_duties,
    report_lost,
    wait_for_replacements,
)
from certificates.recovery.rates import RateRow, rate, rate_of_all
from certificates.recovery.reminding import due_reminders, remind
from certificates.recovery.requesting import (
    due_requests,
    due_with_replacement,
    note_asked,
    note_requests,
    take_back_requests,
)
from certificates.recovery.scanning import Scan, recover_by_serial, recover_by_serials

__all__ = [
    "RateRow",
    "Scan",
    "begin_duties",
    "cards_to_collect",
    "due_day",
    "due_reminders",
    "due_requests",
    "due_with_replacement",
    "first_day_without_cover",
    "give_up",
    "hand_back_card",
    "last_card_day",
    "lift",
    "note_asked",
    "note_requests",
    "open_duties",
    "rate",
    "rate_of_all",
    "recover_by_serial",
    "recover_by_serials",
    "recover_card",
    "remind",
    "report_card_lost",
    "report_lost",
    "take_back_requests",
    "wait_for_replacements",
]
