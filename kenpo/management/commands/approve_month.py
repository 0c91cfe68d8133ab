from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from certificates.decisions.services import approve_month, run_of
from core.commands import KenpoCommand, clerk_named, month
from members.services import society


class Command(KenpoCommand):
    help = "月の資格確認書を承認します（判定を実行した担当者とは別の担当者）。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("month", metavar="YYYY-MM")
        parser.add_argument("--by", metavar="CLERK", required=True, help="承認する担当者")

    def run(self, **options: Any) -> dict[str, Any]:
        run = run_of(society(), month(options["month"]))
        approved = approve_month(run, by=clerk_named(options["by"]), on=self.on(None, after=run))
        return {"run": run.pk, "month": f"{run.month:%Y-%m}", "status": run.status, "approved": approved}
