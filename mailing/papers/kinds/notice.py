"""資格情報のお知らせ."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Coalesce

from certificates.models import Run
from core.errors import Refused
from core.models import Clerk
from core.paper.book import Book
from mailing.envelopes import SHARE_MISSING, Channel
from mailing.models import Enclosure
from mailing.papers.kinds.base import DocumentKind
from mailing.papers.page import Page
from members.models import Insurer
from members.policy import Policy
from notices import reading, services
from notices.face import Face
from notices.layouts import sheet as layout
from notices.models import EligibilityNotice


class NoticeKind(DocumentKind):
    """資格情報のお知らせ: a sheet for one person or several of a household, drafted without approval.

    What happens to the sheet happens to everybody on it; the notice that leads it lies in the envelope for all. A sheet
    that is made void is drafted anew for everyone on it who is still due one.
    """

    kind = "notice"
    column = "notice"
    model = EligibilityNotice
    stem = "notices"
    alias = "n"
    made_word = "作成"
    ready = "drafted"
    ready_verb = "draft"
    has_days = False
    shared = True
    ends_void = True
    sealed_sql = "d.last_four"
    mass_sql = "d.cause = 'first_round'"
    short_label = "お知らせ"

    def ours_sql(self, row: str) -> str:
        """A sheet counts once."""
        return f"{row}.leader_id IS NULL"

    def channel(self, policy: Policy) -> Channel:
        return policy.notice_channel  # type: ignore[return-value]

    def form(self, policy: Policy) -> str:
        return layout.FORM

    def rides_along(self, policy: Policy) -> bool:
        return policy.notice_with_certificate

    def renew(self, insurer: Insurer, run: Run | None, *, by: Clerk, on: date) -> None:
        """Drafts anew whichever waiting sheet of the run, or of outside the months, may not go out as it is.

        Nothing on what is enclosed then has changed (``changed_sql``).
        """
        services.renew(_waiting(insurer, run), by=by, on=on)

    def wrong_shares(self, insurer: Insurer, ids: Collection[int], *, on: date) -> dict[int, str]:
        """Sheets on which a share would stand that a municipality has not told."""
        return dict.fromkeys(services.without_told_share(list(ids)), SHARE_MISSING)

    def redrafted(self, ids: Collection[int]) -> Collection[int]:
        return services.changed(list(ids))

    def faces(self, ids: Sequence[int], policy: Policy) -> Mapping[int, Face]:
        return services.sheets(ids, policy)

    def texts(self, face: Any) -> Mapping[str, str]:
        return {}

    def check(self, form: str, face: Any) -> list[Refused]:
        return layout.check(face)

    def draw(self, book: Book, form: str, face: Any) -> None:
        layout.draw(book, face)

    def pages(self, form: str, face: Any) -> list[Page]:
        return [Page(layout.SHEET, layout.fields(face))]

    def field_label(self, field: str) -> str:
        return layout.label(field)

    def advance(
        self,
        ids: Any,
        verb: str,
        *,
        by: Clerk | None,
        on: date,
        reason: str = "",
        note: Mapping[str, Any] | None = None,
        **fields: Any,
    ) -> list[int]:
        """Moves everybody on these sheets; void ones are drafted anew for whoever is still due one."""
        sheets = list(EligibilityNotice.objects.filter(pk__in=ids).values_list("pk", flat=True))
        if verb == "void":
            services.take_back(sheets, by=by, on=on, reason=reason, note=note)  # type: ignore[arg-type]
            return sheets
        return services.advance_sheets(sheets, verb, by=by, on=on, reason=reason, note=note, **fields)  # type: ignore[arg-type]

    def remake(
        self,
        ids: Sequence[int],
        insurer: Insurer,
        *,
        reason: str,
        void_reason: str,
        by: Clerk,
        on: date,
        note: Mapping[str, Any],
    ) -> list[models.Model]:
        return list(services.take_back(ids, by=by, on=on, reason=void_reason, note=note))

    def still_right(self, ids: Sequence[int], *, on: date) -> bool:
        """Whether everybody on these sheets is still covered, may be seen there, and nothing has changed."""
        return not any(reading.stale(ids, on=on).values())

    def end(self, ids: Sequence[int], *, by: Clerk, on: date, reason: str) -> None:
        services.advance_sheets(ids, "void", by=by, on=on, reason=reason)


def _waiting(insurer: Insurer, run: Run | None) -> list[int]:
    """The drafted sheets of the run, or without one of the society outside the months, that are in no envelope yet."""
    drafted = EligibilityNotice.objects.filter(status="drafted", run=run)
    if run is None:
        drafted = drafted.filter(Q(member__insurer=insurer) | Q(member__insurer__main=insurer))
    enclosed = Enclosure.objects.filter(notice_id=OuterRef("sheet"), active=True)
    free = drafted.annotate(sheet=Coalesce("leader_id", "id")).filter(~Exists(enclosed))
    return sorted(set(free.values_list("sheet", flat=True)))
