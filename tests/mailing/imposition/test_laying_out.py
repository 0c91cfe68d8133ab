"""Ten cards on A4: places, cut marks, offsets, margins."""

from __future__ import annotations

import csv

import pytest

from certificates.documents.layouts.card_sheet import GRID
from core.errors import BadInput
from core.paper.grid import Offset, read_offset
from core.paper.readback import OpenPage, open_pdf
from core.paper.sheet import Box
from mailing.bundling import imposing
from mailing.bundling.imposing import impose, last
from mailing.models import Dispatch
from mailing.papers import files
from mailing.papers.contents import items
from mailing.printing import printing
from mailing.services import assemble, print_dispatch, prove_dispatch
from tests.mailing.build import ON, Office
from tests.mailing.imposition.sheets import NONE, SHEETS


def serial_boxes(dispatch: Dispatch, page: int, name: str = SHEETS) -> dict[str, tuple[float, float]]:
    """Where the serials of the dispatch stand on a page: the place of the first digit's origin."""
    with open_pdf(imposing.folder(dispatch) / name) as pdf, OpenPage(pdf, page) as paper:
        glyphs = paper.glyphs()
    text = "".join(glyph.text for glyph in glyphs)
    return {
        item.serial: (glyphs[at].x_mm, glyphs[at].y_mm)
        for item in items(dispatch)
        if (at := text.find(item.serial)) >= 0
    }


def on_card(dispatch: Dispatch, side: int) -> tuple[float, float]:
    """Where the first card's serial stands on the proved card; every card has it at the same place."""
    with open_pdf(files.folder(dispatch) / "certificates-0001.pdf") as pdf, OpenPage(pdf, 1 + side) as paper:
        glyphs = paper.glyphs()
    at = "".join(glyph.text for glyph in glyphs).find(items(dispatch)[0].serial)
    return glyphs[at].x_mm, glyphs[at].y_mm


def test_each_card_lies_at_its_place_to_a_tenth_of_a_millimetre(imposed: Dispatch) -> None:
    """13 cards on two sheets, in stacks: place k holds the cards 2k-1 and 2k. Distances by hand, not by the grid."""
    serials = [item.serial for item in items(imposed)]
    for sheet in (1, 2):
        for side in (0, 1):
            found, (x_mm, y_mm) = serial_boxes(imposed, 2 * sheet - 1 + side), on_card(imposed, side)
            mine = serials[sheet - 1 :: 2]
            assert list(found) == mine
            for place, serial in enumerate(mine):
                row, column = divmod(place, 2)
                column = 1 - column if side else column
                wanted = 15.4 + column * 93.6 + x_mm, 9.5 + row * 56 + y_mm
                assert found[serial] == pytest.approx(wanted, abs=0.1)


def test_a_back_lies_behind_its_front_when_the_sheet_is_turned_over(imposed: Dispatch) -> None:
    fronts, backs = serial_boxes(imposed, 1), serial_boxes(imposed, 2)
    (front_x, front_y), (back_x, back_y) = on_card(imposed, 0), on_card(imposed, 1)
    for serial, (x_mm, y_mm) in fronts.items():
        left, top = x_mm - front_x, y_mm - front_y
        behind = backs[serial][0] - back_x, backs[serial][1] - back_y
        assert behind == pytest.approx((210 - left - 85.6, top), abs=0.1)


@pytest.mark.parametrize(("page", "moved"), [(1, (0.8, -0.3)), (2, (-1.2, 2.5))])
def test_offsets_move_each_side_by_itself(
    proved: Dispatch, cards: Office, page: int, moved: tuple[float, float]
) -> None:
    impose(proved, front=NONE, back=NONE, by=cards.clerk, on=ON)
    before = serial_boxes(proved, page)
    impose(proved, front=Offset(0.8, -0.3), back=Offset(-1.2, 2.5), by=cards.clerk, on=ON)
    after = serial_boxes(proved, page)
    for serial, (x_mm, y_mm) in before.items():
        assert after[serial] == pytest.approx((x_mm + moved[0], y_mm + moved[1]), abs=0.02)
    newest = last(proved)
    assert newest is not None and (newest.front, newest.back) == (Offset(0.8, -0.3), Offset(-1.2, 2.5))
    assert imposing.offsets_in_use() == (newest.front, newest.back)


