from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from certificates.requests.applications.bulk import receive_file
from core.commands import KenpoCommand, clerk_named
from core.errors import naming_file


class Command(KenpoCommand):
    help = "資格確認書の申請をCSVでまとめて受け付けます。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", metavar="FILE", type=Path)
        parser.add_argument("--by", metavar="CLERK", required=True, help="受け付ける担当者")
        parser.add_argument("--on", metavar="D", help="受付の入力日（なければ今日）")
        parser.add_argument("--take-good", action="store_true", help="誤りのない行だけを受け付ける")

    def run(self, **options: Any) -> dict[str, Any]:
        file: Path = options["file"]
        by, on = clerk_named(options["by"]), self.on(options["on"])
        with naming_file(file.name):
            taken = receive_file(file, on=on, by=by, take_good=options["take_good"])
        for mistake in taken.mistakes:
            self.stdout.write(str(mistake.of_file(file.name)))
        for odd in taken.odd:
            self.stdout.write(f"確認：{odd.of_file(file.name)}")
        return {"applications": len(taken.applications), "bad": len({m.line for m in taken.mistakes})}
