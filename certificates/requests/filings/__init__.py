"""届出: filings that change people, each with its consequences on certificates in one transaction.

``preview`` shows a clerk what a form would do, ``receive`` takes it in, ``apply`` brings it into effect; ``take_file``
does both for every row of a CSV. One module handles kinds that are alike (``entering``, ``ending``, ``moving``,
``personal``, ``numbers``, ``income``, ``items``, ``bulk``); ``table`` has a row for each kind, ``fields`` one for each
value; ``papers`` does to certificates what follows; ``ahead`` sees to faces that change on a day to come.
"""

from certificates.requests.filings.ahead import look_ahead
from certificates.requests.filings.case import Case, Change, NotYet
from certificates.requests.filings.service import (
    FilingData,
    Preview,
    apply,
    apply_due,
    known,
    preview,
    receive,
    refuse,
    withdraw,
)
from certificates.requests.filings.words import described
from certificates.rules.filing_kinds import Kind, LossReason, NumberReport

__all__ = [
    "Case",
    "Change",
    "FilingData",
    "Kind",
    "LossReason",
    "NotYet",
    "NumberReport",
    "Preview",
    "apply",
    "apply_due",
    "described",
    "known",
    "look_ahead",
    "preview",
    "receive",
    "refuse",
    "withdraw",
]
