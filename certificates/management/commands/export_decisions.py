from __future__ import annotations

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from certificates.decisions.exporting import export_decisions
from certificates.decisions.services import run_of
from core.commands import KenpoCommand, month
from core.disk import text_part
from members.services import society


class Command(KenpoCommand):
    help = "月の判定をCSVに書き出します（FILE がなければ標準出力）。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("month", metavar="YYYY-MM")
        parser.add_argument("file", metavar="FILE", nargs="?")

    def run(self, **options: Any) -> dict[str, Any] | None:
        run = run_of(society(), month(options["month"]))
        if options["file"] is None:
            sys.stdout.reconfigure(encoding="utf-8", newline="\n")  # type: ignore[union-attr]
            export_decisions(run, sys.stdout)
            return None
        path = Path(options["file"])
        with text_part(path) as target:
            written = export_decisions(run, target)
        return {"decisions": written}
