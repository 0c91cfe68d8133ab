"""A typeface inside one PDF: only the glyphs used, numbered in the order of their first use.

Each *cluster* gets a number of its own, also where two of them share one glyph, so that copying or reading the text
gives back exactly the code points that were printed (variation selectors and compatibility kanji included). The
same text drawn in the same order gives the same bytes.
"""

from __future__ import annotations

import struct
from io import BytesIO
from typing import Any

from fontTools.ttLib.sfnt import SFNTWriter
from reportlab.pdfbase import pdfdoc

from core.characters import code_points
from core.errors import Fault
from core.paper.fonts import Typeface, clusters

_WORDS, _SCALE, _MORE, _XY_SCALE, _MATRIX = 0x0001, 0x0008, 0x0020, 0x0040, 0x0080
_BLOCK = 100
"""Most entries that one block of a ToUnicode map may hold."""


class EmbeddedFont:
    """One typeface in one document: gives text as PDF strings, and its objects when the document is saved."""

    def __init__(self, face: Typeface, name: str, prefix: str) -> None:
        """``name``: the resource name on the pages; ``prefix``: the six capitals that mark a subset."""
        self.face = face
        self.name = name
        self._font_name = f"{prefix}+{face.postscript_name}"
        self._codes: dict[str, str] = {}
        self._texts: list[str] = [""]
        self._glyphs: list[int] = [0]

    def encode(self, text: str) -> str:
        """The text as a hexadecimal PDF string, without its angle brackets.

        Raises:
            Fault: a character has no glyph; callers ask ``fonts.missing`` first.
        """
        known = self._codes
        return "".join([known.get(cluster) or self._add(cluster) for cluster in clusters(text)])

    def _add(self, cluster: str) -> str:
        glyph = self.face.glyph(cluster)
        if glyph is None:
            raise Fault(
                f"書体にない文字（{code_points(cluster)}）を印刷しようとしました。印刷前の文字の確認に誤りがあります。"
            )
        code = f"{len(self._texts):04X}"
        self._codes[cluster] = code
        self._texts.append(cluster)
        self._glyphs.append(glyph)
        return code

    def addObjects(self, doc: Any) -> None:  # noqa: N802 - the name the PDF library calls
        """Adds the font's objects to the document; called by the PDF library when it saves."""
        widths = [self.face.advance(glyph) for glyph in self._glyphs]
        descendant = pdfdoc.PDFDictionary(
            {
                "Type": "/Font",
                "Subtype": "/CIDFontType2",
                "BaseFont": pdfdoc.PDFName(self._font_name),
                "CIDSystemInfo": pdfdoc.PDFDictionary(
                    {"Registry": pdfdoc.PDFString("Adobe"), "Ordering": pdfdoc.PDFString("Identity"), "Supplement": 0}
                ),
                "FontDescriptor": doc.Reference(self._descriptor(doc), f"descriptor{self.name}"),
                "CIDToGIDMap": "/Identity",
                "DW": 1000,
                "W": pdfdoc.PDFArray([0, pdfdoc.PDFArray(widths)]),
            }
        )
        font = pdfdoc.PDFDictionary(
            {
                "Type": "/Font",
                "Subtype": "/Type0",
                "BaseFont": pdfdoc.PDFName(self._font_name),
                "Encoding": "/Identity-H",
                "DescendantFonts": pdfdoc.PDFArray([doc.Reference(descendant, f"descendant{self.name}")]),
                "ToUnicode": doc.Reference(_stream(doc, self._to_unicode().encode("ascii")), f"unicode{self.name}"),
            }
        )
        doc.idToObject["BasicFonts"].dict[self.name] = doc.Reference(font, f"font{self.name}")

    def _descriptor(self, doc: Any) -> Any:
        scale = 1000 / self.face.units_per_em
        program = subset_program(self.face, self._glyphs)
        stream = _stream(doc, program)
        stream.dictionary["Length1"] = len(program)
        return pdfdoc.PDFDictionary(
            {
                "Type": "/FontDescriptor",
                "FontName": pdfdoc.PDFName(self._font_name),
                "Flags": 4,
                "FontBBox": pdfdoc.PDFArray([round(edge * scale) for edge in self.face.bounds]),
                "ItalicAngle": 0,
                "Ascent": round(self.face.ascent * scale),
                "Descent": round(self.face.descent * scale),
                "CapHeight": round(self.face.ascent * scale),
                "StemV": 80,
                "FontFile2": doc.Reference(stream, f"program{self.name}"),
            }
        )

    def _to_unicode(self) -> str:
        entries = [
            f"<{code:04X}> <{text.encode('utf-16-be').hex().upper()}>"
            for code, text in enumerate(self._texts)
            if code > 0
        ]
        lines = [
            "/CIDInit /ProcSet findresource begin",
            "12 dict begin",
            "begincmap",
            "/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def",
            "/CMapName /Adobe-Identity-UCS def",
            "/CMapType 2 def",
            "1 begincodespacerange",
            "<0000> <FFFF>",
            "endcodespacerange",
        ]
        for start in range(0, len(entries), _BLOCK):
            block = entries[start : start + _BLOCK]
            lines += [f"{len(block)} beginbfchar", *block, "endbfchar"]
        lines += ["endcmap", "CMapName currentdict /CMap defineresource pop", "end", "end"]
        return "\n".join(lines)


