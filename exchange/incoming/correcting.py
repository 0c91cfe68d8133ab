"""A corrected monthly file: its difference counted, accepted by a second clerk, the persons it changes ruled on.

Source: rules.md §4 "The file comes late, or comes again".
"""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import Any

from django.db import connection, transaction
from django.db.models import Max

from certificates.decisions import ruling
from certificates.decisions.withdrawing import withdraw_unneeded
from certificates.models import Ruling, Run
from core import jobs
from core.calendar import days_after, month_end_after, wareki
from core.errors import BadInput, Refused
from core.models import Clerk
from core.transitions import advance
from exchange.incoming.applying import write
from exchange.incoming.joining import match
from exchange.lifecycle import WAITING
from exchange.models import CorrectionChange, ExchangeFile
from exchange.rules.codes import Kind
from members.models import Insurer, Member, MynaStatus
from members.querysets import newest_first_sql

# Whose newest status is one of those written after a given id and says something else: what was said before, and what is
# said now. A row that is as unreadable as before is written anew, with its file and line, and changes nobody.
_CHANGED_SQL = f"""
SELECT now.person_id, coalesce(was.state, ''), was.registered_on, was.e_certificate_expires_on,
       now.state, now.registered_on, now.e_certificate_expires_on
  FROM (
    SELECT DISTINCT ON (s.person_id) s.* FROM members_mynastatus s
     WHERE s.as_of <= %(on)s
       AND s.person_id IN (SELECT person_id FROM members_mynastatus WHERE id > %(before)s)
     ORDER BY s.person_id, {newest_first_sql("s")}
) now LEFT JOIN LATERAL (
    SELECT s.* FROM members_mynastatus s
     WHERE s.person_id = now.person_id AND s.as_of <= %(on)s AND s.id <= %(before)s
     ORDER BY {newest_first_sql("s")} LIMIT 1
) was ON true
 WHERE now.id > %(before)s AND (was.state, was.registered_on, was.e_certificate_expires_on)
       IS DISTINCT FROM (now.state, now.registered_on, now.e_certificate_expires_on)
 ORDER BY now.person_id
"""
_FIELDS = (
    "person_id",
    "was_state",
    "was_registered_on",
    "was_expires_on",
    "now_state",
    "now_registered_on",
    "now_expires_on",
)
BATCH = 5_000


def applied_file(insurer: Insurer, as_of: date) -> ExchangeFile | None:
    """The monthly file that was applied for a number and 基準日."""
    return ExchangeFile.objects.filter(insurer=insurer, kind=Kind.MONTHLY, as_of=as_of, status="applied").first()


def run_without_file(insurer: Insurer, as_of: date) -> Run | None:
    """The month that was decided without its file of ``as_of``."""
    runs = Run.objects.filter(insurer=insurer.society, month=days_after(as_of, 1))
    return runs.exclude(without_file_reason="").exclude(status__in=("open", "held")).first()


def check(insurer: Insurer, as_of: date, created_on: date) -> None:
    """Raises ``Refused`` where a file of that day, made on ``created_on``, corrects nothing."""
    standing = applied_file(insurer, as_of)
    if standing is None and run_without_file(insurer, as_of) is None:
        raise Refused(
            f"{wareki(as_of)}時点の月次ファイルはまだ反映していないため、訂正はできません。"
            "基準日を確認するか、訂正とせずに受け付けてください。"
        )
    if standing is not None and created_on <= (made := standing.created_on or as_of):
        raise Refused(
            f"作成日（{wareki(created_on)}）が、反映済みのファイル（ファイル番号 {standing.pk}）の"
            f"作成日（{wareki(made)}）より新しくないため、訂正として受け付けられません。"
        )


def measure(file: ExchangeFile, *, on: date, by: Clerk | None) -> None:
    """Matches a staged correction and keeps on it how many persons it would change; applies nothing."""
    match([file], on=on, by=by)
    with transaction.atomic():
        changed = _apply(file, on=on, by=by)
        transaction.set_rollback(True)
    file.refresh_from_db()
    _keep(file, changed)
    file.counts = {**file.counts, "difference": _difference(changed)}
    file.save(update_fields=["counts"])


