"""Decisions about single covers between two months: settle an open case, grant a request, follow a filing.

The same pure rules as the month's, on today's facts; each answer is kept as a ``Ruling`` that can be replayed, and its
certificates await approval like the month's. The next month finds them in hand and leaves the person alone. However many
covers are asked about at once, the number of queries is the same. Source: rules.md §4 "Waiting is not forever", §8.
"""

from certificates.decisions.ruling.approving import approve
from certificates.decisions.ruling.asking import OPEN, Question, Wish, issue, rule, rule_all
from certificates.decisions.ruling.keeping import REPLACED, issued_by
from certificates.decisions.ruling.replaying import days_of, replayed
from certificates.decisions.ruling.settling import due_of, follow_news, settle, still_open
from certificates.decisions.ruling.situations import Terms, terms_on

__all__ = [
    "OPEN",
    "REPLACED",
    "Question",
    "Terms",
    "Wish",
    "approve",
    "days_of",
    "due_of",
    "follow_news",
    "issue",
    "issued_by",
    "replayed",
    "rule",
    "rule_all",
    "settle",
    "still_open",
    "terms_on",
]
