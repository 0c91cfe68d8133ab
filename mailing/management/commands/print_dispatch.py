"""manage.py print_dispatch ID --by CLERK: PDF files and manifest of one dispatch."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from core.commands import KenpoCommand, clerk_named
from mailing.services import dispatch_of, print_dispatch


class Command(KenpoCommand):
    help = "発送の書類・一覧・宛名と目録を印刷ファイルにします。もう一度実行しても印刷しません。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("id", metavar="ID", help="発送の番号")
        parser.add_argument("--by", required=True, metavar="CLERK", help="担当者")
        parser.add_argument("--on", metavar="YYYY-MM-DD", help="印刷日（省略すると今日）")

    def run(self, **options: Any) -> dict[str, Any]:
        dispatch, clerk = dispatch_of(options["id"]), clerk_named(options["by"])
        return print_dispatch(dispatch, by=clerk, on=self.on(options["on"], after=dispatch))
