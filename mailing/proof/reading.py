"""The dispatch's files, each read back from first page to last, and the manifest line by line."""

from __future__ import annotations

import csv
import hashlib
import io
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from typing import Any

from core.errors import Fault
from core.paper import readback
from core.paper.programs import unlike_typeface
from core.paper.readback import OpenPage
from mailing.models import Dispatch, PrintedFile
from mailing.papers import contents, files, kinds, letters, requests
from mailing.papers.contents import Item
from mailing.printing import printing
from mailing.proof import envelopes, expected
from mailing.proof.expected import Expected
from mailing.proof.found import Difference
from mailing.proof.pages import Seals, listed_characters, problems


def differences(dispatch: Dispatch) -> list[Difference]:
    """Every difference between the dispatch's files and the database, in order of file and page."""
    return compared(dispatch, contents.items(dispatch), {})


def compared(dispatch: Dispatch, listed: Sequence[Item], inked: dict[str, str]) -> list[Difference]:
    """The same for enclosures that were read already.

    ``inked``: hashes of the files whose ink was found right before; their bytes are the same, so their ink is too,
    and only what they say is compared again. Those found right now are added.
    """
    kept = {file.pk: file for file in PrintedFile.objects.filter(dispatch=dispatch)}
    found = [*_whole(dispatch, listed, list(kept.values())), *_manifest(dispatch, listed, kept)]
    found += envelopes.strangers(dispatch, listed)
    for file in kept.values():
        if kinds.find(file.kind) is not None:
            mine = [item for item in listed if item.file_id == file.pk]
            found += _documents(dispatch, file, mine, inked)
    found += lists(dispatch)
    return sorted(set(found))


def hashes(dispatch: Dispatch, kept: Sequence[PrintedFile]) -> Iterator[Difference]:
    """Files whose bytes are not the recorded ones, or that are gone."""
    for file in kept:
        now = files.sha256(files.folder(dispatch) / file.name)
        if now != file.sha256:
            yield Difference(
                file.name, 0, "sha256", "ファイルの内容が記録と違います" if now else "ファイルがありません"
            )


def _whole(dispatch: Dispatch, listed: Sequence[Item], kept: Sequence[PrintedFile]) -> Iterator[Difference]:
    """Hashes, files nobody knows, documents without a page, documents twice or in a wrong state."""
    yield from hashes(dispatch, kept)
    names = {file.name for file in kept}
    for path in sorted(files.folder(dispatch).glob("*.pdf")):
        if path.name not in names:
            yield Difference(path.name, 0, "file", "記録にないファイルです")
    for serial, times in Counter(item.serial for item in listed if item.active).items():
        if times > 1:
            both = "・".join(item.whose for item in listed if item.serial == serial)
            yield Difference("database", 0, serial, "同じ番号が二つの封筒にあります", whose=both)
    for item in listed:
        if item.file_id is None:
            yield Difference("database", 0, item.serial, "印刷したページがありません", whose=item.whose)
        elif item.active and item.status not in ("printed", "sent"):
            yield Difference("database", 0, item.serial, "状態が「印刷済み」ではありません", whose=item.whose)


def _manifest(dispatch: Dispatch, listed: Sequence[Item], kept: dict[int, PrintedFile]) -> Iterator[Difference]:
    """The manifest against the database, line by line and column by column; ``page`` is the line."""
    path = files.folder(dispatch) / files.MANIFEST
    if not path.is_file():
        yield Difference(files.MANIFEST, 0, "file", "ファイルがありません")
        return
    wanted = list(csv.reader(io.StringIO(files.manifest(listed, {k: f.name for k, f in kept.items()}))))
    try:
        found = list(csv.reader(io.StringIO(path.read_bytes().decode("utf-8", "replace"))))
    except csv.Error:
        yield Difference(files.MANIFEST, 0, "file", "一覧として読めません")
        return
    if len(found) != len(wanted):
        yield Difference(files.MANIFEST, 0, "lines", f"行数が {len(found)}（正しくは {len(wanted)}）です")
    for number, (ours, theirs) in enumerate(zip(wanted, found, strict=False), start=1):
        whose = listed[number - 2].whose if 2 <= number < len(listed) + 2 else ""
        if len(theirs) != len(ours):
            yield Difference(files.MANIFEST, number, "columns", "列の数が違います", whose=whose)
        for column, want, have in zip(files.MANIFEST_COLUMNS, ours, theirs, strict=False):
            if want != have:
                yield Difference(files.MANIFEST, number, column, whose=whose)


