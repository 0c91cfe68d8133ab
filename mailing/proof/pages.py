"""One page of a finished file against what it must be: text, type, ink, QR code and seal."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

from core.pdf.book import Field
from core.pdf.fonts import clusters, typeface
from core.pdf.programs import unlike_typeface
from core.pdf.readback import OpenPage, Picture, open_pdf, reads_as
from core.pdf.sheet import Box
from mailing.contents import Page
from mailing.proof.found import OTHER

SLACK_MM = 0.4
"""How far a sheet's size may be off."""
CODE_DPI, CLOSER_DPI = 150, 300
INK_DPI = 100
SEAL_LEAST = 0.1
"""Least share of the seal's box that is red; the double ring alone is less."""
_COUNTED = ("symbol", "number", "serial")
_ERA = re.compile("明治|大正|昭和|平成|令和")

Problems = dict[str, str]
"""What is wrong with a page, by field; of a field only the first thing found."""


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
        found["sheet"] = "用紙の大きさが違います"
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
    found: Problems = {name: "文字の形が書体と違います" for name, wrong in unlike.items() if wrong}
    with open_pdf(path) as pdf:
        if len(pdf) != 1:
            return {"page": f"ページ数が {len(pdf)}（正しくは 1）です"}
        with OpenPage(pdf, 1) as paper:
            return {**problems(page, paper, unlike, Seals(), None), **found}


def _text_problem(name: str, expected: str, read: str) -> str:
    """What is wrong with a text, without saying what it is."""
    if expected and not read.strip():
        return "印字がありません"
    if name.endswith(_COUNTED) and len(read.strip()) != len(expected):
        return f"桁数が違います（正しくは{len(expected)}桁、印刷は{len(read.strip())}桁）"
    if (era := _ERA.match(expected)) and (other := _ERA.match(read)) and era[0] != other[0]:
        return "元号が違います"
    return OTHER


def _type(page: Page, paper: OpenPage, unlike: Mapping[str, set[str]], found: Problems) -> None:
    """Typeface and glyphs of every field; box glyphs anywhere on the page."""
    names = {name: typeface(field.role).postscript_name for name, field in page.fields.items()}
    for x_mm, y_mm in paper.without_character():
        for name in _at(page.fields, x_mm, y_mm) or ["page"]:
            found.setdefault(name, "文字の代わりに箱（字形のないもの）が印刷されています")
    for run in paper.runs():
        for name in _at(page.fields, run.x_mm, run.y_mm):
            if run.font != names[name]:
                found.setdefault(name, "決められた書体ではありません")
    for name, field in page.fields.items():
        if (wrong := unlike.get(names[name])) and not wrong.isdisjoint(clusters(field.text)):
            found.setdefault(name, "文字の形が書体と違うか、欠けています")


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
        found.setdefault("qr", problem)
    if seal is not None and not seals.printed(_part(picture, around, seal.box, CODE_DPI)):
        found.setdefault("seal", "印影がありません")


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
        found.setdefault(name, "印字が欠けているか、重なっています")
    if not unlike:
        found.setdefault("page", "欄の外の印刷が違います")


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
