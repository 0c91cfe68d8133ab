"""The last steps: sealed only when proved and free of open pulls; sent only when the numbers close.

Source: rules.md §10: decided = printed = pulled + sent.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.db import transaction

from core.errors import Refused
from core.forward import require_forward
from core.models import Clerk
from core.transitions import advance
from mailing.bundling import reprint
from mailing.bundling.pulls import refresh
from mailing.models import Dispatch, Enclosure, PrintedFile
from mailing.papers import kinds, requests
from mailing.papers.contents import policy_of
from mailing.papers.totals import check_ledger, recount
from mailing.printing.printing import answer
from mailing.proof import hashes, lists


def seal(dispatch: Dispatch, *, by: Clerk, on: date) -> dict[str, Any]:
    """Closes the envelopes. A repeat changes nothing.

    Raises:
        Refused: not proved, ``on`` is before the printing, something is still to be pulled, a file changed after the
            proof, or the numbers do not close.
    """
    dispatch.refresh_from_db()
    if dispatch.status in ("sealed", "sent"):
        return answer(dispatch)
    if dispatch.status != "proved":
        raise Refused(
            f"発送 {dispatch.pk} は「{dispatch.get_status_display()}」です。照合を済ませてから封緘してください。"
        )
    require_forward(Dispatch, [dispatch.pk], _label("seal"), on=on)
    _check_nothing_to_pull(dispatch, on)
    _check_requests(dispatch, on)
    kept = list(PrintedFile.objects.filter(dispatch=dispatch))
    if found := list(hashes(dispatch, kept)):
        raise Refused(["照合した後にファイルが変わりました。もう一度照合してください。", *map(str, found)])
    if found := lists(dispatch):
        raise Refused([f"一覧・宛名・返納のお願いに載る内容が、印刷した後に変わりました。{REDRAW}", *map(str, found)])
    check_ledger(recount(dispatch))
    advance(dispatch, "seal", by=by, on=on, sealed_by=by, note={"counts": dispatch.counts})
    return answer(dispatch)


def _label(verb: str) -> str:
    return Dispatch.lifecycle.by_verb[verb].label


def _check_nothing_to_pull(dispatch: Dispatch, on: date) -> None:
    if waiting := refresh(dispatch, on=on):
        raise Refused(
            f"引き抜く分が {waiting} 件残っています。引抜きの一覧で確かめ、"
            "引き抜いてから、引き抜いたことを記録してください。"
        )


REDRAW = "引抜きの一覧を開いて、確かめたと記録すると、いまの内容で作り直します。作り直したファイルを印刷して差し替えてください。"


def _check_requests(dispatch: Dispatch, on: date) -> None:
    if count := requests.stale(dispatch, on):
        raise Refused(
            f"同封した返納のお願い {count}通は、このままでは出せません（返していただく必要がなくなったか、"
            f"届く前の日を期限としています）。{REDRAW}"
        )


def send(dispatch: Dispatch, *, by: Clerk, on: date) -> dict[str, Any]:
    """Records the posting on ``on``: what is in the envelopes is on its way from now. A repeat changes nothing.

    Raises:
        Refused: not sealed, ``on`` is before the printing or sealing, something has to be pulled since, or the numbers
            do not close.
    """
    dispatch.refresh_from_db()
    if dispatch.status == "sent":
        return answer(dispatch)
    if dispatch.status != "sealed":
        raise Refused(f"発送 {dispatch.pk} は「{dispatch.get_status_display()}」です。封緘してから発送してください。")
    require_forward(Dispatch, [dispatch.pk], _label("send"), on=on)
    _check_nothing_to_pull(dispatch, on)
    _check_requests(dispatch, on)
    arrives_on = on + timedelta(policy_of(dispatch).arrives_after_days(dispatch.channel))
    with transaction.atomic():
        advance(dispatch, "send", by=by, on=on, sent_by=by, sent_on=on)
        counts = recount(dispatch)
        check_ledger(counts)
        enclosed = Enclosure.objects.filter(envelope__dispatch=dispatch, active=True)
        sent, note = 0, {"dispatch": dispatch.pk}
        for kind in kinds.every():
            ids = enclosed.filter(**{f"{kind.column}__isnull": False}).values(f"{kind.column}_id")
            moved = kind.advance(ids, "send", by=by, on=on, note=note, sent_on=on, arrives_on=arrives_on)
            sent += len(moved)
        if sent != counts["sheets"]:
            raise Refused(
                f"封入 {counts['sheets']} 件のうち {counts['sheets'] - sent} 件は「印刷済み」ではありません。"
                "引抜きの一覧を確かめてから発送してください。"
            )
        dispatch.counts = {**counts, "sent": sent}
        dispatch.save(update_fields=["counts"])
    return answer(dispatch)


def cancel(dispatch: Dispatch, *, by: Clerk, on: date, reason: str) -> dict[str, Any]:
    """Gives up a dispatch before it is sealed.

    What is not printed can be enclosed anew as it is; what is printed is void and made anew under new serials
    (``reprint.undo``).

    Raises:
        Refused: it is sealed or sent, no reason was given, or the clerk may not.
    """
    dispatch.refresh_from_db()
    if dispatch.status in ("printed", "proved"):
        reprint.undo(dispatch, reason=reason, by=by, on=on)
        return answer(dispatch)
    with transaction.atomic():
        advance(dispatch, "cancel", by=by, on=on, reason=reason)
        Enclosure.objects.filter(envelope__dispatch=dispatch).update(active=False)
        recount(dispatch)
    return answer(dispatch)
