"""Who lies with whom: every envelope holds papers of one household, and how many of what are in it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from django.db import connection

from mailing.models import DOCUMENTS, Dispatch
from mailing.papers import files
from mailing.papers.contents import Item
from mailing.proof.found import Difference
from members.querysets import HOUSEHOLD_SQL

# A household's notice stands for everybody on it. To a safe address every envelope is one person's own.
_STRANGERS = f"""
SELECT DISTINCT x.id
FROM mailing_envelope v
JOIN mailing_enclosure x ON x.envelope_id = v.id AND x.active
LEFT JOIN certificates_eligibilitycertificate c ON c.id = x.certificate_id
LEFT JOIN certificates_elderlybeneficiarycertificate o ON o.id = x.elderly_id
LEFT JOIN notices_eligibilitynotice n ON coalesce(n.leader_id, n.id) = x.notice_id
JOIN members_member m ON m.id = coalesce(c.member_id, o.member_id, n.member_id)
WHERE v.dispatch_id = %(dispatch)s
    AND ({HOUSEHOLD_SQL} <> v.insured_id OR (%(safe)s AND m.id <> v.person_id))
"""


def strangers(dispatch: Dispatch, listed: Sequence[Item]) -> Iterator[Difference]:
    """Papers that lie in an envelope of another household, by their line of the manifest."""
    with connection.cursor() as cursor:
        cursor.execute(_STRANGERS, {"dispatch": dispatch.pk, "safe": dispatch.to_safe_address})
        wrong = {pk for (pk,) in cursor.fetchall()}
    for line, item in enumerate(listed, start=2):
        if item.id in wrong:
            yield Difference(
                files.MANIFEST, line, "household", "封筒と別の世帯の書類が入っています", whose=item.whose
            )


def counts(listed: Sequence[Item], requests: Sequence[str] = ()) -> dict[str, Any]:
    """What is in the envelopes: papers by kind; by establishment code, its envelopes and papers; envelopes by sheets.

    ``requests``: the envelope of each letter that asks old papers back, which is a sheet as well.
    """
    active = [item for item in listed if item.active]
    kinds = Counter(item.kind for item in active)
    envelopes = Counter(item.envelope_code for item in active)
    of = {item.envelope_code: item.establishment_code for item in active}
    papers = Counter(item.establishment_code for item in active)
    bundles = Counter(of.values())
    sizes = Counter((envelopes + Counter(requests)).values())
    return {
        "papers": {kind: kinds[kind] for kind in DOCUMENTS if kinds[kind]},
        "pulled": len(listed) - len(active),
        "envelopes": len(envelopes),
        "bundles": {code: [bundles[code], papers[code]] for code in sorted(bundles) if code},
        "papers_per_envelope": {str(size): sizes[size] for size in sorted(sizes)},
    }
