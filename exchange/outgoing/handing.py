"""Handing a file to the fund, taking note of its intake, and cancelling a file that will not be taken in."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import date

from django.db import transaction

from certificates.models import Inquiry
from certificates.requests import deregistration as deregistrations
from core.calendar import wareki
from core.errors import BadInput, Mistake, Refused
from core.models import Clerk
from core.transitions import advance, advance_many, lock_chain
from exchange.models import OutgoingFile, OutgoingRow
from exchange.outgoing import plain
from exchange.outgoing.making import control_totals_hold


def send(file: OutgoingFile, *, by: Clerk | None, on: date) -> OutgoingFile:
    """The file was handed to the fund: inquiries on it are asked, deregistrations can no longer be withdrawn.

    Sent already, nothing changes.

    Raises:
        BadInput: ``on`` is before the file was made.
        Refused: a request on it was withdrawn, its sealed copy does not fit it, it is cancelled, or the clerk may not.
    Source: rules.md §8.
    """
    if on < file.created_on:
        raise BadInput(
            f"基金へ渡した日（{wareki(on)}）が、ファイルの作成日より前です（作成日は{wareki(file.created_on)}）。"
            "日付を確認してください。"
        )
    with transaction.atomic():
        lock_chain()
        file.refresh_from_db()
        if file.status in ("sent", "acknowledged"):
            return file
        _require_fit(file)
        advance(file, "send", by=by, on=on, sent_on=on)
        deregistrations.hand_over(_ids(file, "deregistration_id"), file=file.pk, by=by, on=on)
        asked = Inquiry.objects.filter(pk__in=_ids(file, "inquiry_id"))
        advance_many(asked, "ask", by=by, on=on, note={"outgoing_file": file.pk}, asked_on=on)
        # One that stood on a cancelled file was asked before; its answer is now expected from this day.
        asked.filter(status="asked").update(asked_on=on)
    return file


def _require_fit(file: OutgoingFile) -> None:
    withdrawn = file.rows.exclude(deregistration=None).exclude(deregistration__status="received")
    lines = "・".join(f"{line}行目" for line in withdrawn.values_list("line_no", flat=True))
    if lines and file.status == "made":
        raise Refused(f"{lines}の申請は取り下げられています。このファイルを取り消して、作り直してから渡してください。")
    if not control_totals_hold(file):
        raise Refused("件数か照合用の合計が作成時と違います。このファイルを取り消して、作り直してください。")


def acknowledge(
    file: OutgoingFile,
    *,
    by: Clerk | None,
    on: date,
    accepted_on: date | None = None,
    refused: Mapping[int, str] | None = None,
) -> OutgoingFile:
    """The fund took the file in on ``accepted_on`` (default ``on``), but for the lines of ``refused`` (line: reason).

    Deregistrations on it are granted from that day, those refused are refused with the reason; inquiries go on
    waiting for their answers. The same again changes nothing.

    Raises:
        BadInput: an unknown line, or a day before the hand-over or yet to come.
        Refused: it is not handed over, was acknowledged otherwise, a reason is missing, or the clerk may not.
    Source: rules.md §4, §8.
    """
    accepted_on, refused = accepted_on or on, dict(refused or {})
    with transaction.atomic():
        lock_chain()
        file.refresh_from_db()
        if file.status == "acknowledged":
            return _same_again(file, accepted_on, refused)
        _check_intake(file, accepted_on, refused, on)
        advance(file, "acknowledge", by=by, on=on, accepted_on=accepted_on)
        _refuse(file, refused, by=by, on=on)
        taken_in = _ids(file, "deregistration_id", refusal="")
        deregistrations.grant(taken_in, accepted_on=accepted_on, file=file.pk, by=by, on=on)
    # Its work is done; what was handed over stays in the sealed copy only.
    plain.take_away(file)
    return file


def _same_again(file: OutgoingFile, accepted_on: date, refused: Mapping[int, str]) -> OutgoingFile:
    noted = dict(file.rows.exclude(refusal="").values_list("line_no", "refusal"))
    if (file.accepted_on, noted) != (accepted_on, refused):
        assert file.accepted_on is not None
        raise Refused(
            f"このファイルは{wareki(file.accepted_on)}の受付として記録済みで、変更できません。"
            "記録と違うときは、基金に確認してください。"
        )
    return file


def _check_intake(file: OutgoingFile, accepted_on: date, refused: Mapping[int, str], on: date) -> None:
    if file.sent_on is not None and accepted_on < file.sent_on:
        raise BadInput(
            f"基金の受付日（{wareki(accepted_on)}）が、渡した日より前です（渡した日は{wareki(file.sent_on)}）。"
            "日付を確認してください。"
        )
    if accepted_on > on:
        raise BadInput("基金の受付日が先の日付です。受け付けた日を確認してください。")
    unknown = sorted(set(refused) - set(file.rows.values_list("line_no", flat=True)))
    if unknown:
        raise BadInput(Mistake("このファイルにない行です。行の番号を確認してください。", line=line) for line in unknown)
    if blank := sorted(line for line, reason in refused.items() if not reason.strip()):
        raise Refused([f"{line}行目に、基金が受け付けなかった理由を書いてください。" for line in blank])


def _refuse(file: OutgoingFile, refused: Mapping[int, str], *, by: Clerk | None, on: date) -> None:
    by_reason: dict[str, list[int]] = defaultdict(list)
    for line, reason in refused.items():
        by_reason[reason].append(line)
    for reason, lines in sorted(by_reason.items()):
        rows = OutgoingRow.objects.filter(file=file, line_no__in=lines)
        rows.update(refusal=reason)
        ids = list(rows.exclude(deregistration=None).values_list("deregistration_id", flat=True))
        if ids:
            deregistrations.refuse(ids, reason=reason, by=by, on=on)


def cancel(file: OutgoingFile, *, reason: str, by: Clerk | None, on: date) -> OutgoingFile:
    """Cancels a file that the fund has not taken in; its requests wait for the next file.

    Raises:
        Refused: the fund took it in already, no reason is given, or the clerk may not.
    """
    with transaction.atomic():
        lock_chain()
        file.refresh_from_db()
        was_sent = file.status == "sent"
        advance(file, "cancel", by=by, on=on, reason=reason)
        if was_sent:
            deregistrations.take_back(_ids(file, "deregistration_id"), file=file.pk, by=by, on=on)
        file.rows.update(released=True)
    plain.take_away(file)
    return file


def _ids(file: OutgoingFile, field: str, **more: str) -> list[int]:
    rows = file.rows.filter(**{f"{field}__isnull": False}, **more)
    return list(rows.order_by("line_no").values_list(field, flat=True))
