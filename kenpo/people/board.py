"""The board of gaps as the desk shows it: ``certificates.decisions.gaps``, with what is known of envelopes and the month's days.

Source: rules.md §4 "Gaps".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date

from certificates.decisions import gaps as lower
from certificates.decisions.gaps import Gap, Standing, Waiting
from core.calendar import month_start
from kenpo.deadlines import dispatch_due
from mailing.envelopes import ADDRESS_MISSING
from mailing.models import Enclosure, HeldPaper
from mailing.planning import holding
from members.models import Insurer

_PAPER_AT_WORK = (
    Waiting.APPROVAL,
    Waiting.ENCLOSING,
    Waiting.PRINTING,
    Waiting.POSTING,
    Waiting.ADDRESS,
    Waiting.GLYPH,
    Waiting.DAMAGE,
    Waiting.NARROW,
    Waiting.FACE,
    Waiting.SHARE,
    Waiting.HEAD,
    Waiting.RETURNED,
)


_BY_REASON: Mapping[str, Waiting] = {
    ADDRESS_MISSING: Waiting.ADDRESS,
    "does_not_fit": Waiting.NARROW,
    "face_changed": Waiting.FACE,
}


def gaps(insurer: Insurer, on: date) -> list[Gap]:
    """Every gap of the society on a day, in the order of the lists."""
    return _refined(lower.gaps(insurer, on), on)


def standings(insurer: Insurer, on: date, members: list[int]) -> dict[int, Standing]:
    """How some covers of the society stand on a day, by member id."""
    found = lower.standings(insurer, on, members)
    refined = {gap.read.member_id: gap for gap in _refined([s.gap for s in found.values() if s.gap], on)}
    return {pk: replace(standing, gap=refined.get(pk)) for pk, standing in found.items()}


def enclosures_of(gaps: Iterable[Gap]) -> dict[int, Enclosure]:
    """By certificate the enclosure in which the paper of a gap lies. One query."""
    ids = [gap.certificate for gap in gaps if gap.certificate is not None]
    found = Enclosure.objects.filter(certificate__in=ids, active=True).select_related("envelope__dispatch")
    return {one.certificate_id: one for one in found if one.certificate_id} if ids else {}


def _refined(gaps: Sequence[Gap], on: date) -> list[Gap]:
    enclosed, held = enclosures_of(gaps), holds_of(gaps)
    return [_of(_held(gap, held), enclosed.get(gap.certificate or 0), on) for gap in gaps]


def holds_of(gaps: Iterable[Gap]) -> dict[int, HeldPaper]:
    """By member id what is held of the 資格確認書 of whoever stands on the board. One query."""
    ids = [gap.read.member_id for gap in gaps]
    found = holding.held().filter(member__in=ids, certificate__isnull=False)
    return {row.member_id: row for row in found.select_related("member__person")} if ids else {}


def _held(gap: Gap, held: Mapping[int, HeldPaper]) -> Gap:
    """A paper that the last planning of envelopes left out, for a reason that only it sees.

    A face that has changed is no route any more, so such a person seems to wait for a decision.
    """
    row = held.get(gap.read.member_id)
    if row is None or row.reason not in _BY_REASON:
        return gap
    seems = gap.waiting is Waiting.DECISION if row.reason == "face_changed" else gap.waiting is Waiting.ENCLOSING
    if not seems:
        return gap
    return replace(gap, waiting=_BY_REASON[row.reason], certificate=row.certificate_id)


def _of(gap: Gap, enclosure: Enclosure | None, on: date) -> Gap:
    """An enclosed paper waits for the printer; whatever the office has to do is due on the dispatch's or the month's day."""
    if gap.waiting not in _PAPER_AT_WORK:
        return gap
    approved = gap.waiting not in (Waiting.APPROVAL, Waiting.POSTING, Waiting.RETURNED)
    waiting = Waiting.PRINTING if enclosure is not None and approved else gap.waiting
    planned = enclosure.envelope.dispatch.planned_on if enclosure is not None else None
    unposted = waiting is not Waiting.RETURNED
    return replace(gap, waiting=waiting, by=(planned if unposted else None) or max(on, dispatch_due(month_start(on))))
