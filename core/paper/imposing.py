"""Puts pages of a finished PDF on larger sheets, unchanged: each page becomes one object of the sheet, at full size.

Nothing is drawn again and fonts stay shared, so what was read back before is what is printed.
"""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Sequence
from contextlib import ExitStack, closing
from typing import Any

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from core.errors import Fault
from core.paper.sheet import Box, Sheet

_MADE = re.compile(rb"/CreationDate\(D:\d{14}[^)]*\)")
_ID = re.compile(rb"/ID\[<[0-9A-F]*><[0-9A-F]*>\]")


def imposed(
    source: bytes,
    sides: Sequence[Sequence[int]],
    places: Sequence[Sequence[Box]],
    *,
    cell: Sheet,
    paper: Sheet,
    marks: bytes,
) -> bytes:
    """A PDF of one page per side: the pages of ``source`` at their places, on top of what ``marks`` draws.

    ``sides``: for each side its page numbers (from 1; 0 leaves the place empty), as many on each; ``places``: for
    each side where they lie; ``cell``: the size of every page of ``source``; ``marks``: a PDF with one page
    of the ``paper``'s size per side. The same input gives the same bytes.

    Raises:
        Fault: the pages could not be placed.
    """
    try:
        with ExitStack() as stack:
            gathered = stack.enter_context(closing(_gathered(source, sides, cell)))
            count, (width, height) = len(sides[0]), cell.size_pt
            # In one row and without gaps, so that every page keeps its size; then each is moved to its place.
            made = pdfium_c.FPDF_ImportNPagesToOne(gathered, width * count, height, count, 1)
            out = stack.enter_context(closing(pdfium.PdfDocument(made)))
            drawn = stack.enter_context(closing(pdfium.PdfDocument(marks)))
            for index, boxes in enumerate(places):
                _arrange(out, index, boxes, paper, drawn)
            print_like(out, drawn)
            buffer = io.BytesIO()
            out.save(buffer, version=14)
    except (pdfium.PdfiumError, AssertionError) as error:
        raise Fault("面付けできませんでした。もう一度印刷と照合を確かめてください。") from error
    return _undated(buffer.getvalue())


def print_like(made: Any, source: Any) -> None:
    """Lets an open PDF ask the printer for what ``source`` asks: its size and its sides."""
    if not pdfium_c.FPDF_CopyViewerPreferences(made, source):
        raise Fault("印刷のしかた（等倍・両面）をファイルに書けませんでした。もう一度行ってください。")


def _gathered(source: bytes, sides: Sequence[Sequence[int]], cell: Sheet) -> Any:
    """The pages in the order in which they are placed, a blank one for each empty place."""
    gathered = pdfium.PdfDocument.new()
    with closing(pdfium.PdfDocument(source)) as pdf:
        numbers = [number for side in sides for number in side]
        # All in one go: pages that are taken over together share their fonts.
        gathered.import_pages(pdf, [number - 1 for number in numbers if number])
    for index, number in enumerate(numbers):
        if not number:
            gathered.new_page(*cell.size_pt, index=index).close()
    return gathered


def _arrange(out: Any, index: int, boxes: Sequence[Box], sheet: Sheet, drawn: Any) -> None:
    """Moves the pages of one side to their places and puts the marks beside them."""
    page = out[index]
    for box, placed in zip(boxes, list(page.get_objects(max_depth=1)), strict=True):
        left, bottom, _, _ = sheet.rect_pt(box)
        placed.set_matrix(pdfium.PdfMatrix(e=left, f=bottom))
    captured = drawn.page_as_xobject(index, out)
    page.insert_obj(captured.as_pageobject())
    captured.close()
    width, height = sheet.size_pt
    page.set_mediabox(0, 0, width, height)
    page.gen_content()
    page.close()


def _undated(data: bytes) -> bytes:
    """The same file without the moment of its making, which would make every file another one; no byte moves."""
    data = _MADE.sub(lambda found: b" " * len(found[0]), data, count=1)
    digest = hashlib.sha256(_ID.sub(b"", data)).hexdigest().upper()[:32].encode()
    return _ID.sub(b"/ID[<%b><%b>]" % (digest, digest), data)
