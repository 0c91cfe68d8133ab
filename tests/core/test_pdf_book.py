"""A book is whole or absent, the same bytes every time, and its names read back code point for code point."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from core.errors import Fault
from core.paper import readback
from core.paper.book import Book, Field, PageEntry, write_whole
from core.paper.draw import fit_text, qr_rows, seal_columns
from core.paper.sheet import Box, Sheet
from tests.readback import compare_all, fonts_of, red_share

SHEET = Sheet(91, 128)
SEAL = Box("seal", 60, 90, 18, 18)
NAMES = [
    "山田 一",
    "\U00020bb7田　\ufa19子",
    "渡\u9089\U000e0110 髙\ufa11",
    "\u9089\U000e0110\u9089\u9089\U000e0111",
    "ﾊﾟﾌﾞﾛ・ディエゴ゜",
    "Ana-María O'Neil-",
]


def bind(path: Path, names: list[str] = NAMES, *, sealed: bool = True) -> Book:
    with Book(path, title="試験") as book:
        for number, name in enumerate(names):
            box = Box("name", 5, 10, 40, 12)
            pen = book.pen(SHEET)
            pen.put(fit_text(box, name, "name", 12, 6, lines=2))
            pen.qr(Box("qr", 5, 90, 14, 14), f"{number:013}")
            stamps = (book.stamp("seal", SHEET, lambda pen: pen.seal(SEAL, "みなと健康保険組合")),) if sealed else ()
            fields = {"name": Field(box, name, "name")}
            book.add_page(pen, kind="certificate", reference=str(number), fields=fields, stamps=stamps)
    return book


def test_every_name_reads_back_code_point_for_code_point(tmp_path: Path) -> None:
    book = bind(tmp_path / "book.pdf")
    assert book.bound is not None and book.bound.page_count == len(NAMES)
    assert compare_all(book.bound.entries, book.path) == []


@pytest.mark.parametrize(
    ("printed", "expected"),
    [
        ("\u795e", "\ufa19"),
        ("\u9089", "\u9089\U000e0110"),
        ("\u9089\U000e0111", "\u9089\U000e0110"),
        ("一郎", "一朗"),
        ("山田", "山 田"),
    ],
)
def test_a_name_of_a_near_relation_is_a_difference(tmp_path: Path, printed: str, expected: str) -> None:
    book = bind(tmp_path / "book.pdf", [printed])
    entry = book.entries[0]
    wrong = replace(entry, fields={"name": entry.fields["name"]._replace(text=expected)})
    (difference,) = compare_all([wrong], book.path)
    assert (difference.field, difference.expected, difference.found) == ("name", expected, printed)


def test_a_missing_and_a_surplus_page_are_differences(tmp_path: Path) -> None:
    book = bind(tmp_path / "book.pdf")
    short = compare_all(book.entries[:-1], book.path)
    assert [(d.page_number, d.field) for d in short] == [(len(NAMES), "page")]
    more = [*book.entries, PageEntry(len(NAMES) + 1, "certificate", "x")]
    assert [d.page_number for d in compare_all(more, book.path)] == [len(NAMES) + 1]


def test_the_same_input_gives_the_same_bytes_in_another_process(tmp_path: Path) -> None:
    here = bind(tmp_path / "here.pdf").bound
    assert here is not None
    code = (
        "import sys; from pathlib import Path; from tests.core.test_pdf_book import bind; "
        "print(bind(Path(sys.argv[1])).bound.sha256)"
    )
    there = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "there.pdf")],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[2],
        env={"PYTHONHASHSEED": "7", "PATH": "/usr/bin:/bin", "DJANGO_SETTINGS_MODULE": "tests.settings"},
    )
    assert there.stdout.strip() == here.sha256 == hashlib.sha256((tmp_path / "here.pdf").read_bytes()).hexdigest()


def test_one_other_character_gives_other_bytes(tmp_path: Path) -> None:
    first, second = bind(tmp_path / "a.pdf", ["山田"]).bound, bind(tmp_path / "b.pdf", ["山本"]).bound
    assert first is not None and second is not None and first.sha256 != second.sha256


def test_a_book_that_fails_leaves_no_file_and_no_neighbour(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError), Book(tmp_path / "book.pdf") as book:
        book.add_page(book.pen(SHEET), kind="certificate", reference="1")
        raise RuntimeError
    assert list(tmp_path.iterdir()) == []


def test_a_write_that_breaks_off_leaves_the_former_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "book.pdf"
    path.write_bytes(b"former")

    def broken(*arguments: object) -> None:
        raise OSError("disk full")

    for step in ("fsync", "replace"):
        with monkeypatch.context() as patch, pytest.raises(OSError, match="disk full"):
            patch.setattr(f"core.paper.book.os.{step}", broken)
            write_whole(path, b"new")
        assert path.read_bytes() == b"former" and list(tmp_path.iterdir()) == [path]
    write_whole(path, b"new")
    assert path.read_bytes() == b"new" and list(tmp_path.iterdir()) == [path]


def test_only_embedded_fonts_are_in_the_file(tmp_path: Path) -> None:
    book = bind(tmp_path / "book.pdf")
    with readback.open_pdf(book.path) as pdf:
        assert fonts_of(pdf, 1) == {"IPAmjMincho"}
    assert b"Helvetica" not in book.path.read_bytes()


def test_the_seal_is_seen_where_it_was_printed_and_only_there(tmp_path: Path) -> None:
    with readback.open_pdf(bind(tmp_path / "sealed.pdf").path) as pdf:
        assert red_share(pdf, 1, SEAL) > 0.15
        assert red_share(pdf, 1, Box("name", 5, 10, 40, 12)) == 0
    with readback.open_pdf(bind(tmp_path / "bare.pdf", sealed=False).path) as pdf:
        assert red_share(pdf, 1, SEAL) == 0


def test_a_file_that_is_no_pdf_is_a_fault(tmp_path: Path) -> None:
    (tmp_path / "bad.pdf").write_bytes(b"no pdf")
    for name in ("bad.pdf", "absent.pdf"):
        with pytest.raises(Fault), readback.open_pdf(tmp_path / name):
            pass


def test_the_seal_has_no_empty_place_and_reads_from_the_right() -> None:
    columns = seal_columns("みなと健康保険組合")
    assert "".join("".join(column) for column in columns) == "みなと健康保険組合之印"
    assert max(map(len, columns)) - min(map(len, columns)) <= 1


def test_a_thirteen_digit_serial_needs_the_smallest_qr_code() -> None:
    assert len(qr_rows("1000000000017")) == 21
