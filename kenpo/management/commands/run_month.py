from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from certificates.decisions.gaps import RUN_BY_BUSINESS_DAY
from core.commands import KenpoCommand, clerk_named, day, month
from kenpo.month.month import STEPS, Order, run_month


class Command(KenpoCommand):
    help = "届いた月次ファイルを照合・確認・反映し、判定して承認待ちにします。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("month", metavar="YYYY-MM")
        parser.add_argument("--by", metavar="CLERK", required=True, help="担当者")
        parser.add_argument("--on", metavar="D", help="判定日（なければ今日）")
        parser.add_argument("--issue-on", metavar="D", help="交付日（なければ判定日）")
        parser.add_argument("--until", choices=STEPS, default="propose", help="どの段階まで進めるか")
        parser.add_argument("--force-gates", metavar="REASON", help="止まった月を続ける理由（別の担当者）")
        parser.add_argument(
            "--without-file",
            metavar="REASON",
            help=f"月次ファイルが届かないまま判定する理由（第{RUN_BY_BUSINESS_DAY}営業日から）",
        )

    def run(self, **options: Any) -> dict[str, Any]:
        decided_on = self.on(options["on"])
        issue_on = day(options["issue_on"]) if options["issue_on"] else decided_on
        order = Order(
            month(options["month"]),
            decided_on,
            issue_on,
            options["until"],
            options["force_gates"],
            options["without_file"],
        )
        return run_month(order, by=clerk_named(options["by"]))
