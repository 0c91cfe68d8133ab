from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from typing import Any

from certificates.decisions.replay import differences
from certificates.decisions.services import run_of
from core.commands import KenpoCommand, month
from members.services import society


class Command(KenpoCommand):
    help = "保存した判定をすべて計算し直し、違いがあれば一覧します。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("month", metavar="YYYY-MM")

    def run(self, **options: Any) -> dict[str, Any]:
        run = run_of(society(), month(options["month"]))
        checked, found = differences(run)
        for difference in found:
            stored = difference.stored
            changes = "、".join(f"{name}: {was or '（空）'}→{now or '（空）'}" for name, was, now in difference.columns)
            self.stdout.write(f"{stored.symbol},{stored.number},{stored.branch_number},{changes}")
        answer = {"decisions": checked, "differences": len(found)}
        if found:
            self.stdout.write(json.dumps(answer))
            self.stderr.write(f"{len(found)}件の判定が保存した内容と違います。")
            sys.exit(1)
        return answer
