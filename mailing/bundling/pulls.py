"""What to take out between print and post: who left, changed, moved, became protected or registered meanwhile.

Source: rules.md §10.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.utils import timezone

from core.errors import Refused
from core.models import Clerk
from core.planner import refresh_statistics
from core.roles import DISPATCH
from core.transitions import lock_chain
from mailing.models import Dispatch, EnclosedRequest, Pull
from mailing.papers import kinds, requests
from mailing.papers.requests import leave_envelopes
from mailing.papers.totals import recount
from mailing.planning.leaving import BATCH, REASONS, find, take_out
from mailing.printing.printing import draw_lists
from mailing.proof import lists

OPEN = ("printed", "proved", "sealed")


@dataclass(frozen=True, slots=True)
class PullRow:
    """One line of the pull list. ``position`` is the envelope's place in its bundle, 0 where the envelope fell away.

    ``before_printing``: the paper left its envelope by itself, so that there is nothing to take out. ``request``: with
    it the envelope holds the letter that asks the former paper back.
    """

    envelope: str
    position: int
    establishment_code: str
    serial: str
    symbol: str
    number: str
    branch_number: str
    reasons: tuple[str, ...]
    confirmed: bool
    before_printing: bool
    request: bool

    @property
    def cover(self) -> str:
        """記号-番号-枝番 of the paper's holder."""
        return "-".join(part for part in (self.symbol, self.number, self.branch_number) if part)

    @property
    def label(self) -> str:
        said = "・".join(REASONS[reason] for reason in self.reasons)
        if self.before_printing:
            return f"{said}（印刷していません）"
        return f"{said}（同じ封筒の返納のお願いも抜く）" if self.request else said


def refresh(dispatch: Dispatch, *, on: date) -> int:
    """Brings the unconfirmed entries up to date; answers how many there are."""
    found = find(dispatch, on=on)
    with transaction.atomic():
        mine = Pull.objects.filter(enclosure__envelope__dispatch=dispatch, confirmed_at__isnull=True)
        mine.exclude(enclosure__in=list(found)).delete()
        known = {pull.enclosure_id: pull for pull in mine}
        changed = [pull for pull in known.values() if pull.reasons != found[pull.enclosure_id]]
        for pull in changed:
            pull.reasons = found[pull.enclosure_id]
        Pull.objects.bulk_update(changed, ["reasons"], batch_size=BATCH)
        added = Pull.objects.bulk_create(
            (
                Pull(enclosure_id=enclosure_id, reasons=reasons, found_on=on)
                for enclosure_id, reasons in sorted(found.items())
                if enclosure_id not in known
            ),
            batch_size=BATCH,
        )
        refresh_statistics(Pull, written=len(added))
    return len(found)


def pull_list(dispatch: Dispatch, *, on: date) -> list[PullRow]:
    """What has to come out of the bundle, in the order of the envelopes; what is out already, or was never in, is marked.

    Raises:
        Refused: nothing has been printed yet.
    Source: rules.md §10.
    """
    if dispatch.status in ("assembled", "cancelled"):
        raise Refused(f"発送 {dispatch.pk} は「{dispatch.get_status_display()}」です。印刷した後に確認してください。")
    if dispatch.status in OPEN:
        refresh(dispatch, on=on)
    pulls = Pull.objects.filter(enclosure__envelope__dispatch=dispatch).select_related(
        "enclosure__envelope__establishment", *(f"enclosure__{column}__member" for column in kinds.columns())
    )
    beside = EnclosedRequest.objects.filter(enclosure__envelope__dispatch=dispatch, active=True)
    asked = set(beside.values_list("enclosure_id", flat=True))
    ordered = pulls.order_by("enclosure__envelope__position", "enclosure__position")
    return [_row(pull, request=pull.enclosure_id in asked) for pull in ordered]


def _row(pull: Pull, *, request: bool) -> PullRow:
    envelope, paper = pull.enclosure.envelope, pull.enclosure.document
    return PullRow(
        envelope.code,
        envelope.bundle_position,
        envelope.establishment.code if envelope.establishment else "",
        paper.serial,
        paper.member.symbol,
        paper.member.number,
        paper.member.branch_number,
        tuple(pull.reasons),
        pull.confirmed_at is not None,
        pull.before_printing,
        request,
    )


def confirm(dispatch: Dispatch, *, by: Clerk, on: date) -> list[PullRow]:
    """Records that everything on the list has been taken out: those documents are void, the totals new; who still needs
    paper has it proposed anew.

    The lists for the establishments, the sheets on top of the envelopes and the requests are drawn again without them. A repeat changes nothing.

    Raises:
        Refused: nothing has been printed yet, the dispatch is sent, or the clerk may not.
    """
    if not by.can(DISPATCH):
        raise Refused(f"「引き抜く」は{by.get_role_display()}の権限ではできません。")
    with transaction.atomic():
        lock_chain()
        pull_list(dispatch, on=on)
        if dispatch.status in OPEN:
            mine = Pull.objects.filter(enclosure__envelope__dispatch=dispatch, confirmed_at__isnull=True)
            take_out(dispatch, dict(mine.values_list("enclosure_id", "reasons")), by=by, on=on)
            leave_envelopes(mine.values_list("enclosure_id", flat=True), by=by, on=on)
            mine.update(confirmed_by=by, confirmed_at=timezone.now())
            requests.refresh(dispatch, by=by, on=on)
            recount(dispatch)
    if dispatch.status in OPEN:
        draw_lists(dispatch, anew=True)
        if found := lists(dispatch):
            raise Refused([str(difference) for difference in found])
    return pull_list(dispatch, on=on)
