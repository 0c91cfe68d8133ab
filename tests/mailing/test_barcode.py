"""カスタマバーコード: from address to bars, and from a rendered sheet back to what it says."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pypdfium2 as pdfium
import pytest
import zint

from core.paper.book import Book
from mailing.addresses import barcode, postcodes
from mailing.papers.layouts import address

CASES = tomllib.loads((Path(__file__).parent.parent / "cases" / "barcodes.toml").read_text("utf-8"))["case"]
PRINTED = [case for case in CASES if not case.get("none")]
PX_PER_MM = 300 / 25.4

# The manual's table, written by the bars' lengths: 1 long, 2 up, 3 down, 4 timing.
TABLE = {
    "144": "0",
    "114": "1",
    "132": "2",
    "312": "3",
    "123": "4",
    "141": "5",
    "321": "6",
    "213": "7",
    "231": "8",
    "411": "9",
    "414": "-",
    "324": "CC1",
    "342": "CC2",
    "234": "CC3",
    "432": "CC4",
    "243": "CC5",
    "423": "CC6",
    "441": "CC7",
    "111": "CC8",
}
VALUES = {code: value for value, code in enumerate(TABLE.values())}


def face(case: dict[str, Any]) -> address.AddressFace:
    codes = postcodes.codes(case["postal_code"], case["address"])
    return address.AddressFace("1-00001-3", case["postal_code"], case["address"], "山田 太郎", 1, "甲", "乙", codes)


def expected(case: dict[str, Any]) -> list[str]:
    """Postal code and number of the case as codes, filled up, without check digit."""
    number, _, cut = case["number"].partition("|")
    wide = str.maketrans("０１２３４５６７８９", "0123456789")
    codes = [c for c in case["postal_code"].translate(wide) if c.isdigit()]
    for character in number:
        if "A" <= character <= "Z":
            place = "ABCDEFGHIJKLMNOPQRSTUVWXYZ".index(character)
            codes += [f"CC{place // 10 + 1}", str(place % 10)]
        else:
            codes.append(character)
    codes += [cut] if cut else []
    return codes + ["CC4"] * (20 - len(codes))


def rendered(path: Path, faces: list[address.AddressFace]) -> list[Any]:
    with Book(path) as book:
        for one in faces:
            address.draw(book, one)
    with pdfium.PdfDocument(path) as pdf:
        return [page.render(scale=300 / 72, grayscale=True).to_pil() for page in pdf]


def bars_in(page: Any) -> list[tuple[int, int, int, int]]:
    """Left, top, right and bottom of each bar in the barcode's zone of a page, in pixels."""
    zone = address.BARCODE
    left, top = round((zone.x_mm - 1) * PX_PER_MM), round((zone.y_mm - 1) * PX_PER_MM)
    right, bottom = round((zone.right_mm + 1) * PX_PER_MM), round((zone.bottom_mm + 1) * PX_PER_MM)
    dark = page.point(lambda value: 255 * (value < 128)).load()
    found, start = [], None
    for x in range(left, right + 1):
        column = [y for y in range(top, bottom) if dark[x, y]]
        if column and start is None:
            start, ys = x, column
        elif not column and start is not None:
            found.append((start, ys[0], x, ys[-1] + 1))
            start = None
    return found


def decoded(page: Any) -> list[str]:
    """The codes between start and stop, check digit included, from the picture alone."""
    found = bars_in(page)
    assert len(found) == 67
    top, bottom = min(bar[1] for bar in found), max(bar[3] for bar in found)
    third = (bottom - top) / 3

    def kind(bar: tuple[int, int, int, int]) -> str:
        up, down = bar[1] < top + third / 2, bar[3] > bottom - third / 2
        return {(True, True): "1", (True, False): "2", (False, True): "3", (False, False): "4"}[up, down]

    text = "".join(map(kind, found))
    assert (text[:2], text[-2:]) == ("13", "31")
    return [TABLE[text[start : start + 3]] for start in range(2, 65, 3)]


