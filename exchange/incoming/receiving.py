"""Receiving one file: keep its bytes, then stage its rows; a daily file is applied at once."""

from __future__ import annotations

from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from django.db import IntegrityError, connection, transaction

from core import jobs
from core.calendar import month_end, wareki
from core.errors import BadInput, Mistake, Refused
from core.models import Clerk
from core.planner import refresh_statistics
from core.plausible import OFFICE
from core.transitions import advance, check_permission, record
from exchange import profiles, storage
from exchange.incoming import awaiting, cells, correcting, parse
from exchange.incoming.applying import apply_daily
from exchange.incoming.files import UNACCEPTED
from exchange.incoming.joining import match
from exchange.lifecycle import EXCHANGE_FILE, STANDING
from exchange.models import ExchangeFile, ExchangeRow
from exchange.profiles import Profile
from exchange.rules.codes import Kind, RowOutcome
from members.models import Insurer
from members.services import municipal

# From this many rows on the planner is told of them; below, its guess serves.
_COLUMNS = ", ".join(f'"{field}"' for field in ("file_id", *parse.Row._fields))
COPY_SQL = f"COPY exchange_exchangerow ({_COLUMNS}) FROM STDIN"


class Told(NamedTuple):
    """What is said of a file: by the clerk or its name first, by its header then."""

    insurer_number: str | None = None
    as_of: date | None = None
    kind: str | None = None


class Asked(NamedTuple):
    """What the clerk says of the month: that the file corrects it, that exactly this month is meant."""

    correction: bool
    confirmed: bool


LABELS = {"insurer_number": "保険者番号", "as_of": "基準日", "kind": "種類"}
OPTIONS = {"insurer_number": "--insurer", "as_of": "--as-of", "kind": "--kind"}


def receive(
    source: str | Path | BinaryIO,
    *,
    name: str = "",
    profile: str = "example-v1",
    kind: str | None = None,
    as_of: date | None = None,
    insurer_number: str | None = None,
    correction: bool = False,
    by: Clerk | None = None,
    on: date,
) -> ExchangeFile:
    """Takes in one file of the fund and stages its rows; a daily one is matched and applied at once.

    ``name`` is the file's name (the path's, unless given), which may tell insurer, day and kind; what is given must agree with what
    the file says; a day given also says that this month is meant, whichever is awaited. A file whose first attempt
    broke off, or that was rejected, is taken up again. A ``correction`` of an applied month, and the file of a month
    decided without it, is matched and its difference counted, and waits for a second clerk.

    Raises:
        Refused: received already, another file stands for the month, wrong insurer, day or kind.
        BadInput: a correction without a clerk, unknown profile, unreadable bytes, broken structure, or something is not told.
    """
    layout = profiles.load(profile)
    check_permission(by, EXCHANGE_FILE.by_verb["stage"])
    name = name or (Path(source).name if isinstance(source, (str, Path)) else "")
    told = _agreed(_told_by_name(layout, name), Told(insurer_number, as_of, kind), "ファイル名")
    if layout.markers is None:
        _require_told(told)
    sha256, path = storage.keep(source)
    file = _registered(sha256, path, layout, by, on)
    with jobs.claim(f"receive {sha256}", by=by) as job:
        file.refresh_from_db()
        if file.status in ("received", "rejected"):
            asked = Asked(correction, confirmed=as_of is not None)
            _stage_or_reject(file, layout, told, asked, by=by, on=on)
        elif file.waiting_correction and "difference" not in file.counts:
            pass  # its first attempt broke off after staging
        elif file.kind != Kind.DAILY or file.status == "applied":
            raise Refused(f"このファイルはすでに受け付けています（ファイル番号 {file.pk}）。")
        if file.kind == Kind.DAILY:
            match([file], on=on, by=by)
            apply_daily(file, on=on, by=by)
        if file.correction:
            correcting.measure(file, on=on, by=by)
        job.outcome = {"file": file.pk, **file.counts}
    return file


