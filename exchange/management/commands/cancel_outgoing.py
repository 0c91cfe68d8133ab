"""``cancel_outgoing``: cancels a file that the fund has not taken in; its requests wait for the next one."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from core.commands import KenpoCommand, clerk_named, number
from exchange import outgoing
from exchange.outgoing import saying


class Command(KenpoCommand):
    help = "基金が受け付けていない依頼ファイルを取り消します。載っていた依頼は次のファイルに載ります。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("id", metavar="ID", type=number)
        parser.add_argument("--reason", metavar="理由", required=True)
        parser.add_argument("--by", metavar="CLERK", required=True, help="担当者")
        parser.add_argument("--on", metavar="D", help="日（なければ今日）")

    def run(self, **options: Any) -> dict[str, Any]:
        file = saying.file_of(options["id"])
        outgoing.cancel(file, reason=options["reason"], by=clerk_named(options["by"]), on=self.on(options["on"]))
        return saying.values(file)
