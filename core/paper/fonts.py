"""Typefaces by role, and which characters they can draw, variation sequences included.

A name is made of *clusters*: a character, a character with the variation selector that says which shape of it
(邉 + U+E0100…), or a letter with its combining marks (は + U+3099), which is drawn with the one glyph of the
canonically equal character. A cluster without such a glyph is missing: it is never drawn as a box, never replaced by a
near relation, and no mark is set beside its letter. Nothing is normalised: U+FA19 stays U+FA19.
"""

from __future__ import annotations

import mmap
import os
import struct
import unicodedata
from array import array
from collections.abc import Iterable, Iterator, KeysView
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from pathlib import Path
from sys import byteorder
from typing import Any, Literal

from fontTools.ttLib import TTFont

from core.characters import BLANKS, CONTROL, INVISIBLE, code_points, is_mark, is_private, is_selector, kind, named
from core.errors import Fault, Refused

Role = Literal["label", "label_bold", "notes", "name"]

FILES: dict[Role, tuple[str, str]] = {
    "label": ("BIZUDGothic-Regular.ttf", "fonts-morisawa-bizud-gothic"),
    "label_bold": ("BIZUDGothic-Bold.ttf", "fonts-morisawa-bizud-gothic"),
    "notes": ("BIZUDPGothic-Regular.ttf", "fonts-morisawa-bizud-gothic"),
    "name": ("ipamjm.ttf", "fonts-ipamj-mincho"),
}
"""Font file of each role, and the Debian package that brings it."""

FOLDERS = (
    "/usr/share/fonts/truetype/bizud-gothic",
    "/usr/share/fonts/truetype/ipamj",
    "/usr/share/fonts",
    "/usr/local/share/fonts",
    "~/.local/share/fonts",
    "~/.fonts",
    "/Library/Fonts",
    "~/Library/Fonts",
)

_HEADER = 16
"""An outline of fewer bytes has no room for a contour."""


@dataclass(frozen=True, slots=True)
class MissingGlyph:
    """A cluster that cannot be drawn: the text itself, ``U+…`` of each part, and its Unicode name where it has one."""

    character: str
    code_point: str
    name: str = ""

    @property
    def shown(self) -> str:
        """What a page shows of it: itself, or what it is where nothing would be seen."""
        return kind(self.character) or self.character

    def __str__(self) -> str:
        return named(self.character)


class MissingGlyphs(Refused):
    """Text that no glyph exists for; says the field and the characters, never the whole text."""

    def __init__(self, field: str, glyphs: Iterable[MissingGlyph]) -> None:
        self.field = field
        self.glyphs = tuple(glyphs)
        listed = "、".join(map(str, self.glyphs))
        super().__init__(f"「{field}」の文字{listed}は、印刷できません。登録の内容か、印字する字形を確認してください。")


def clusters(text: str) -> list[str]:
    """The text in the pieces that are drawn with one glyph each."""
    if text.isascii():
        return list(text)
    pieces: list[str] = []
    for character in text:
        if pieces and (
            (is_selector(character) and len(pieces[-1]) == 1) or (is_mark(character) and not pieces[-1].isspace())
        ):
            pieces[-1] += character
        else:
            pieces.append(character)
    return pieces


def composed(text: str) -> str:
    """The text with each letter and its marks as the canonically equal single character, where there is one.

    Nothing else is normalised: a compatibility kanji stays itself.
    """
    if text.isascii() or unicodedata.is_normalized("NFC", text):
        return text
    return "".join(_single(cluster) for cluster in clusters(text))


def _single(cluster: str) -> str:
    if len(cluster) == 1 or not is_mark(cluster[-1]):
        return cluster
    one = unicodedata.normalize("NFC", cluster)
    return one if len(one) == 1 else cluster


class _Advances(dict[str, int]):
    """Width of each character that a glyph draws by itself, in thousandths of the type size; read as it is asked for."""

    def __init__(self, face: Typeface) -> None:
        self._face = face

    def __missing__(self, character: str) -> int:
        glyph = self._face.glyph(character)
        if glyph is None:
            raise KeyError(character)
        self[character] = self._face.advance(glyph)
        return self[character]


