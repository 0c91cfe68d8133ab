"""Printing: claimed in the database before a page is drawn, in files that are complete or not there.

A run that died is taken up where it stopped; the same faces give the same bytes, so nothing is printed twice.
Source: rules.md §10 (accidents), architecture.md "Lifecycles".
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from datetime import date
from functools import partial
from typing import Any

from django.db import connection, transaction

from core.disk import write_whole
from core.errors import Fault, Refused
from core.jobs import claim, step
from core.models import Clerk, Job
from core.paper import fonts
from core.paper.book import Book, BoundBook
from core.paper.draw import MissingGlyphs, TextDoesNotFit
from core.planner import refresh_statistics
from core.transitions import advance, lock_chain
from mailing.models import Dispatch, Enclosure, PrintedFile
from mailing.papers import contents, files, kinds, letters, requests
from mailing.papers.contents import Item
from mailing.papers.kinds import DocumentKind
from mailing.papers.layouts import address, cover
from mailing.papers.totals import counted, recount
from mailing.planning import leaving
from mailing.printing import stock
from members.querysets import name_sql

PER_FILE = 500
"""Documents, lists or address sheets in one file."""
DONE = ("proved", "sealed", "sent")


def print_dispatch(dispatch: Dispatch, *, by: Clerk, on: date) -> dict[str, Any]:
    """Prints the dispatch's documents, lists and address sheets, and its manifest; answers the counts.

    A repeat prints nothing; after a crash only what is missing is drawn.

    Raises:
        Fault: a typeface is not installed, and nothing is claimed; or the files cannot be written, and the sentence says
            what holds.
        Refused: nothing is left to print, the dispatch was cancelled, blank paper is kept account of and too
            little is left, or what was printed before has changed since.
    """
    with claim(f"print_dispatch {dispatch.pk}", by=by) as job:
        dispatch.refresh_from_db()
        if dispatch.status not in DONE:
            fonts.require_all()
            if dispatch.status != "printed":
                _claim(dispatch, by=by, on=on)
            try:
                _draw_missing(dispatch, job)
            except Fault as fault:
                raise Fault(f"{fault}{what_holds(dispatch)}") from fault
        job.outcome = answer(dispatch)
        return job.outcome


def what_holds(dispatch: Dispatch) -> str:
    """What a print that broke off has left behind, and what to do; empty where none did."""
    complete = PrintedFile.objects.filter(dispatch=dispatch, kind=PrintedFile.Kind.MANIFEST).exists()
    if dispatch.status != "printed" or complete:
        return ""
    done = PrintedFile.objects.filter(dispatch=dispatch).count()
    return (
        f"発送{dispatch.pk}の書類はすでに「印刷済み」で、番号も用紙も使ったものとして数えています"
        f"（できあがった印刷ファイル {done}個）。原因を取り除いてから、発送{dispatch.pk}をもう一度印刷してください。"
        "残りのファイルだけを作り、同じ書類を二度印刷することはありません。"
    )


def answer(dispatch: Dispatch) -> dict[str, Any]:
    """The dispatch's state in counts, for commands and pages."""
    pdfs = PrintedFile.objects.filter(dispatch=dispatch).exclude(kind=PrintedFile.Kind.MANIFEST)
    return {
        "dispatch": dispatch.pk,
        "status": dispatch.status,
        **{name: dispatch.counts[name] for name in counted() if name in dispatch.counts},
        "files": pdfs.count(),
        "pages": sum(pdfs.values_list("pages", flat=True)),
    }


def _claim(dispatch: Dispatch, *, by: Clerk, on: date) -> None:
    """Marks dispatch and documents as printed, all or none, before the first page exists.

    What may not go any more leaves its envelope first, so that one such paper stops nobody else's.
    """
    enclosed = Enclosure.objects.filter(envelope__dispatch=dispatch, active=True)
    with transaction.atomic():
        lock_chain()  # from here on no paper changes its state beside us
        leaving.leave(dispatch, by=by, on=on)
        if not enclosed.exists():
            raise Refused(
                f"発送 {dispatch.pk} には、印刷する書類が残っていません（無効・資格喪失など）。この発送を取り消してください。"
            )
        advance(dispatch, "print", by=by, on=on, printed_by=by, printed_on=on)
        stock.claim(dispatch, by=by, on=on)
        for kind in kinds.every():
            ids = enclosed.filter(**{f"{kind.column}__isnull": False}).values(f"{kind.column}_id")
            moved = kind.advance(ids, "print", by=by, on=on, note={"dispatch": dispatch.pk})
            if short := ids.count() - len(moved):
                raise Refused(f"{kind.label} {short} 件を「印刷済み」にできませんでした。もう一度印刷してください。")
        _name_recipients(dispatch)
        requests.enclose(dispatch, by=by, on=on)


