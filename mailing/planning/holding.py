"""保留 and 封入待ち: approved paper that lies in no envelope, told apart by what the last planning of envelopes found.

Ledger: approved = enclosed + held + waiting. Source: rules.md §10.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import models, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from certificates.models import Run
from core.transitions import lock_chain
from mailing.envelopes import HOLDS, PROTECTED
from mailing.models import Enclosure, HeldPaper
from mailing.papers import kinds
from mailing.papers.kinds import DocumentKind
from mailing.papers.kinds.rows import any_of, document_is
from members.models import Address, Insurer

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
    found = f"：{'、'.join(places)}" if places else ""
    return f"保留 {whose}の{kinds.named(kind).label}：{HOLDS[reason]}{found}"


def told_of(row: HeldPaper) -> str:
    """The hold of a row as a sentence; the member is loaded."""
    return told(kinds.of_row(row).kind, str(row.member), row.reason, row.places)


def unenclosed(kind: DocumentKind) -> QuerySet[Any]:
    """Documents of a kind that are ready and in no envelope, whatever keeps them; of a shared sheet the first."""
    enclosed = Enclosure.objects.filter(active=True, **{kind.column: OuterRef("pk")})
    return kind.documents().filter(~Exists(enclosed), status=kind.ready)


def held() -> QuerySet[HeldPaper]:
    """What is held now. A safe address that was filed since ends its hold at once."""
    # By way of the few rows that are kept, not of every document there is.
    found = HeldPaper.objects.all()
    for column in kinds.columns():
        found = found.exclude(Exists(Enclosure.objects.filter(active=True, **{column: OuterRef(column)})))
    ready = any_of(Q(**{f"{kind.column}__status": kind.ready}) for kind in kinds.every())
    safe = Address.objects.filter(person=OuterRef("member__person"), use=Address.Use.SAFE)
    return found.filter(ready).exclude(Q(reason=PROTECTED) & Exists(safe))


def held_of(run: Run) -> QuerySet[HeldPaper]:
    """What is held of a month's paper."""
    return held().filter(_of(run))


def waiting(kind: DocumentKind) -> QuerySet[Any]:
    """Documents of a kind that only wait for the next planning of envelopes."""
    holds = held().filter(**{f"{kind.column}__isnull": False})
    return unenclosed(kind).exclude(pk__in=holds.values(kind.column))


def _of(run: Run | None) -> Q:
    """Rows of one month's documents, or of what was decided outside the months."""
    return document_is(run=run) if run else document_is(isnull=False, run__isnull=True)


def months_waiting(insurer: Insurer) -> list[Run]:
    """The months of which a paper is in no envelope yet, the oldest first."""
    ids = {
        pk
        for kind in kinds.every()
        for pk in unenclosed(kind).exclude(run=None).values_list("run", flat=True).distinct()
    }
    return list(Run.objects.filter(pk__in=ids, insurer=insurer).order_by("month"))


def keep(sources: Sequence[Run | None], holds: Sequence[Hold], *, on: date) -> None:
    """Writes what a planning of the months' paper (None: outside the months) found, in place of what the last one did."""
    with transaction.atomic():
        lock_chain()
        stored = {_document(row): row for row in HeldPaper.objects.filter(any_of(map(_of, sources)))}
        wanted = {(hold.kind, hold.id): hold for hold in holds}
        HeldPaper.objects.filter(pk__in=[row.pk for key, row in stored.items() if key not in wanted]).delete()
        fresh: list[HeldPaper] = []
        changed: list[HeldPaper] = []
        for key, hold in wanted.items():
            row = stored.get(key) or HeldPaper(
                member_id=hold.member_id, since=on, **{f"{kinds.named(hold.kind).column}_id": hold.id}
            )
            (changed if key in stored else fresh).append(row)
            row.reason, row.places = hold.reason, list(hold.places)
        HeldPaper.objects.bulk_create(fresh, batch_size=BATCH)
        HeldPaper.objects.bulk_update(changed, ["reason", "places"], batch_size=BATCH)


def _document(row: HeldPaper) -> tuple[str, int]:
    """Kind and id of the document that a row holds."""
    kind = kinds.of_row(row)
    return kind.kind, int(getattr(row, f"{kind.column}_id"))


def document_of(row: HeldPaper) -> models.Model:
    """The document itself."""
    document: models.Model = getattr(row, kinds.of_row(row).column)
    return document
