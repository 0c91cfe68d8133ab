"""One page of a finished file against what it must be: text, type, ink, QR code and seal."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from itertools import zip_longest
from pathlib import Path
from typing import NamedTuple

from core.characters import named
from core.paper.book import Field
from core.paper.fonts import clusters, composed, typeface
from core.paper.programs import unlike_typeface
from core.paper.readback import OpenPage, Picture, open_pdf, reads_as
from core.paper.sheet import Box
from mailing.papers.page import Page
from mailing.proof.found import OTHER

SLACK_MM = 0.4
"""How far a sheet's size may be off."""
CODE_DPI, CLOSER_DPI = 150, 300
INK_DPI = 100
SEAL_LEAST = 0.1
"""Least share of the seal's box that is red; the double ring alone is less."""
BESIDE = "濁点などの記号が、付く字から離れて印刷されています"
_COUNTED = ("symbol", "number", "serial")
_ERA = re.compile("明治|大正|昭和|平成|令和")

SHOWN = 10
"""How many characters are named one by one."""


class Wrong(NamedTuple):
    """What is wrong with a field, and which characters it is about, where that can be told."""

    says: str
    characters: str = ""

    def __str__(self) -> str:
        return f"{self.says}（{self.characters}）" if self.characters else self.says


Problems = dict[str, Wrong]
"""What is wrong with a page, by field; of a field only the first thing found."""


def listed_characters(clusters: Collection[str]) -> str:
    """The characters with their code points, the first of them by name."""
    shown = "、".join(named(cluster) for cluster in sorted(clusters)[:SHOWN] if cluster)
    more = len(clusters) - SHOWN
    return f"{shown}ほか{more}字" if more > 0 else shown


class Seals:
    """Which pictures of a seal are known to be red enough; every page of a form has the same."""

    def __init__(self) -> None:
        self._known: set[bytes] = set()

    def printed(self, picture: Picture) -> bool:
        if picture.pixels in self._known:
            return True
        if picture.red_share() < SEAL_LEAST:
            return False
        self._known = {picture.pixels, *list(self._known)[:15]}
        return True


def problems(
    page: Page, paper: OpenPage, unlike: Mapping[str, set[str]], seals: Seals, again: OpenPage | None
) -> Problems:
    """Everything that is wrong with a page.

    ``unlike``: the clusters whose glyph is not the typeface's, by PostScript name; ``again``: the page drawn once
    more, where the file as a whole is not the same as drawn.
    """
    found: Problems = {}
    size = paper.sheet.width_mm - page.sheet.width_mm, paper.sheet.height_mm - page.sheet.height_mm
    if max(map(abs, size)) > SLACK_MM:
        found["sheet"] = Wrong("用紙の大きさが違います")
    for name, field in page.fields.items():
        read = paper.text(replace(field.box, name=name))
        if not reads_as(read, field.text):
            found[name] = _text_problem(name, field.text, read)
    _type(page, paper, unlike, found)
    if "sheet" not in found:
        _codes(page, paper, seals, found)
        if again is not None and "serial" not in found:
            _ink(page, paper, again, found)
    return found


def single(path: Path, page: Page) -> Problems:
    """Everything that is wrong with a file of one page, by field; a glyph unlike its typeface by the font's name.

    Raises:
        Fault: the file cannot be read.
    """
    unlike = unlike_typeface(path)
    found: Problems = {
        name: Wrong("文字の形が書体と違います", listed_characters(wrong)) for name, wrong in unlike.items() if wrong
    }
    with open_pdf(path) as pdf:
        if len(pdf) != 1:
            return {"page": Wrong(f"ページ数が {len(pdf)}（正しくは 1）です")}
        with OpenPage(pdf, 1) as paper:
            return {**problems(page, paper, unlike, Seals(), None), **found}


def _text_problem(name: str, expected: str, read: str) -> Wrong:
    """What is wrong with a text: its first character that differs, never the whole of it."""
    if expected and not read.strip():
        return Wrong("印字がありません")
    if name.endswith(_COUNTED) and len(read.strip()) != len(expected):
        return Wrong(f"桁数が違います（正しくは{len(expected)}桁、印刷は{len(read.strip())}桁）")
    if (era := _ERA.match(expected)) and (other := _ERA.match(read)) and era[0] != other[0]:
        return Wrong("元号が違います")
    return Wrong(OTHER, _first_difference(expected, read))