def _name_recipients(dispatch: Dispatch) -> None:
    """Writes each addressee as the documents will name them: a form may have been recorded since the assembly."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE mailing_envelope v SET recipient = {name_sql('p')}"
            " FROM members_member m JOIN members_person p ON p.id = m.person_id"
            f" WHERE v.dispatch_id = %s AND v.recipient NOT IN ('', {name_sql('p')}) AND m.id = v.person_id"
            # A head who is not covered here stands in no register.
            " AND v.recipient <> m.head_name",
            [dispatch.pk],
        )


def _draw_missing(dispatch: Dispatch, job: Job) -> None:
    listed = contents.items(dispatch)
    for kind in kinds.every():
        of_kind = [item for item in listed if item.kind == kind.kind]
        for number, batch in enumerate(contents.chunks(of_kind, PER_FILE), start=1):
            name = files.file_name(kind.kind, number)
            step(job, name)
            _documents(dispatch, kind, name, batch)
    refresh_statistics(Enclosure, written=len(listed))
    draw_lists(dispatch)
    _write_manifest(dispatch)
    recount(dispatch)


def _documents(dispatch: Dispatch, kind: DocumentKind, name: str, batch: Sequence[Item]) -> None:
    """One file of documents; where each begins, and the share that stands on it, is kept with its enclosure."""
    starts: list[int] = []
    shares: list[int | None] = []

    def draw(book: Book) -> None:
        faces = contents.document_faces(dispatch, kind.kind, batch)
        for item in batch:
            face = faces[item.document_id]
            starts.append(book.page_count + 1)
            shares.append(kind.share(face))
            try:
                kind.draw(book, dispatch.form, face)
            except (MissingGlyphs, TextDoesNotFit) as problem:
                raise Refused(
                    f"{problem}（{item.whose}）この書類を引き抜くか、登録を直してから、もう一度印刷してください。"
                ) from None

    def place(file: PrintedFile) -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE mailing_enclosure x SET file_id = %s, first_page = placed.page,"
                " copayment_percent = placed.share"
                " FROM unnest(%s::bigint[], %s::int[], %s::int[]) AS placed(id, page, share)"
                " WHERE x.id = placed.id",
                [file.pk, [item.id for item in batch], starts, shares],
            )

    _keep(dispatch, kind.kind, name, draw, place)


def _keep(
    dispatch: Dispatch,
    kind: str,
    name: str,
    draw: Callable[[Book], object],
    place: Callable[[PrintedFile], None] | None = None,
) -> None:
    """Draws a file unless it is there as recorded. A file that was recorded must come out the same again.

    Raises:
        Refused: what stands on it has changed since it was printed; the old record stays.
    """
    path = files.folder(dispatch) / name
    known = PrintedFile.objects.filter(dispatch=dispatch, name=name).first()
    if known is not None and files.sha256(path) == known.sha256:
        return
    book = Book(path if known is None else path.with_suffix(".again"), title=f"{dispatch.pk} {name}")
    draw(book)
    bound = book.finish()
    if known is not None:
        _put_back(known, bound)
        return
    with transaction.atomic():
        file = PrintedFile.objects.create(
            dispatch=dispatch, name=name, kind=kind, sha256=bound.sha256, pages=bound.page_count
        )
        if place is not None:
            place(file)


def _put_back(known: PrintedFile, bound: BoundBook) -> None:
    """Puts a lost or damaged file in its place again, if it is the very same."""
    if bound.sha256 != known.sha256:
        bound.path.unlink()
        raise Refused(
            f"{known.name} が失われていますが、印刷した後に内容が変わったため、同じものを作り直せません。"
            "引抜きの一覧で変わった分を確かめてください。"
        )
    bound.path.replace(bound.path.with_name(known.name))


def draw_lists(dispatch: Dispatch, *, anew: bool = False) -> None:
    """The lists for the establishments, the sheets on top of the envelopes and the requests that lie in them.

    ``anew``: after something was pulled.
    """
    for kind, faces, draw in (
        ("cover", contents.cover_faces(dispatch), cover.draw),
        ("address", letters.sheets(dispatch), address.draw),
        ("request", requests.sheets(dispatch), requests.draw),
    ):
        wanted = []
        for number, batch in enumerate(contents.chunks(faces, PER_FILE), start=1):
            wanted.append(name := files.file_name(kind, number))
            if anew:
                _replace(dispatch, name, batch, draw)
            else:
                _keep(dispatch, kind, name, partial(_draw_each, draw, batch))
        surplus = PrintedFile.objects.filter(dispatch=dispatch, kind=kind).exclude(name__in=wanted)
        for name in surplus.values_list("name", flat=True):
            (files.folder(dispatch) / name).unlink(missing_ok=True)
        surplus.delete()


def _draw_each(draw: Callable[[Book, Any], object], faces: Sequence[Any], book: Book) -> None:
    for face in faces:
        draw(book, face)


def _replace(dispatch: Dispatch, name: str, batch: Sequence[Any], draw: Callable[[Book, Any], object]) -> None:
    with Book(files.folder(dispatch) / name, title=f"{dispatch.pk} {name}") as book:
        _draw_each(draw, batch, book)
        bound = book.finish()
    PrintedFile.objects.filter(dispatch=dispatch, name=name).update(sha256=bound.sha256, pages=bound.page_count)


def _write_manifest(dispatch: Dispatch) -> None:
    """Writes ``manifest.csv`` whole, once, and keeps its hash."""
    path = files.folder(dispatch) / files.MANIFEST
    names = dict(PrintedFile.objects.filter(dispatch=dispatch).values_list("id", "name"))
    data = files.manifest(contents.items(dispatch), names).encode("utf-8")
    digest = hashlib.sha256(data).hexdigest()
    if files.sha256(path) != digest:
        write_whole(path, data)
    PrintedFile.objects.update_or_create(
        dispatch=dispatch, name=files.MANIFEST, defaults={"kind": "manifest", "sha256": digest, "pages": 0}
    )
