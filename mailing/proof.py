"""The proof: every page of the finished files is read back and compared with what the database says now.

The expected texts come from the database through ``mailing.contents``, never from the print step. A
difference names file, page and field, not the text. Source: domain.md §10; architecture.md.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from certificates.face import LABELS as CERTIFICATE_LABELS
from core import clock
from core.errors import Fault, Refused
from core.jobs import claim
from core.models import Clerk
from core.pdf import readback
from core.pdf.book import PageEntry
from core.pdf.sheet import mm_to_pt
from core.transitions import advance
from mailing import contents, files
from mailing.contents import Item, Page
from mailing.layouts import address, cover
from mailing.models import DOCUMENTS, Dispatch, PrintedFile
from mailing.printing import PER_FILE, answer
from notices.layouts import sheet as notice_layout

PROVABLE = ("printed", "proved", "sealed", "sent")
ALWAYS = frozenset({"serial", "title", "band", "heading1", "heading2", "heading3"})
"""What is compared even on a document that was pulled: its number, its kind and the side of the form."""

_MARKS = {
    "seal": "印", "heading": "見出し", "page": "ページ", "sheet": "用紙", "sha": "ハッシュ", "file": "ファイル",
    "order": "順", "lines": "行数", "columns": "列", "envelope": "封筒番号", "position": "束の中の順",
    "kind": "種類", "establishment_code": "事業所コード",
}  # fmt: skip


@dataclass(frozen=True, slots=True, order=True)
class Difference:
    """One place where paper and database differ: file, page (0: the whole file), field, and what is wrong.

    Of the manifest, ``page`` is the line and ``field`` the column.
    """

    file: str
    page: int
    field: str
    problem: str = "データベースの内容と違います"

    def __str__(self) -> str:
        unit = "行目" if self.file == files.MANIFEST else "ページ"
        page = f" {self.page}{unit}" if self.page else ""
        return f"{self.file}{page} 「{_label(self.file, self.field)}」: {self.problem}。"


def _label(file: str, field: str) -> str:
    """The field in Japanese, with its code."""
    if file.startswith("covers"):
        row, _, column = field.partition("_") if field.startswith("row") else ("", "", field)
        labels = {name: label for name, label, *_ in cover.COLUMNS}
        return f"{row.removeprefix('row')}番目の{labels[column]}（{field}）" if row else field
    if file.startswith("notices"):
        label = notice_layout.label(field)
    else:
        label = (address.LABELS if file.startswith("addresses") else CERTIFICATE_LABELS).get(field, "")
    label = label or _MARKS.get(field.rstrip("0123456789"))
    return f"{label}（{field}）" if label else field


def prove_dispatch(dispatch: Dispatch, *, by: Clerk | None = None) -> dict[str, Any]:
    """Reads back every file of the dispatch; marks it proved when nothing differs, and answers the counts.

    A repeat reads everything again. Raises:
        Refused: it is not printed yet, or something differs: every place is listed.
    """
    with claim(f"prove_dispatch {dispatch.pk}", by=by) as job:
        dispatch.refresh_from_db()
        if dispatch.status not in PROVABLE:
            raise Refused(
                f"発送 {dispatch.pk} は「{dispatch.get_status_display()}」です。印刷してから照合してください。"
            )
        found = differences(dispatch)
        if found:
            raise Refused(
                [
                    f"発送 {dispatch.pk} の照合で {len(found)} か所の違いが見つかりました。"
                    "使わずに、印刷か引抜きをやり直してください。",
                    *map(str, found),
                ]
            )
        if dispatch.status == "printed":
            advance(dispatch, "prove", by=by, on=clock.today(), note={"pages": answer(dispatch)["pages"]})
        job.outcome = answer(dispatch)
        return job.outcome


def differences(dispatch: Dispatch) -> list[Difference]:
    """Every difference between the dispatch's files and the database, in order of file and page."""
    listed = contents.items(dispatch)
    kept = {file.pk: file for file in PrintedFile.objects.filter(dispatch=dispatch)}
    found = [*_whole(dispatch, listed, list(kept.values())), *_manifest(dispatch, listed, kept)]
    for file in kept.values():
        mine = [item for item in listed if item.file_id == file.pk]
        if file.kind in DOCUMENTS:
            found += _documents(dispatch, file, mine)
    found += covers(dispatch)
    found += _sheets(
        dispatch,
        "address",
        list(kept.values()),
        [[address.fields(f)] for f in contents.address_faces(dispatch)],
    )
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
            yield Difference("database", 0, serial, "同じ番号が二つの封筒にあります")
    for item in listed:
        if item.file_id is None:
            yield Difference("database", 0, item.serial, "印刷したページがありません")
        elif item.active and item.status not in ("printed", "sent"):
            yield Difference("database", 0, item.serial, "状態が「印刷済み」ではありません")


