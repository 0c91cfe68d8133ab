"""引受番号: which number the post gave to which envelope or bundle, and what it says became of it.

The check digit is the number before it modulo 7 (7DR), as printed on the post's labels (``XXX-XX-XXXXX-X``).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from django.db import transaction
from django.db.models import Q

from core.calendar import read_day, wareki
from core.errors import Mistake, Refused
from core.models import Clerk
from core.roles import DISPATCH
from core.text import identifier_key
from core.transitions import lock_chain, record
from mailing.models import Dispatch, Enclosure, Envelope, Resend, ReturnedMail, Tracking
from mailing.papers import kinds
from mailing.papers.contents import policy_of
from mailing.printing.intake import Taken, Verdict, take_file

COLUMNS = ("envelope_code", "tracking_number")
DELIVERY_COLUMNS = ("tracking_number", "delivered_on")
LENGTHS = (11, 12, 13)
ODD_DIGIT = "引受番号の検証番号が合いません（読み違いでないか、控えと見比べてください）。記録はしました。"
USED_BEFORE = "同じ引受番号が、前の発送{dispatch}にもあります。記録はしました。"
_TOO_EARLY = ("assembled", "cancelled")
NOT_DELIVERED = "配達済みと記録していません。"
BATCH = 2_000


def read_number(text: str) -> str:
    """The digits of a scanned or typed 引受番号; a scanner's start and stop letters are left out. Empty: it is none."""
    digits = re.sub(r"\A[A-D]?([\d-]*)[A-D]?\Z", r"\1", identifier_key(text).upper()).replace("-", "")
    return digits if digits.isascii() and digits.isdigit() and len(digits) in LENGTHS else ""


def check_digit_fits(number: str) -> bool:
    """Whether the last digit is what stands before it modulo 7."""
    return int(number[:-1]) % 7 == int(number[-1])


def shown(number: str) -> str:
    """The number as the post prints it."""
    if len(number) == 11:
        return f"{number[:3]}-{number[3:5]}-{number[5:10]}-{number[10]}"
    return "-".join(number[at : at + 4] for at in range(0, len(number), 4))


@dataclass(frozen=True, slots=True)
class Place:
    """What a number stands on: one envelope, one establishment's bundle, or one envelope sent again."""

    dispatch: Dispatch
    envelope_id: int | None = None
    establishment_id: int | None = None
    resend_id: int | None = None

    @property
    def key(self) -> tuple[int | None, int | None, int | None, int]:
        return (self.envelope_id, self.establishment_id, self.resend_id, self.dispatch.pk)


def places(codes: Iterable[str]) -> dict[str, Place]:
    """Where the number of each envelope code belongs: in a dispatch through establishments, to the whole bundle."""
    wanted = set(codes)
    found: dict[str, Place] = {}
    for envelope in Envelope.objects.filter(code__in=wanted).select_related("dispatch"):
        bundle = envelope.establishment_id
        found[envelope.code] = (
            Place(envelope.dispatch, envelope.pk)
            if bundle is None
            else Place(envelope.dispatch, establishment_id=bundle)
        )
    resends = Resend.objects.filter(code__in=wanted).select_related("returned__envelope__dispatch")
    found |= {one.code: Place(one.returned.envelope.dispatch, resend_id=one.pk) for one in resends}
    return found


def first_numbers(envelopes: Iterable[Envelope]) -> dict[int, Tracking]:
    """The number under which each envelope (id) was posted first: its own, or its bundle's. Absent: it has none."""
    listed = list(envelopes)
    bundles = Q(dispatch__in={envelope.dispatch_id for envelope in listed}) & Q(
        establishment__in={envelope.establishment_id for envelope in listed if envelope.establishment_id}
    )
    numbers = Tracking.objects.filter(Q(envelope__in=listed) | bundles)
    by_place = {one.envelope_id or (one.dispatch_id, one.establishment_id): one for one in numbers}
    found = {
        envelope.pk: by_place.get(envelope.pk) or by_place.get((envelope.dispatch_id, envelope.establishment_id))
        for envelope in listed
    }
    return {pk: number for pk, number in found.items() if number is not None}


def newest_numbers(envelopes: Iterable[Envelope]) -> dict[int, Tracking]:
    """The number of each envelope's (id) newest posting. Absent: it has none, came back, or was handed over since."""
    listed = list(envelopes)
    returns = ReturnedMail.objects.filter(envelope__in=listed).select_related("resend__tracking").order_by("pk")
    back = {one.envelope_id: one for one in returns}
    numbers = {pk: number for pk, number in first_numbers(listed).items() if pk not in back}
    for pk, one in back.items():
        again = getattr(getattr(one, "resend", None), "tracking", None)
        if again is not None:
            numbers[pk] = again
    return numbers


def enter(rows: Sequence[tuple[str, str]], *, by: Clerk, on: date) -> list[Verdict]:
    """Records (envelope code, number) pairs; answers one verdict a pair, in order. Again the same: ``already``.

    Raises:
        Refused: the clerk may not.
    """
    _may(by)
    with transaction.atomic():
        lock_chain()
        return _Entering(rows, by, on).run()


