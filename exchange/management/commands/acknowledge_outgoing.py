"""``acknowledge_outgoing``: notes that the fund took a file of requests in, and which lines it did not."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from core.commands import KenpoCommand, clerk_named, day, number
from exchange import outgoing
from exchange.outgoing import saying


class Command(KenpoCommand):
    help = "基金が依頼ファイルを受け付けたことを記録します。受け付けなかった行は理由とともに記録します。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("id", metavar="ID", type=number)
        parser.add_argument("--by", metavar="CLERK", required=True, help="担当者")
        parser.add_argument("--on", metavar="D", help="記録する日（なければ今日）")
        parser.add_argument("--accepted-on", metavar="D", help="基金の受付日（なければ --on の日）")
        parser.add_argument(
            "--refused", metavar="行=理由", action="append", default=[], help="基金が受け付けなかった行（繰り返せます）"
        )

    def run(self, **options: Any) -> dict[str, Any]:
        file = saying.file_of(options["id"])
        outgoing.acknowledge(
            file,
            by=clerk_named(options["by"]),
            on=self.on(options["on"]),
            accepted_on=day(options["accepted_on"]) if options["accepted_on"] else None,
            refused=saying.refused_lines(options["refused"]),
        )
        return {**saying.values(file), "refused": file.rows.exclude(refusal="").count()}