def _keep(file: ExchangeFile, changed: list[CorrectionChange]) -> None:
    """Keeps whom the correction changes, in place of what was measured before."""
    with transaction.atomic():
        CorrectionChange.objects.filter(file=file).delete()
        for change in changed:
            change.file = file
        CorrectionChange.objects.bulk_create(changed, batch_size=BATCH)


def accept(file_id: int, *, by: Clerk, on: date) -> ExchangeFile:
    """Applies a correction and rules on each person it changes; asked again, answers the same counts.

    Raises:
        BadInput: there is no such correction.
        Refused: the clerk received it, it is rejected, or another file was applied since that is as new.
    """
    file = ExchangeFile.objects.filter(pk=file_id, correction=True).select_related("insurer").first()
    if file is None or file.insurer is None or file.as_of is None or file.created_on is None:
        raise BadInput("その番号の訂正のファイルはありません。ファイル番号を確認してください。")
    with jobs.claim(f"correction {file_id}", by=by) as job:
        file.refresh_from_db()
        if file.received_by_id == by.pk:
            raise Refused("訂正のファイルを受け付けた担当者は受け入れられません。別の担当者が受け入れてください。")
        if file.status not in (*WAITING, "applied"):
            raise Refused(file.lifecycle.why_not(file.status, "apply"))
        if file.status != "applied":
            check(file.insurer, file.as_of, file.created_on)
            with transaction.atomic():
                match([file], on=on, by=by)
                changed = _apply(file, on=on, by=by)
                file.refresh_from_db()
                _keep(file, changed)
                persons = [change.person_id for change in changed]
                told: dict[str, Any] = {"difference": _difference(changed), **_rule(file, persons, on=on, by=by)}
                file.counts = {**file.counts, **told}
                file.save(update_fields=["counts"])
        job.outcome = {"file": file.pk, **file.counts}
    return file


def _apply(file: ExchangeFile, *, on: date, by: Clerk | None) -> list[CorrectionChange]:
    """Puts the correction in the place of what it corrects; answers whom it changes, from what to what."""
    assert file.insurer is not None
    assert file.as_of is not None
    if (standing := applied_file(file.insurer, file.as_of)) is not None:
        advance(standing, "correct", by=by, on=on, note={"file": file.pk})
    before = MynaStatus.objects.aggregate(newest=Max("pk"))["newest"] or 0
    write([file], source="monthly", on=on, by=by)
    with connection.cursor() as cursor:
        cursor.execute(_CHANGED_SQL, {"before": before, "on": on})
        changed = [CorrectionChange(**dict(zip(_FIELDS, row, strict=True))) for row in cursor.fetchall()]
    if (run := run_without_file(file.insurer, file.as_of)) is not None:
        # From now on the month knows its file: what is ruled on since no longer says that it had not come.
        Run.objects.filter(pk=run.pk, file_came_on=None).update(file_came_on=on)
    return changed


def _difference(changed: list[CorrectionChange]) -> dict[str, int]:
    return {"changed": len(changed), **dict(sorted(Counter(change.now_state for change in changed).items()))}


def _rule(file: ExchangeFile, persons: list[int], *, on: date, by: Clerk) -> dict[str, Any]:
    """Rules on every cover, running or about to begin, of the persons; answers the rulings by outcome.

    Before, what was to be issued and is not printed is withdrawn from whoever now proves to need none.
    """
    covers = Member.objects.filter(person__in=persons, acquired_on__lte=month_end_after(on, 1))
    members = list(covers.exclude(lost_on__lte=on).order_by("pk").values_list("pk", flat=True))
    withdrawn = withdraw_unneeded(members, on=on, by=by)
    request = f"correction:{file.pk}"
    made = ruling.rule_all(
        [ruling.Question(member, Ruling.Cause.NEWER_ROW, request) for member in members], on=on, by=by
    )
    found = Counter(one.outcome for one in made)
    return {"rulings": dict(sorted(found.items())), "withdrawn": len(withdrawn)}
