"""Blank paper: what came in, what printing used, what was spoiled, and what must be left in the cupboard.

Where no lot of a form was ever entered, nothing of it is counted and printing asks for nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from django.db import IntegrityError, transaction
from django.db.models import Count, F, Sum, Window
from django.db.models.functions import Coalesce

from core.calendar import wareki
from core.errors import BadInput, Mistake, Refused
from core.models import Clerk
from core.roles import DISPATCH
from core.transitions import lock_chain, record
from mailing.models import Dispatch, Enclosure, PaperLot, PaperMovement
from mailing.papers import kinds

Kind = PaperMovement.Kind
Form = PaperLot.Form
BY_HAND = (Kind.USE, Kind.SPOIL, Kind.DISCARD, Kind.GIVE_BACK)
"""Movements a clerk enters as sheets out of a lot; a stocktake (棚卸差) is entered as what was counted."""
BATCH = 2_000


@dataclass(frozen=True, slots=True)
class Balance:
    """One form: how many sheets came in, were used, spoiled or went otherwise, and are left."""

    form: str
    lots: int
    received: int
    used: int
    spoiled: int
    otherwise: int
    left: int

    @property
    def label(self) -> str:
        return Form(self.form).label


@dataclass(frozen=True, slots=True)
class LedgerLine:
    """One movement of a form, and what was left after it."""

    movement: PaperMovement
    left: int

    @property
    def day(self) -> str:
        """The movement's day in the era calendar."""
        return wareki(self.movement.on)


def receive_lot(
    form: str,
    name: str,
    sheets: int,
    *,
    received_on: date,
    by: Clerk,
    on: date,
    supplier: str = "",
    first_number: str = "",
    last_number: str = "",
) -> PaperLot:
    """Enters a delivery of ``sheets`` sheets.

    Raises:
        BadInput: no such form, no sheets, a day to come, or the lot of that name is there already.
        Refused: the clerk may not.
    """
    _may(by)
    wrong = []
    if form not in Form.values:
        wrong.append(Mistake("用紙・同封物を選んでください。", column="form"))
    if not name.strip():
        wrong.append(Mistake("ロットの名前を入れてください。", column="name"))
    if sheets <= 0:
        wrong.append(Mistake("1枚以上の枚数を入れてください。", column="sheets"))
    if received_on > on:
        wrong.append(Mistake("今日までの日を入れてください。", column="received_on"))
    if wrong:
        raise BadInput(wrong)
    try:
        with transaction.atomic():
            lot = PaperLot.objects.create(
                form=form,
                name=name.strip(),
                received_on=received_on,
                supplier=supplier,
                first_number=first_number,
                last_number=last_number,
            )
            PaperMovement.objects.create(lot=lot, kind=Kind.RECEIVE, sheets=sheets, on=received_on, by=by)
            record("receive_paper", PaperLot._meta.label, [lot.pk], by=by, on=on, note={"sheets": sheets})
    except IntegrityError:
        raise BadInput(Mistake("同じ名前のロットがあります。別の名前を入れてください。", column="name")) from None
    return lot


def move(lot: PaperLot, kind: str, sheets: int, *, on: date, by: Clerk, reason: str = "") -> PaperMovement:
    """Takes ``sheets`` out of a lot for one of ``BY_HAND``.

    Raises:
        BadInput: no sheets, more than are left, or no reason where one is asked for.
        Refused: the clerk may not.
    """
    _may(by)
    if kind not in BY_HAND:
        raise BadInput(Mistake("区分を選んでください。", column="kind"))
    if sheets <= 0:
        raise BadInput(Mistake("1枚以上の枚数を入れてください。", column="sheets"))
    _check_reason(kind, reason)
    with transaction.atomic():
        left = _left_in(lot)
        if sheets > left:
            raise BadInput(Mistake(f"このロットの残りは {left:,}枚です。枚数を確認してください。", column="sheets"))
        return _write(lot, kind, -sheets, on=on, by=by, reason=reason)


def count(lot: PaperLot, counted: int, *, on: date, by: Clerk, reason: str) -> PaperMovement | None:
    """Records a stocktake: the difference between what was counted and the ledger; None where there is none.

    Raises:
        BadInput: less than nothing was counted, or no reason is given for a difference.
        Refused: the clerk may not.
    """
    _may(by)
    if counted < 0:
        raise BadInput(Mistake("0枚以上の枚数を入れてください。", column="sheets"))
    with transaction.atomic():
        difference = counted - _left_in(lot)
        if not difference:
            return None
        _check_reason(Kind.COUNT, reason)
        return _write(lot, Kind.COUNT, difference, on=on, by=by, reason=reason)


def _check_reason(kind: str, reason: str) -> None:
    if kind != Kind.USE and not reason.strip():
        raise BadInput(Mistake("理由を書いてください。", column="reason"))


def _write(lot: PaperLot, kind: str, sheets: int, *, on: date, by: Clerk, reason: str) -> PaperMovement:
    made = PaperMovement.objects.create(lot=lot, kind=kind, sheets=sheets, on=on, by=by, reason=reason)
    record(
        "move_paper",
        PaperLot._meta.label,
        [lot.pk],
        by=by,
        on=on,
        note={"movement": str(kind), "sheets": sheets, **({"reason": reason} if reason else {})},
    )
    return made