def _first_difference(expected: str, read: str) -> str:
    """Where the texts part, as the database has it; where it has no more, as the paper has it."""
    ours, theirs = ("".join(composed(text).split()) for text in (expected, read))
    pairs = zip_longest(clusters(ours), clusters(theirs))
    for place, (one, other) in enumerate(pairs, start=1):
        if one != other:
            return f"{place}文字目、正しくは{named(one)}" if one else f"{place}文字目、余分な{named(other)}"
    return ""


def _type(page: Page, paper: OpenPage, unlike: Mapping[str, set[str]], found: Problems) -> None:
    """Typeface and glyphs of every field; box glyphs anywhere on the page."""
    names = {name: typeface(field.role).postscript_name for name, field in page.fields.items()}
    for x_mm, y_mm in paper.without_character():
        for name in _at(page.fields, x_mm, y_mm) or ["page"]:
            found.setdefault(name, Wrong("文字の代わりに箱（字形のないもの）が印刷されています"))
    for mark in paper.beside_letter():
        for name in _at(page.fields, mark.x_mm, mark.y_mm) or ["page"]:
            found.setdefault(name, Wrong(BESIDE, named(mark.text)))
    for run in paper.runs():
        for name in _at(page.fields, run.x_mm, run.y_mm):
            if run.font != names[name]:
                found.setdefault(name, Wrong("決められた書体ではありません"))
    for name, field in page.fields.items():
        if (bad := unlike.get(names[name])) and (mine := bad.intersection(clusters(field.text))):
            found.setdefault(name, Wrong("文字の形が書体と違うか、欠けています", listed_characters(mine)))


def _at(fields: Mapping[str, Field], x_mm: float, y_mm: float) -> list[str]:
    return [
        name
        for name, field in fields.items()
        if field.box.x_mm <= x_mm <= field.box.right_mm and field.box.y_mm <= y_mm <= field.box.bottom_mm
    ]


def _codes(page: Page, paper: OpenPage, seals: Seals, found: Problems) -> None:
    """The QR code says the serial and nothing else; the seal is there in red. Both are looked at in one picture."""
    seal = page.fields.get("seal")
    boxes = [field.box for field in (page.qr, seal) if field is not None]
    if not boxes:
        return
    around = _around(boxes)
    picture = paper.picture(CODE_DPI, around)
    if page.qr is not None and (problem := _qr_problem(page.qr, paper, picture)):
        found.setdefault("qr", Wrong(problem))
    if seal is not None and not seals.printed(_part(picture, around, seal.box, CODE_DPI)):
        found.setdefault("seal", Wrong("印影がありません"))


def _qr_problem(code: Field, paper: OpenPage, picture: Picture) -> str:
    texts = picture.qr_texts() or paper.picture(CLOSER_DPI, code.box).qr_texts()
    if not texts:
        return "QRコードを読み取れません"
    return "" if texts == [code.text] else "QRコードの番号が違います"


def _ink(page: Page, paper: OpenPage, again: OpenPage, found: Problems) -> None:
    """What the eye sees against the page drawn again, box by box, and outside the boxes."""
    ours, theirs = paper.picture(INK_DPI, grey=True), again.picture(INK_DPI, grey=True)
    if ours == theirs:
        return
    whole = Box("", 0, 0, paper.sheet.width_mm, paper.sheet.height_mm)
    fields = {**page.fields, **({"qr": page.qr} if page.qr else {})}
    unlike = [
        name
        for name, field in fields.items()
        if _part(ours, whole, field.box, INK_DPI) != _part(theirs, whole, field.box, INK_DPI)
    ]
    for name in unlike:
        found.setdefault(name, Wrong("印字が欠けているか、重なっています"))
    if not unlike:
        found.setdefault("page", Wrong("欄の外の印刷が違います"))


def _around(boxes: Iterable[Box]) -> Box:
    """The smallest box that holds them all."""
    listed = list(boxes)
    left, top = min(box.x_mm for box in listed), min(box.y_mm for box in listed)
    right, bottom = max(box.right_mm for box in listed), max(box.bottom_mm for box in listed)
    return Box("", left, top, right - left, bottom - top)


def _part(picture: Picture, whole: Box, box: Box, dpi: int) -> Picture:
    """The part of a picture of ``whole`` that shows ``box``."""
    scale = dpi / 25.4
    left, top = (box.x_mm - whole.x_mm) * scale, (box.y_mm - whole.y_mm) * scale
    right, bottom = left + box.width_mm * scale, top + box.height_mm * scale
    return picture.part(int(left), int(top), int(right) + 1, int(bottom) + 1)