def _documents(
    dispatch: Dispatch, file: PrintedFile, mine: Sequence[Item], inked: dict[str, str]
) -> Iterator[Difference]:
    """One file of documents: its pages in order, each with what belongs there."""
    sha256 = files.sha256(files.folder(dispatch) / file.name)
    known = bool(sha256) and inked.get(file.name) == sha256
    wanted = expected.documents(dispatch, file, mine, draw=not known)
    per_document = len(wanted.pages) // len(mine) if mine else 0
    for number, item in enumerate(mine):
        if item.first_page != number * per_document + 1:
            page = item.first_page or 0
            yield Difference(file.name, page, "order", "ページの順が記録と違います", whose=item.whose)
    found = list(_read(dispatch, file, wanted))
    if not found:
        inked[file.name] = sha256
    yield from found


def lists(dispatch: Dispatch) -> list[Difference]:
    """The lists for the establishments, the sheets on top of the envelopes and the requests against the database."""
    kept = list(PrintedFile.objects.filter(dispatch=dispatch, kind__in=("cover", "address", "request")))
    return [
        *_sheets(dispatch, "cover", kept, contents.cover_faces(dispatch)),
        *_sheets(dispatch, "address", kept, letters.sheets(dispatch)),
        *_sheets(dispatch, "request", kept, requests.sheets(dispatch)),
    ]


def _sheets(dispatch: Dispatch, kind: str, kept: Sequence[PrintedFile], faces: Sequence[Any]) -> Iterator[Difference]:
    """Lists, address sheets or requests, file by file."""
    by_name = {file.name: file for file in kept if file.kind == kind}
    for number, batch in enumerate(contents.chunks(faces, printing.PER_FILE), start=1):
        name = files.file_name(kind, number)
        file = by_name.pop(name, None)
        if file is None:
            yield Difference(name, 0, "file", "ファイルがありません")
        else:
            yield from _read(dispatch, file, expected.sheets(dispatch, kind, name, batch))
    for name in by_name:
        yield Difference(name, 0, "file", "余分なファイルです")


def _read(dispatch: Dispatch, file: PrintedFile, wanted: Expected) -> Iterator[Difference]:
    """Compares a file, page by page, with what its pages must be."""
    path = files.folder(dispatch) / file.name
    drawn = wanted.data()
    same = hashlib.sha256(drawn).hexdigest() == files.sha256(path)
    try:
        with ExitStack() as stack:
            pdf = stack.enter_context(readback.open_pdf(path))
            again = stack.enter_context(readback.open_pdf(drawn)) if drawn and not same else None
            unlike = unlike_typeface(path)
            for name in sorted(name for name, clusters in unlike.items() if clusters):
                yield Difference(
                    file.name,
                    0,
                    "font",
                    f"{name} の {len(unlike[name])} 文字の形が、決められた書体と違います",
                    listed_characters(unlike[name]),
                )
            if not len(pdf) == len(wanted.pages) == file.pages:
                yield Difference(file.name, 0, "page", f"ページ数が {len(pdf)}（正しくは {len(wanted.pages)}）です")
            yield from _pages(file.name, pdf, wanted, unlike, again)
    except Fault as fault:
        yield Difference(file.name, 0, "file", str(fault).rstrip("。"))


def _pages(name: str, pdf: Any, wanted: Expected, unlike: dict[str, set[str]], again: Any) -> Iterator[Difference]:
    seals = Seals()
    for number, (page, twin) in enumerate(zip(wanted.pages, wanted.drawn, strict=True), start=1):
        if number > len(pdf):
            return
        with ExitStack() as stack:
            paper = stack.enter_context(OpenPage(pdf, number))
            other = stack.enter_context(OpenPage(again, twin)) if again is not None and twin else None
            for field, wrong in problems(page, paper, unlike, seals, other).items():
                yield Difference(name, number, field, wrong.says, wrong.characters, page.whose_field(field))
