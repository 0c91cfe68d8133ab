"""Reads printed pages back from the PDF, independently of how they were drawn, and compares them with the index."""

from __future__ import annotations

import ctypes
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, NamedTuple, Self

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c
import zxingcpp
from PIL import Image

from core.characters import is_mark
from core.errors import Fault
from core.paper.fonts import composed
from core.paper.sheet import Box, Sheet, pt_to_mm

"""How closely a region is looked at for the seal."""
_QR = zxingcpp.BarcodeFormats([zxingcpp.BarcodeFormat.QRCode])
_TEXT, _STAMP = pdfium_c.FPDF_PAGEOBJ_TEXT, pdfium_c.FPDF_PAGEOBJ_FORM


@contextmanager
def open_pdf(path: str | os.PathLike[str] | bytes) -> Iterator[Any]:
    """The PDF, given by its path or its bytes, open for reading.

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


class OpenPage:
    """One page of an open PDF: what its text says, in which typefaces, and how it looks."""

    def __init__(self, pdf: Any, page_number: int) -> None:
        """``page_number``: from 1."""
        self._page = pdf[page_number - 1]
        self._text_page = self._page.get_textpage()
        self.sheet = Sheet.of_points(*self._page.get_size())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._text_page.close()
        self._page.close()

    def text(self, box: Box) -> str:
        """The text inside a box."""
        left, bottom, right, top = self.sheet.rect_pt(box)
        return _restored(self._text_page.get_text_bounded(left, bottom, right, top))

    def full_text(self) -> str:
        """All text of the page."""
        return _restored(self._text_page.get_text_range())

    def runs(self) -> list[Run]:
        """Every run of text, with the PostScript name of its font."""
        return [self._run(obj) for obj in self._objects() if pdfium_c.FPDFPageObj_GetType(obj) == _TEXT]

    def _objects(self) -> Iterator[Any]:
        page = self._page.raw
        for index in range(pdfium_c.FPDFPage_CountObjects(page)):
            yield from _with_parts(pdfium_c.FPDFPage_GetObject(page, index))

    def _run(self, obj: Any) -> Run:
        left, bottom, right, top = edges = [ctypes.c_float() for _ in range(4)]
        pdfium_c.FPDFPageObj_GetBounds(obj, *edges)
        x, y = (left.value + right.value) / 2, (bottom.value + top.value) / 2
        return Run(*self._place_mm(x, y), _font_name(obj))

    def without_character(self) -> list[tuple[float, float]]:
        """Where a glyph was drawn that stands for no character (a box glyph): millimetres from the top left."""
        found: list[tuple[float, float]] = []
        if len(self._text_page.get_text_range()) == self._text_page.count_chars():
            return found
        for index in range(self._text_page.count_chars()):
            if pdfium_c.FPDFText_GetUnicode(self._text_page, index) == 0:
                x, y = ctypes.c_double(), ctypes.c_double()
                pdfium_c.FPDFText_GetCharOrigin(self._text_page, index, ctypes.byref(x), ctypes.byref(y))
                found.append(self._place_mm(x.value, y.value))
        return found

    def beside_letter(self) -> list[Glyph]:
        """Each combining mark that was set by itself and not with its letter, together with the letter."""
        if not any(map(is_mark, set(self._text_page.get_text_range()))):
            return []
        found: list[Glyph] = []
        letter, before = "", (0.0, 0.0)
        x, y = ctypes.c_double(), ctypes.c_double()
        for index in range(self._text_page.count_chars()):
            text = chr(pdfium_c.FPDFText_GetUnicode(self._text_page, index))
            pdfium_c.FPDFText_GetCharOrigin(self._text_page, index, ctypes.byref(x), ctypes.byref(y))
            if is_mark(text) and (x.value, y.value) != before:
                found.append(Glyph(letter + text, *self._place_mm(x.value, y.value)))
            letter, before = text, (x.value, y.value)
        return found

    def glyphs(self) -> list[Glyph]:
        """Every character with ink, in the order of drawing, with its origin."""
        page, found = self._text_page, []
        x, y = ctypes.c_double(), ctypes.c_double()
        for index in range(page.count_chars()):
            text = chr(pdfium_c.FPDFText_GetUnicode(page, index))
            if not text.isspace() and pdfium_c.FPDFText_IsGenerated(page, index) == 0:
                pdfium_c.FPDFText_GetCharOrigin(page, index, ctypes.byref(x), ctypes.byref(y))
                found.append(Glyph(_restored(text), *self._place_mm(x.value, y.value)))
        return found

    def _place_mm(self, x_pt: float, y_pt: float) -> tuple[float, float]:
        return pt_to_mm(x_pt), self.sheet.height_mm - pt_to_mm(y_pt)

    def picture(self, dpi: int, box: Box | None = None, *, grey: bool = False) -> Picture:
        """How the page, or one box of it, looks on paper; the same page gives the same picture."""
        crop = (0.0, 0.0, 0.0, 0.0)
        if box is not None:
            width, height = self.sheet.size_pt
            left, bottom, right, top = self.sheet.rect_pt(box)
            crop = (left, bottom, width - right, height - top)
        bitmap = self._page.render(scale=dpi / 72, crop=crop, grayscale=grey, rev_byteorder=True)
        row, pixels = bitmap.width * bitmap.n_channels, bytes(bitmap.buffer)
        if bitmap.stride != row:
            pixels = b"".join(pixels[y : y + row] for y in range(0, len(pixels), bitmap.stride))
        picture = Picture(bitmap.width, bitmap.height, bitmap.n_channels, pixels)
        bitmap.close()
        return picture


class Glyph(NamedTuple):
    """One character, and its origin in millimetres from the top left."""

    text: str
    x_mm: float
    y_mm: float


class Run(NamedTuple):
    """A run of text: its middle, in millimetres from the top left, and its font's PostScript name."""

    x_mm: float
    y_mm: float
    font: str


