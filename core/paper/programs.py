"""The typefaces inside a printed PDF, compared glyph by glyph with the installed ones; nothing here draws.

A text layer says what should be read; only the outlines say what ink falls on the paper. A file that is not built as
ours are is refused, not guessed at.
"""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from core.errors import Fault
from core.paper.fonts import FILES, Typeface, clusters, typeface

_WORDS, _SCALE, _MORE, _XY_SCALE, _MATRIX = 0x0001, 0x0008, 0x0020, 0x0040, 0x0080
_COMPOSITE = 0x8000
_MAPPED = re.compile(rb"<([0-9A-Fa-f]{4})>\s*<([0-9A-Fa-f]+)>")
_DEEPEST = 8


def unlike_typeface(path: Path) -> dict[str, set[str]]:
    """The clusters whose glyph in the file is not the installed typeface's, by PostScript name.

    A visible cluster without any outline counts, whatever the installed typeface says.

    Raises:
        Fault: the file's fonts cannot be read.
    """
    known = {face.postscript_name: face for face in map(typeface, FILES)}
    wrong: dict[str, set[str]] = {}
    try:
        for name, texts, program in _fonts(path.read_bytes()):
            found = wrong.setdefault(name, set())
            face, embedded = known.get(name), _Program(program)
            found.update(text for code, text in texts.items() if not _same(face, embedded, code, text))
    except (LookupError, ValueError, struct.error, zlib.error) as error:
        raise Fault("印刷用の PDF の書体を読めません。印刷をやり直してください。") from error
    return wrong


def _same(face: Typeface | None, embedded: _Program, code: int, text: str) -> bool:
    glyph = None if face is None else face.glyph(text)
    if face is None or glyph is None or len(clusters(text)) != 1:
        return False
    drawn = _shape(embedded.outline(code), embedded.outline)
    return bool(drawn or text.isspace()) and drawn == _shape(face.outline(glyph), face.outline)


def _shape(outline: bytes, part: Callable[[int], bytes], depth: int = 0) -> tuple[Any, ...]:
    """An outline without its glyph numbers and padding, so that two fonts can be compared; empty: no ink.

    Raises:
        ValueError: a glyph that is made of itself.
    """
    if not outline.strip(b"\0"):
        return ()
    if struct.unpack_from(">H", outline)[0] < _COMPOSITE:
        return (outline.rstrip(b"\0"),)
    if depth == _DEEPEST:
        raise ValueError("composite")
    found: list[Any] = [outline[:10]]
    offset, flags = 10, _MORE
    while flags & _MORE:
        flags, glyph = struct.unpack_from(">2H", outline, offset)
        size = 8 if flags & _WORDS else 6
        size += 2 if flags & _SCALE else 4 if flags & _XY_SCALE else 8 if flags & _MATRIX else 0
        found.append((flags, outline[offset + 4 : offset + size], _shape(part(glyph), part, depth + 1)))
        offset += size
    return (*found, outline[offset:].rstrip(b"\0"))


class _Program:
    """A TrueType program of which only the outlines are wanted."""

    def __init__(self, data: bytes) -> None:
        count = struct.unpack_from(">H", data, 4)[0]
        entries = [struct.unpack_from(">4s3I", data, 12 + 16 * number) for number in range(count)]
        tables = {tag: data[offset : offset + length] for tag, _, offset, length in entries}
        loca, long = tables[b"loca"], tables[b"head"][51]
        size = len(loca) // (4 if long else 2)
        self._places = struct.unpack(f">{size}{'I' if long else 'H'}", loca)
        self._scale = 1 if long else 2
        self._outlines = tables[b"glyf"]

    def outline(self, glyph: int) -> bytes:
        start, end = self._places[glyph], self._places[glyph + 1]
        return self._outlines[start * self._scale : end * self._scale]


def _fonts(data: bytes) -> Iterator[tuple[str, dict[int, str], bytes]]:
    """Each font of the file: its name without the subset's prefix, the text of each code, and its program."""
    places = _places(data)
    for number in places:
        font = _dictionary(data, places, number)
        if not re.search(rb"/Subtype\s*/Type0\b", font):
            continue
        if b"/Identity-H" not in font:
            raise ValueError("encoding")
        descendant = _dictionary(data, places, _reference(font, rb"/DescendantFonts\s*\[\s*"))
        if not re.search(rb"/CIDToGIDMap\s*/Identity\b", descendant):
            raise ValueError("glyph numbers")
        descriptor = _dictionary(data, places, _reference(descendant, rb"/FontDescriptor\s+"))
        name = re.search(rb"/BaseFont\s*/(?:[A-Z]{6}\+)?([^\s/<>\[\]()]+)", font)
        texts = _texts(_stream(data, places, _reference(font, rb"/ToUnicode\s+")))
        yield name[1].decode("ascii"), texts, _stream(data, places, _reference(descriptor, rb"/FontFile2\s+"))  # type: ignore[index]


def _texts(mapping: bytes) -> dict[int, str]:
    return {
        int(code, 16): bytes.fromhex(text.decode("ascii")).decode("utf-16-be")
        for code, text in _MAPPED.findall(mapping.partition(b"endcodespacerange")[2])
    }


def _places(data: bytes) -> dict[int, int]:
    """Where each object of the file begins; of an object written twice, the last."""
    found: dict[int, int] = {}
    table = int(data[data.rindex(b"startxref") + 9 :].split()[0])
    while table >= 0:
        if data[table : table + 4] != b"xref":
            raise ValueError("xref")
        end = data.index(b"trailer", table)
        words = iter(data[table + 4 : end].split())
        for start in words:
            for number in range(int(start), int(start) + int(next(words))):
                offset, _, kind = int(next(words)), next(words), next(words)
                if kind == b"n":
                    found.setdefault(number, offset)
        before = re.search(rb"/Prev\s+(\d+)", data[end : data.index(b"startxref", end)])
        table = int(before[1]) if before else -1
    return found


def _dictionary(data: bytes, places: dict[int, int], number: int) -> bytes:
    """The object's text, up to its stream or its end."""
    start = places[number]
    end = data.index(b"endobj", start)
    stream = data.find(b"stream", start, end)
    return data[start : end if stream < 0 else stream]


def _stream(data: bytes, places: dict[int, int], number: int) -> bytes:
    head = _dictionary(data, places, number)
    length = re.search(rb"/Length\s+(\d+)(?!\s+\d+\s+R)", head)
    start = places[number] + len(head) + len(b"stream")
    start += 2 if data[start : start + 2] == b"\r\n" else 1
    content = data[start : start + int(length[1])]  # type: ignore[index]
    return zlib.decompress(content) if b"/FlateDecode" in head else content


def _reference(dictionary: bytes, key: bytes) -> int:
    found = re.search(key + rb"(\d+)\s+0\s+R", dictionary)
    if found is None:
        raise LookupError(key)
    return int(found[1])
