"""Proving a dispatch: everything is read, all of what differs is told, and what was found stays on record."""

from __future__ import annotations

from typing import Any

from core import clock
from core.errors import Refused
from core.forward import not_before_the_last
from core.jobs import claim
from core.models import Clerk, Job
from core.transitions import advance
from mailing.models import Dispatch
from mailing.papers import contents, requests
from mailing.printing.printing import answer
from mailing.proof.envelopes import counts
from mailing.proof.reading import compared

PROVABLE = ("printed", "proved", "sealed", "sent")
KEPT = 200
"""Differences that are kept for the dispatch's page; the refusal itself lists every one."""


def _key(dispatch: Dispatch) -> str:
    return f"prove_dispatch {dispatch.pk}"


def last_proof(dispatch: Dispatch) -> Job | None:
    """How the dispatch was proved last: when, by whom, and in ``outcome`` what was found."""
    return Job.objects.filter(key=_key(dispatch)).select_related("actor").first()


def prove_dispatch(dispatch: Dispatch, *, by: Clerk | None = None) -> dict[str, Any]:
    """Reads back every file of the dispatch; marks it proved when nothing differs, and answers the counts.

    A repeat reads everything again. Raises:
        Refused: it is not printed yet, or something differs: every place is listed.
    """
    with claim(_key(dispatch), by=by) as job:
        dispatch.refresh_from_db()
        if dispatch.status not in PROVABLE:
            raise Refused(
                f"発送 {dispatch.pk} は「{dispatch.get_status_display()}」です。印刷してから照合してください。"
            )
        listed, inked = contents.items(dispatch), dict(job.outcome.get("inked", {}))
        found = compared(dispatch, listed, inked)
        inside = counts(listed, [sheet.code for sheet in requests.sheets(dispatch)])
        job.outcome = {
            **answer(dispatch),
            **inside,
            "inked": inked,
            "differences": len(found),
            "listed": [str(difference) for difference in found[:KEPT]],
        }
        if found:
            raise Refused(
                [
                    f"発送 {dispatch.pk} の照合で {len(found)} か所の違いが見つかりました。"
                    "使わずに、印刷か引抜きをやり直してください。",
                    *map(str, found),
                ]
            )
        if dispatch.status == "printed":
            note = {"pages": job.outcome["pages"], "papers": inside["papers"], "envelopes": inside["envelopes"]}
            on = not_before_the_last(Dispatch, [dispatch.pk], on=clock.today())
            advance(dispatch, "prove", by=by, on=on, note=note)
        job.outcome = {**job.outcome, **answer(dispatch)}
        return {**inside, **answer(dispatch)}