def _stream(doc: Any, content: bytes) -> Any:
    stream = pdfdoc.PDFStream(content=content)
    if doc.compression:
        stream.filters = [pdfdoc.PDFZCompress]
    return stream


def subset_program(face: Typeface, glyphs: list[int]) -> bytes:
    """A TrueType font program whose glyph *n* is the typeface's ``glyphs[n]``.

    Parts of composite glyphs follow after the glyphs asked for.
    """
    numbers = list(glyphs)
    place = {glyph: index for index, glyph in reversed(list(enumerate(numbers)))}
    outlines: list[bytes] = []
    index = 0
    while index < len(numbers):
        outline, index = face.outline(numbers[index]), index + 1
        outlines.append(_with_parts(outline, numbers, place) if outline[:1] > b"\x7f" else outline)
    return _assemble(face, numbers, outlines)


def _with_parts(outline: bytes, numbers: list[int], place: dict[int, int]) -> bytes:
    """A composite outline that points at the subset's numbers; new parts join ``numbers``."""
    data = bytearray(outline)
    offset, flags = 10, _MORE
    while flags & _MORE:
        flags, part = struct.unpack_from(">2H", data, offset)
        if part not in place:
            place[part] = len(numbers)
            numbers.append(part)
        struct.pack_into(">H", data, offset + 2, place[part])
        offset += 8 if flags & _WORDS else 6
        offset += 2 if flags & _SCALE else 4 if flags & _XY_SCALE else 8 if flags & _MATRIX else 0
    return bytes(data)


def _assemble(face: Typeface, numbers: list[int], outlines: list[bytes]) -> bytes:
    glyf, loca = bytearray(), [0]
    for outline in outlines:
        glyf += outline + b"\0" * (-len(outline) % 4)
        loca.append(len(glyf))
    head, hhea, maxp = (bytearray(face.table(tag)) for tag in ("head", "hhea", "maxp"))
    struct.pack_into(">h", head, 50, 1)
    struct.pack_into(">H", hhea, 34, len(numbers))
    struct.pack_into(">H", maxp, 4, len(numbers))
    metrics = [number for glyph in numbers for number in face.metric(glyph)]
    tables = {
        "head": bytes(head),
        "hhea": bytes(hhea),
        "maxp": bytes(maxp),
        "cvt ": face.table("cvt "),
        "fpgm": face.table("fpgm"),
        "prep": face.table("prep"),
        "hmtx": struct.pack(f">{len(metrics)}H", *metrics),
        "loca": struct.pack(f">{len(loca)}I", *loca),
        "glyf": bytes(glyf),
    }
    tables = {tag: data for tag, data in tables.items() if data}
    file = BytesIO()
    writer = SFNTWriter(file, len(tables), sfntVersion="\x00\x01\x00\x00")
    for tag, data in tables.items():
        writer[tag] = data
    writer.close()
    return file.getvalue()