def _registered(sha256: str, path: str, layout: Profile, by: Clerk | None, on: date) -> ExchangeFile:
    """The file's row, made when its bytes come for the first time."""
    with transaction.atomic():
        file, created = ExchangeFile.objects.get_or_create(
            sha256=sha256, defaults={"path": path, "profile": layout.name, "received_by": by}
        )
        if created:
            record("receive", ExchangeFile._meta.label, [file.pk], by=by, on=on, note={"sha256": sha256})
    return file


def _told_by_name(layout: Profile, name: str) -> Told:
    """What the file's name tells, if its layout has a pattern for names.

    Raises:
        BadInput: the name tells a day that the calendar does not have.
    """
    found = layout.told_by_name(name)
    day = None
    if "as_of" in found:
        try:
            day = cells.date_reader("YYYYMMDD")(found["as_of"])
        except cells.CellError:
            raise BadInput("ファイル名の基準日が暦にありません。ファイル名を確認してください。") from None
    if found.get("kind", Kind.DAILY) not in list(Kind):
        raise BadInput("ファイル名の種類がわかりません。ファイル名を確認してください。")
    return Told(found.get("insurer"), day, found.get("kind"))


def _agreed(said: Told, given: Told, where: str) -> Told:
    """Both sayings as one.

    Raises:
        Refused: they differ.
    """
    agreed: dict[str, Any] = {}
    reasons = []
    for key in Told._fields:
        one, other = getattr(said, key), getattr(given, key)
        if one is not None and other is not None and one != other:
            reasons.append(
                f"{where}の{LABELS[key]}（{_shown(one)}）が指定（{_shown(other)}）と違います。"
                "ファイルと指定を確認してください。"
            )
        agreed[key] = other if one is None else one
    if reasons:
        raise Refused(reasons)
    return Told(**agreed)


def _shown(value: Any) -> str:
    """A day, a kind or an 8-digit number as it is; any other text of a header could be someone's data."""
    text = str(value)
    return text if isinstance(value, date) or text in list(Kind) or text.isdigit() else "読めない値"


def _require_told(told: Told) -> None:
    """Raises ``BadInput`` where neither file, name nor option says insurer and day."""
    missing = [key for key in ("insurer_number", "as_of") if getattr(told, key) is None]
    if missing:
        raise BadInput([Mistake(f"{LABELS[k]}がわかりません。{OPTIONS[k]} で指定してください。") for k in missing])


def _stage_or_reject(
    file: ExchangeFile, layout: Profile, told: Told, asked: Asked, *, by: Clerk | None, on: date
) -> None:
    """Stages the file, or leaves it rejected with the reason, and no row of it."""
    try:
        with transaction.atomic():
            _stage(file, layout, told, asked, by=by, on=on)
    except (Refused, BadInput) as refusal:
        file.refresh_from_db()
        if file.status == "received":
            advance(file, "reject", by=by, on=on, reason=str(refusal), message=str(refusal))
        else:
            ExchangeFile.objects.filter(pk=file.pk).update(message=str(refusal), profile=layout.name)
        raise


def _stage(file: ExchangeFile, layout: Profile, told: Told, asked: Asked, *, by: Clerk | None, on: date) -> None:
    """Streams the kept bytes into rows and moves the file to ``staged``, in the caller's transaction."""
    reading = parse.Reading(storage.read(file.path, file.sha256), layout)
    header = reading.header
    told = _agreed(Told(header.insurer_number, header.as_of, header.kind), told, "ファイル")
    _require_told(told)
    kind = told.kind or layout.kind
    insurer = Insurer.objects.filter(number=told.insurer_number).first()
    if insurer is None:
        ours = "この国民健康保険" if municipal() else "当組合"
        raise Refused(
            f"保険者番号 {_shown(told.insurer_number)} は{ours}のものではありません。ファイルの送り先を確認してください。"
        )
    assert told.as_of is not None
    _check_day(kind, told.as_of, on)
    if header.created_on is not None and not OFFICE.holds(header.created_on, on):
        raise Refused(f"作成日がありえない日付です。{OFFICE.words(on)}")
    created_on, correction = header.created_on, False
    if kind == Kind.MONTHLY:
        correction = asked.correction or correcting.run_without_file(insurer, told.as_of) is not None
        if correction:
            # Where the layout has no day of making, the day it came is the earliest that is known.
            created_on = created_on or on
            _check_correction(file, insurer, told.as_of, created_on, by=by)
        else:
            _refuse_second(file, insurer, told.as_of)
            awaiting.check(insurer, told.as_of, on=on, confirmed=asked.confirmed)
    elif asked.correction:
        raise Refused("訂正として受け付けられるのは月次ファイルだけです。")
    ExchangeRow.objects.filter(file=file).delete()
    counts = _copy(file, reading, told.as_of, on)
    verb = "restage" if file.status == "rejected" else "stage"
    try:
        with transaction.atomic():
            advance(
                file,
                verb,
                by=by,
                on=on,
                note={"rows": counts["rows"]},
                insurer=insurer,
                kind=str(kind),
                profile=layout.name,
                as_of=told.as_of,
                created_on=created_on,
                message="",
                correction=correction,
                received_by=by or file.received_by,
                row_count=counts["rows"],
                counts=counts,
            )
    except IntegrityError:
        raise Refused("同じ基準日の別の月次ファイルがいま受け付けられました。一覧で確認してください。") from None