def _manifest(
    dispatch: Dispatch, listed: Sequence[Item], kept: dict[int, PrintedFile]
) -> Iterator[Difference]:
    """The manifest against the database, line by line and column by column; ``page`` is the line."""
    path = files.folder(dispatch) / files.MANIFEST
    if not path.is_file():
        yield Difference(files.MANIFEST, 0, "file", "ファイルがありません")
        return
    wanted = list(csv.reader(io.StringIO(files.manifest(listed, {k: f.name for k, f in kept.items()}))))
    found = list(csv.reader(io.StringIO(path.read_bytes().decode("utf-8", "replace"))))
    if len(found) != len(wanted):
        yield Difference(files.MANIFEST, 0, "lines", f"行数が {len(found)}（正しくは {len(wanted)}）です")
    for number, (ours, theirs) in enumerate(zip(wanted, found, strict=False), start=1):
        if len(theirs) != len(ours):
            yield Difference(files.MANIFEST, number, "columns", "列の数が違います")
        for column, want, have in zip(files.MANIFEST_COLUMNS, ours, theirs, strict=False):
            if want != have:
                yield Difference(files.MANIFEST, number, column)


def _documents(dispatch: Dispatch, file: PrintedFile, mine: Sequence[Item]) -> Iterator[Difference]:
    """One file of documents: its pages in order, each with the fields of the document that belongs there."""
    pages: list[Page] = []
    for batch in contents.chunks(mine, PER_FILE):
        faces = contents.document_faces(dispatch, file.kind, batch)
        for item in batch:
            if item.first_page != len(pages) + 1:
                yield Difference(file.name, item.first_page or 0, "order", "ページの順が記録と違います")
            document = contents.document_pages(dispatch.form, faces[item.document_id])
            pages += document if item.active else map(_only_number_and_kind, document)
    yield from _read(dispatch, file, pages)


def _only_number_and_kind(page: Page) -> Page:
    """A pulled document may differ by now; it must still be the one that the manifest names."""
    return Page(page.sheet, {name: f for name, f in page.fields.items() if name in ALWAYS})


def covers(dispatch: Dispatch) -> list[Difference]:
    """The lists for the establishments against the database."""
    kept = list(PrintedFile.objects.filter(dispatch=dispatch, kind="cover"))
    return list(_sheets(dispatch, "cover", kept, [cover.fields(f) for f in contents.cover_faces(dispatch)]))


def _sheets(
    dispatch: Dispatch, kind: str, kept: Sequence[PrintedFile], documents: Sequence[Sequence[Any]]
) -> Iterator[Difference]:
    """Lists or address sheets, file by file."""
    by_name = {file.name: file for file in kept if file.kind == kind}
    for number, batch in enumerate(contents.chunks(documents, PER_FILE), start=1):
        file = by_name.pop(files.file_name(kind, number), None)
        if file is None:
            yield Difference(files.file_name(kind, number), 0, "file", "ファイルがありません")
            continue
        sheet = cover.SHEET if kind == "cover" else address.SHEET
        yield from _read(dispatch, file, [Page(sheet, fields) for pages in batch for fields in pages])
    for name in by_name:
        yield Difference(name, 0, "file", "余分なファイルです")


def _read(dispatch: Dispatch, file: PrintedFile, pages: Sequence[Page]) -> Iterator[Difference]:
    """Compares a file, page by page, with what its pages must read."""
    path = files.folder(dispatch) / file.name
    try:
        with readback.open_pdf(path) as pdf:
            if not len(pdf) == len(pages) == file.pages:
                yield Difference(file.name, 0, "page", f"ページ数が {len(pdf)}（正しくは {len(pages)}）です")
            for number in range(1, min(len(pdf), len(pages)) + 1):
                yield from _page(file.name, number, pages[number - 1], pdf)
    except Fault:
        yield Difference(file.name, 0, "file", "PDF として開けません")


def _page(name: str, number: int, page: Page, pdf: Any) -> Iterator[Difference]:
    width, height = pdf.get_page_size(number - 1)
    if abs(width - mm_to_pt(page.sheet.width_mm)) > 1 or abs(height - mm_to_pt(page.sheet.height_mm)) > 1:
        yield Difference(name, number, "sheet", "用紙の大きさが違います")
    entry = PageEntry(number, "", "", fields=page.fields)
    for difference in readback.compare(entry, pdf):
        yield Difference(name, number, difference.field)
