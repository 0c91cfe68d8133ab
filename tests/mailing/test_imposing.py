"""Cards on A4 sheets: each at its place, backs behind their fronts, nothing that was not proved, nothing twice."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pypdfium2 as pdfium
import pytest
from django.urls import reverse

from certificates.layouts.card import FORM
from certificates.layouts.card_sheet import GRID
from core import clock
from core.errors import BadInput, Refused
from core.models import Clerk, Event
from core.pdf.book import Book
from core.pdf.grid import Offset, read_offset
from core.pdf.readback import OpenPage, open_pdf
from core.pdf.sheet import Box
from mailing import files, imposing, printing
from mailing.contents import items
from mailing.imposing import impose, last, to_print
from mailing.models import Dispatch, Enclosure
from mailing.proof.imposed import differences
from mailing.services import assemble, confirm, print_dispatch, prove_dispatch, seal, send
from tests.mailing.build import ON, Office, office

NONE = Offset()
SHEETS = "cards-0001.pdf"


@pytest.fixture(autouse=True)
def _today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "today", lambda: ON)


@pytest.fixture
def cards(db: None, home: Path) -> Office:
    """A society that prints cards, with 13 certificates in five households."""
    found = office(form="card")
    for number, size in (("0001", 3), ("0002", 2), ("0003", 4), ("0004", 3), ("0005", 1)):
        found.certify(found.household(number, [f"山田 {n}郎" for n in "一二三四"[:size]]))
    return found


@pytest.fixture
def printed_cards(cards: Office) -> Dispatch:
    (number,) = assemble(cards.run, by=cards.clerk, on=ON).dispatches
    dispatch = Dispatch.objects.get(pk=number)
    print_dispatch(dispatch, by=cards.clerk, on=ON)
    return dispatch


@pytest.fixture
def proved(printed_cards: Dispatch) -> Dispatch:
    prove_dispatch(printed_cards)
    printed_cards.refresh_from_db()
    return printed_cards


@pytest.fixture
def imposed(proved: Dispatch, cards: Office) -> Dispatch:
    impose(proved, front=NONE, back=NONE, by=cards.clerk, on=ON)
    return proved


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
    with (
        open_pdf(files.folder(dispatch) / "certificates-0001.pdf") as pdf,
        OpenPage(pdf, 1 + side) as paper,
    ):
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
            b.x_mm - 2 < line.x_mm < b.right_mm + 2 and b.y_mm - 2 < line.y_mm < b.bottom_mm + 2
            for b in boxes
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
        "1", listed[0].envelope_code, f"{listed[0].bundle_position}番目",
        "3", listed[4].envelope_code, f"{listed[4].bundle_position}番目",
    ]  # fmt: skip
    assert "山田" not in left + head and whole.count(listed[0].envelope_code) >= 1


def test_a_repeat_gives_the_same_bytes_and_leaves_the_record_alone(
    imposed: Dispatch, cards: Office, tmp_path: Path
) -> None:
    def everything(folder: Path) -> dict[str, bytes]:
        return {path.name: path.read_bytes() for path in sorted(folder.iterdir()) if path.is_file()}

    record, first = everything(files.folder(imposed)), everything(imposing.folder(imposed))
    answer = impose(imposed, front=NONE, back=NONE, by=cards.clerk, on=ON, to=tmp_path / "out")
    assert everything(tmp_path / "out") == first
    assert everything(files.folder(imposed)) == record
    assert (answer["cards"], answer["sheets"], answer["files"], answer["pulled"]) == (13, 2, 1, 0)
    assert Event.objects.filter(verb="impose", subject_id=imposed.pk).count() == 2
    assert set(imposed.files.values_list("name", flat=True)) == set(record)
    prove_dispatch(imposed)
    seal(imposed, by=cards.clerk, on=ON)


def test_only_between_proof_and_seal(printed_cards: Dispatch, cards: Office) -> None:
    dispatch = printed_cards

    def refused(words: str) -> None:
        with pytest.raises(Refused, match=words):
            impose(dispatch, front=NONE, back=NONE, by=cards.clerk, on=ON)
        assert not imposing.folder(dispatch).exists()

    refused("照合を済ませてから")
    prove_dispatch(dispatch)
    seal(dispatch, by=cards.clerk, on=ON)
    refused("封緘するまでの間")
    send(dispatch, by=cards.clerk, on=ON)
    refused("封緘するまでの間")


def test_only_cards(office: Office, printed: Dispatch) -> None:
    prove_dispatch(printed)
    with pytest.raises(Refused, match="カード型"):
        impose(printed, front=NONE, back=NONE, by=office.clerk, on=ON)


def test_an_auditor_may_not(proved: Dispatch) -> None:
    auditor = Clerk.objects.create_user("kansa", role="auditor")
    with pytest.raises(Refused, match="権限"):
        impose(proved, front=NONE, back=NONE, by=auditor, on=ON)


def test_a_file_that_is_not_the_proved_one_is_not_imposed(proved: Dispatch, cards: Office) -> None:
    path = files.folder(proved) / "certificates-0001.pdf"
    kept = path.read_bytes()
    path.write_bytes(kept + b" ")
    with pytest.raises(Refused, match=r"certificates-0001\.pdf が、照合したものと違う"):
        impose(proved, front=NONE, back=NONE, by=cards.clerk, on=ON)
    path.unlink()
    with pytest.raises(Refused, match=r"certificates-0001\.pdf が、照合したものと違う"):
        impose(proved, front=NONE, back=NONE, by=cards.clerk, on=ON)
    assert last(proved) is None and not imposing.folder(proved).exists()
    path.write_bytes(kept)
    impose(proved, front=NONE, back=NONE, by=cards.clerk, on=ON)


def test_what_was_pulled_is_left_out_and_its_place_says_so(imposed: Dispatch, cards: Office) -> None:
    assert to_print(imposed)
    member = cards.members["0002-01"]
    member.lost_on = ON
    member.save()
    with pytest.raises(Refused, match="引き抜く分が 1 件"):
        impose(imposed, front=NONE, back=NONE, by=cards.clerk, on=ON)
    (row,) = confirm(imposed, by=cards.clerk, on=ON)
    assert to_print(imposed) == {}
    answer = impose(imposed, front=NONE, back=NONE, by=cards.clerk, on=ON)
    assert (answer["cards"], answer["pulled"]) == (12, 1)
    assert SHEETS in to_print(imposed)
    rows = list(csv.DictReader((imposing.folder(imposed) / "places.csv").read_text("utf-8").splitlines()))
    (gone,) = [r for r in rows if r["pulled"] == "1"]
    assert gone["serial"] == row.serial
    with open_pdf(imposing.folder(imposed) / SHEETS) as pdf:
        for turned, side in enumerate(("front", "back")):
            with OpenPage(pdf, 2 * int(gone["sheet"]) - 1 + turned) as paper:
                assert paper.text(GRID.box(int(gone["place"]), side, NONE)).strip() == "抜取り"
                assert row.serial not in paper.full_text()


def rearranged(data: bytes, change: Any) -> bytes:
    """The sheets after somebody has moved what lies on the first one."""
    pdf = pdfium.PdfDocument(data)
    page = pdf[0]
    change(list(page.get_objects(max_depth=1)))
    page.gen_content()
    out = io.BytesIO()
    pdf.save(out)
    return out.getvalue()


def found(
    dispatch: Dispatch, data: bytes, front: Offset = NONE, back: Offset = NONE
) -> list[tuple[int, str]]:
    source = (files.folder(dispatch) / "certificates-0001.pdf").read_bytes()
    return [(d.page, d.field) for d in differences(SHEETS, data, source, items(dispatch), (front, back))]


@pytest.fixture
def sheets(imposed: Dispatch) -> Iterator[bytes]:
    data = (imposing.folder(imposed) / SHEETS).read_bytes()
    assert found(imposed, data) == []
    return data


def test_two_cards_that_were_swapped_are_caught(imposed: Dispatch, sheets: bytes) -> None:
    def swap(placed: list[Any]) -> None:
        first, fourth = placed[0].get_matrix(), placed[3].get_matrix()
        placed[0].set_matrix(fourth)
        placed[3].set_matrix(first)

    assert found(imposed, rearranged(sheets, swap)) == [(1, "place1"), (1, "place4")]


def test_a_page_recorded_for_another_card_is_caught_on_both_sides(proved: Dispatch, cards: Office) -> None:
    first, second = Enclosure.objects.filter(first_page__in=(1, 3)).order_by("first_page")
    Enclosure.objects.filter(pk=first.pk).update(first_page=3)
    Enclosure.objects.filter(pk=second.pk).update(first_page=1)
    with pytest.raises(Refused) as refused:
        impose(proved, front=NONE, back=NONE, by=cards.clerk, on=ON)
    assert [reason.split("ページ")[0] for reason in refused.value.reasons[1:]] == [
        f"{SHEETS} {page}" for page in (1, 2, 3, 4)
    ]
    assert last(proved) is None and not imposing.folder(proved).exists()


def test_a_card_that_lies_off_its_place_is_caught(imposed: Dispatch, sheets: bytes) -> None:
    def shift(by_mm: float) -> Any:
        return lambda placed: placed[2].transform(pdfium.PdfMatrix().translate(by_mm * 72 / 25.4, 0))

    assert found(imposed, rearranged(sheets, shift(0.05))) == []
    assert found(imposed, rearranged(sheets, shift(0.15))) == [(1, "place3")]


def test_cut_marks_off_their_places_are_caught(imposed: Dispatch, sheets: bytes) -> None:
    def shift(placed: list[Any]) -> None:
        placed[-1].transform(pdfium.PdfMatrix().translate(0.2 * 72 / 25.4, 0))

    assert found(imposed, rearranged(sheets, shift)) == [(1, "trim")]


def test_sides_swapped_lost_sheets_and_other_offsets_are_caught(imposed: Dispatch, sheets: bytes) -> None:
    def rebuilt(pages: list[int]) -> bytes:
        out, whole = pdfium.PdfDocument.new(), pdfium.PdfDocument(sheets)
        out.import_pages(whole, pages)
        buffer = io.BytesIO()
        out.save(buffer)
        return buffer.getvalue()

    assert found(imposed, rebuilt([0, 1])) == [(0, "page")]
    assert {page for page, _ in found(imposed, rebuilt([0, 3, 2, 1]))} == {2, 4}
    assert {page for page, _ in found(imposed, rebuilt([2, 3, 0, 1]))} == {1, 2, 3, 4}
    assert (2, "trim") in found(imposed, sheets, back=Offset(0.2, 0))


def test_ink_over_a_card_is_caught_where_its_text_still_reads(imposed: Dispatch, sheets: bytes) -> None:
    book = Book(Path("spot.pdf"))
    pen = book.pen(GRID.paper)
    qr = FORM.front.qr
    assert qr is not None
    pen.fill(qr.moved(15.4, 9.5), (1, 1, 1))
    pen.fill(Box("", 109 + 10, 9.5 + 30, 5, 5), (0, 0, 0))
    book.add_page(pen, kind="spot", reference="")
    pdf = pdfium.PdfDocument(sheets)
    page = pdf[0]
    page.insert_obj(pdfium.PdfDocument(book.data()).page_as_xobject(0, pdf).as_pageobject())
    page.gen_content()
    out = io.BytesIO()
    pdf.save(out)
    assert found(imposed, out.getvalue()) == [(1, "place1"), (1, "place2")]


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
    ("text", "offset"),
    [("0.5,-0.3", (0.5, -0.3)), ("0,0", (0, 0)), ("－０．５、１", (-0.5, 1)), (" 5 , -5 ", (5, -5))],
)
def test_an_offset_reads_as_millimetres(text: str, offset: tuple[float, float]) -> None:
    assert read_offset(text) == offset


@pytest.mark.parametrize(
    "text",
    ["", "1", "a,b", "nan,0", "inf,0", "1e1,0", "1,2,3", "0.5 0.3", "٣,0", "5.01,0", "0,-5.01", "99,0"],
)
def test_an_offset_that_is_no_offset_or_too_far_is_refused(text: str) -> None:
    with pytest.raises(BadInput, match="ずれの補正"):
        read_offset(text)


def test_with_the_furthest_offset_every_card_stays_on_the_paper() -> None:
    for side in ("front", "back"):
        for offset in (Offset(5, 5), Offset(-5, -5)):
            assert all(GRID.paper.holds(GRID.box(place, side, offset).inset(-4)) for place in range(1, 11))


def test_the_command_answers_the_counts_and_keeps_the_offset(
    proved: Dispatch, cards: Office, command: Any, tmp_path: Path
) -> None:
    answer = command("impose_cards", proved.pk, "--by", "haraguchi", "--offset-front=0.5,-0.2").json
    assert (answer["front"], answer["back"], answer["cards"]) == ("0.5,-0.2", "0,0", 13)
    again = command("impose_cards", proved.pk, "--by", "haraguchi", "--out", tmp_path / "out").json
    assert again["front"] == "0.5,-0.2"
    assert (tmp_path / "out" / SHEETS).read_bytes() == (imposing.folder(proved) / SHEETS).read_bytes()
    (tmp_path / "file").write_text("")
    assert command("impose_cards", proved.pk, "--by", "haraguchi", "--out", tmp_path / "file").code == 2
    bad = command("impose_cards", proved.pk, "--by", "haraguchi", "--offset-back=6,0")
    assert bad.code == 2


def test_the_page_asks_for_the_drift_lays_the_cards_out_and_hands_the_sheets_over(
    proved: Dispatch, cards: Office, client: Any
) -> None:
    def page(step: str) -> str:
        return reverse(f"admin:mailing_dispatch_{step}", args=[proved.pk])

    cards.clerk.is_staff = True
    cards.clerk.save()
    client.force_login(cards.clerk)
    refused = client.post(page("impose"), {"front": "7,x", "back": "6,0"}).content.decode()
    assert "「7,x」を読めません" in refused and "「6,0」は大きすぎ" in refused
    assert last(proved) is None
    done = client.post(page("impose"), {"front": "0.5,-0.2", "back": "0,0"}, follow=True).content.decode()
    assert "終わりました。" in done
    newest = last(proved)
    assert newest is not None and (newest.front, newest.back) == (Offset(0.5, -0.2), NONE)
    assert 'value="0.5,-0.2"' in client.get(page("impose")).content.decode()
    assert SHEETS in client.get(page("files")).content.decode()
    opened = client.get(page("files") + f"?name={SHEETS}")
    assert b"".join(opened.streaming_content) == (imposing.folder(proved) / SHEETS).read_bytes()
    with (imposing.folder(proved) / SHEETS).open("ab") as file:
        file.write(b" ")
    damaged = client.get(page("files") + f"?name={SHEETS}")
    assert damaged.status_code == 409 and "A4に面付けする" in damaged.content.decode()
    (imposing.folder(proved) / SHEETS).unlink()
    (imposing.folder(proved) / "places.csv").unlink()
    assert "前に面付けした用紙は出しません" in client.get(page("files")).content.decode()
