"""manage.py establishment_lists YYYY-MM --by CLERK [--to DIR]: who will receive what, ahead of the bundles."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings

from core.commands import KenpoCommand, clerk_named, month
from mailing.printing.ahead import write_lists
from mailing.services import run_of_month


class Command(KenpoCommand):
    help = "事業所ごとの配付予定一覧を、束を送る前に渡せるように PDF と CSV で作ります。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("month", metavar="YYYY-MM", help="判定の月")
        parser.add_argument("--by", required=True, metavar="CLERK", help="担当者")
        parser.add_argument("--to", metavar="DIR", type=Path, help="書き出すフォルダー")
        parser.add_argument("--on", metavar="YYYY-MM-DD", help="一覧に入れる日付（省略すると今日）")

    def run(self, **options: Any) -> dict[str, Any]:
        run, clerk = run_of_month(month(options["month"])), clerk_named(options["by"])
        to = options["to"] or Path(settings.KENPO_HOME) / "paper" / "ahead" / f"{run.month:%Y-%m}"
        return write_lists(run, to, by=clerk, on=self.on(options["on"]))