class _Entering:
    """One batch of numbers, checked against what is recorded and against each other."""

    def __init__(self, rows: Sequence[tuple[str, str]], by: Clerk, on: date) -> None:
        self.rows, self.by, self.on = rows, by, on
        self.places = places(identifier_key(code) for code, _ in rows)
        dispatches = {place.dispatch.pk for place in self.places.values()}
        known = list(Tracking.objects.filter(dispatch__in=dispatches))
        self.by_place = {(t.envelope_id, t.establishment_id, t.resend_id, t.dispatch_id): t.number for t in known}
        self.taken = {(t.dispatch_id, t.number) for t in known}
        numbers = {read_number(number) for _, number in rows} - {""}
        elsewhere = Tracking.objects.filter(number__in=numbers).exclude(dispatch__in=dispatches)
        self.elsewhere: Mapping[str, int] = dict(elsewhere.order_by("dispatch").values_list("number", "dispatch"))
        self.full = set(
            Enclosure.objects.filter(envelope__code__in=self.places, active=True).values_list(
                "envelope__code", flat=True
            )
        )
        self.fresh: list[Tracking] = []

    def run(self) -> list[Verdict]:
        verdicts = [self._one(identifier_key(code), number) for code, number in self.rows]
        made = Tracking.objects.bulk_create(self.fresh, batch_size=BATCH)
        by_dispatch: dict[int, list[int]] = {}
        for one in made:
            by_dispatch.setdefault(one.dispatch_id, []).append(one.pk)
        for dispatch, ids in by_dispatch.items():
            record("track", Tracking._meta.label, ids, by=self.by, on=self.on, note={"dispatch": dispatch})
        return verdicts

    def _one(self, code: str, text: str) -> Verdict:
        place, number = self.places.get(code), read_number(text)
        if place is None:
            return _wrong("この封筒番号の封筒はありません。宛名用紙の番号を確認してください。", COLUMNS[0])
        if not number:
            return _wrong("引受番号ではありません（11～13桁の数字）。もう一度読み取ってください。", COLUMNS[1])
        if place.dispatch.status in _TOO_EARLY:
            said = place.dispatch.get_status_display()
            return _wrong(f"発送{place.dispatch.pk}は「{said}」です。印刷した後に記録してください。", COLUMNS[0])
        if place.envelope_id is not None and code not in self.full:
            return _wrong("この封筒の中身はすべて引き抜いてあります。発送しない封筒です。", COLUMNS[0])
        if (known := self.by_place.get(place.key)) is not None:
            if known == number:
                return Verdict(already=True)
            return _wrong(
                f"この封筒（束）には別の引受番号 {shown(known)} があります。直すときは、引受番号の画面で取り消してください。",
                COLUMNS[1],
            )
        if (place.dispatch.pk, number) in self.taken:
            return _wrong("この引受番号は、同じ発送のほかの封筒に記録済みです。控えと見比べてください。", COLUMNS[1])
        return self._keep(place, number)

    def _keep(self, place: Place, number: str) -> Verdict:
        self.by_place[place.key] = number
        self.taken.add((place.dispatch.pk, number))
        self.fresh.append(
            Tracking(
                dispatch=place.dispatch,
                envelope_id=place.envelope_id,
                establishment_id=place.establishment_id,
                resend_id=place.resend_id,
                number=number,
                entered_on=self.on,
                entered_by=self.by,
            )
        )
        before = self.elsewhere.get(number)
        warnings = [
            "" if check_digit_fits(number) else ODD_DIGIT,
            "" if before is None else USED_BEFORE.format(dispatch=before),
        ]
        return Verdict(taken=True, warning="".join(warnings))


def withdraw(tracking: Tracking, *, by: Clerk, on: date, reason: str) -> None:
    """Takes back a number that was recorded for the wrong envelope.

    Raises:
        Refused: it is recorded as delivered, no reason is given, or the clerk may not.
    """
    _may(by)
    if not reason.strip():
        raise Refused("引受番号を取り消す理由を書いてください。")
    with transaction.atomic():
        lock_chain()
        tracking.refresh_from_db()
        if tracking.delivered_on is not None:
            raise Refused("配達済みと記録した引受番号は取り消せません。先に「配達の記録を取り消す」を押してください。")
        note = {"dispatch": tracking.dispatch_id, "reason": reason}
        record("untrack", Tracking._meta.label, [tracking.pk], by=by, on=on, note=note)
        tracking.delete()


def deliver(rows: Sequence[tuple[str, str]], *, by: Clerk, on: date) -> list[Verdict]:
    """Records (number, day delivered) pairs. Where the post used a number again, the newest dispatch is meant.

    What lay in an envelope to a home is in its holder's hands from that day on, whatever was estimated, unless it came
    back since; a bundle is then with the establishment only. Source: rules.md §4 "Gaps".

    Raises:
        Refused: the clerk may not.
    """
    _may(by)
    with transaction.atomic():
        lock_chain()
        numbers = {read_number(number) for number, _ in rows} - {""}
        known = Tracking.objects.filter(number__in=numbers).select_related("dispatch", "resend__returned")
        newest = {tracking.number: tracking for tracking in known.order_by("dispatch_id", "id")}
        changed: dict[int, Tracking] = {}
        verdicts = [_delivered(newest.get(read_number(number)), day, on, changed) for number, day in rows]
        Tracking.objects.bulk_update(changed.values(), ["delivered_on"], batch_size=BATCH)
        if changed:
            record("deliver", Tracking._meta.label, sorted(changed), by=by, on=on, note={})
            _arrives({pk: one.delivered_on for pk, one in changed.items() if one.delivered_on}, changed.values())
    return verdicts


