"""保留 and 封入待ち: approved paper that lies in no envelope, told apart by what the last planning of envelopes found.

Ledger: approved = enclosed + held + waiting. Source: rules.md §10.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import reduce
from operator import or_
from typing import Any

from django.db import models, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from certificates.models import Run
from core.transitions import lock_chain
from mailing.envelopes import HOLDS, PROTECTED
from mailing.models import DOCUMENTS, Enclosure, HeldPaper
from members.models import Address, Insurer

READY: Mapping[str, str] = {"certificate": "approved", "elderly": "approved", "notice": "drafted"}
"""The state in which a paper of each kind waits for its envelope."""
BATCH = 2_000


@dataclass(frozen=True, slots=True)
class Hold:
    """One paper that waits: its kind and id, whose cover, why, and the places found (fields, code points)."""

    kind: str
    id: int
    member_id: int
    reason: str
    places: tuple[str, ...] = ()

    def told(self, whose: str) -> str:
        """The same with the cover named as ``whose``."""
        return told(self.kind, whose, self.reason, self.places)


def told(kind: str, whose: str, reason: str, places: Sequence[str] = ()) -> str:
    """A hold as a sentence, the cover named as ``whose``."""
    label = DOCUMENTS[kind].lifecycle.label  # type: ignore[attr-defined]
    found = f"：{'、'.join(places)}" if places else ""
    return f"保留 {whose}の{label}：{HOLDS[reason]}{found}"


def kind_of(row: HeldPaper) -> str:
    """The kind of paper that a row holds."""
    return next(kind for kind in DOCUMENTS if getattr(row, f"{kind}_id") is not None)


def unenclosed(kind: str) -> QuerySet[Any]:
    """Papers of a kind that are ready and in no envelope, whatever keeps them; of a sheet of notices the first."""
    model: Any = DOCUMENTS[kind]
    enclosed = Enclosure.objects.filter(active=True, **{kind: OuterRef("pk")})
    found: QuerySet[Any] = model.objects.filter(~Exists(enclosed), status=READY[kind])
    return found.filter(leader__isnull=True) if kind == "notice" else found


def held() -> QuerySet[HeldPaper]:
    """What is held now. A safe address that was filed since ends its hold at once."""
    # By way of the few rows that are kept, not of every paper there is.
    ready, found = Q(), HeldPaper.objects.all()
    for kind, status in READY.items():
        ready |= Q(**{f"{kind}__status": status})
        found = found.exclude(Exists(Enclosure.objects.filter(active=True, **{kind: OuterRef(kind)})))
    safe = Address.objects.filter(person=OuterRef("member__person"), use=Address.Use.SAFE)
    return found.filter(ready).exclude(Q(reason=PROTECTED) & Exists(safe))


def held_of(run: Run) -> QuerySet[HeldPaper]:
    """What is held of a month's paper."""
    return held().filter(_of(run))


def waiting(kind: str) -> QuerySet[Any]:
    """Papers of a kind that only wait for the next planning of envelopes."""
    return unenclosed(kind).exclude(pk__in=held().filter(**{f"{kind}__isnull": False}).values(kind))


def _of(run: Run | None) -> Q:
    """Rows of one month's paper, or of what was decided outside the months."""
    found = Q()
    for kind in DOCUMENTS:
        mine = {f"{kind}__run": run} if run else {f"{kind}__isnull": False, f"{kind}__run__isnull": True}
        found |= Q(**mine)
    return found


def months_waiting(insurer: Insurer) -> list[Run]:
    """The months of which a paper is in no envelope yet, the oldest first."""
    ids = {
        pk
        for kind in DOCUMENTS
        for pk in unenclosed(kind).exclude(run=None).values_list("run", flat=True).distinct()
    }
    return list(Run.objects.filter(pk__in=ids, insurer=insurer).order_by("month"))


def keep(sources: Sequence[Run | None], holds: Sequence[Hold], *, on: date) -> None:
    """Writes what a planning of the months' paper (None: outside the months) found, in place of what the last one did."""
    with transaction.atomic():
        lock_chain()
        mine = reduce(or_, map(_of, sources))
        known = {(kind_of(row), _document(row)): row for row in HeldPaper.objects.filter(mine)}
        found = {(hold.kind, hold.id): hold for hold in holds}
        HeldPaper.objects.filter(pk__in=[row.pk for key, row in known.items() if key not in found]).delete()
        fresh, changed = [], []
        for key, hold in found.items():
            row = known.get(key) or HeldPaper(
                member_id=hold.member_id, since=on, **{f"{hold.kind}_id": hold.id}
            )
            (changed if key in known else fresh).append(row)
            row.reason, row.places = hold.reason, list(hold.places)
        HeldPaper.objects.bulk_create(fresh, batch_size=BATCH)
        HeldPaper.objects.bulk_update(changed, ["reason", "places"], batch_size=BATCH)


def _document(row: HeldPaper) -> int:
    return int(getattr(row, f"{kind_of(row)}_id"))


def document_of(row: HeldPaper) -> models.Model:
    """The paper itself."""
    document: models.Model = getattr(row, kind_of(row))
    return document
