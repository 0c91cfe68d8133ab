"""How many of what are in a dispatch, and whether the numbers close."""

from __future__ import annotations

from django.db import connection

from core.errors import Refused
from mailing.models import Dispatch
from mailing.papers import kinds
from mailing.papers.kinds import sql


def _counts_sql() -> str:
    return f"""
SELECT {sql.counts("x.active")},
    count(*) FILTER (WHERE x.active), count(DISTINCT x.envelope_id) FILTER (WHERE x.active),
    count(DISTINCT v.establishment_id) FILTER (WHERE x.active),
    count(*) FILTER (WHERE p.before_printing IS NOT TRUE), count(*) FILTER (WHERE x.file_id IS NOT NULL),
    count(p.confirmed_at) FILTER (WHERE NOT p.before_printing), count(*) FILTER (WHERE p.before_printing)
FROM mailing_enclosure x JOIN mailing_envelope v ON v.id = x.envelope_id
LEFT JOIN mailing_pull p ON p.enclosure_id = x.id
WHERE v.dispatch_id = %(dispatch)s
"""


_NAMES = ("sheets", "envelopes", "establishments", "decided", "printed", "pulled", "taken_out")


def _names() -> tuple[str, ...]:
    return (*(kind.stem for kind in kinds.every()), *_NAMES)


def counted() -> tuple[str, ...]:
    """The names of a dispatch's numbers in the order in which they are shown, the documents by kind first.

    ``decided``: to be printed; ``taken_out``: enclosed once, but out of the envelope by itself before it was printed.
    """
    return (*_names(), "sent")


def count(dispatch: Dispatch) -> dict[str, int]:
    """The dispatch's numbers now: what is in it, and what was decided, printed and pulled."""
    with connection.cursor() as cursor:
        cursor.execute(_counts_sql(), {"dispatch": dispatch.pk})
        return dict(zip(_names(), cursor.fetchone(), strict=True))


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
