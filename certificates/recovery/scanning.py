"""What comes back is scanned: the serial says which paper it is, and its duty ends."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from django.db import transaction

from certificates.documents.serials import valid
from certificates.lifecycle import CERTIFICATE
from certificates.models import Recovery
from certificates.recovery.duties import PAPERS, POSTED, Paper, duties_of
from core.errors import BadInput, Refused
from core.models import Clerk, Event
from core.text import identifier_key
from core.transitions import advance_many, check_permission, lock_chain, record

CHANNELS = {"establishment": "事業所経由", "mail": "郵送", "counter": "窓口"}
"""Ways by which a paper comes back."""
Result = Literal["recovered", "already", "ended", "not_sent", "unknown", "misread"]

_SENTENCES: dict[Result, str] = {
    "recovered": "回収しました。",
    "already": "すでに回収済みです。記録は変えていません。",
    "ended": "すでに終わった証です（滅失・回収不能・期限切れ）。返ってきたことを記録しました。裁断してください。",
    "not_sent": "まだ発送していない証、または発送前に無効にした証です。外に出た経緯を確認してください。",
    "unknown": "この発行番号の証は交付していません。番号を確認してください。",
    "misread": "発行番号ではありません（12桁の数字と検証番号を確認し、もう一度読み取ってください）。",
}
_ENDED = ("lost", "unrecoverable", "expired")


@dataclass(frozen=True, slots=True)
class Scan:
    """What one scan came to. ``subject``: ``certificate`` or ``elderly_certificate``; ``recovery_id``: the duty it ended."""

    serial: str
    result: Result
    subject: str = ""
    document_id: int | None = None
    recovery_id: int | None = None

    @property
    def taken(self) -> bool:
        """Whether the paper is known to be back now."""
        return self.result in ("recovered", "already", "ended")

    @property
    def sentence(self) -> str:
        """What the clerk is told; names no person."""
        return _SENTENCES[self.result]


def recover_by_serial(serial: str, *, by: Clerk, on: date, channel: str) -> Scan:
    """Takes one paper back, with its duty if it has one; a second scan says so and changes nothing.

    Raises:
        BadInput: no serial, an unknown one, or an unknown channel.
        Refused: the paper was never sent, or the clerk may not.
    """
    (scan,) = recover_by_serials([serial], by=by, on=on, channel=channel)
    if scan.result in ("misread", "unknown"):
        raise BadInput(scan.sentence)
    if scan.result == "not_sent":
        raise Refused(scan.sentence)
    return scan


def recover_by_serials(serials: Sequence[str], *, by: Clerk, on: date, channel: str) -> list[Scan]:
    """Takes back many papers at once; answers one result per serial, in order. A bad one keeps no other back.

    Raises:
        BadInput: unknown channel.
        Refused: the clerk may not.
    Source: rules.md §9 (closed by scan of the serial).
    """
    if channel not in CHANNELS:
        raise BadInput(f"返ってきた経路は {'・'.join(CHANNELS)} のどれかを指定してください。")
    check_permission(by, CERTIFICATE.by_verb["recover"])
    read = [identifier_key(serial) for serial in serials]
    wanted = {serial for serial in read if valid(serial)}
    found: dict[str, Scan] = {}
    with transaction.atomic():
        # First of all the lock: what is read below stays true until the end.
        lock_chain()
        for model in PAPERS:
            found.update(_take(model, wanted - found.keys(), by=by, on=on, channel=channel))
    return list(_in_order(read, wanted, found))


def _take(model: type[Paper], serials: set[str], *, by: Clerk, on: date, channel: str) -> Iterator[tuple[str, Scan]]:
    """The scans of one kind of paper, by serial; recovers what is out."""
    papers = list(model._default_manager.filter(serial__in=serials).values_list("pk", "serial", "status"))
    out = [pk for pk, _, status in papers if status in POSTED]
    duties: dict[int, int] = {}
    if out:
        advance_many(model._default_manager.filter(pk__in=out), "recover", by=by, on=on, note={"channel": channel})
        closed = advance_many(
            duties_of(model, out),
            "close",
            by=by,
            on=on,
            reason="回収した",
            note={"channel": channel},
            closed_on=on,
            outcome=Recovery.Outcome.RECOVERED.value,
            closed_by=by,
        )
        column = f"{PAPERS[model]}_id"
        duties = dict(Recovery.objects.filter(pk__in=closed).values_list(column, "pk"))
    _note_ended(model, [pk for pk, _, status in papers if status in _ENDED], by=by, on=on, channel=channel)
    for pk, serial, status in papers:
        yield serial, Scan(serial, _result(status), PAPERS[model], pk, duties.get(pk))


def _result(status: str) -> Result:
    if status in POSTED:
        return "recovered"
    if status == "recovered":
        return "already"
    return "ended" if status in _ENDED else "not_sent"


def _note_ended(model: type[Paper], ids: list[int], *, by: Clerk, on: date, channel: str) -> None:
    """A paper given up for lost that turns up is written down once; nothing can be done with it any more."""
    subject = model._meta.label
    known = Event.objects.filter(subject=subject, subject_id__in=ids, verb="turn_up")
    new = sorted(set(ids) - set(known.values_list("subject_id", flat=True)))
    if new:
        record("turn_up", subject, new, by=by, on=on, note={"channel": channel})


def _in_order(read: Sequence[str], wanted: set[str], found: dict[str, Scan]) -> Iterator[Scan]:
    seen: set[str] = set()
    for serial in read:
        if serial not in wanted:
            yield Scan(serial, "misread")
        elif serial not in found:
            yield Scan(serial, "unknown")
        elif serial in seen and found[serial].result == "recovered":
            # The same paper twice in one batch.
            first = found[serial]
            yield Scan(serial, "already", first.subject, first.document_id)
        else:
            yield found[serial]
        seen.add(serial)
