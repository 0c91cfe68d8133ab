"""高齢受給者証: はがき型 91 × 128 mm, as its paper has always been, in a colour that no certificate has."""

from __future__ import annotations

from certificates.documents.elderly_face import ElderlyFace
from certificates.documents.layouts.base import Cell, Form, Heading, Notes, Place, Row, Rule, Side, Style, Table
from certificates.documents.layouts.paint import Painter
from core.errors import Refused
from core.paper.book import Book, PageEntry
from core.paper.sheet import Box, Sheet

KIND = "elderly"
SIDES = ("front", "back")
LEFT, WIDTH = 5.0, 81.0
LABEL = 19.0

HEAD = Style("name", 12, 5.5, lines=2)
DATE = Style("label", 10.5, 8)
MARK = Style("label", 12, 6.5, lines=2)

FRONT = Side(
    band=Box("band", LEFT, 5, WIDTH, 10),
    ground=Box("ground", LEFT, 15, WIDTH, 108),
    places=(
        Place("title", Box("title", LEFT + 6, 5, WIDTH - 12, 10), Style("label_bold", 16, 16, align="justify")),
        Place("issued_on", Box("issued_on", 60.5, 15.8, 25.5, 4.6), Style("label", 8, 7, align="right")),
    ),
    headings=(Heading("交付年月日", Box("", 45, 15.8, 15.5, 4.6), Style("label", 6.5, 6.5, align="right")),),
    tables=(
        Table(
            Box("person", LEFT, 21, WIDTH, 69.5),
            (
                Row(
                    7.5,
                    (
                        Cell("symbol", 8, MARK, share=1.0),
                        Cell("number", 8, MARK, share=1.0),
                        Cell("branch_number", 8, Style("label", 12, 8, align="center"), share=0.4),
                    ),
                ),
                Row(4.8, (Cell("name_kana", LABEL, Style("label", 7.5, 5, lines=2)),), stretch=0.3),
                Row(11, (Cell("name", LABEL, Style("name", 18, 8, lines=3), strong=True),)),
                Row(
                    6.2,
                    (
                        Cell("birth_date", LABEL, DATE, share=1.75),
                        Cell("sex", 9, Style("label", 9, 6.5, align="center")),
                    ),
                ),
                Row(7.2, (Cell("insured_name", LABEL, HEAD), Cell("head_name", LABEL, HEAD))),
                Row(
                    10.5,
                    (Cell("copayment", LABEL, Style("label_bold", 20, 16, align="center"), strong=True),),
                    stretch=0.6,
                ),
                Row(6.2, (Cell("effective_on", LABEL, DATE),)),
                Row(7.6, (Cell("valid_through", LABEL, Style("label_bold", 13, 10), strong=True),)),
            ),
            max_stretch=1.8,
            gap_mm=1.0,
        ),
        Table(
            Box("insurer", LEFT, 93, 63, 30),
            (
                Row(8.5, (Cell("insurer_address", LABEL, Style("label", 8, 5.5, lines=3)),)),
                Row(4.8, (Cell("insurer_phone", LABEL, Style("label", 8.5, 7)),)),
                Row(5.2, (Cell("insurer_number", LABEL, Style("label", 10, 9)),)),
                Row(6.3, (Cell("insurer_name", LABEL, Style("label_bold", 10, 6.5, lines=2)),)),
                Row(5.2, (Cell("serial", LABEL, Style("label", 8.5, 7)),)),
            ),
        ),
    ),
    seal=Box("seal", 70, 93, 16, 16),
    qr=Box("qr", 71, 110.5, 14, 14),
)

BACK = Side(
    frames=(Box("", LEFT, 5, WIDTH, 12),),
    headings=(
        Heading("備考", Box("", LEFT, 5, 10, 12), Style("label", 7.5, 7.5, align="center")),
        Heading("高齢受給者証の注意事項", Box("", LEFT, 20.2, WIDTH, 5.3), Style("label_bold", 9, 9, align="center")),
        Heading("発行番号", Box("", 61.2, 17.2, 9, 2.9), Style("label", 5.5, 5.5, align="right")),
    ),
    rules=(Rule(15, 5, 15, 17, 0.08),),
    places=(Place("serial", Box("serial", 70.2, 17.2, 15.8, 2.9), Style("label", 6.5, 6, align="right")),),
    tables=(
        Table(
            Box("remarks", 16, 5.4, 69, 11.2),
            (
                Row(5.6, (Cell("legal_name", 17, Style("name", 11, 4.5, lines=2)),)),
                Row(5.6, (Cell("sex_remark", 8, Style("label", 9, 9)),)),
            ),
            ruled=False,
        ),
    ),
    notes=Notes((Box("notes", LEFT, 26, WIDTH, 96),), 8.5, 6.5, leading=1.4, gap=0.45),
)

FORM = Form(KIND, Sheet(91, 128), FRONT, BACK)


def draw(book: Book, face: ElderlyFace, *, guides: bool = False) -> list[PageEntry]:
    """Appends front and back to the book.

    Raises:
        MissingGlyphs, TextDoesNotFit: a field cannot be printed; nothing was added.
    """
    painter = Painter(FORM, face)
    ready = [(side, painter.stamps(book, side), painter.place(side)) for side in SIDES]
    return [
        painter.page(book, side, stamps=stamps, placed=placed, kind=KIND, reference=face.serial, guides=guides)
        for side, stamps, placed in ready
    ]


def check(face: ElderlyFace) -> list[Refused]:
    """Everything that keeps this face from being printed; empty when nothing does."""
    painter = Painter(FORM, face)
    return [problem for side in SIDES for problem in painter.problems(side)]
