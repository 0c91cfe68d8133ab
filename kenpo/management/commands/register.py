from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from core import clock
from core.calendar import month_end, month_start
from core.commands import KenpoCommand
from core.errors import BadInput
from kenpo.reports import register, register_size
from kenpo.reports.paper import write_pdf
from kenpo.reports.sheets import write_xlsx
from members.services import society


class Command(KenpoCommand):
    help = "資格確認書交付簿を書き出します（発行番号、根拠、氏名、番号、交付日、期限、書損・再交付・回収）。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--from", dest="first", metavar="D", help="交付年月日の始め（なければ今月1日）")
        parser.add_argument("--to", dest="last", metavar="D", help="交付年月日の終わり（なければその月の末日）")
        parser.add_argument("--pdf", metavar="FILE", type=Path, help="書き出すPDF")
        parser.add_argument("--xlsx", metavar="FILE", type=Path, help="書き出す表計算ファイル")

    def run(self, **options: Any) -> dict[str, Any]:
        if not options["pdf"] and not options["xlsx"]:
            raise BadInput("--pdf か --xlsx で書き出すファイルを指定してください。")
        insurer, on = society(), clock.today()
        first = self.on(options["first"]) if options["first"] else month_start(on)
        last = self.on(options["last"]) if options["last"] else month_end(first)
        if first > last:
            raise BadInput("--to は --from 以後の日にしてください。")
        answer: dict[str, Any] = {"from": first, "to": last, "certificates": register_size(first, last)}
        if options["pdf"]:
            answer["pages"] = write_pdf(register(insurer, first, last, made_on=on), options["pdf"])
        if options["xlsx"]:
            answer["rows"] = write_xlsx(register(insurer, first, last, made_on=on), options["xlsx"])
        return answer
