"""はがき型 91 × 128 mm, portrait: the paper of the 高齢受給者証, carried folded in nothing."""

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

LEFT, WIDTH = 5.0, 81.0
LABEL = 19.0

HEAD = Style("name", 12, 5.5, lines=2)
DATE = Style("label", 10, 8)
MARK = Style("label", 12, 6.5, lines=2)

FRONT = Side(
    band=Box("band", LEFT, 5, WIDTH, 10),
    ground=Box("ground", LEFT, 15, WIDTH, 108),
    places=(
        Place("title", Box("title", LEFT + 1, 5, 51, 10), Style("label_bold", 15, 12.5, align="justify")),
        Place("kind", Box("kind", 60, 6.5, 25, 7), Style("label_bold", 8, 8, align="center")),
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
                    least_mm=5.8,
                ),
                Row(4.8, (Cell("name_kana", LABEL, Style("label", 7.5, 5, lines=2)),), stretch=0.3, least_mm=4.5),
                Row(11, (Cell("name", LABEL, Style("name", 18, 8, lines=3), strong=True),), least_mm=10.2),
                Row(
                    6.2,
                    (
                        Cell("birth_date", LABEL, DATE, share=1.75),
                        Cell("sex", 9, Style("label", 9, 6.5, align="center")),
                    ),
                    least_mm=3.5,
                ),
                Row(6.2, (Cell("acquired_on", LABEL, DATE), Cell("certified_on", LABEL, DATE)), least_mm=3.5),
                Row(7.2, (Cell("insured_name", LABEL, HEAD), Cell("head_name", LABEL, HEAD)), least_mm=4.9),
                Row(6.2, (Cell("establishment_name", LABEL, Style("label", 9, 6, lines=2)),), least_mm=5.3),
                Row(6.2, (Cell("expected_loss_on", LABEL, DATE, label="資格喪失予定年月日"),), least_mm=3.5),
                Row(
                    6.2,
                    (
                        Cell("copayment", LABEL, Style("label_bold", 11, 9, align="center"), share=0.42),
                        Cell("effective_on", 14, DATE, share=1.0),
                    ),
                    least_mm=3.9,
                ),
                Row(7.6, (Cell("valid_through", LABEL, Style("label_bold", 13, 10), strong=True),), least_mm=4.2),
                Row(6.2, (Cell("limit_category", LABEL, Style("label", 7.6, 5.3)),), least_mm=3.5),
                Row(9.0, (Cell("specific_disease", LABEL, Style("label", 9, 6, lines=3)),), least_mm=7.8),
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
    frames=(Box("", LEFT, 5, WIDTH, 14), Box("", LEFT, 19.8, WIDTH, 11.4)),
    headings=(
        Heading("住所", Box("", LEFT, 5, 10, 14), Style("label", 7.5, 7.5, align="center")),
        Heading("備考", Box("", LEFT, 19.8, 10, 11.4), Style("label", 7.5, 7.5, align="center")),
        Heading("注意事項", Box("", 32, 31.8, 27, 4.2), Style("label_bold", 7.5, 7.5, align="center")),
        Heading("発行番号", Box("", 59.2, 31.8, 11, 4.2), Style("label", 5.5, 5.5, align="right")),
    ),
    rules=(
        Rule(15, 5, 15, 19, 0.08),
        Rule(15, 19.8, 15, 31.2, 0.08),
        Rule(17, 11.8, 84, 11.8, 0.08),
        Rule(17, 18, 84, 18, 0.08),
    ),
    places=(
        Place("address", Box("address", 16.5, 5.4, 68, 6.2), Style("label", 9, 6, lines=2)),
        Place("serial", Box("serial", 70.2, 31.8, 15.8, 4.2), Style("label", 6.5, 6, align="right")),
    ),
    tables=(
        Table(
            Box("remarks", 16, 20.1, 69, 10.8),
            (
                Row(5.4, (Cell("legal_name", 17, Style("name", 11, 4.5, lines=2)),)),
                Row(
                    5.4,
                    (
                        Cell("sex_remark", 8, Style("label", 9, 9), share=0.4),
                        Cell("former_surname", 8, Style("name", 10, 6.5)),
                    ),
                ),
            ),
            ruled=False,
        ),
    ),
    notes=Notes((Box("notes", LEFT, 36, WIDTH, 49.8),), 7, 5, leading=1.28),
    donation=Donation(
        frame=Box("", LEFT, 86.4, WIDTH, 36.6),
        title=Box("", 6, 86.9, 26, 4),
        voluntary=Box("", 32, 86.9, 53, 4),
        text=Box("donation", 6, 90.8, 79, 20.6),
        signatures=(Box("", 6.5, 110.9, 38, 5.6), Box("", 6.5, 116.6, 38, 5.6), Box("", 46.5, 116.6, 38, 5.6)),
        size_pt=6,
        min_size_pt=5,
        title_size_pt=7,
    ),
)

FORM = Form("postcard", Sheet(91, 128), FRONT, BACK)
