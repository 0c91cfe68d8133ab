"""manage.py seal_dispatch ID --by CLERK: closes the envelopes of a proved dispatch."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from core.commands import KenpoCommand, clerk_named
from mailing.services import dispatch_of, seal


class Command(KenpoCommand):
    help = "照合と引抜きが済んだ発送を封緘します。もう一度実行しても変わりません。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("id", metavar="ID", help="発送の番号")
        parser.add_argument("--by", required=True, metavar="CLERK", help="担当者")
        parser.add_argument("--on", metavar="YYYY-MM-DD", help="封緘日（省略すると今日）")

    def run(self, **options: Any) -> dict[str, Any]:
        dispatch, clerk = dispatch_of(options["id"]), clerk_named(options["by"])
        return seal(dispatch, by=clerk, on=self.on(options["on"], after=dispatch))
