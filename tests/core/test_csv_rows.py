"""The one reader of CSV files: what it refuses and where, and what it lets pass."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.csv_rows import LINE_MAX, CsvRows, open_csv, open_lines
from core.errors import BadInput, Mistake

KNOWN = ("a", "b")


def read(
    path: Path, content: bytes, **options: bool
) -> tuple[list[str], list[tuple[int, list[str], list[str | None]]]]:
    """The columns, and each row: line, cells, columns of its mistakes."""
    path.write_bytes(content)
    with open_csv(path, required=KNOWN, known=KNOWN, **options) as file:
        return file.names, [(line, cells, [m.column for m in mistakes]) for line, cells, mistakes in file]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "f.csv"


@pytest.mark.parametrize(
    ("content", "line", "column", "said"),
    [
        (b"", 1, None, "空です"),
        (b"\n\r\n,,\n", 1, None, "空です"),
        (b"a\n1\n", 1, "b", "この列がありません"),
        (b"\n\na\n1\n", 3, "b", "この列がありません"),
        (b"a,b,a\n1,2,3\n", 1, "a", "二つあります"),
        (b"a,b, b \n1,2,3\n", 1, "b", "二つあります"),
        (b"a,b,c\0\n1,2,3\n", 1, None, "列の名前に使えない文字"),
        ("a,b\n1,2\n山,田\n".encode("cp932"), 3, None, "UTF-8ではありません"),
        (b"a,b\n1,2\n3,\xff\n", 3, None, "UTF-8ではありません"),
        ("a,b\n".encode("utf-16"), 1, None, "UTF-8ではありません"),
        (b'a,b\n1,2\n"3,4\n5,6\n', 3, None, "引用符"),
        (b'a,b\n1,"x"y\n', 2, None, "引用符"),
        (b"a,b\n1,2\n3," + b"x" * 140_000 + b"\n", 3, None, "長すぎる"),
        (b'a,b\n1,2\n3,"' + b"x\n" * 70_000, 3, None, "長すぎる"),
        (b"a,b\n1,2\n" + b"x," * LINE_MAX, 3, None, "長すぎる"),
    ],
)
def test_what_cannot_be_read_is_told_with_its_line(
    path: Path, content: bytes, line: int, column: str | None, said: str
) -> None:
    with pytest.raises(BadInput) as bad:
        read(path, content)
    assert [(m.line, m.column) for m in bad.value.mistakes] == [(line, column)]
    assert said in bad.value.mistakes[0].expected


def test_every_missing_and_doubled_column_is_named(path: Path) -> None:
    with pytest.raises(BadInput) as bad:
        read(path, b"c,c\n1,2\n")
    assert [m.column for m in bad.value.mistakes] == ["a", "b"]
    with pytest.raises(BadInput) as bad:
        read(path, b"a,b,b,a\n")
    assert [m.column for m in bad.value.mistakes] == ["a", "b"]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_rows_are_found_by_the_line_on_which_they_start(path: Path, end: str, mark: str) -> None:
    lines = ["", "a,b", "1,2", "", '"x', 'y",3', ",", "4,5"]
    names, rows = read(path, (mark + end.join(lines)).encode())
    assert names == ["a", "b"]
    assert rows == [(3, ["1", "2"], []), (5, [f"x{end}y", "3"], ["a"]), (8, ["4", "5"], [])]


def test_a_row_of_another_width_is_told_and_empty_cells_at_its_end_are_none(path: Path) -> None:
    _, rows = read(path, b"a,b,,\n1\n1,2,3\n1,2,,,\n1,\n")
    assert rows == [(2, ["1"], [None]), (3, ["1", "2", "3"], [None]), (4, ["1", "2"], []), (5, ["1", ""], [])]
    path.write_bytes(b"a,b\n1,2,3\n")
    with open_csv(path) as file:
        ((_, _, (mistake,)),) = file
    assert mistake.line == 2 and "2列のはずが3列" in mistake.expected


@pytest.mark.parametrize("bad", ["\0", "\x01", "\x1b", "\x7f", "\x85", "\x9f", "\n", "\r"])
def test_control_characters_are_refused_cell_by_cell(path: Path, bad: str) -> None:
    content = f'a,b\n1,"x{bad}y"\n"{bad}z","{bad}"\n3,4\n'.encode()
    _, rows = read(path, content)
    assert [columns for _, _, columns in rows] == [["b"], ["a", "b"], []]


def test_a_tab_is_a_blank_and_a_load_refuses_nothing_but_nul(path: Path) -> None:
    assert read(path, b"a,b\n1\t,2\n")[1] == [(2, ["1\t", "2"], [])]
    content = b'a,b\n1,"x\n\x01"\n3,\0\n'
    assert [columns for _, _, columns in read(path, content, only_nul=True)[1]] == [[], ["b"]]


def test_a_column_that_nobody_reads_is_named_and_may_stand_twice(path: Path) -> None:
    path.write_bytes(b'a,x,b,x,\n1,"2\n\0",3,4\n')
    with open_csv(path, required=KNOWN, known=KNOWN) as file:
        assert file.unknown == ["x", "x"]
        assert [row.mistakes for row in file] == [()]
    with pytest.raises(BadInput, match="二つあります"):
        CsvRows(["a,x,b,x\n"])


def test_a_corrected_list_of_errors_is_read_as_the_file_itself(path: Path) -> None:
    names, rows = read(path, b"line,column,reason,a,b\n7,a,bad,1,2\n7,a\n")
    assert names == ["a", "b"] and rows == [(2, ["1", "2"], []), (3, [], [None])]
    assert CsvRows(["line,column,reason,filed_reason\n"]).names == ["reason"]


def test_a_file_that_is_not_there_or_cannot_be_opened(tmp_path: Path) -> None:
    for path, said in ((tmp_path / "none", "見つかりません"), (tmp_path, "開けません"), (Path("a\0b"), "開けません")):
        with pytest.raises(BadInput, match=said), open_csv(path):
            pass


def test_lines_without_columns(path: Path) -> None:
    path.write_bytes("\ufeff1\n\n2\n".encode())
    with open_lines(path) as lines:
        assert [line.strip() for line in lines] == ["1", "", "2"]
    path.write_bytes(b"1\n\xff\n")
    with pytest.raises(BadInput) as bad, open_lines(path) as lines:
        list(lines)
    assert bad.value.mistakes == (Mistake(bad.value.mistakes[0].expected, line=2),)
