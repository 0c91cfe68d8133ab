"""A file as the database says it must be: what each page reads, and the whole of it drawn once more.

Drawing is deterministic, so a file that is right has the very bytes of the one drawn here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

from core.errors import Refused
from core.paper.book import Book
from mailing.models import Dispatch, PrintedFile
from mailing.papers import contents, kinds, requests
from mailing.papers.contents import Item
from mailing.papers.layouts import address, cover
from mailing.papers.layouts.packing import PostingFace
from mailing.papers.page import Page
from notices.letters import base

ALWAYS = frozenset({"serial", "title", "band"})
"""What is compared even on a document that was pulled: its number, its kind and, with the headings, the side."""


@dataclass(slots=True)
class Expected:
    """The pages of one file; ``drawn``: for each, its number (from 1) in ``book``, or 0 where it was not drawn again."""

    book: Book
    pages: list[Page] = field(default_factory=list)
    drawn: list[int] = field(default_factory=list)

    def add(self, pages: Sequence[Page], draw: Callable[[Book], object] | None) -> None:
        """Appends one document's pages and draws it; what cannot be drawn as the database now has it is left out."""
        before = self.book.page_count
        if draw is not None:
            try:
                draw(self.book)
            except Refused:
                draw = None
        self.pages += pages
        count = len(pages)
        self.drawn += [0] * count if draw is None else range(before + 1, before + 1 + count)

    def data(self) -> bytes:
        """The bytes of the file drawn again; empty where nothing was drawn."""
        return self.book.data() if self.book.page_count else b""


def _nothing(dispatch: Dispatch, name: str) -> Expected:
    return Expected(Book(Path(name), title=f"{dispatch.pk} {name}"))


def documents(dispatch: Dispatch, file: PrintedFile, mine: Sequence[Item], *, draw: bool = True) -> Expected:
    """A file of documents. Of a pulled one only number and kind are expected: the rest may differ by now.

    ``draw``: whether its ink is to be compared as well.
    """
    expected = _nothing(dispatch, file.name)
    kind = kinds.named(file.kind)
    faces = contents.document_faces(dispatch, file.kind, mine)
    for item in mine:
        face = faces[item.document_id]
        pages = [replace(page, whose=item.whose) for page in kind.pages(dispatch.form, face)]
        again = partial(kind.draw, form=dispatch.form, face=face)
        expected.add(
            pages if item.active else [_only_number_and_kind(page) for page in pages],
            again if draw and item.active else None,
        )
    return expected


def _only_number_and_kind(page: Page) -> Page:
    fields = {n: f for n, f in page.fields.items() if n in ALWAYS or n.startswith("heading")}
    return replace(page, fields=fields)


def sheets(dispatch: Dispatch, kind: str, name: str, faces: Sequence[Any]) -> Expected:
    """A file of lists, address sheets or requests."""
    expected = _nothing(dispatch, name)
    for face in faces:
        if kind == "cover":
            pages = [Page(cover.SHEET, fields, rows=_rows(face)) for fields in cover.fields(face)]
            expected.add(pages, partial(cover.draw, face=face))
        elif kind == "request":
            whose = contents.whose(face.code, face.holder)
            pages = [Page(base.SHEET, page.fields, whose=whose) for page in base.compose(face.letter)]
            expected.add(pages, partial(requests.draw, sheet=face))
        else:
            whose = contents.whose(face.code, face.holder)
            pages = [Page(address.SHEET, address.fields(face), whose=whose)]
            expected.add(pages, partial(address.draw, face=face))
    return expected


def _rows(face: cover.CoverFace | PostingFace) -> dict[str, str]:
    """Whose each row of a list is."""
    if isinstance(face, PostingFace):
        return {}
    return {
        f"row{row.position}": contents.whose(row.code, "-".join(part for part in (row.symbol, row.number) if part))
        for row in face.rows
    }
