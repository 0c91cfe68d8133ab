"""manage.py letters …: one letter or one prefilled form at a time."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from core.commands import KenpoCommand, clerk_named
from notices.letters import registry


class Command(KenpoCommand):
    help = "通知や用紙を PDF で印刷します（不交付の通知、不備返戻、返納のお願い、個人番号の督促、資格証明書、記入済みの用紙）。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        kinds = parser.add_subparsers(dest="letter", required=True, metavar="LETTER")
        for word, letter in registry.subcommands().items():
            one = kinds.add_parser(word, help=letter.help)
            one.add_argument("--by", required=True, metavar="CLERK", help="印刷する担当者")
            one.add_argument("--on", metavar="YYYY-MM-DD", help="日付（省略すると今日）")
            letter.add_arguments(one)

    def run(self, **options: Any) -> dict[str, Any]:
        by, on = clerk_named(options["by"]), self.on(options["on"])
        return registry.subcommands()[options["letter"]].run(options, self.stdout.write, by=by, on=on)
