"""manage.py ledger [YYYY-MM]: whether what was decided, printed, pulled and sent closes."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from typing import Any

from core.commands import KenpoCommand, month
from core.errors import Refused
from mailing.post.ledger import SCOPES, ledger


class Command(KenpoCommand):
    help = "決定・印刷・引抜き・発送と、その後（返戻・回収・滅失など）の帳尻を示します。合わないときは 1 で終わります。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("month", metavar="YYYY-MM", nargs="?", help="判定の月（省略するとすべて）")

    def run(self, **options: Any) -> dict[str, Any]:
        lines = ledger(month(options["month"]) if options["month"] else None)
        broken = []
        for line in lines:
            for equation in line.equations:
                said = f"{SCOPES[line.scope]} {line.title} {line.kind_label}：{equation}"
                self.stdout.write(said if equation.closes else f"{said} 合いません")
                if not equation.closes:
                    broken.append(said)
        answer = {"lines": len(lines), "broken": len(broken)}
        if broken:
            self.stdout.write(json.dumps(answer))
            raise Refused([f"合いません {said}" for said in broken])
        return answer
