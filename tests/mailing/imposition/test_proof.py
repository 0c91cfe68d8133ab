"""Sheets that are wrong are caught when they are read back."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pypdfium2 as pdfium
import pytest

from certificates.documents.layouts.card import FORM
from certificates.documents.layouts.card_sheet import GRID
from core.errors import Refused
from core.paper.book import Book
from core.paper.grid import Offset
from core.paper.sheet import Box
from mailing.bundling import imposing
from mailing.bundling.imposing import impose, last
from mailing.models import Dispatch, Enclosure
from tests.mailing.build import ON, Office
from tests.mailing.imposition.sheets import NONE, SHEETS, found


def rearranged(data: bytes, change: Any) -> bytes:
    """The sheets after somebody has moved what lies on the first one."""
    pdf = pdfium.PdfDocument(data)
    page = pdf[0]
    change(list(page.get_objects(max_depth=1)))
    page.gen_content()
    out = io.BytesIO()
    pdf.save(out)
    return out.getvalue()


def test_two_cards_that_were_swapped_are_caught(imposed: Dispatch, sheets: bytes) -> None:
    def swap(placed: list[Any]) -> None:
        first, fourth = placed[0].get_matrix(), placed[3].get_matrix()
        placed[0].set_matrix(fourth)
        placed[3].set_matrix(first)

    assert found(imposed, rearranged(sheets, swap)) == [(1, "place1"), (1, "place4")]


def test_a_page_recorded_for_another_card_is_caught_on_both_sides(proved: Dispatch, cards: Office) -> None:
    first, second = Enclosure.objects.filter(first_page__in=(1, 3)).order_by("first_page")
    Enclosure.objects.filter(pk=first.pk).update(first_page=3)
    Enclosure.objects.filter(pk=second.pk).update(first_page=1)
    with pytest.raises(Refused) as refused:
        impose(proved, front=NONE, back=NONE, by=cards.clerk, on=ON)
    assert [reason.split("ページ")[0] for reason in refused.value.reasons[1:]] == [
        f"{SHEETS} {page}" for page in (1, 2, 3, 4)
    ]
    assert last(proved) is None and not imposing.folder(proved).exists()


def test_a_card_that_lies_off_its_place_is_caught(imposed: Dispatch, sheets: bytes) -> None:
    def shift(by_mm: float) -> Any:
        return lambda placed: placed[2].transform(pdfium.PdfMatrix().translate(by_mm * 72 / 25.4, 0))

    assert found(imposed, rearranged(sheets, shift(0.05))) == []
    assert found(imposed, rearranged(sheets, shift(0.15))) == [(1, "place3")]


def test_cut_marks_off_their_places_are_caught(imposed: Dispatch, sheets: bytes) -> None:
    def shift(placed: list[Any]) -> None:
        placed[-1].transform(pdfium.PdfMatrix().translate(0.2 * 72 / 25.4, 0))

    assert found(imposed, rearranged(sheets, shift)) == [(1, "trim")]


def test_sides_swapped_lost_sheets_and_other_offsets_are_caught(imposed: Dispatch, sheets: bytes) -> None:
    def rebuilt(pages: list[int]) -> bytes:
        out, whole = pdfium.PdfDocument.new(), pdfium.PdfDocument(sheets)
        out.import_pages(whole, pages)
        buffer = io.BytesIO()
        out.save(buffer)
        return buffer.getvalue()

    assert found(imposed, rebuilt([0, 1])) == [(0, "page")]
    assert {page for page, _ in found(imposed, rebuilt([0, 3, 2, 1]))} == {2, 4}
    assert {page for page, _ in found(imposed, rebuilt([2, 3, 0, 1]))} == {1, 2, 3, 4}
    assert (2, "trim") in found(imposed, sheets, back=Offset(0.2, 0))


def test_ink_over_a_card_is_caught_where_its_text_still_reads(imposed: Dispatch, sheets: bytes) -> None:
    book = Book(Path("spot.pdf"))
    pen = book.pen(GRID.paper)
    qr = FORM.front.qr
    assert qr is not None
    pen.fill(qr.moved(15.4, 9.5), (1, 1, 1))
    pen.fill(Box("", 109 + 10, 9.5 + 30, 5, 5), (0, 0, 0))
    book.add_page(pen, kind="spot", reference="")
    pdf = pdfium.PdfDocument(sheets)
    page = pdf[0]
    page.insert_obj(pdfium.PdfDocument(book.data()).page_as_xobject(0, pdf).as_pageobject())
    page.gen_content()
    out = io.BytesIO()
    pdf.save(out)
    assert found(imposed, out.getvalue()) == [(1, "place1"), (1, "place2")]
