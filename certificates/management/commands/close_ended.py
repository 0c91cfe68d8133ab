"""manage.py close_ended: marks what the calendar has ended; the daily job does the same."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from certificates.recovery.ending import close_what_ended
from core.commands import KenpoCommand


class Command(KenpoCommand):
    help = "有効期限の過ぎた証と健康保険証、それらの回収を終わりにします。もう一度実行しても変わりません。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--on", metavar="YYYY-MM-DD", help="日（省略すると今日）")

    def run(self, **options: Any) -> dict[str, Any]:
        return close_what_ended(self.on(options["on"]))
