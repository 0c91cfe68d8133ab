"""送付内訳 and 差出内訳: what is in one establishment's bundle, and what leaves with one dispatch; counts only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial

from core.calendar import wareki
from core.paper.book import Book, Field, PageEntry
from core.paper.draw import Colour, Pen
from core.paper.sheet import Box, Sheet
from mailing.papers import kinds
from mailing.papers.layouts.spots import Spot, Style, fields_of, fit, spot

SHEET = Sheet(210, 297)
LINE: Colour = (0.40, 0.40, 0.45)
TINT: Colour = (0.94, 0.94, 0.96)
LEFT, WIDTH = 18.0, 174.0
TOP_MM, ROW_MM, LABEL_MM = 74.0, 11.0, 62.0
SIGN_GAP_MM, SIGN_MM = 12.0, 15.0

Row = tuple[str, str, str]
"""A line's name in the proof, its label and its value."""


@dataclass(frozen=True, slots=True)
class Content:
    """What is in some envelopes: documents by kind (``kinds.every``), envelopes, and the first and last envelope's number."""

    documents: tuple[int, ...]
    envelopes: int
    first_code: str
    last_code: str

    @property
    def sheets(self) -> int:
        return sum(self.documents)

    def rows(self) -> list[Row]:
        """One line per kind that is there, then envelopes, sheets and the range of numbers."""
        counted = zip(kinds.every(), self.documents, strict=True)
        found = [(f"sheets_{kind.kind}", kind.label, f"{count:,}枚") for kind, count in counted if count]
        found += [("sheets", "書類の合計", f"{self.sheets:,}枚"), ("envelopes", "封筒", f"{self.envelopes:,}通")]
        if self.envelopes:
            found.append(("codes", "封筒番号", f"{self.first_code} から {self.last_code} まで"))
        return found


@dataclass(frozen=True, slots=True)
class PackingFace:
    """送付内訳: the page in front of an establishment's list."""

    dispatch_id: int
    establishment_code: str
    establishment_name: str
    society: str
    issued_on: date
    content: Content

    @property
    def reference(self) -> str:
        return self.establishment_code

    def head(self) -> dict[str, str]:
        return {
            "title": "送付内訳",
            "issued_on": wareki(self.issued_on),
            "page": f"発送 {self.dispatch_id}",
            "addressee": f"{self.establishment_name} 御中",
            "reference": f"事業所コード {self.establishment_code}",
            "society": self.society,
            "request": "封筒の数と番号を、次のページからの一覧と照らし合わせてください。封は開けないでください。",
        }

    def rows(self) -> list[Row]:
        return self.content.rows()

    def signs(self) -> tuple[str, ...]:
        """Who packed and who counted, to be written by hand; the receipt stands on the list."""
        return ("封入した担当者（当組合）", "数えた担当者（当組合）", "事業所の担当者")


@dataclass(frozen=True, slots=True)
class PostingFace:
    """差出内訳: the page of a whole dispatch for whoever hands it to the carrier.

    ``bundles``: how many establishments get one; 0 where the envelopes travel alone. ``service``: 郵便の種類.
    """

    dispatch_id: int
    society: str
    issued_on: date
    destination: str
    service: str
    bundles: int
    content: Content

    @property
    def reference(self) -> str:
        return str(self.dispatch_id)

    def head(self) -> dict[str, str]:
        return {
            "title": "差出内訳",
            "issued_on": wareki(self.issued_on),
            "page": f"発送 {self.dispatch_id}",
            "addressee": "差出しの控え",
            "society": self.society,
            "request": "差し出す前に数を確かめ、この紙は控えとして保管してください。送付先には送りません。",
        }

    def rows(self) -> list[Row]:
        pieces = f"{self.bundles:,}束" if self.bundles else f"{self.content.envelopes:,}通"
        found = [
            ("destination", "送り先", self.destination),
            ("service", "郵便の種類", self.service),
            ("pieces", "差し出す数", pieces),
        ]
        return [*found, *self.content.rows()]

    def signs(self) -> tuple[str, ...]:
        return ("差し出した日", "差し出した担当者", "引き受けた郵便局・運送会社")


AnyFace = PackingFace | PostingFace

_HEAD: dict[str, Style] = {
    "title": (Box("title", LEFT, 15, 100, 10), "label_bold", 18, 18, 1, "left"),
    "issued_on": (Box("issued_on", 132, 15, 60, 5.5), "label", 10, 10, 1, "right"),
    "page": (Box("page", 132, 20.5, 60, 5.5), "label", 9, 8, 1, "right"),
    "addressee": (Box("addressee", LEFT, 30, 110, 10), "name", 14, 7, 2, "left"),
    "reference": (Box("reference", LEFT, 40, 110, 5.5), "label", 9, 6, 1, "left"),
    "society": (Box("society", 132, 31, 60, 10), "label", 10, 6, 2, "right"),
    "request": (Box("request", LEFT, 50, WIDTH, 14), "label_bold", 11, 9, 2, "left"),
}


def spots(face: AnyFace) -> list[Spot]:
    """Everything on the page that changes with it."""
    title = face.head()["title"]
    found = [spot(_HEAD[name], text, title=title) for name, text in face.head().items()]
    for line, (name, label, value) in enumerate(face.rows()):
        box = Box(name, LEFT + LABEL_MM, TOP_MM + line * ROW_MM, WIDTH - LABEL_MM, ROW_MM).inset(3, 1)
        found.append(spot((box, "label", 12, 8, 1, "left"), value, title=label))
    return found


def fields(face: AnyFace) -> dict[str, Field]:
    """What each field of the page must read, and where, for the proof."""
    return dict(fields_of(spots(face)))


def draw(book: Book, face: AnyFace) -> PageEntry:
    """Appends the page to the book.

    Raises:
        MissingGlyphs, TextDoesNotFit: a field cannot be printed; nothing was added.
    """
    placed = [fit(found) for found in spots(face)]
    labels = tuple(label for _, label, _ in face.rows())
    kind = type(face).__name__
    stamp = book.stamp((kind, labels), SHEET, partial(_paint, labels=labels, signs=face.signs()))
    pen = book.pen(SHEET)
    for text in placed:
        pen.put(text)
    return book.add_page(pen, kind="packing", reference=face.reference, fields=fields(face), stamps=(stamp,))


def _paint(pen: Pen, labels: Sequence[str], signs: Sequence[str]) -> None:
    """The table's labels and lines, and the lines to be written on."""
    height = len(labels) * ROW_MM
    pen.fill(Box("", LEFT, TOP_MM, LABEL_MM, height), TINT)
    for line in range(len(labels) + 1):
        pen.line(LEFT, TOP_MM + line * ROW_MM, LEFT + WIDTH, TOP_MM + line * ROW_MM, 0.1, LINE)
    for line, label in enumerate(labels):
        pen.text(Box("", LEFT, TOP_MM + line * ROW_MM, LABEL_MM, ROW_MM).inset(3, 1), label, "label", 11)
    y_mm = TOP_MM + height + SIGN_GAP_MM
    for line, label in enumerate(signs):
        bottom = y_mm + (line + 1) * SIGN_MM
        pen.text(Box("", LEFT, bottom - 8, LABEL_MM, 7), label, "label", 10)
        pen.line(LEFT + LABEL_MM, bottom, LEFT + WIDTH, bottom, 0.1, LINE)
