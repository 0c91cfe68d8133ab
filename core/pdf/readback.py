"""Reads printed pages back from the PDF, independently of how they were drawn, and compares them with the index."""

from __future__ import annotations

import ctypes
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from core.errors import Fault
from core.pdf.book import PageEntry
from core.pdf.sheet import Box, Sheet

_RED_SCALE = 4
"""Pixels per point at which a region is looked at for the seal."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A field that does not read as it should; the texts are personal data and belong in no log."""

    page_number: int
    field: str
    expected: str
    found: str


@contextmanager
def open_pdf(path: str | os.PathLike[str]) -> Iterator[Any]:
    """The PDF, open for reading.

    Raises:
        Fault: the file is missing or is no PDF.
    """
    try:
        pdf = pdfium.PdfDocument(os.fspath(path))
    except (FileNotFoundError, pdfium.PdfiumError) as error:
        raise Fault("印刷用の PDF を開けません。印刷をやり直してください。") from error
    try:
        yield pdf
    finally:
        pdf.close()


def read_page(pdf: Any, page_number: int, boxes: Iterable[Box]) -> dict[str, str]:
    """The text inside each box of a page (numbered from 1)."""
    with _text_page(pdf, page_number) as (sheet, text_page):
        return {box.name: _read(sheet, text_page, box) for box in boxes}


def full_text(pdf: Any, page_number: int) -> str:
    """All text of a page (numbered from 1)."""
    with _text_page(pdf, page_number) as (_, text_page):
        return _restored(text_page.get_text_range())


@contextmanager
def _text_page(pdf: Any, page_number: int) -> Iterator[tuple[Sheet, Any]]:
    page = pdf[page_number - 1]
    text_page = page.get_textpage()
    try:
        yield Sheet.of_points(*page.get_size()), text_page
    finally:
        text_page.close()
        page.close()


def _read(sheet: Sheet, text_page: Any, box: Box) -> str:
    left, bottom, right, top = sheet.rect_pt(box)
    return _restored(text_page.get_text_bounded(left, bottom, right, top))


def _restored(text: str) -> str:
    """The reader marks a hyphen at a line's end with U+0002 or U+FFFE; on paper it is a hyphen."""
    return text.replace("\x02", "-").replace("\ufffe", "-")


def reads_as(found: str, expected: str) -> bool:
    """Whether a text read from paper is the one expected, code point for code point; nothing is normalised.

    The width of white space is layout. Where the text was wrapped, white space counts for nothing, since a line's end
    may or may not stand for a space.
    """
    wrapped = len(found.splitlines()) > 1
    joint = "" if wrapped else " "
    return joint.join(found.split()) == joint.join(expected.split())


def compare(entry: PageEntry, pdf: Any) -> list[Difference]:
    """The fields of the page that do not read as the index says; see ``reads_as``."""
    boxes = [replace(item.box, name=name) for name, item in entry.fields.items()]
    found = read_page(pdf, entry.page_number, boxes)
    return [
        Difference(entry.page_number, name, item.text, found[name])
        for name, item in entry.fields.items()
        if not reads_as(found[name], item.text)
    ]


def fonts_of(pdf: Any, page_number: int) -> frozenset[str]:
    """Base names of the fonts that the page's text uses, without the subset prefix."""
    names: set[str] = set()
    with _text_page(pdf, page_number) as (_, text_page):
        buffer, flags = ctypes.create_string_buffer(128), ctypes.c_int()
        for index in range(text_page.count_chars()):
            length = pdfium_c.FPDFText_GetFontInfo(text_page, index, buffer, len(buffer), ctypes.byref(flags))
            if length:
                names.add(buffer.value.decode("utf-8").rpartition("+")[2])
    return frozenset(names)


def red_share(pdf: Any, page_number: int, box: Box) -> float:
    """Share (0–1) of the box's pixels that are seal red; 0 where the seal was not printed."""
    page = pdf[page_number - 1]
    try:
        width_pt, height_pt = page.get_size()
        left, bottom, right, top = Sheet.of_points(width_pt, height_pt).rect_pt(box)
        crop = (left, bottom, width_pt - right, height_pt - top)
        bitmap = page.render(scale=_RED_SCALE, crop=crop, rev_byteorder=True)
        pixels = bytes(bitmap.buffer)
        channels, stride, width, height = bitmap.n_channels, bitmap.stride, bitmap.width, bitmap.height
    finally:
        page.close()
    red = 0
    for y in range(height):
        row = pixels[y * stride : y * stride + width * channels]
        reds, greens, blues = row[0::channels], row[1::channels], row[2::channels]
        red += sum(r > 140 and g < 110 and b < 110 for r, g, b in zip(reds, greens, blues, strict=True))
    return float(red) / float(width * height)


def compare_all(entries: Iterable[PageEntry], path: str | os.PathLike[str]) -> list[Difference]:
    """Every difference between the file and its index, a missing or surplus page included (field ``page``).

    Raises:
        Fault: the file cannot be opened.
    """
    listed: Mapping[int, PageEntry] = {entry.page_number: entry for entry in entries}
    with open_pdf(path) as pdf:
        pages = range(1, len(pdf) + 1)
        differences = [Difference(n, "page", "", "") for n in sorted(set(pages) ^ set(listed))]
        for number in pages:
            if number in listed:
                differences += compare(listed[number], pdf)
    return differences