def test_every_address_reads_back_from_the_rendered_sheet_as_the_table_says(tmp_path: Path) -> None:
    pages = rendered(tmp_path / "sheets.pdf", [face(case) for case in PRINTED])
    for case, page in zip(PRINTED, pages, strict=True):
        *codes, check = decoded(page)
        assert codes == expected(case), case["name"]
        assert check == case.get("check", check), case["name"]
        assert sum(VALUES[code] for code in (*codes, check)) % 19 == 0, case["name"]


@pytest.mark.parametrize("case", [c for c in CASES if c.get("none")], ids=lambda case: case["name"])
def test_what_cannot_be_right_is_left_out_and_the_sheet_prints_all_the_same(case: dict, tmp_path: Path) -> None:
    (page,) = rendered(tmp_path / "sheet.pdf", [face(case)])
    assert bars_in(page) == []
    assert address.check(face(case)) == []


def test_the_table_covers_the_rules() -> None:
    assert len(CASES) >= 40
    assert sum("check" in case for case in CASES) == 17


def test_size_and_margins_are_the_manuals(tmp_path: Path) -> None:
    (page,) = rendered(tmp_path / "sheet.pdf", [face(CASES[0])])
    found = bars_in(page)
    pitch = (found[-1][0] - found[0][0]) / 66 / PX_PER_MM
    assert pitch == pytest.approx(1.2, abs=0.005)
    assert {round((bar[2] - bar[0]) / PX_PER_MM, 1) for bar in found} <= {0.6, 0.7}
    heights = sorted({round((bar[3] - bar[1]) / PX_PER_MM * 5) / 5 for bar in found})
    assert heights == pytest.approx([1.2, 2.4, 3.6])
    quiet, dark = round(2 * PX_PER_MM), page.point(lambda value: 255 * (value < 128))
    left, right = found[0][0], found[-1][2]
    top, bottom = min(bar[1] for bar in found), max(bar[3] for bar in found)
    around = dark.crop((left - quiet, top - quiet, right + quiet, bottom + quiet))
    assert around.getbbox() == (quiet, quiet, quiet + right - left, quiet + bottom - top)


def test_the_longest_name_and_address_leave_the_margin_white(tmp_path: Path) -> None:
    long = address.AddressFace(
        "99999-99999-9",
        "910-0067",
        "福井県福井市新田塚3丁目80-25　" + "長い建物の名前" * 5,
        "勅使河原 寿限無寿限無五劫の擦り切れ海砂利水魚の水行末雲来末 風来末",
        99,
        "甲",
        "乙",
        postcodes.codes("910-0067", "福井県福井市新田塚3丁目80-25"),
    )
    (page,) = rendered(tmp_path / "sheet.pdf", [long])
    found, quiet = bars_in(page), round(2 * PX_PER_MM)
    top, bottom = min(bar[1] for bar in found), max(bar[3] for bar in found)
    dark = page.point(lambda value: 255 * (value < 128))
    for y in (top - quiet, bottom):
        assert dark.crop((found[0][0], y, found[-1][2], y + quiet)).getbbox() is None


@pytest.mark.parametrize("case", [c for c in PRINTED if "|" not in c["number"]], ids=lambda case: case["name"])
def test_another_encoder_draws_the_same_bars(case: dict) -> None:
    symbol = zint.Symbol()
    symbol.symbology = zint.Symbology.JAPANPOST
    symbol.encode("".join(expected(case)[:7]) + case["number"])
    symbol.buffer_vector()
    drawn = sorted((bar.x, bar.y, bar.height) for bar in symbol.vector.rectangles)
    bottom = max(y + height for _, y, height in drawn)
    kinds = {(True, True): "L", (True, False): "U", (False, True): "D", (False, False): "T"}
    theirs = "".join(kinds[y == 0, y + height == bottom] for _, y, height in drawn)
    assert barcode.bars(face(case).barcode) == theirs