class Typeface:
    """One font file: glyph numbers, widths and outlines, read from the mapped file as they are needed."""

    def __init__(self, role: Role, path: Path) -> None:
        self.role = role
        self.path = path
        with path.open("rb") as file:
            self._data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        font = TTFont(path, lazy=True)
        self._tables = {tag: (entry.offset, entry.length) for tag, entry in font.reader.tables.items()}
        # Glyphs are wanted by number only; made-up names spare the reading of 60,000 real ones.
        count = struct.unpack(">H", self.table("maxp")[4:6])[0]
        font.setGlyphOrder([str(number) for number in range(count)])
        drawn = {chr(c): int(g) for c, g in font.getBestCmap().items()}
        head, hhea = self.table("head"), self.table("hhea")
        self.units_per_em: int = struct.unpack(">H", head[18:20])[0]
        self.bounds: tuple[int, ...] = struct.unpack(">4h", head[36:44])
        self.ascent, self.descent = struct.unpack(">2h", hhea[4:8])
        self._loca = _numbers(self.table("loca"), "I" if head[51] else "H")
        self._loca_scale = 1 if head[51] else 2
        blind = self._blind()
        self._characters = {c: g for c, g in drawn.items() if _alone(c) and (g not in blind or c in BLANKS)}
        self._sequences = {s: g for s, g in _variation_sequences(font) if g not in blind}
        self._metric_count: int = struct.unpack(">H", hhea[34:36])[0]
        metrics = self.table("hmtx")
        self._metrics = _numbers(metrics[: self._metric_count * 4], "H")
        self._bearings = _numbers(metrics[self._metric_count * 4 :], "H")
        self.postscript_name = str(font["name"].getDebugName(6))
        self._advances = _Advances(self)

    def table(self, tag: str) -> bytes:
        """The bytes of one table of the font file; empty when the font has no such table."""
        offset, length = self._tables.get(tag, (0, 0))
        return self._data[offset : offset + length]

    def glyph(self, cluster: str) -> int | None:
        """Number of the glyph that draws this cluster, or ``None``: it cannot be drawn."""
        if len(cluster) == 1:
            return self._characters.get(cluster)
        single = _single(cluster)
        return self._sequences.get(cluster) if single is cluster else self._characters.get(single)

    def _blind(self) -> set[int]:
        """The glyphs without ink."""
        ends = zip(self._loca, self._loca[1:], strict=False)
        short = [glyph for glyph, (start, end) in enumerate(ends) if (end - start) * self._loca_scale < _HEADER]
        return {glyph for glyph in short if not self.outline(glyph).strip(b"\0")}

    @property
    def characters(self) -> KeysView[str]:
        """Every character the font can draw by itself; a variation selector is none."""
        return self._characters.keys()

    @property
    def sequences(self) -> KeysView[str]:
        """Every variation sequence the font can draw."""
        return self._sequences.keys()

    def sequences_of(self, base: str) -> tuple[str, ...]:
        """The variation sequences of a character that the font can draw, by selector."""
        return self._sequences_by_base.get(base, ())

    @cached_property
    def _sequences_by_base(self) -> dict[str, tuple[str, ...]]:
        found: dict[str, tuple[str, ...]] = {}
        for sequence in sorted(self._sequences):
            found[sequence[0]] = (*found.get(sequence[0], ()), sequence)
        return found

    def advance(self, glyph: int) -> int:
        """Width of the glyph in thousandths of the type size."""
        units = self._metrics[min(glyph, self._metric_count - 1) * 2]
        return round(units * 1000 / self.units_per_em)

    def plain_advance(self, text: str) -> int | None:
        """Width of a text in which a glyph draws each character by itself; ``None``: not such a text."""
        try:
            return sum(map(self._advances.__getitem__, text))
        except KeyError:
            return None

    def metric(self, glyph: int) -> tuple[int, int]:
        """The glyph's entry of the ``hmtx`` table: width and left side bearing (in 16 bits), in font units."""
        if glyph < self._metric_count:
            return self._metrics[glyph * 2], self._metrics[glyph * 2 + 1]
        return self._metrics[-2], self._bearings[glyph - self._metric_count]

    def outline(self, glyph: int) -> bytes:
        """The glyph's entry of the ``glyf`` table (empty: nothing to draw, as for a space)."""
        start, end = self._loca[glyph] * self._loca_scale, self._loca[glyph + 1] * self._loca_scale
        offset = self._tables["glyf"][0]
        return self._data[offset + start : offset + end]


