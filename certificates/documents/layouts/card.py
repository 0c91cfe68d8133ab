"""カード型 85.6 × 54 mm, landscape: fits a wallet, so the back is set small and in two columns."""

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

LEFT, WIDTH = 3.0, 79.6
LABEL, NARROW = 14.5, 6.5

HEAD = Style("name", 8, 4, lines=2)
DATE = Style("label", 6.5, 5.5)
MARK = Style("label", 8, 5, lines=2)

FRONT = Side(
    band=Box("band", LEFT, 2.6, 51, 5.4),
    ground=Box("ground", LEFT, 8, WIDTH, 43),
    places=(
        Place("title", Box("title", LEFT + 0.5, 2.6, 31.5, 5.4), Style("label_bold", 9, 7.5, align="justify")),
        Place("kind", Box("kind", 35.7, 3.3, 17.6, 4), Style("label_bold", 5.6, 5.6, align="center")),
        Place("issued_on", Box("issued_on", 64.2, 3, 18.4, 4.6), Style("label", 6, 5.5, align="right")),
    ),
    headings=(Heading("交付年月日", Box("", 54.6, 3, 9.8, 4.6), Style("label", 5, 5, align="right")),),
    tables=(
        Table(
            Box("person", LEFT, 8.6, 66, 30),
            (
                Row(
                    3.8,
                    (
                        Cell("symbol", NARROW, MARK),
                        Cell("number", NARROW, MARK),
                        Cell("branch_number", NARROW, Style("label", 8, 6, align="center"), share=0.36),
                    ),
                    least_mm=2.75,
                ),
                Row(2.7, (Cell("name_kana", LABEL, Style("label", 5, 3.3)),), stretch=0.3, least_mm=1.9),
                Row(6.2, (Cell("name", LABEL, Style("name", 13, 4.5, lines=3), strong=True),), least_mm=4.05),
                Row(
                    3.3,
                    (
                        Cell("birth_date", LABEL, DATE, share=1.6),
                        Cell("sex", NARROW, Style("label", 6.5, 5, align="center")),
                    ),
                    least_mm=2.55,
                ),
                Row(
                    3.3,
                    (
                        Cell("acquired_on", LABEL, DATE),
                        Cell("certified_on", LABEL, DATE),
                        Cell("expected_loss_on", 16, DATE),
                    ),
                    least_mm=2.55,
                ),
                Row(3.7, (Cell("insured_name", LABEL, HEAD), Cell("head_name", LABEL, HEAD)), least_mm=2.45),
                Row(2.9, (Cell("establishment_name", LABEL, Style("label", 6, 3.6)),), least_mm=1.95),
                Row(
                    3.3,
                    (
                        Cell("copayment", LABEL, Style("label_bold", 7, 6, align="center"), share=0.5),
                        Cell("effective_on", 11, DATE),
                    ),
                    least_mm=2.75,
                ),
                Row(3.7, (Cell("valid_through", LABEL, Style("label_bold", 8, 7), strong=True),), least_mm=3.1),
                Row(3.0, (Cell("limit_category", LABEL, Style("label", 6.5, 4.5)),), least_mm=2.15),
                Row(4.2, (Cell("specific_disease", LABEL, Style("label", 6, 3.6, lines=2)),), least_mm=3.5),
            ),
            label_size_pt=5,
            max_stretch=1.5,
        ),
        Table(
            Box("insurer", LEFT, 39.6, 66, 11.6),
            (
                Row(3.65, (Cell("insurer_address", LABEL, Style("label", 5.5, 3.8, lines=2)),)),
                Row(
                    2.5,
                    (
                        Cell("insurer_phone", LABEL, Style("label", 5.8, 5)),
                        Cell("insurer_number", 10.5, Style("label", 6.2, 5.5), share=0.9),
                    ),
                ),
                Row(2.95, (Cell("insurer_name", LABEL, Style("label_bold", 7, 4.5)),)),
                Row(2.5, (Cell("serial", LABEL, Style("label", 5.8, 5)),)),
            ),
            label_size_pt=5,
        ),
    ),
    seal=Box("seal", 70.3, 39.4, 12, 12),
    qr=Box("qr", 69.8, 8.4, 13, 13),
)

BACK = Side(
    frames=(Box("", LEFT, 2, 43, 8), Box("", 47, 2, 35.6, 8)),
    headings=(
        Heading("住所", Box("", LEFT, 2, 5.5, 8), Style("label", 5, 5, align="center")),
        Heading("備考", Box("", 47, 2, 5.5, 8), Style("label", 5, 5, align="center")),
        Heading("注意事項", Box("", 32.8, 10.1, 20, 2.2), Style("label_bold", 5, 5, align="center")),
        Heading("発行番号", Box("", 62.2, 10.1, 8, 2.2), Style("label", 4, 4, align="right")),
    ),
    rules=(
        Rule(8.5, 2, 8.5, 10, 0.06),
        Rule(52.5, 2, 52.5, 10, 0.06),
        Rule(9.5, 5.9, 45, 5.9, 0.06),
        Rule(9.5, 9.5, 45, 9.5, 0.06),
    ),
    places=(
        Place("address", Box("address", 9.2, 2.15, 36.2, 3.6), Style("label", 6, 3.6, lines=2)),
        Place("serial", Box("serial", 70.2, 10.1, 12.4, 2.2), Style("label", 5, 4.5, align="right")),
    ),
    tables=(
        Table(
            Box("remarks", 52.7, 2.1, 29.8, 7.8),
            (
                Row(5, (Cell("legal_name", 9.4, Style("name", 7, 3.6, lines=3)),)),
                Row(
                    2.7,
                    (
                        Cell("sex_remark", 5, Style("label", 5.5, 5), share=0.5),
                        Cell("former_surname", 5, Style("name", 6, 4)),
                    ),
                ),
            ),
            ruled=False,
            label_size_pt=4,
        ),
    ),
    notes=Notes(
        (Box("notes", LEFT - 0.3, 12.2, 39.7, 22.2), Box("notes", 43.2, 12.2, 39.7, 22.2)),
        4.1,
        3.6,
        leading=1.2,
        gap=0.15,
    ),
    donation=Donation(
        frame=Box("", LEFT, 34.5, WIDTH, 17.6),
        title=Box("", 3.3, 34.6, 20, 2.3),
        voluntary=Box("", 35, 34.6, 47.3, 2.3),
        text=Box("donation", 3.3, 36.8, 79, 11.5),
        signatures=(Box("", 3.6, 48.3, 24, 3.5), Box("", 28.8, 48.3, 26, 3.5), Box("", 56, 48.3, 26, 3.5)),
        size_pt=4.2,
        min_size_pt=3.6,
        title_size_pt=4.8,
        leading=1.2,
        gap=0.1,
    ),
)

FORM = Form("card", Sheet(85.6, 54), FRONT, BACK)
