"""Files as a whole: which stand for a month, holding and rejecting them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from django.db import transaction
from django.db.models import Q, QuerySet

from core.errors import Refused
from core.models import Clerk
from core.transitions import advance, advance_many
from exchange.lifecycle import STANDING, WAITING
from exchange.models import ExchangeFile, ExchangeRow
from exchange.rules.codes import Kind, RowOutcome

NOT_TAKEN = (RowOutcome.CONFLICT, RowOutcome.UNMATCHED, RowOutcome.REJECTED)


# A correction that a second clerk has not accepted yet.
UNACCEPTED = Q(correction=True, status__in=WAITING)


def monthly_files(as_of: date) -> list[ExchangeFile]:
    """The monthly files that stand for ``as_of``, one for each insurer number, in the numbers' order."""
    return list(
        ExchangeFile.objects.filter(kind=Kind.MONTHLY, as_of=as_of, status__in=STANDING)
        .exclude(UNACCEPTED)
        .select_related("insurer")
        .order_by("insurer__number")
    )


def newest_monthly() -> QuerySet[ExchangeFile]:
    """The monthly files of the newest 基準日 that were matched."""
    monthly = ExchangeFile.objects.filter(kind=Kind.MONTHLY, as_of__isnull=False).exclude(
        Q(status__in=("received", "rejected", "corrected")) | UNACCEPTED
    )
    return monthly.filter(as_of=monthly.order_by("-as_of").values("as_of")[:1])


def not_taken() -> QuerySet[ExchangeRow]:
    """Rows of any file that were not taken and want a clerk. Whatever was not taken has a reason, and the index has only these."""
    settled = ExchangeFile.objects.filter(Q(status="corrected") | UNACCEPTED)
    return ExchangeRow.objects.filter(outcome__in=NOT_TAKEN).exclude(reason="").exclude(file__in=settled)


def locked(files: Iterable[ExchangeFile]) -> list[ExchangeFile]:
    """The same files as they are now, locked until the transaction ends, by id."""
    ids = sorted({file.pk for file in files})
    found = ExchangeFile.objects.select_for_update(of=("self",)).filter(pk__in=ids)
    return list(found.select_related("insurer").order_by("pk"))


def require(files: Sequence[ExchangeFile], statuses: tuple[str, ...], verb: str) -> None:
    """Raises ``Refused`` naming every file whose status does not allow ``verb``."""
    if not files:
        raise Refused("基金のファイルがまだ受け付けられていません。先に受け付けてください。")
    reasons = [
        f"ファイル番号 {file.pk}：{file.lifecycle.why_not(file.status, verb)}"
        for file in files
        if file.status not in statuses
    ]
    if reasons:
        raise Refused(reasons)


COUNTED = ("rows", "applied", "unchanged", "rejected", "unmatched", "conflict", "double", "missing", "odd")


def counts(file: ExchangeFile) -> dict[str, int]:
    """The file's rows by what became of them; rows = applied + unchanged + rejected + unmatched + conflict."""
    return {key: file.counts[key] for key in COUNTED if key in file.counts}


def hold(files: Iterable[ExchangeFile], reasons: Sequence[str] = (), *, on: date, by: Clerk | None = None) -> None:
    """Holds matched files for a second person; one already held stays so."""
    with transaction.atomic():
        mine = ExchangeFile.objects.filter(pk__in=[file.pk for file in files])
        advance_many(mine, "hold", by=by, on=on, note={"reasons": list(reasons)})


def reject(file: ExchangeFile, *, by: Clerk | None, on: date, reason: str) -> None:
    """Sets a file aside, so that another may stand for its month.

    Raises:
        Refused: it is applied or rejected already, the clerk may not, or no reason is given.
    """
    advance(file, "reject", by=by, on=on, reason=reason, message=reason)


def rejected_lines(file: ExchangeFile) -> QuerySet[ExchangeRow]:
    """The rows that could not be read, in the file's order."""
    return ExchangeRow.objects.filter(file=file, outcome=RowOutcome.REJECTED).order_by("line_no")
