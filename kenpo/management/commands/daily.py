from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from core.commands import KenpoCommand
from kenpo.month.daily import run_day


class Command(KenpoCommand):
    help = "毎日の処理：回答期限の来た判定を決め、期限の過ぎた証を終わらせます（何度実行しても同じです）。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--on", metavar="D", help="日（なければ今日）")

    def run(self, **options: Any) -> dict[str, Any]:
        done = run_day(self.on(options["on"]))
        if done["late"]:
            self.stdout.write(done["late"])
        return done
