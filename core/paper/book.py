"""A book: many documents in one PDF, the same bytes for the same input, with an index of what stands on each page.

Every book asks the viewer to print it at its own size, on both sides where it has backs.
The file appears under its name only when it is complete; until then it is a temporary neighbour.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Final, NamedTuple, Self

from reportlab import rl_config
from reportlab.pdfbase import pdfdoc

from core.disk import write_whole
from core.paper.draw import Pen
from core.paper.embed import EmbeddedFont
from core.paper.fonts import FILES, Role, typeface
from core.paper.sheet import Box, Sheet

rl_config.useA85 = 0

SIMPLEX: Final = "Simplex"
LONG_EDGE: Final = "DuplexFlipLongEdge"
SHORT_EDGE: Final = "DuplexFlipShortEdge"
"""What a file asks of the printer: one side, or both and over which edge the paper is turned (PDF 1.7, 8.1)."""

DUPLEX_LABELS: Final[Mapping[str, str]] = {
    SIMPLEX: "片面",
    LONG_EDGE: "両面（長辺とじ）",
    SHORT_EDGE: "両面（短辺とじ）",
}

_SUBSET_PREFIXES: dict[Role, str] = {"label": "KENPOA", "label_bold": "KENPOB", "notes": "KENPOC", "name": "KENPOD"}


class Field(NamedTuple):
    """What one field of a page must show, and where."""

    box: Box
    text: str
    role: Role


@dataclass(frozen=True, slots=True)
class PageEntry:
    """One page of the book: its number from 1, the kind of document, whose it is, and its fields."""

    page_number: int
    kind: str
    reference: str
    side: str = ""
    fields: Mapping[str, Field] = field(default_factory=dict)


def turned_over(sheet: Sheet) -> str:
    """The edge over which two-sided paper turns like the leaf of a book, so that the back stands upright: its left one."""
    return SHORT_EDGE if sheet.width_mm > sheet.height_mm else LONG_EDGE


@dataclass(frozen=True, slots=True)
class BoundBook:
    """A finished file: its bytes' SHA-256 (hexadecimal), its page count and what stands on each page."""

    path: Path
    sha256: str
    page_count: int
    entries: tuple[PageEntry, ...]


class Book:
    """Collects pages; ``finish`` writes the file. As a context manager it writes only if nothing was raised."""

    def __init__(self, path: str | os.PathLike[str], *, title: str = "", compress: bool = True) -> None:
        """``title`` stands in the file's properties; it must hold no personal data."""
        self.path = Path(path)
        self.entries: list[PageEntry] = []
        self.bound: BoundBook | None = None
        self._compression = 1 if compress else 0
        self._doc = pdfdoc.PDFDocument(invariant=1, compression=self._compression, pdfVersion=(1, 4), lang="ja-JP")
        self._doc.setTitle(title)
        self._doc.setAuthor("")
        self._doc.setSubject("")
        self._doc.setCreator("kenpo")
        self._fonts: dict[Role, EmbeddedFont] = {}
        self._stamps: dict[object, str] = {}
        self._duplex = SIMPLEX

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None and self.bound is None:
            self.finish()

    @property
    def page_count(self) -> int:
        """How many pages the book has so far."""
        return len(self.entries)

    def pen(self, sheet: Sheet) -> Pen:
        """A pen for one page or stamp of this book."""
        return Pen(sheet, _Fonts(self))

    def font(self, role: Role) -> EmbeddedFont:
        """The typeface of a role in this book."""
        if role not in self._fonts:
            names = {known: f"K{index}" for index, known in enumerate(FILES, start=1)}
            embedded = EmbeddedFont(typeface(role), names[role], _SUBSET_PREFIXES[role])
            self._fonts[role] = embedded
            self._doc.delayedFonts.append(embedded)
        return self._fonts[role]

    def stamp(self, key: object, sheet: Sheet, paint: Callable[[Pen], None]) -> str:
        """The name of what is equal on many pages (labels, lines, notes); ``paint`` draws it once per ``key``."""
        if key not in self._stamps:
            pen = self.pen(sheet)
            paint(pen)
            name = f"S{len(self._stamps) + 1}"
            form = pdfdoc.PDFFormXObject(0, 0, *sheet.size_pt)
            form.setStreamList(pen.operators)
            form.compression = self._compression
            self._doc.addForm(name, form)
            self._doc.updateSignature(form.stream)
            self._stamps[key] = name
        return self._stamps[key]

    def add_page(
        self,
        pen: Pen,
        *,
        kind: str,
        reference: str,
        side: str = "",
        fields: Mapping[str, Field] | None = None,
        stamps: tuple[str, ...] = (),
    ) -> PageEntry:
        """Appends what the pen has drawn as the next page, on top of the stamps.

        ``kind``: the kind of document; ``reference``: its serial or other number; ``fields``: what the proof reads back.
        """
        page = pdfdoc.PDFPage()
        page.pagewidth, page.pageheight = pen.sheet.size_pt
        page.ExtGState, page._shadingUsed = None, {}
        page.hasImages = 0
        page.XObjects = self._doc.xobjDict(stamps) if stamps else None
        page.setCompression(self._compression)
        drawn = [f"/{self._doc.getXObjectName(name)} Do" for name in stamps]
        code = "\n".join([*drawn, *pen.operators]) + "\n"
        page.setStream(code)
        self._doc.updateSignature(code)
        self._doc.addPage(page)
        if side == "back":
            self._duplex = turned_over(pen.sheet)
        entry = PageEntry(self.page_count + 1, kind, reference, side, dict(fields or {}))
        self.entries.append(entry)
        return entry

    def data(self) -> bytes:
        """The complete file's bytes, with what they ask of the printer; asked for once.

        Raises:
            ValueError: the book has no page.
        """
        if not self.entries:
            raise ValueError("ページのない PDF は作れません。")
        wishes = pdfdoc.ViewerPreferencesPDFDictionary()
        wishes["PrintScaling"] = "None"
        wishes["Duplex"] = self._duplex
        self._doc.Catalog.ViewerPreferences = wishes
        data: bytes = self._doc.GetPDFData(None)
        return data

    def finish(self) -> BoundBook:
        """Writes the file and gives its hash and index; the name appears only over complete bytes.

        Raises:
            ValueError: the book has no page.
        """
        data = self.data()
        write_whole(self.path, data)
        self.bound = BoundBook(self.path, hashlib.sha256(data).hexdigest(), self.page_count, tuple(self.entries))
        return self.bound


class _Fonts(Mapping[Role, EmbeddedFont]):
    """The book's fonts, each embedded when first asked for, so that an unused one is not in the file."""

    def __init__(self, book: Book) -> None:
        self._book = book

    def __getitem__(self, role: Role) -> EmbeddedFont:
        return self._book.font(role)

    def __iter__(self) -> Any:
        return iter(FILES)

    def __len__(self) -> int:
        return len(FILES)
