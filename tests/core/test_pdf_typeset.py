"""Text fits its box or refuses; Japanese lines end where they may."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.paper import typeset
from core.paper.fonts import MissingGlyphs, width_pt
from core.paper.sheet import Box, Sheet, mm_to_pt, pt_to_mm

BOX = Box("name", 10, 20, 40, 10)


def edges(placed: typeset.Placed, line: typeset.Line) -> tuple[float, float]:
    width = pt_to_mm(width_pt(line.text.rstrip(), placed.role, placed.size_pt))
    return line.x_mm, line.x_mm + width


@given(st.text(alphabet="山田太郎 ・アーＡa1", min_size=1, max_size=60), st.sampled_from(["left", "center", "right"]))
def test_text_stays_within_its_box_or_refuses(text: str, align: typeset.Align) -> None:
    try:
        placed = typeset.fit_text(BOX, text, "label", 14, 5, lines=2, align=align)
    except typeset.TextDoesNotFit:
        return
    assert "".join(line.text for line in placed.lines) == text
    assert 5 <= placed.size_pt <= 14
    for line in placed.lines:
        left, right = edges(placed, line)
        assert BOX.x_mm < left and right < BOX.right_mm
        em_mm = pt_to_mm(placed.size_pt)
        assert BOX.y_mm < line.baseline_mm - 0.88 * em_mm
        assert line.baseline_mm + 0.12 * em_mm < BOX.bottom_mm


def test_a_short_text_keeps_its_full_size() -> None:
    assert typeset.fit_text(BOX, "山田", "name", 14, 5).size_pt == 14


def test_a_longer_text_shrinks_before_it_wraps() -> None:
    placed = typeset.fit_text(BOX, "山" * 10, "name", 14, 5, lines=2)
    assert len(placed.lines) == 1 and placed.size_pt < 14


def test_a_name_that_would_be_tiny_on_one_line_takes_two_and_breaks_at_the_space() -> None:
    placed = typeset.fit_text(BOX, "寿限無寿限無五劫之擦切 海砂利水魚之水行末", "name", 14, 5, lines=2)
    assert [line.text for line in placed.lines] == ["寿限無寿限無五劫之擦切 ", "海砂利水魚之水行末"]


def test_lines_that_end_at_a_space_stand_flush_right() -> None:
    text = "寿限無寿限無五劫之擦切 海砂利水魚之水行末来末"
    placed = typeset.fit_text(BOX, text, "name", 14, 5, lines=2, align="right")
    first, second = (edges(placed, line)[1] for line in placed.lines)
    assert placed.lines[0].text.endswith(" ")
    assert first == pytest.approx(second, abs=0.001)


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("限度額は一月10,000円まで", ["限度額は一月", "10,000円まで"]),
        ("ああああああ12345日いいいいい", ["ああああああ", "12345日いいいいい"]),
        ("12345678901234", ["1234567", "8901234"]),
        ("健保い特別第１２３号-0008-00", ["健保い特別第", "１２３号-0008-00"]),
        ("架空市架空町六丁目架空館一号", ["架空市架空町", "六丁目架空館一号"]),
    ],
)
def test_a_field_on_two_lines_keeps_its_numbers_whole_where_it_can(text: str, lines: list[str]) -> None:
    assert typeset.split_evenly(text, "label", 2) == lines


def test_a_text_that_fits_only_without_a_good_line_end_is_set_without_one() -> None:
    """Two lines of 21 fit; the space after 24 of them would ask for smaller type."""
    text = "架" * 23 + " " + "空" * 18
    assert width_pt("架" * 24, "label", 5) > mm_to_pt(BOX.width_mm)
    placed = typeset.fit_text(BOX, text, "label", 8, 5, lines=2)
    assert [line.text for line in placed.lines] == ["架" * 21, "架架 " + "空" * 18]


def test_what_does_not_fit_at_the_smallest_size_refuses_and_names_the_field_only() -> None:
    with pytest.raises(typeset.TextDoesNotFit) as refusal:
        typeset.fit_text(BOX, "山田" * 40, "name", 14, 5, lines=2, title="氏名")
    assert "氏名" in str(refusal.value) and "山田" not in str(refusal.value)


def test_a_character_without_glyph_refuses() -> None:
    with pytest.raises(MissingGlyphs):
        typeset.fit_text(BOX, "山田\U0001f600", "name", 14, 5)


@given(st.text(alphabet="あいう、。（）「」ー日数5a", min_size=1, max_size=80))
def test_breaking_lines_loses_nothing_and_keeps_the_width(text: str) -> None:
    lines = typeset.break_lines(text, "label", 10, 30)
    assert "".join(lines) == text
    assert all(width_pt(line, "label", 10) <= mm_to_pt(30) + 1e-6 for line in lines)


def test_no_line_begins_with_a_closing_mark_or_ends_with_an_opening_one() -> None:
    text = "窓口でこの証を見せてください（不要です）。お持ちの方は、一緒に「見せて」ください。" * 3
    for width in range(20, 60):
        lines = typeset.break_lines(text, "label", 10, width)
        assert not any(line[0] in typeset.NOT_FIRST for line in lines[1:])
        assert not any(line[-1] in typeset.NOT_LAST for line in lines[:-1])


@pytest.mark.parametrize("number", ["15日以内", "1,500円以内", "１２番以内"])
def test_a_number_and_its_counter_stay_together(number: str) -> None:
    lines = typeset.break_lines(f"ああああああ{number}", "label", 10, pt_to_mm(75))
    assert lines == ["ああああああ", number]


@pytest.mark.parametrize(
    ("over", "last"),
    [
        (1, "ください。"),  # 。 may not stand alone, さ and い come with it
        (2, "ください。"),
        (4, "ください。"),
        (5, "ください。"),
        (6, "てください。"),
    ],
)
def test_no_long_paragraph_ends_with_a_scrap(over: int, last: str) -> None:
    text = "架" * 34 + "添えてください。"
    lines = typeset.break_lines(text, "label", 10, pt_to_mm(10 * (len(text) - over)))
    assert lines == [text.removesuffix(last), last]


@pytest.mark.parametrize("room", range(11, 21))
def test_a_date_stays_on_one_line(room: int) -> None:
    date = "令和8年10月23日"
    lines = typeset.break_lines(f"（返納の期限：{date}まで）いろはにほへとちりぬるを", "label", 10, pt_to_mm(10 * room))
    assert any(date in line for line in lines)


def test_a_date_is_not_parted_for_the_last_line() -> None:
    text = "架" * 40 + "令和8年10月23日）。"
    for over in range(1, 12):
        width = width_pt(text, "label", 10) - 5 * over
        assert any("令和8年10月23日" in line for line in typeset.break_lines(text, "label", 10, pt_to_mm(width)))


def test_a_narrow_column_lends_nothing_to_the_last_line() -> None:
    """Its lines would gape."""
    text = "架" * 12 + "添えてください。"
    assert typeset.break_lines(text, "label", 10, pt_to_mm(180))[-1] == "い。"


def test_notes_flow_into_the_next_column_at_the_largest_size_that_holds_them() -> None:
    columns = (Box("notes", 0, 0, 40, 20), Box("notes", 45, 0, 40, 20))
    notes = [typeset.Paragraph("有効期限を過ぎた証は使えません。" * 2, f"{n}.") for n in range(1, 8)]
    placed = typeset.flow(columns, notes, "notes", 9, 4)
    assert 4 <= placed.size_pt < 9
    assert any(line.x_mm > 45 for line in placed.lines)
    assert all(line.baseline_mm < 20 for line in placed.lines)
    with pytest.raises(typeset.TextDoesNotFit):
        typeset.flow(columns, notes, "notes", 9, 8.5)


@pytest.mark.parametrize(("smallest", "split"), [(4, False), (8, True)])
def test_a_note_is_split_between_columns_only_where_the_notes_do_not_fit_whole(smallest: float, split: bool) -> None:
    columns = (Box("notes", 0, 0, 40, 20), Box("notes", 45, 0, 40, 20))
    notes = [typeset.Paragraph("有効期限を過ぎた証は使えません。" * 2, f"{n}.") for n in range(1, 4)]
    placed = typeset.flow(columns, notes, "notes", 9, smallest)
    second = [line.text for line in placed.lines if line.x_mm >= 45]
    assert (second[0] != "3.") is split and "3." in second


def test_millimetres_from_the_top_become_points_from_the_bottom() -> None:
    sheet = Sheet(254, 127)
    assert sheet.size_pt == pytest.approx((720, 360))
    assert sheet.rect_pt(Box("x", 25.4, 25.4, 25.4, 12.7)) == pytest.approx((72, 252, 144, 288))
    assert sheet.holds(Box("x", 0, 0, 254, 127)) and not sheet.holds(Box("x", 1, 0, 254, 127))
