"""manage.py draft_first_round --by CLERK [--on D]: 資格情報のお知らせ for everyone, once."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from core.commands import KenpoCommand, clerk_named
from core.jobs import claim
from notices.services import draft_first_round


class Command(KenpoCommand):
    help = (
        "初回の一斉送付として、加入者全員の資格情報のお知らせを作成します。もう一度実行しても、"
        "まだ作成していない方の分だけが増えます。"
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--by", required=True, metavar="CLERK", help="作成する担当者")
        parser.add_argument("--on", metavar="YYYY-MM-DD", help="作成日（省略すると今日）")

    def run(self, **options: Any) -> dict[str, Any]:
        clerk, on = clerk_named(options["by"]), self.on(options["on"])
        with claim("draft_first_round", by=clerk):
            return {"notices": draft_first_round(on, by=clerk, on=on)}
