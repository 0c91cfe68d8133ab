from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from certificates.requests.inquiries import answers_from_file
from core.commands import KenpoCommand, clerk_named
from core.errors import naming_file


class Command(KenpoCommand):
    help = "個別照会の回答をCSVで取り込み、それで決まる判定を決めます。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", metavar="FILE", type=Path)
        parser.add_argument("--by", metavar="CLERK", required=True, help="担当者")
        parser.add_argument("--on", metavar="D", help="日（なければ今日）")
        parser.add_argument("--take-good", action="store_true", help="誤りのない行だけを取り込む")

    def run(self, **options: Any) -> dict[str, Any]:
        file: Path = options["file"]
        by, on = clerk_named(options["by"]), self.on(options["on"])
        with naming_file(file.name):
            result = answers_from_file(file, by=by, on=on, take_good=options["take_good"])
        for mistake in result.mistakes:
            self.stdout.write(str(mistake.of_file(file.name)))
        assert result.taken is not None
        return {
            "answered": result.taken.answered,
            "older": result.taken.older,
            "unchanged": result.unchanged,
            "bad": len({mistake.line for mistake in result.mistakes}),
            "settled": result.taken.settled["settled"],
            "issued": result.taken.settled["issued"],
        }