def _left_in(lot: PaperLot) -> int:
    """Sheets left in the lot, which stays locked until the transaction ends."""
    lock_chain()
    return int(lot.movements.aggregate(left=Coalesce(Sum("sheets"), 0))["left"])


def needed(dispatch: Dispatch) -> dict[str, int]:
    """Sheets of each form that printing the dispatch takes: one a document (front and back on one sheet)."""
    enclosed = Enclosure.objects.filter(envelope__dispatch=dispatch, active=True)
    counts = enclosed.aggregate(**{kind.kind: Count(kind.column) for kind in kinds.every()})
    sheets: Counter[str] = Counter()
    for kind in kinds.every():
        sheets[kind.blank(dispatch.form)] += counts[kind.kind]
    return dict(+sheets)


def claim(dispatch: Dispatch, *, by: Clerk, on: date) -> None:
    """Takes the dispatch's sheets out of the lots, oldest first; within the transaction that claims the printing.

    Raises:
        Refused: lots of a form are kept and hold too few; every form is named with what is missing.
    """
    lock_chain()
    wanted = needed(dispatch)
    used: list[PaperMovement] = []
    short = []
    for form, sheets in sorted(wanted.items()):
        lots = _lots(form)
        if not lots:
            continue
        missing = sheets
        for lot, left in lots:
            taken = min(left, missing)
            if taken > 0:
                used.append(PaperMovement(lot=lot, kind=Kind.USE, sheets=-taken, on=on, dispatch=dispatch, by=by))
                missing -= taken
        if missing:
            short.append(
                f"{Form(form).label}の用紙が {missing:,}枚足りません（要る {sheets:,}枚、残り {sheets - missing:,}枚）。"
            )
    if short:
        raise Refused([*short, "用紙の受入を記録してから印刷してください（用紙の受払）。"])
    PaperMovement.objects.bulk_create(used)


def _lots(form: str) -> list[tuple[PaperLot, int]]:
    """Every lot of a form with what is left in it, oldest first."""
    lots = PaperLot.objects.filter(form=form).annotate(left=Coalesce(Sum("movements__sheets"), 0))
    return [(lot, lot.left) for lot in lots.order_by("received_on", "id")]


def spoil(dispatch: Dispatch, serials: Sequence[str], form: str, *, reason: str, by: Clerk, on: date) -> int:
    """Turns the sheets of printed documents from used into spoiled, by serial; answers how many were.

    Nothing where the dispatch's paper was not counted. A serial is spoiled once.

    Raises:
        BadInput: no reason is given.
    """
    _check_reason(Kind.SPOIL, reason)
    with transaction.atomic():
        lock_chain()
        known = PaperMovement.objects.filter(kind=Kind.SPOIL, serial__in=serials)
        done = set(known.values_list("serial", flat=True))
        fresh = [serial for serial in serials if serial not in done]
        moved = [
            PaperMovement(
                lot_id=lot, kind=kind, sheets=sheets, on=on, reason=reason, dispatch=dispatch, serial=serial, by=by
            )
            for serial, lot in zip(fresh, _claimed(dispatch, form), strict=False)
            for kind, sheets in ((Kind.USE, 1), (Kind.SPOIL, -1))
        ]
        PaperMovement.objects.bulk_create(moved, batch_size=BATCH)
    return len(moved) // 2


def _claimed(dispatch: Dispatch, form: str) -> Iterator[int]:
    """The lot of each sheet that the dispatch's printing still counts as used, the newest lot first."""
    used = PaperMovement.objects.filter(dispatch=dispatch, lot__form=form, kind=Kind.USE)
    for lot, sheets in used.values_list("lot").annotate(total=Sum("sheets")).order_by("-lot"):
        yield from [lot] * -sheets


def balances() -> list[Balance]:
    """Every form of which a lot was ever entered."""
    sums: dict[str, dict[str, int]] = {}
    moved = PaperMovement.objects.order_by().values_list("lot__form", "kind").annotate(total=Sum("sheets"))
    for form, kind, total in moved:
        sums.setdefault(form, {})[kind] = total
    lots = dict(PaperLot.objects.order_by().values_list("form").annotate(count=Count("id")))
    return [
        Balance(
            form,
            lots[form],
            of.get(Kind.RECEIVE, 0),
            -of.get(Kind.USE, 0),
            -of.get(Kind.SPOIL, 0),
            of.get(Kind.DISCARD, 0) + of.get(Kind.COUNT, 0) + of.get(Kind.GIVE_BACK, 0),
            sum(of.values()),
        )
        for form in Form.values
        if (of := sums.get(form)) is not None
    ]


def ledger(form: str) -> list[LedgerLine]:
    """Every movement of a form in the order of recording, with the running balance."""
    moved = PaperMovement.objects.filter(lot__form=form).select_related("lot", "dispatch", "by")
    running = moved.annotate(left=Window(Sum("sheets"), order_by=F("id").asc())).order_by("id")
    return [LedgerLine(movement, movement.left) for movement in running]


def _may(by: Clerk) -> None:
    if not by.can(DISPATCH):
        raise Refused(f"「用紙の受払を記録する」は{by.get_role_display()}の権限ではできません。")
