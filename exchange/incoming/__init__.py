"""What the office does with the fund's files: receive, match, weigh against last month, apply.

Each step is keyed by the file's hash and harmless to repeat. Source: architecture.md "One row's walk"; rules.md §11.
"""

from __future__ import annotations

from exchange.incoming.applying import apply, apply_daily
from exchange.incoming.awaiting import settled_through
from exchange.incoming.correcting import accept as accept_correction
from exchange.incoming.files import (
    NOT_TAKEN,
    counts,
    hold,
    monthly_files,
    newest_monthly,
    not_taken,
    reject,
    rejected_lines,
)
from exchange.incoming.gating import figures
from exchange.incoming.joining import match
from exchange.incoming.receiving import receive

__all__ = [
    "NOT_TAKEN",
    "accept_correction",
    "apply",
    "apply_daily",
    "counts",
    "figures",
    "hold",
    "match",
    "monthly_files",
    "newest_monthly",
    "not_taken",
    "receive",
    "reject",
    "rejected_lines",
    "settled_through",
]
