"""What a printed file asks of the printer: its own size, and the side and edge its form needs."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c
import pytest
from django.test import Client

from certificates.documents import layouts
from certificates.documents.layouts import elderly
from certificates.management.commands.test_sheet import LONGEST
from core import clock
from core.paper.book import LONG_EDGE, SHORT_EDGE, SIMPLEX, Book
from kenpo.reports.paper import write_pdf
from kenpo.reports.table import Report
from mailing.bundling import imposing
from mailing.models import Dispatch, Enclosure
from mailing.papers import files
from mailing.post import pages
from mailing.services import assemble, print_dispatch, prove_dispatch
from notices.layouts import a4 as notice
from notices.letters import base
from notices.letters.forms import layout as form_layout
from tests.mailing.build import ON, office
from tests.mailing.imposition.sheets import NONE
from tests.mailing.test_elderly_paper import LONG as ELDERLY
from tests.notices.test_face import LONG as NOTICE
from tests.notices.test_letters import LETTERS, form

ROOT = Path(__file__).parents[2]
EDGES = {
    pdfium_c.Simplex: SIMPLEX,
    pdfium_c.DuplexFlipLongEdge: LONG_EDGE,
    pdfium_c.DuplexFlipShortEdge: SHORT_EDGE,
    pdfium_c.DuplexUndefined: "",
}


class Asked(NamedTuple):
    own_size: bool
    duplex: str


def asked(pdf: Path | bytes) -> Asked:
    with pdfium.PdfDocument(pdf) as document:
        scaled = pdfium_c.FPDF_VIEWERREF_GetPrintScaling(document)
        return Asked(not scaled, EDGES[pdfium_c.FPDF_VIEWERREF_GetDuplex(document)])


@pytest.fixture(autouse=True)
def _today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "today", lambda: ON)


@pytest.mark.parametrize(
    ("draw", "duplex"),
    [
        (lambda book: layouts.get("a4").draw(book, LONGEST, reference="1"), LONG_EDGE),
        (lambda book: layouts.get("postcard").draw(book, LONGEST, reference="1"), LONG_EDGE),
        # A landscape card turns like a leaf over its left edge, which is its short one; so do the ten on A4.
        (lambda book: layouts.get("card").draw(book, LONGEST, reference="1"), SHORT_EDGE),
        (lambda book: elderly.draw(book, ELDERLY), LONG_EDGE),
        (lambda book: notice.draw(book, NOTICE), SIMPLEX),
        (lambda book: base.draw(book, LETTERS["long refusal"]()), SIMPLEX),
        (lambda book: form_layout.draw(book, form("application", long=True).form()), SIMPLEX),
    ],
    ids=["a4", "postcard", "card", "elderly", "notice", "letter", "form"],
)
def test_each_form(draw: Callable[[Book], object], duplex: str, tmp_path: Path) -> None:
    with Book(tmp_path / "book.pdf") as book:
        draw(book)
    assert asked(book.path) == (True, duplex)


@pytest.mark.parametrize(
    ("form", "more", "duplex"),
    [("a4", (), LONG_EDGE), ("postcard", (), LONG_EDGE), ("card", (), SHORT_EDGE), ("card", ("--a4",), LONG_EDGE)],
)
def test_a_test_sheet_is_printed_like_its_form(
    form: str, more: tuple[str, ...], duplex: str, command: Callable, tmp_path: Path
) -> None:
    answer = command("test_sheet", form, *more, "--out", tmp_path / "test.pdf")
    assert asked(tmp_path / "test.pdf") == (True, duplex)
    assert "拡大・縮小なし（100 %）" in answer.out


def test_every_file_of_a_dispatch_and_what_is_made_from_it(
    db: None, home: Path, command: Callable, client: Client, tmp_path: Path
) -> None:
    cards = office(form="card")
    cards.certify(cards.household("0001", ["山田 太郎", "山田 花子"]))
    cards.certify(cards.household("0002", coverage_kind="voluntary"))
    for number in assemble(cards.run, by=cards.clerk, on=ON).dispatches:
        dispatch = Dispatch.objects.get(pk=number)
        print_dispatch(dispatch, by=cards.clerk, on=ON)
        prove_dispatch(dispatch)
        dispatch.refresh_from_db()
        imposing.impose(dispatch, front=NONE, back=NONE, by=cards.clerk, on=ON)
        for path in files.folder(dispatch).glob("*.pdf"):
            duplex = SHORT_EDGE if path.name.startswith("certificates") else SIMPLEX
            assert asked(path) == (True, duplex), path.name
        for path in imposing.folder(dispatch).glob("*.pdf"):
            assert asked(path) == (True, LONG_EDGE)
        page = pages.page_of(Enclosure.objects.filter(envelope__dispatch=dispatch)[0])
        assert asked(page) == (True, SHORT_EDGE)
        cards.clerk.is_staff = True
        cards.clerk.save()
        client.force_login(cards.clerk)
        said = client.get(f"/admin/mailing/dispatch/{dispatch.pk}/files/").content.decode()
        assert "拡大・縮小なし（100 %）" in said and "両面（短辺とじ）" in said and "片面" in said
        assert "両面（長辺とじ）" in said  # the ten on A4
    command("establishment_lists", "2026-11", "--by", "haraguchi", "--to", tmp_path / "lists")
    assert {asked(path) for path in (tmp_path / "lists").glob("*.pdf")} == {(True, SIMPLEX)}


def test_a_report(tmp_path: Path) -> None:
    write_pdf(Report("月報", "試験健康保険組合", ON, (), ()), tmp_path / "report.pdf")
    assert asked(tmp_path / "report.pdf") == (True, SIMPLEX)


def test_nothing_makes_a_pdf_in_another_way() -> None:
    makers = re.compile(r"canvas\.Canvas|PDFDocument\(|SimpleDocTemplate|PdfDocument\.new\(")
    found = {
        str(path.relative_to(ROOT))
        for floor in ("core", "members", "certificates", "notices", "exchange", "mailing", "kenpo")
        for path in (ROOT / floor).rglob("*.py")
        if makers.search(path.read_text("utf-8"))
    }
    assert found == {"core/paper/book.py", "core/paper/imposing.py", "mailing/post/pages.py"}


def test_the_handbook_says_so() -> None:
    handbook = (ROOT / "docs" / "operations.ja.md").read_text("utf-8")
    assert "拡大・縮小なし（100 %）" in handbook
    for name, edge in (("はがき型", "長辺"), ("カード型", "短辺"), ("A4型", "長辺")):
        assert re.search(rf"\| {name}[^|]*\| 両面（{edge}とじ）", handbook)