def test_cut_marks_stand_outside_the_cards_at_every_cut(imposed: Dispatch) -> None:
    boxes = [GRID.box(place, "front", NONE) for place in range(1, 11)]
    marks = list(GRID.marks(NONE))
    upright = sorted({mark.x1_mm for mark in marks if mark.x1_mm == mark.x2_mm})
    assert upright == pytest.approx([15.4, 101, 109, 194.6])
    assert len(marks) == 2 * 4 + 2 * 10
    for mark in marks:
        line = Box("", mark.x1_mm, mark.y1_mm, 0, 0)
        assert GRID.paper.holds(line)
        assert not any(
            b.x_mm - 2 < line.x_mm < b.right_mm + 2 and b.y_mm - 2 < line.y_mm < b.bottom_mm + 2 for b in boxes
        )
    with open_pdf(imposing.folder(imposed) / SHEETS) as pdf, OpenPage(pdf, 1) as paper:
        picture = paper.picture(254, Box("", 15.0, 4.4, 0.8, 3.2), grey=True)
    columns = [sum(picture.pixels[x :: picture.width]) for x in range(picture.width)]
    assert abs(columns.index(min(columns)) + 0.5 - 4) <= 1


def test_the_last_places_stay_empty_and_the_list_says_where_everything_lies(imposed: Dispatch) -> None:
    with open_pdf(imposing.folder(imposed) / SHEETS) as pdf:
        assert len(pdf) == 4
        with OpenPage(pdf, 3) as paper:
            for place in (7, 8, 9, 10):
                assert paper.text(GRID.box(place, "front", NONE)).strip() == ""
    rows = list(csv.DictReader((imposing.folder(imposed) / "places.csv").read_text("utf-8").splitlines()))
    listed = items(imposed)
    assert [(r["serial"], r["envelope"], r["position"]) for r in rows] == [
        (i.serial, i.envelope_code, str(i.bundle_position)) for i in listed
    ]
    assert [(int(r["place"]), int(r["sheet"])) for r in rows] == [(n // 2 + 1, n % 2 + 1) for n in range(13)]
    assert {r["pulled"] for r in rows} == {"0"}


def test_the_margin_names_envelopes_and_nobody(imposed: Dispatch) -> None:
    listed = items(imposed)
    with open_pdf(imposing.folder(imposed) / SHEETS) as pdf, OpenPage(pdf, 1) as paper:
        left = paper.text(Box("", 0, 0, 15.3, 297))
        head = paper.text(Box("", 0, 0, 210, 9))
        whole = paper.full_text()
    assert f"発送 {imposed.pk}" in " ".join(head.split()) and "用紙 1/2" in " ".join(head.split())
    assert left.split()[:6] == [
        "1",
        listed[0].envelope_code,
        f"{listed[0].bundle_position}番目",
        "3",
        listed[4].envelope_code,
        f"{listed[4].bundle_position}番目",
    ]
    assert "山田" not in left + head and whole.count(listed[0].envelope_code) >= 1


def test_several_files_are_several_piles(cards: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(printing, "PER_FILE", 12)
    (number,) = assemble(cards.run, by=cards.clerk, on=ON).dispatches
    dispatch = Dispatch.objects.get(pk=number)
    print_dispatch(dispatch, by=cards.clerk, on=ON)
    prove_dispatch(dispatch)
    answer = impose(dispatch, front=NONE, back=NONE, by=cards.clerk, on=ON)
    assert (answer["files"], answer["sheets"], answer["cards"]) == (2, 3, 13)
    serials = [item.serial for item in items(dispatch)]
    assert list(serial_boxes(dispatch, 1)) == serials[:12:2]
    assert list(serial_boxes(dispatch, 1, "cards-0002.pdf")) == serials[12:]


@pytest.mark.parametrize(
    ("text", "offset"), [("0.5,-0.3", (0.5, -0.3)), ("0,0", (0, 0)), ("－０．５、１", (-0.5, 1)), (" 5 , -5 ", (5, -5))]
)
def test_an_offset_reads_as_millimetres(text: str, offset: tuple[float, float]) -> None:
    assert read_offset(text) == offset


@pytest.mark.parametrize(
    "text", ["", "1", "a,b", "nan,0", "inf,0", "1e1,0", "1,2,3", "0.5 0.3", "٣,0", "5.01,0", "0,-5.01", "99,0"]
)
def test_an_offset_that_is_no_offset_or_too_far_is_refused(text: str) -> None:
    with pytest.raises(BadInput, match="ずれの補正"):
        read_offset(text)


def test_with_the_furthest_offset_every_card_stays_on_the_paper() -> None:
    for side in ("front", "back"):
        for offset in (Offset(5, 5), Offset(-5, -5)):
            assert all(GRID.paper.holds(GRID.box(place, side, offset).inset(-4)) for place in range(1, 11))
