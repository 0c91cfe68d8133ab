"""Making one file from every request that waits and stands on no other file."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import date

from django.db import transaction
from django.db.models import Exists, Max, OuterRef, Q, QuerySet

from certificates.models import Deregistration, Inquiry
from certificates.requests import deregistration as deregistrations
from certificates.requests import inquiries
from core.errors import BadInput
from core.lifecycle import Transition
from core.models import Clerk
from core.roles import EDIT
from core.transitions import check_permission, lock_chain, record
from exchange import storage
from exchange.models import OutgoingFile, OutgoingRow
from exchange.outgoing import layout as layouts
from exchange.outgoing import plain
from exchange.outgoing.layout import Head, Layout, Line
from members.models import Insurer
from members.services import society

Request = Deregistration | Inquiry
MAKE = Transition("make", (), "made", "基金への依頼ファイルを作る", EDIT)


def make(
    kind: str, insurer_number: str, *, by: Clerk | None, on: date, profile: str = layouts.DEFAULT
) -> OutgoingFile | None:
    """Makes the file of all waiting requests of one kind and insurer number, and puts it out for hand-over.

    With nothing new to ask, answers the last file that is not handed over yet or was made on this day;
    None when there is none either. A file whose writing broke off is put out again from its sealed copy.

    Raises:
        BadInput: unknown kind, insurer number or profile.
        Refused: a cell cannot be written in the layout, or the clerk may not.
    Source: rules.md §4, §8.
    """
    check_permission(by, MAKE)
    if kind not in OutgoingFile.Kind.values:
        raise BadInput(f"種類は {' / '.join(OutgoingFile.Kind.values)} のどれかにしてください。")
    insurer = Insurer.objects.filter(number=insurer_number).first()
    if insurer is None:
        raise BadInput("その保険者番号は登録されていません。番号を確認してください。")
    layout = layouts.load(profile)
    with transaction.atomic():
        # The chain's lock makes the second of two clerks wait here, and find nothing left to ask.
        lock_chain()
        requests = _waiting(kind, insurer)
        file = _made(kind, insurer, layout, requests, by=by, on=on) if requests else _last(kind, insurer, on)
    if file is not None and file.status in ("made", "sent"):
        plain.put_out(file)
    return file


def make_all(
    kind: str, *, insurer_number: str | None = None, by: Clerk | None, on: date, profile: str = layouts.DEFAULT
) -> list[OutgoingFile]:
    """The files of one kind, as ``make``: for one insurer number, or for each of the society's.

    Raises:
        BadInput, Refused: as ``make``.
    """
    if insurer_number is not None:
        numbers = [insurer_number]
    else:
        main = society()
        numbers = [main.number, *main.also.order_by("number").values_list("number", flat=True)]
    made = [make(kind, number, by=by, on=on, profile=profile) for number in numbers]
    return [file for file in made if file is not None]


def place_of(file: OutgoingFile) -> str:
    """Where the file lies for the clerk, below the home's folder."""
    return f"{plain.FOLDER}/{file.name}"


def control_totals_hold(file: OutgoingFile) -> bool:
    """Whether the sealed copy still has the rows and the total that were noted when it was made."""
    layout = layouts.load(file.profile)
    text = b"".join(storage.read(file.path, file.sha256)).decode(layout.encoding)
    trailer = text.splitlines()[-1].split(layout.delimiter)
    noted = {"rows": file.row_count, "control_total": file.control_total}
    return trailer == [layout.trailer.marker, *(str(noted[column]) for column in layout.trailer.columns)]


def _waiting(kind: str, insurer: Insurer) -> list[Request]:
    """Requests that stand on no file, locked against a withdrawal meanwhile, oldest first."""
    field = "deregistration" if kind == OutgoingFile.Kind.DEREGISTRATION else "inquiry"
    rows = OutgoingRow.objects.filter(**{field: OuterRef("pk")})
    found: QuerySet[Request]
    if kind == OutgoingFile.Kind.DEREGISTRATION:
        found = deregistrations.to_request(insurer)
    else:
        # Asked by other means: no file. Asked in a file that was cancelled: to be asked again.
        found = inquiries.to_ask(insurer).filter(Q(status="open") | Exists(rows))
    standing = found.exclude(Exists(rows.filter(released=False)))
    return list(standing.select_related("member__person"))


def _last(kind: str, insurer: Insurer, on: date) -> OutgoingFile | None:
    files = OutgoingFile.objects.filter(kind=kind, insurer=insurer).exclude(status="cancelled")
    return files.filter(Q(status="made") | Q(created_on=on)).order_by("-pk").first()


def _made(
    kind: str, insurer: Insurer, layout: Layout, requests: Sequence[Request], *, by: Clerk | None, on: date
) -> OutgoingFile:
    today = OutgoingFile.objects.filter(kind=kind, insurer=insurer, created_on=on)
    number = (today.aggregate(last=Max("number"))["last"] or 0) + 1
    lines = [_line(request) for request in requests]
    content = layouts.write(layout, Head(insurer.number, on, kind, number), lines)
    sha256, path = storage.keep(io.BytesIO(content))
    file = OutgoingFile.objects.create(
        insurer=insurer,
        kind=kind,
        profile=layout.name,
        created_on=on,
        number=number,
        row_count=len(lines),
        control_total=layouts.control_total(layout, lines),
        sha256=sha256,
        path=path,
        made_by=by,
    )
    OutgoingRow.objects.bulk_create(_row(file, place, request) for place, request in enumerate(requests, 1))
    record("make", OutgoingFile._meta.label, [file.pk], by=by, on=on, note={"rows": len(lines)})
    return file


def _line(request: Request) -> Line:
    member = request.member
    return Line(
        member.pk, member.symbol, member.number, member.branch_number, member.person.name_kana, member.person.birth_date
    )


def _row(file: OutgoingFile, place: int, request: Request) -> OutgoingRow:
    row = OutgoingRow(file=file, line_no=place, member_id=request.member_id)
    if isinstance(request, Deregistration):
        row.deregistration = request
    else:
        row.inquiry = request
    return row
