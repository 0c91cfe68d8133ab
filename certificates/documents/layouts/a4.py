"""A4 portrait: for holders who need large type; the same fields in the same order as the other forms."""

from certificates.documents.layouts.base import (
    Cell,
    Donation,
    Form,
    Heading,
    Notes,
    Place,
    Row,
    Rule,
    Side,
    Style,
    Table,
)
from core.paper.sheet import Box, Sheet

LEFT, WIDTH = 20.0, 170.0
LABEL = 40.0

HEAD = Style("name", 22, 11, lines=2)
DATE = Style("label", 18, 14)
MARK = Style("label", 20, 12, lines=2)

FRONT = Side(
    band=Box("band", LEFT, 20, WIDTH, 20),
    ground=Box("ground", LEFT, 40, WIDTH, 237),
    places=(
        Place("title", Box("title", LEFT + 2, 20, 108, 20), Style("label_bold", 31, 26, align="justify")),
        Place("kind", Box("kind", 135, 23.5, 52, 13), Style("label_bold", 17, 17, align="center")),
        Place("issued_on", Box("issued_on", 140, 42, 50, 9), Style("label", 15, 12, align="right")),
    ),
    headings=(Heading("交付年月日", Box("", 108, 42, 32, 9), Style("label", 12, 12, align="right")),),
    tables=(
        Table(
            Box("person", LEFT, 53, WIDTH, 150),
            (
                Row(
                    15,
                    (
                        Cell("symbol", 17, MARK),
                        Cell("number", 17, MARK),
                        Cell("branch_number", 17, Style("label", 20, 14, align="center"), share=0.4),
                    ),
                ),
                Row(10, (Cell("name_kana", LABEL, Style("label", 14, 9, lines=2)),), stretch=0.3),
                Row(23, (Cell("name", LABEL, Style("name", 34, 15, lines=3), strong=True),)),
                Row(
                    13,
                    (
                        Cell("birth_date", LABEL, DATE, share=1.75),
                        Cell("sex", 18, Style("label", 17, 13, align="center")),
                    ),
                ),
                Row(13, (Cell("acquired_on", LABEL, DATE), Cell("certified_on", LABEL, DATE))),
                Row(15, (Cell("insured_name", LABEL, HEAD), Cell("head_name", LABEL, HEAD))),
                Row(13, (Cell("establishment_name", LABEL, Style("label", 18, 12, lines=2)),)),
                Row(13, (Cell("expected_loss_on", LABEL, DATE),)),
                Row(
                    13,
                    (
                        Cell("copayment", LABEL, Style("label_bold", 20, 16, align="center"), share=0.42),
                        Cell("effective_on", 30, DATE),
                    ),
                ),
                Row(16, (Cell("valid_through", LABEL, Style("label_bold", 24, 20), strong=True),)),
                Row(13, (Cell("limit_category", LABEL, Style("label", 16, 11)),)),
                Row(19, (Cell("specific_disease", LABEL, Style("label", 18, 12, lines=3)),)),
            ),
            label_size_pt=12,
            max_stretch=2.0,
            gap_mm=2.0,
        ),
        Table(
            Box("insurer", LEFT, 213, 128, 64),
            (
                Row(18, (Cell("insurer_address", LABEL, Style("label", 14, 10, lines=3)),)),
                Row(10, (Cell("insurer_phone", LABEL, Style("label", 15, 12)),)),
                Row(11, (Cell("insurer_number", LABEL, Style("label", 18, 15)),)),
                Row(14, (Cell("insurer_name", LABEL, Style("label_bold", 17, 11, lines=2)),)),
                Row(11, (Cell("serial", LABEL, Style("label", 15, 12)),)),
            ),
            label_size_pt=12,
            gap_mm=2.0,
        ),
    ),
    seal=Box("seal", 154, 213, 34, 34),
    qr=Box("qr", 158, 251, 26, 26),
)

BACK = Side(
    frames=(Box("", LEFT, 20, WIDTH, 28), Box("", LEFT, 50, WIDTH, 24)),
    headings=(
        Heading("住所", Box("", LEFT, 20, 20, 28), Style("label", 13, 13, align="center")),
        Heading("備考", Box("", LEFT, 50, 20, 24), Style("label", 13, 13, align="center")),
        Heading("注意事項", Box("", 75, 78, 60, 9), Style("label_bold", 15, 15, align="center")),
        Heading("発行番号", Box("", 139, 78, 22, 9), Style("label", 10, 10, align="right")),
    ),
    rules=(Rule(40, 20, 40, 48), Rule(40, 50, 40, 74), Rule(44, 34, 186, 34), Rule(44, 46, 186, 46)),
    places=(
        Place("address", Box("address", 43, 20.6, 144, 13), Style("label", 17, 11, lines=2)),
        Place("serial", Box("serial", 161, 78, 29, 9), Style("label", 12, 11, align="right")),
    ),
    tables=(
        Table(
            Box("remarks", 42, 51, 146, 22),
            (
                Row(11, (Cell("legal_name", 34, Style("name", 19, 9.5, lines=2)),)),
                Row(
                    11,
                    (
                        Cell("sex_remark", 16, Style("label", 16, 16), share=0.4),
                        Cell("former_surname", 16, Style("name", 18, 12)),
                    ),
                ),
            ),
            ruled=False,
            label_size_pt=12,
            gap_mm=2.0,
        ),
    ),
    notes=Notes((Box("notes", LEFT, 88, WIDTH, 114),), 13, 10, leading=1.35),
    donation=Donation(
        frame=Box("", LEFT, 206, WIDTH, 71),
        title=Box("", 22, 207.5, 50, 8),
        voluntary=Box("", 74, 207.5, 114, 8),
        text=Box("donation", 22, 217, 166, 38),
        signatures=(Box("", 23, 254, 80, 10), Box("", 23, 265, 80, 10), Box("", 107, 265, 80, 10)),
        size_pt=11,
        min_size_pt=9,
        title_size_pt=14,
    ),
)

FORM = Form("a4", Sheet(210, 297), FRONT, BACK)
