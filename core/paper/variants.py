"""Other printable forms of a character that the typeface cannot draw: offered to a clerk, never chosen.

They come from data alone: the typeface's own sequences, Unicode's compatibility kanji, and a short table of forms
usual in names (``variants.toml``). Whether one of them may be printed for a person is for the office to decide.
"""

from __future__ import annotations

import tomllib
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import chain
from pathlib import Path

from core.characters import code_points, is_mark
from core.paper.fonts import Role, typeface

BASE, UNMARKED, COMPATIBILITY, SEQUENCE, TABLE = (
    "字形の指定（異体字セレクタ）がない字",
    "濁点や記号の付かない字",
    "互換漢字",
    "同じ字の別の字形",
    "名前によく使う異体字",
)
# CJK Compatibility Ideographs and their Supplement. Source: Unicode Blocks.txt.
_COMPATIBILITY_BLOCKS = (range(0xF900, 0xFB00), range(0x2F800, 0x2FA20))


@dataclass(frozen=True, slots=True)
class Candidate:
    """A cluster that can be printed instead, and how it is related to the missing one."""

    character: str
    relation: str

    @property
    def code_point(self) -> str:
        return code_points(self.character)


@lru_cache(maxsize=4096)
def candidates(cluster: str, role: Role) -> tuple[Candidate, ...]:
    """Printable relations of a cluster, the nearest first; two that look the same stand once."""
    face = typeface(role)
    drawn: dict[int, Candidate] = {}
    for character, relation in _relations(cluster, role):
        glyph = face.glyph(character)
        if glyph is not None and character != cluster:
            drawn.setdefault(glyph, Candidate(character, relation))
    return tuple(drawn.values())


def _relations(cluster: str, role: Role) -> Iterator[tuple[str, str]]:
    base = cluster[0]
    if len(cluster) > 1:
        yield base, UNMARKED if is_mark(cluster[1]) else BASE
    compatible = _compatible(base)
    yield from ((character, COMPATIBILITY) for character in compatible)
    for character in (base, *compatible):
        yield from ((sequence, SEQUENCE) for sequence in typeface(role).sequences_of(character))
    for relative in _table().get(base, ()):
        yield from ((character, TABLE) for character in (relative, *_compatible(relative)))


def _compatible(character: str) -> tuple[str, ...]:
    """The unified kanji of a compatibility one and its other compatibility forms, or those of a unified one."""
    unified = unicodedata.decomposition(character) if _is_compatibility(character) else ""
    base = chr(int(unified, 16)) if unified else character
    return tuple(c for c in chain([base], _compatibility_forms().get(base, ())) if c != character)


def _is_compatibility(character: str) -> bool:
    return any(ord(character) in block for block in _COMPATIBILITY_BLOCKS)


@cache
def _compatibility_forms() -> dict[str, tuple[str, ...]]:
    """Unified kanji → the compatibility kanji that decompose to it."""
    found: dict[str, tuple[str, ...]] = {}
    for number in chain(*_COMPATIBILITY_BLOCKS):
        if unified := unicodedata.decomposition(chr(number)):
            base = chr(int(unified, 16))
            found[base] = (*found.get(base, ()), chr(number))
    return found


@cache
def _table() -> dict[str, tuple[str, ...]]:
    """Each character of the table → the others of its group."""
    groups = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))["groups"]
    return {one: tuple(other for other in group if other != one) for group in groups for one in group}
