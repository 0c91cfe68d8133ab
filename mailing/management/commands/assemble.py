"""manage.py assemble YYYY-MM --by CLERK: envelopes and dispatches for the month's approved paper."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from core.commands import KenpoCommand, clerk_named, month
from mailing.services import assemble, run_of_month


class Command(KenpoCommand):
    help = "承認済みの資格確認書とお知らせを封筒と発送にまとめます。もう一度実行しても増えません。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("month", metavar="YYYY-MM", help="判定の月")
        parser.add_argument("--by", required=True, metavar="CLERK", help="担当者")
        parser.add_argument("--on", metavar="YYYY-MM-DD", help="封入を計画する日（省略すると今日）")

    def run(self, **options: Any) -> dict[str, Any]:
        first, clerk, on = month(options["month"]), clerk_named(options["by"]), self.on(options["on"])
        answer = assemble(run_of_month(first), by=clerk, on=on)
        for hold in answer.holds:
            self.stdout.write(str(hold))
        return {
            "dispatches": answer.dispatches,
            "held": answer.held,
            "certificates": answer.certificates,
            "notices": answer.notices,
        }
