"""manage.py export_dispatch ID --by CLERK --to DIR: the proved files of a dispatch for an outside printer."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from core.commands import KenpoCommand, clerk_named
from mailing.bundling.outside import export
from mailing.services import dispatch_of


class Command(KenpoCommand):
    help = "照合の済んだ発送のファイルを、印刷会社に渡す照合表（control.csv）とともに書き出します。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("id", metavar="ID", help="発送の番号")
        parser.add_argument("--by", required=True, metavar="CLERK", help="担当者")
        parser.add_argument(
            "--to", required=True, metavar="DIR", type=Path, help="書き出すフォルダー（空か新しいもの）"
        )
        parser.add_argument("--on", metavar="YYYY-MM-DD", help="書き出す日（省略すると今日）")

    def run(self, **options: Any) -> dict[str, Any]:
        dispatch, clerk = dispatch_of(options["id"]), clerk_named(options["by"])
        return export(dispatch, options["to"], by=clerk, on=self.on(options["on"]))
