"""What a change that is only rehearsed would mean for papers in dispatches: which to pull, from which envelope.

Source: rules.md §10 (between print and post people leave, move, change).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import date
from typing import Any

from django.db.models import Q

from certificates.requests.filings.outlook import Outlook, Standing
from core.calendar import wareki
from mailing.bundling.pulls import OPEN
from mailing.models import Dispatch, Enclosure
from mailing.papers import kinds
from mailing.papers.kinds.rows import concerns, document_is
from mailing.planning.leaving import REASONS, find

SHOWN = 10


def look(members: Collection[int] | None, on: date) -> Standing:
    """What speaks against each paper that is in a bundle, or posted and not yet in hand; by enclosure."""
    on_its_way = Q(document_is(arrives_on__gte=on), envelope__dispatch__status="sent")
    of_members = Q() if members is None else concerns(member__in=members)
    enclosed = Enclosure.objects.filter(of_members, active=True).filter(
        Q(envelope__dispatch__status__in=("assembled", *OPEN)) | on_its_way
    )
    ids = set(enclosed.values_list("pk", flat=True))
    standing: dict[int, frozenset[str]] = {}
    for dispatch in Dispatch.objects.filter(envelopes__enclosures__in=ids).distinct().order_by("pk"):
        open_now = dispatch.status in OPEN
        for pk, codes in find(dispatch, on=on).items():
            # Elsewhere the last reason says only that the paper is not "printed".
            told = frozenset(codes) if open_now else frozenset(codes) - {"voided"}
            if pk in ids and told:
                standing[pk] = told
    void = Enclosure.objects.filter(document_is(status="voided"), pk__in=ids)
    for pk in void.values_list("pk", flat=True):
        standing[pk] = standing.get(pk, frozenset()) | {"voided"}
    return standing


def told(fresh: Standing) -> Iterator[str]:
    """A sentence for each paper: dispatch, envelope, place in the bundle, and what happens; beyond a few the count."""
    found = (
        Enclosure.objects.filter(pk__in=list(fresh))
        .select_related("envelope__dispatch", "envelope__establishment", *kinds.columns())
        .order_by("envelope__dispatch", "envelope__position", "position")
    )
    for one in found[:SHOWN]:
        yield _sentence(one, fresh[one.pk])
    if len(fresh) > SHOWN:
        yield f"このほか、発送に入っている書類{len(fresh) - SHOWN:,}件に同じことが要ります。"


def _sentence(one: Enclosure, codes: frozenset[str]) -> str:
    envelope, dispatch, paper = one.envelope, one.envelope.dispatch, one.document
    bundle = f"事業所 {envelope.establishment.code} の束の" if envelope.establishment else "束の"
    place = f"封筒 {envelope.code}（{bundle}{envelope.bundle_position}番目）"
    named = f"{paper._meta.verbose_name}（{paper}）"
    why = "・".join(label for code, label in REASONS.items() if code in codes)
    return _fate(dispatch, place, named, why, void="voided" in codes)


def _fate(dispatch: Dispatch, place: str, named: str, why: str, *, void: bool) -> str:
    status = dispatch.get_status_display()
    if dispatch.status == "sent":
        day: Any = dispatch.sent_on
        return f"発送{dispatch.pk}の{place}の{named}は、{wareki(day)}に発送済みで、引き抜けません（{why}）。"
    if dispatch.status in OPEN:
        return f"発送{dispatch.pk}（{status}）の{place}から、{named}を引き抜くことになります（{why}）。"
    if void:
        return f"発送{dispatch.pk}（{status}）の{place}から、{named}が印刷の前に外れます（{why}）。"
    return f"発送{dispatch.pk}（{status}）の{place}の{named}は、印刷した後に引き抜くことになります（{why}）。"


OUTLOOK = Outlook(look, told)