def _check_day(kind: str, as_of: date, on: date) -> None:
    """Raises ``Refused`` for a day that such a file cannot speak of."""
    if not OFFICE.holds(as_of, on):
        raise Refused(f"基準日がありえない日付です。{OFFICE.words(on)}")
    if as_of > on:
        raise Refused(f"基準日（{wareki(as_of)}）が先の日付です。ファイルを確認してください。")
    if kind == Kind.MONTHLY and as_of != month_end(as_of):
        raise Refused(f"月次ファイルの基準日（{wareki(as_of)}）が月末ではありません。ファイルを確認してください。")


def _refuse_second(file: ExchangeFile, insurer: Insurer, as_of: date) -> None:
    """Raises ``Refused`` when another monthly file stands for the same insurer number and day."""
    standing = ExchangeFile.objects.filter(
        insurer=insurer, kind=Kind.MONTHLY, as_of=as_of, status__in=STANDING
    ).exclude(UNACCEPTED)
    other = standing.exclude(pk=file.pk).first()
    if other is None:
        return
    what = f"基準日が{wareki(as_of)}の月次ファイルはすでにあります（ファイル番号 {other.pk}）。"
    if other.status == "applied":
        raise Refused(
            f"{what}反映済みのため、差し替えられません。基金が訂正したファイルなら、--correction を付けて受け付けるか、"
            "「支払基金のファイルを受け付ける」の画面で「訂正」に印を付けてください。"
        )
    raise Refused(f"{what}差し替えるときは、先にそのファイルを「受け付けない」にしてください。")


def _check_correction(file: ExchangeFile, insurer: Insurer, as_of: date, created_on: date, *, by: Clerk | None) -> None:
    """Raises ``Refused`` where the file corrects nothing or another correction waits, ``BadInput`` without a clerk."""
    if by is None:
        raise BadInput("訂正のファイルは二人で確かめます。受け付ける担当者を --by で指定してください。")
    correcting.check(insurer, as_of, created_on)
    waiting = ExchangeFile.objects.filter(UNACCEPTED, insurer=insurer, as_of=as_of).exclude(pk=file.pk).first()
    if waiting is not None:
        raise Refused(
            f"{wareki(as_of)}時点の訂正のファイル（ファイル番号 {waiting.pk}）が受入れを待っています。"
            "先にそのファイルを受け入れるか、「受け付けない」にしてください。"
        )


def _copy(file: ExchangeFile, reading: parse.Reading, as_of: date, on: date) -> dict[str, int]:
    """Copies the rows into the table as they are read; answers the counts."""
    counts: Counter[str] = Counter(rows=0, staged=0, rejected=0, odd=0, registered=0)
    with connection.cursor() as cursor:
        with cursor.copy(COPY_SQL) as copy:
            for row in reading.rows(as_of, on=on):
                copy.write_row((file.pk, *row))
                counts[row.outcome] += 1
                if row.odd:
                    counts["odd"] += 1
                if row.registered and not row.returned:
                    counts["registered"] += 1
        counts["rows"] = counts[RowOutcome.STAGED] + counts[RowOutcome.REJECTED]
    refresh_statistics(ExchangeRow, written=counts["rows"])
    return dict(counts)
