"""manage.py send_dispatch ID --by CLERK --on D: the sealed dispatch was posted on that day."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from core.commands import KenpoCommand, clerk_named, day
from mailing.services import dispatch_of, send


class Command(KenpoCommand):
    help = "封緘した発送を、指定した日に発送したものとして記録します。もう一度実行しても変わりません。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("id", metavar="ID", help="発送の番号")
        parser.add_argument("--by", required=True, metavar="CLERK", help="担当者")
        parser.add_argument("--on", required=True, metavar="YYYY-MM-DD", help="発送日")

    def run(self, **options: Any) -> dict[str, Any]:
        dispatch, clerk = dispatch_of(options["id"]), clerk_named(options["by"])
        return send(dispatch, by=clerk, on=day(options["on"]))
