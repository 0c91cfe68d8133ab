"""``manage.py test_sheet FORM``: a sheet to lay beside the printed paper before a run.

Rulers in millimetres, the outline of every field and the longest values of an invented person, without and with the
optional items, so that a printer that shifts, scales or clips is seen before anybody's certificate is printed.
"""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from certificates.documents import layouts
from certificates.documents.face import CertificateFace, InsurerFace
from certificates.documents.layouts import card, card_sheet
from certificates.documents.optional_items import Wished
from core.errors import BadInput
from core.paper.book import Book
from core.paper.grid import read_offset
from members.optional_item import LimitCategory, SpecificDisease

REFERENCE = "TEST"

LONGEST = CertificateFace(
    kind="dependent",
    issued_on=date(2028, 12, 28),
    symbol="健保い特別第１２３号",
    number="12345678901234",
    branch_number="88",
    name="ﾊﾟﾌﾞﾛ・ディエゴ・ホセ・フランシスコ・デ・パウラ・フアン・ネポムセーノ・マリア",
    name_kana="パブロ ディエゴ ホセ フランシスコ デ パウラ フアン ネポムセーノ",
    birth_date=date(1954, 12, 28),
    sex="1",
    acquired_on=date(1994, 12, 28),
    valid_through=date(2033, 12, 27),
    insurer=InsurerFace(
        number="06130488",
        name="全国架空情報サービス産業総合健康保険組合",
        postal_code="105-0099",
        address="神奈川県横浜市架空区架空ヶ丘九丁目10番11号 架空情報サービス産業会館別館12階",
        phone="0120-000-1234",
    ),
    serial="8888888888888",
    printed_name="パブロ・ディエゴ・ホセ・フランシスコ・デ・パウラ",
    sex_on_back=True,
    former_surname="勅使河原",
    insured_name="パブロ・ディエゴ・ホセ・フランシスコ・デ・パウラ",
    expected_loss_on=date(2030, 12, 28),
    copayment_percent=30,
    effective_on=date(2028, 12, 29),
    recover_note_weeks=2,
    share_not_on_face=True,
    address="神奈川県横浜市架空区架空ヶ丘九丁目10番11号 架空ハイツ別館1203号室",
    show_address=True,
)
"""An invented person whose every field is as long as one can be."""
_SINCE, _LAST = date(2028, 12, 28), date(2030, 12, 27)
WITH_ITEMS = replace(
    LONGEST,
    establishment_name="架空情報サービス産業ホールディングス株式会社 首都圏事務センター",
    limit_category=Wished("limit_category", LimitCategory.ACTIVE_3, None, _SINCE, _LAST).words(_LAST),
    specific_disease=Wished("specific_disease", SpecificDisease.BLOOD_FACTOR, 10_000, _SINCE, _LAST).words(_LAST),
)
"""The same with every optional item of the face."""


class Command(BaseCommand):
    help = (
        "印刷位置を確かめるための試し刷り（ミリの目盛り、各欄の枠、最も長い記載）を作ります。"
        "--a4 を付けると、カード型をA4に面付けする用紙の表と裏を作ります。"
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "form", choices=sorted(layouts.FORMS), help="様式（postcard：はがき型、card：カード型、a4）"
        )
        parser.add_argument("--out", type=Path, help="出力する PDF（省略時は KENPO_HOME の paper フォルダ）")
        parser.add_argument(
            "--a4", action="store_true", help="カード型をA4に面付けするときの、ずれを測る用紙（表と裏）"
        )
        for side, word in (("front", "表"), ("back", "裏")):
            parser.add_argument(
                f"--offset-{side}",
                metavar="X,Y",
                default="0,0",
                help=f"--a4 の{word}に入れるずれの補正。補正が正しいかを刷り直して確かめます（--offset-{side}=-0.5,0.3）",
            )

    def handle(self, *args: Any, **options: Any) -> None:
        form: str = options["form"]
        try:
            front, back = read_offset(options["offset_front"]), read_offset(options["offset_back"])
        except BadInput as bad:
            self.stderr.write(str(bad))
            sys.exit(2)
        if options["a4"] and form != card.FORM.name:
            self.stderr.write("--a4 は、様式がカード型（card）のときだけ使えます。")
            sys.exit(2)
        name = f"test-sheet-{form}{'-a4' if options['a4'] else ''}.pdf"
        path: Path = options["out"] or Path(settings.KENPO_HOME) / "paper" / name
        with Book(path, title="試し刷り") as book:
            if options["a4"]:
                card_sheet.draw_test(book, front, back)
            else:
                for face in (LONGEST, WITH_ITEMS):
                    layouts.get(form).draw(book, face, reference=REFERENCE, guides=True)
        self.stdout.write("拡大・縮小なし（100 %）で印刷し、目盛りを定規と比べてください。")
        self.stdout.write(json.dumps({"form": form, "pages": book.page_count, "file": str(path)}, ensure_ascii=False))
