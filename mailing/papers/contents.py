"""What must stand on every page of a dispatch, from the database alone: one source for drawing, another run for the proof.

Nothing here remembers an earlier step: the proof calls it again and so sees what the database says then.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db import connection

from mailing.models import Dispatch
from mailing.papers import kinds
from mailing.papers.kinds import sql
from mailing.papers.layouts import cover, packing
from members.policy import Policy
from members.policy_words import word
from members.querysets import name_sql
from members.services import policy_on


@dataclass(frozen=True, slots=True)
class Item:
    """One enclosure as it lies in its envelope. ``active`` is false once it has been pulled."""

    id: int
    kind: str
    document_id: int
    serial: str
    status: str
    envelope_code: str
    bundle_position: int
    establishment_code: str
    active: bool
    file_id: int | None
    first_page: int | None
    holder: str

    @property
    def whose(self) -> str:
        """The paper as a clerk finds it: its envelope, and whose it is by 記号・番号・枝番; never a name."""
        return whose(self.envelope_code, self.holder)


def whose(envelope_code: str, holder: str) -> str:
    """The envelope and, where it is known, the cover (記号・番号・枝番) that something was found about."""
    return "、".join(part for part in (f"封筒 {envelope_code}" if envelope_code else "", holder) if part)


def _items_sql() -> str:
    return f"""
SELECT x.id, {sql.kind()}, {sql.first("id")}, {sql.first("serial")}, {sql.first("status")},
    v.code, v.bundle_position,
    coalesce(e.code, ''), x.active, x.file_id, x.first_page,
    concat_ws('-', nullif(m.symbol, ''), m.number, nullif(m.branch_number, ''))
FROM mailing_enclosure x
JOIN mailing_envelope v ON v.id = x.envelope_id
{sql.joins()}
LEFT JOIN members_establishment e ON e.id = v.establishment_id
LEFT JOIN members_member m ON m.id = {sql.first("member_id")}
WHERE v.dispatch_id = %s
    AND NOT EXISTS (SELECT 1 FROM mailing_pull u WHERE u.enclosure_id = x.id AND u.before_printing)
ORDER BY v.position, x.position
"""


def items(dispatch: Dispatch) -> list[Item]:
    """Every enclosure of the dispatch in the order in which it is stuffed, pulled ones included.

    What left its envelope before it was printed is on no paper and so is not among them.
    """
    with connection.cursor() as cursor:
        cursor.execute(_items_sql(), [dispatch.pk])
        return [Item(*row) for row in cursor.fetchall()]


def policy_of(dispatch: Dispatch) -> Policy:
    """The settings in force when the dispatch's run was decided, or outside the month when it was assembled."""
    return policy_on(dispatch.insurer, dispatch.decided_on)


def document_faces(dispatch: Dispatch, kind: str, batch: Sequence[Item]) -> Mapping[int, Any]:
    """The faces of enclosures of one kind under the dispatch's settings, as the database says now, by document."""
    return kinds.named(kind).faces([item.document_id for item in batch], policy_of(dispatch))


def _covers_sql() -> str:
    return f"""
SELECT e.id, e.code, e.name, v.bundle_position, v.code, m.symbol, m.number,
    {name_sql("p")}, {sql.counts()}
FROM mailing_envelope v
JOIN members_establishment e ON e.id = v.establishment_id
JOIN members_member m ON m.id = v.insured_id JOIN members_person p ON p.id = m.person_id
JOIN mailing_enclosure x ON x.envelope_id = v.id AND x.active
WHERE v.dispatch_id = %s AND NOT (p.nondisclosure OR p.address_protected)
GROUP BY e.id, v.id, m.id, p.id
ORDER BY v.position
"""


def _posting_sql() -> str:
    return f"""
SELECT {sql.counts()}, count(DISTINCT v.id), count(DISTINCT v.establishment_id),
    coalesce((array_agg(v.code ORDER BY v.position))[1], ''),
    coalesce((array_agg(v.code ORDER BY v.position DESC))[1], '')
FROM mailing_envelope v JOIN mailing_enclosure x ON x.envelope_id = v.id AND x.active
WHERE v.dispatch_id = %s
"""


def hand_over_by(dispatch: Dispatch) -> date:
    """Day by which an establishment should have handed out its envelopes."""
    assert dispatch.printed_on is not None
    leaves_on = max(dispatch.printed_on, dispatch.planned_on or dispatch.printed_on)
    return leaves_on + timedelta(policy_of(dispatch).arrives_after_days("establishment"))


def cover_faces(dispatch: Dispatch) -> list[cover.CoverFace | packing.PostingFace]:
    """The dispatch's 差出内訳, then the list of each establishment in the order of the bundles.

    What was pulled is on none of them. Whoever became protected meanwhile stands on no list from that moment.
    """
    posting = posting_face(dispatch)
    if dispatch.channel != Dispatch.Channel.ESTABLISHMENT:
        return [posting]
    with connection.cursor() as cursor:
        cursor.execute(_covers_sql(), [dispatch.pk])
        rows = cursor.fetchall()
    by = hand_over_by(dispatch)
    bundles: dict[tuple[int, str, str], list[cover.CoverRow]] = {}
    for pk, establishment_code, establishment_name, position, code, symbol, number, name, *documents in rows:
        line = cover.CoverRow(position, code, symbol, number, name, tuple(documents))
        bundles.setdefault((pk, establishment_code, establishment_name), []).append(line)
    lists = [
        cover.CoverFace(dispatch.pk, code, name, dispatch.insurer.name, dispatch.printed_on, by, tuple(lines))
        for (_, code, name), lines in bundles.items()
    ]
    return [posting, *lists]


def posting_face(dispatch: Dispatch) -> packing.PostingFace:
    """The 差出内訳: what of the dispatch leaves, without what was pulled."""
    assert dispatch.printed_on is not None
    with connection.cursor() as cursor:
        cursor.execute(_posting_sql(), [dispatch.pk])
        *documents, envelopes, bundles, first, last = cursor.fetchone()
    content = packing.Content(tuple(documents), envelopes, first, last)
    if dispatch.channel == Dispatch.Channel.ESTABLISHMENT:
        destination, service = "事業所（束ねて送ります）", "束の大きさに合わせて選びます"
    else:
        destination = "安全な送付先" if dispatch.to_safe_address else "自宅など本人の送付先"
        service = word("postal_service", policy_of(dispatch).postal_service)
    return packing.PostingFace(
        dispatch.pk, dispatch.insurer.name, dispatch.printed_on, destination, service, bundles, content
    )


def chunks(listed: Sequence[Any], size: int) -> Iterator[Sequence[Any]]:
    """The list in pieces of at most ``size``."""
    return (listed[start : start + size] for start in range(0, len(listed), size))
