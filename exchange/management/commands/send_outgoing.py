"""``send_outgoing``: notes that a file of requests was handed to the fund."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from core.commands import KenpoCommand, clerk_named, number
from exchange import outgoing
from exchange.outgoing import saying


class Command(KenpoCommand):
    help = "依頼ファイルを基金へ渡したことを記録します。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("id", metavar="ID", type=number)
        parser.add_argument("--by", metavar="CLERK", required=True, help="担当者")
        parser.add_argument("--on", metavar="D", help="渡した日（なければ今日）")

    def run(self, **options: Any) -> dict[str, Any]:
        file = saying.file_of(options["id"])
        outgoing.send(file, by=clerk_named(options["by"]), on=self.on(options["on"]))
        return saying.values(file)
