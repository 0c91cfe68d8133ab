"""One way to move papers of any kind: a certificate moves alone, a notice's sheet with everybody on it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Coalesce

from certificates.models import Run
from core.models import Clerk
from core.transitions import advance_many
from mailing.models import Dispatch, Enclosure
from members.models import Insurer
from notices import services as notice_services
from notices.models import EligibilityNotice


def advance_papers(
    model: type[models.Model],
    ids: Any,
    verb: str,
    *,
    by: Clerk | None,
    on: date,
    reason: str = "",
    note: Mapping[str, Any] | None = None,
    **fields: Any,
) -> list[int]:
    """Moves papers of one kind (``ids``: a list, or a query of one column); answers those that moved as a whole.

    A sheet of notices that is made void is drafted anew for everyone on it who is still due one.

    Raises:
        Refused: the clerk may not, or a reason is missing.
    """
    papers = model._default_manager.filter(pk__in=ids)
    if model is not EligibilityNotice:
        return advance_many(papers, verb, by=by, on=on, reason=reason, note=note, **fields)
    sheets = list(papers.values_list("pk", flat=True))
    if verb == "void":
        notice_services.take_back(sheets, by=by, on=on, reason=reason, note=note)
        return sheets
    return notice_services.advance_sheets(sheets, verb, by=by, on=on, reason=reason, note=note, **fields)


def waiting_sheets(insurer: Insurer, run: Run | None) -> list[int]:
    """The drafted sheets of the run, or without one of the society outside the months, that are in no envelope yet."""
    drafted = EligibilityNotice.objects.filter(status="drafted", run=run)
    if run is None:
        drafted = drafted.filter(Q(member__insurer=insurer) | Q(member__insurer__main=insurer))
    sheet = Coalesce("leader_id", "id")
    enclosed = Enclosure.objects.filter(notice_id=OuterRef("sheet"), active=True)
    free = drafted.annotate(sheet=sheet).filter(~Exists(enclosed))
    return sorted(set(free.values_list("sheet", flat=True)))


def changed_sheets(dispatch: Dispatch) -> list[int]:
    """The enclosures whose sheet of notices is not what was drafted any more."""
    enclosed = Enclosure.objects.filter(envelope__dispatch=dispatch, active=True, notice__isnull=False)
    by_sheet = dict(enclosed.values_list("notice_id", "id"))
    return sorted(by_sheet[sheet] for sheet in notice_services.changed(list(by_sheet)))
