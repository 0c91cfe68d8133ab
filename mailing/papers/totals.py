"""How many of what are in a dispatch, and whether the numbers close."""

from __future__ import annotations

from django.db import connection

from core.errors import Refused
from mailing.models import Dispatch

_COUNTS = """
SELECT count(x.certificate_id) FILTER (WHERE x.active), count(x.elderly_id) FILTER (WHERE x.active),
    count(x.notice_id) FILTER (WHERE x.active),
    count(*) FILTER (WHERE x.active), count(DISTINCT x.envelope_id) FILTER (WHERE x.active),
    count(DISTINCT v.establishment_id) FILTER (WHERE x.active),
    count(*) FILTER (WHERE p.before_printing IS NOT TRUE), count(*) FILTER (WHERE x.file_id IS NOT NULL),
    count(p.confirmed_at) FILTER (WHERE NOT p.before_printing), count(*) FILTER (WHERE p.before_printing)
FROM mailing_enclosure x JOIN mailing_envelope v ON v.id = x.envelope_id
LEFT JOIN mailing_pull p ON p.enclosure_id = x.id
WHERE v.dispatch_id = %(dispatch)s
"""
_NAMES = (
    "certificates", "elderly", "notices", "sheets", "envelopes", "establishments", "decided", "printed", "pulled",
    "taken_out",
)  # fmt: skip
COUNTED = (*_NAMES, "sent")
"""The numbers of a dispatch in the order in which they are shown.

``decided``: to be printed; ``taken_out``: enclosed once, but out of the envelope by itself before it was printed.
"""


def count(dispatch: Dispatch) -> dict[str, int]:
    """The dispatch's numbers now: what is in it, and what was decided, printed and pulled."""
    with connection.cursor() as cursor:
        cursor.execute(_COUNTS, {"dispatch": dispatch.pk})
        return dict(zip(_NAMES, cursor.fetchone(), strict=True))


def recount(dispatch: Dispatch) -> dict[str, int]:
    """Writes the numbers to the dispatch and answers them."""
    dispatch.counts = count(dispatch)
    dispatch.save(update_fields=["counts"])
    return dispatch.counts


def check_ledger(counts: dict[str, int]) -> None:
    """Makes sure that decided = printed = pulled + in the envelopes.

    Raises:
        Refused: the numbers do not close; each is named.
    Source: rules.md §10.
    """
    if counts["decided"] == counts["printed"] == counts["pulled"] + counts["sheets"]:
        return
    raise Refused(
        f"件数が合いません（決定 {counts['decided']}・印刷 {counts['printed']}・引抜き {counts['pulled']}・"
        f"封入 {counts['sheets']}）。印刷と引抜きの記録を確認してください。"
    )
