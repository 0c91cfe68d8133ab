from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from core.commands import KenpoCommand
from kenpo.people.board import gaps
from members.services import society


class Command(KenpoCommand):
    help = "その日に使える手段が手元にない加入者を、理由とともに一覧します。最後の行は人数です。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--on", metavar="D", help="日（なければ今日）")

    def run(self, **options: Any) -> None:
        found = gaps(society(), self.on(options["on"]))
        for gap in found:
            read = gap.read
            self.stdout.write(f"{read.symbol},{read.number},{read.branch_number},{gap.waiting.label}")
        self.stdout.write(str(len(found)))