@dataclass(frozen=True, slots=True)
class Picture:
    """Pixels row by row, without gaps; ``channels``: 1 is grey, else red, green, blue first."""

    width: int
    height: int
    channels: int
    pixels: bytes

    def part(self, left: int, top: int, right: int, bottom: int) -> Picture:
        """A rectangle of it, in pixels."""
        left, top = max(left, 0), max(top, 0)
        right, bottom = min(right, self.width), min(bottom, self.height)
        row = self.width * self.channels
        rows = (
            self.pixels[y * row + left * self.channels : y * row + right * self.channels] for y in range(top, bottom)
        )
        return Picture(right - left, bottom - top, self.channels, b"".join(rows))

    def coarse(self, size: int) -> bytes:
        """The mean darkness of each whole square of ``size`` pixels, row by row; of a grey picture."""
        width, height = self.width // size * size, self.height // size * size
        whole = Image.frombytes("L", (self.width, self.height), self.pixels)
        return whole.crop((0, 0, width, height)).reduce(size).tobytes()

    def red_share(self) -> float:
        """Share (0–1) of the pixels that are seal red."""
        reds, greens, blues = (self.pixels[channel :: self.channels] for channel in range(3))
        red = sum(r > 140 and g < 110 and b < 110 for r, g, b in zip(reds, greens, blues, strict=True))
        return red / (self.width * self.height)

    def qr_texts(self) -> list[str]:
        """What the QR codes in the picture say."""
        grey = self.pixels if self.channels == 1 else self.pixels[1 :: self.channels]
        view = memoryview(grey).cast("B", (self.height, self.width))
        codes = zxingcpp.read_barcodes(view, formats=_QR, try_rotate=False, try_invert=False)
        return [code.text for code in codes]


def _with_parts(obj: Any) -> Iterator[Any]:
    """The object, or what a stamp is made of. Stamps lie on the page unmoved, so their places are the page's."""
    if pdfium_c.FPDFPageObj_GetType(obj) != _STAMP:
        yield obj
        return
    for index in range(pdfium_c.FPDFFormObj_CountObjects(obj)):
        yield from _with_parts(pdfium_c.FPDFFormObj_GetObject(obj, index))


def _font_name(obj: Any) -> str:
    buffer = ctypes.create_string_buffer(128)
    font = pdfium_c.FPDFTextObj_GetFont(obj)
    pdfium_c.FPDFFont_GetBaseFontName(font, buffer, len(buffer))
    return buffer.value.decode("utf-8", "replace").rpartition("+")[2]


def read_page(pdf: Any, page_number: int, boxes: Iterable[Box]) -> dict[str, str]:
    """The text inside each box of a page (numbered from 1)."""
    with OpenPage(pdf, page_number) as page:
        return {box.name: page.text(box) for box in boxes}


def full_text(pdf: Any, page_number: int) -> str:
    """All text of a page (numbered from 1)."""
    with OpenPage(pdf, page_number) as page:
        return page.full_text()


def _restored(text: str) -> str:
    """The reader marks a hyphen at a line's end with U+0002 or U+FFFE; on paper it is a hyphen."""
    return text.replace("\x02", "-").replace("\ufffe", "-")


def reads_as(found: str, expected: str) -> bool:
    """Whether a text read from paper is the one expected, code point for code point.

    A letter with its marks and the canonically equal single character are the same ink, and so the same; nothing else
    is normalised.
    The width of white space is layout. Where the text was wrapped, white space counts for nothing, since a line's end
    may or may not stand for a space.
    """
    wrapped = len(found.splitlines()) > 1
    joint = "" if wrapped else " "
    found, expected = composed(found), composed(expected)
    return joint.join(found.split()) == joint.join(expected.split())