def _alone(character: str) -> bool:
    """Whether a glyph of it can stand by itself on paper.

    Of private use every typeface makes what it likes; a mark needs a letter; what nobody sees would be read from the
    page as something else.
    """
    if "\u3400" <= character <= "\u9fff" or "\U00020000" <= character < "\U000e0000":
        return True  # kanji, nearly all of a typeface
    return not (
        character in INVISIBLE
        or character in CONTROL
        or is_private(character)
        or is_selector(character)
        or is_mark(character)
    )


def _variation_sequences(font: Any) -> Iterator[tuple[str, int]]:
    """Each sequence the font knows (base + selector) with its glyph; a default one shows the base's own glyph."""
    best = font.getBestCmap()
    for subtable in font["cmap"].tables:
        if subtable.format != 14:
            continue
        for selector, entries in subtable.uvsDict.items():
            for base, name in entries:
                glyph = best.get(base) if name is None else name
                if glyph is not None:
                    yield chr(base) + chr(selector), int(glyph)


def _numbers(data: bytes, code: str) -> array[int]:
    """Big-endian unsigned numbers of a font table."""
    numbers: array[int] = array(code)
    numbers.frombytes(data)
    if byteorder == "little":
        numbers.byteswap()
    return numbers


def folders() -> tuple[str, ...]:
    """Where font files are looked for: ``KENPO_FONT_DIRS`` (separated like PATH), else the system's folders."""
    given = os.environ.get("KENPO_FONT_DIRS", "")
    return tuple(part for part in given.split(os.pathsep) if part) or tuple(map(os.path.expanduser, FOLDERS))


def font_file(role: Role) -> Path:
    """The font file of a role.

    Raises:
        Fault: it is in none of the folders; the message names the Debian package.
    """
    name, package = FILES[role]
    for folder in folders():
        direct = Path(folder) / name
        if direct.is_file():
            return direct
        found = sorted(Path(folder).rglob(name))
        if found:
            return found[0]
    raise Fault(
        f"印刷に使う書体 {name} が見つかりません。Debian のパッケージ {package} を入れるか"
        f"（apt-get install {package}）、環境変数 KENPO_FONT_DIRS に書体のあるフォルダを指定してください。"
    )


@cache
def typeface(role: Role) -> Typeface:
    """The typeface of a role, opened once per process.

    Raises:
        Fault: the font file is not installed.
    """
    return Typeface(role, font_file(role))


def require_all() -> None:
    """Looks that every typeface is there, before anything that cannot be taken back rests on it.

    Raises:
        Fault: a font file is not installed.
    """
    for role in FILES:
        font_file(role)


def missing(text: str, role: Role) -> list[MissingGlyph]:
    """The clusters of the text that the role's typeface cannot draw, each once, in order.

    A variation sequence the font does not know is missing even if its base character is there; so is a letter with a
    mark that no single character stands for, a glyph without ink, what nobody can see, and private use.
    """
    face = typeface(role)
    if face.plain_advance(text) is not None:
        return []
    lacking = dict.fromkeys(cluster for cluster in clusters(text) if face.glyph(cluster) is None)
    return [_describe(cluster) for cluster in lacking]


def _describe(cluster: str) -> MissingGlyph:
    return MissingGlyph(cluster, code_points(cluster), unicodedata.name(cluster[0], ""))


@lru_cache(maxsize=65536)
def cluster_advance(cluster: str, role: Role) -> int:
    """Width of one cluster in thousandths of the type size; 0 for what cannot be drawn."""
    face = typeface(role)
    glyph = face.glyph(cluster)
    return 0 if glyph is None else face.advance(glyph)


def width_pt(text: str, role: Role, size_pt: float) -> float:
    """Width in points of the text on one line."""
    width = typeface(role).plain_advance(text)
    if width is None:
        width = sum(cluster_advance(cluster, role) for cluster in clusters(text))
    return width * size_pt / 1000
