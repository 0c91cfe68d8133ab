"""Who lies with whom: every envelope holds papers of one household, and how many of what are in it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from django.db import connection

from mailing.models import Dispatch
from mailing.papers import files, kinds
from mailing.papers.contents import Item
from mailing.papers.kinds import sql
from mailing.proof.found import Difference
from members.querysets import HOUSEHOLD_SQL


def _strangers_sql() -> str:
    """A shared sheet stands for everybody on it. To a safe address every envelope is one person's own."""
    return f"""
SELECT DISTINCT x.id
FROM mailing_envelope v
JOIN mailing_enclosure x ON x.envelope_id = v.id AND x.active
{sql.joins(everyone=True)}
JOIN members_member m ON m.id = {sql.first("member_id")}
WHERE v.dispatch_id = %(dispatch)s
    AND ({HOUSEHOLD_SQL} <> v.insured_id OR (%(safe)s AND m.id <> v.person_id))
"""


def strangers(dispatch: Dispatch, listed: Sequence[Item]) -> Iterator[Difference]:
    """Papers that lie in an envelope of another household, by their line of the manifest."""
    with connection.cursor() as cursor:
        cursor.execute(_strangers_sql(), {"dispatch": dispatch.pk, "safe": dispatch.to_safe_address})
        wrong = {pk for (pk,) in cursor.fetchall()}
    for line, item in enumerate(listed, start=2):
        if item.id in wrong:
            yield Difference(files.MANIFEST, line, "household", "封筒と別の世帯の書類が入っています", whose=item.whose)


def counts(listed: Sequence[Item], requests: Sequence[str] = ()) -> dict[str, Any]:
    """What is in the envelopes: papers by kind; by establishment code, its envelopes and papers; envelopes by sheets.

    ``requests``: the envelope of each letter that asks old papers back, which is a sheet as well.
    """
    active = [item for item in listed if item.active]
    of_kind = Counter(item.kind for item in active)
    envelopes = Counter(item.envelope_code for item in active)
    of = {item.envelope_code: item.establishment_code for item in active}
    papers = Counter(item.establishment_code for item in active)
    bundles = Counter(of.values())
    sizes = Counter((envelopes + Counter(requests)).values())
    return {
        "papers": {kind.kind: of_kind[kind.kind] for kind in kinds.every() if of_kind[kind.kind]},
        "pulled": len(listed) - len(active),
        "envelopes": len(envelopes),
        "bundles": {code: [bundles[code], papers[code]] for code in sorted(bundles) if code},
        "papers_per_envelope": {str(size): sizes[size] for size in sorted(sizes)},
    }