def take_back_delivery(tracking: Tracking, *, by: Clerk, on: date, reason: str) -> None:
    """Takes back a day of delivery that was recorded wrongly; what lay in the envelope is expected again as estimated.

    Raises:
        Refused: no delivery is recorded, no reason is given, or the clerk may not.
    """
    _may(by)
    if not reason.strip():
        raise Refused("配達の記録を取り消す理由を書いてください。")
    with transaction.atomic():
        lock_chain()
        tracking.refresh_from_db()
        if tracking.delivered_on is None:
            raise Refused(NOT_DELIVERED)
        note = {"dispatch": tracking.dispatch_id, "day": tracking.delivered_on.isoformat(), "reason": reason}
        record("undeliver", Tracking._meta.label, [tracking.pk], by=by, on=on, note=note)
        tracking.delivered_on = None
        tracking.save(update_fields=["delivered_on"])
        _arrives({tracking.pk: _estimate(tracking)}, [tracking])


def _estimate(tracking: Tracking) -> date:
    """The day on which it was expected when it was posted."""
    if tracking.resend is not None:
        return tracking.resend.arrives_on
    dispatch = tracking.dispatch
    assert dispatch.sent_on is not None, "what was delivered was sent"
    return dispatch.sent_on + timedelta(policy_of(dispatch).arrives_after_days(dispatch.channel))


def _arrives(days: Mapping[int, date], numbers: Iterable[Tracking]) -> None:
    """What lies in the envelopes of these numbers arrives on the days (by number's id), in one statement a day and kind.

    A bundle's number says nothing of a person's hands, and that of an earlier posting nothing of what came back since.
    """
    to_homes = {one.resend.returned.envelope_id if one.resend else one.envelope_id for one in numbers} - {None}
    envelopes: dict[date, list[int]] = {}
    for pk, number in newest_numbers(Envelope.objects.filter(pk__in=to_homes)).items():
        if number.pk in days:
            envelopes.setdefault(days[number.pk], []).append(pk)
    for day, ids in envelopes.items():
        enclosed = Enclosure.objects.filter(envelope__in=ids, active=True)
        for kind in kinds.every():
            kind.inside(enclosed).filter(status="sent", sent_on__lte=day).update(arrives_on=day)


def _delivered(tracking: Tracking | None, text: str, on: date, changed: dict[int, Tracking]) -> Verdict:
    if tracking is None:
        return _wrong("この引受番号は記録されていません。番号を確認してください。", DELIVERY_COLUMNS[0])
    try:
        day = read_day(text)
    except ValueError:
        return _wrong("暦にある日を YYYY-MM-DD の形で入れてください。", DELIVERY_COLUMNS[1])
    sent_on = tracking.resend.sent_on if tracking.resend else tracking.dispatch.sent_on
    if sent_on is None:
        return _wrong("まだ発送を記録していない封筒です。先に発送を記録してください。", DELIVERY_COLUMNS[0])
    if not sent_on <= day <= on:
        return _wrong(f"配達の日は、発送日（{wareki(sent_on)}）から今日までの日を入れてください。", DELIVERY_COLUMNS[1])
    if tracking.delivered_on is not None:
        if tracking.delivered_on == day:
            return Verdict(already=True)
        return _wrong(
            f"{wareki(tracking.delivered_on)}に配達済みと記録しています。違うときは、引受番号の画面で「配達の記録を取り消す」"
            "を押してから、記録し直してください。",
            DELIVERY_COLUMNS[1],
        )
    tracking.delivered_on = day
    changed[tracking.pk] = tracking
    return Verdict(taken=True)


def numbers_from_file(path: Path, *, by: Clerk, on: date, take_good: bool = False) -> Taken:
    """``enter`` for a CSV ``envelope_code,tracking_number``. Raises as ``intake.take_file``."""
    return take_file(path, COLUMNS, lambda rows: enter(rows, by=by, on=on), take_good=take_good)


def deliveries_from_file(path: Path, *, by: Clerk, on: date, take_good: bool = False) -> Taken:
    """``deliver`` for a CSV ``tracking_number,delivered_on``. Raises as ``intake.take_file``."""
    return take_file(path, DELIVERY_COLUMNS, lambda rows: deliver(rows, by=by, on=on), take_good=take_good)


def _wrong(said: str, column: str) -> Verdict:
    return Verdict(mistake=Mistake(said, column=column))


def _may(by: Clerk) -> None:
    if not by.can(DISPATCH):
        raise Refused(f"「引受番号を記録する」は{by.get_role_display()}の権限ではできません。")
