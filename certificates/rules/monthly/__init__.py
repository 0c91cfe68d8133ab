"""Who needs a certificate, why, and from when: the table of the decision, for a month and for one person.

Pure functions of facts as of a day, the policy and the law in force. No clock, no database, no settings.
``routes`` says what a member can show, ``issuing`` what is issued and for how long, ``table`` decides. Source: rules.md §4.
"""

from __future__ import annotations

from certificates.rules.monthly.issuing import Decided, arrival, forced, kind_of, periods
from certificates.rules.monthly.routes import (
    ASSISTED,
    NEVER,
    UNKNOWN,
    Days,
    Myna,
    Route,
    card_last_day,
    certificate_last_day,
    channel_of,
    days_of_run,
    deregistration_last_day,
    expires_from,
    expiry_last_day,
    last_route,
    myna,
    open_deregistration_last_day,
    routes_of,
    row_of,
    uncovered_from,
)
from certificates.rules.monthly.table import decide, ground, is_news, to_recover

VERSION = 2
"""Kept with every run and ruling; an earlier answer is replayed by the rules of its version."""

__all__ = [
    "ASSISTED",
    "NEVER",
    "UNKNOWN",
    "VERSION",
    "Days",
    "Decided",
    "Myna",
    "Route",
    "arrival",
    "card_last_day",
    "certificate_last_day",
    "channel_of",
    "days_of_run",
    "decide",
    "deregistration_last_day",
    "expires_from",
    "expiry_last_day",
    "forced",
    "ground",
    "is_news",
    "kind_of",
    "last_route",
    "myna",
    "open_deregistration_last_day",
    "periods",
    "routes_of",
    "row_of",
    "to_recover",
    "uncovered_from",
]
