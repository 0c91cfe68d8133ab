"""manage.py elderly --by CLERK [--on D] [--approve]: proposes the 高齢受給者証 that are due, or approves them."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from certificates.decisions.elderly import approve_elderly, propose_elderly
from core.commands import KenpoCommand, clerk_named


class Command(KenpoCommand):
    help = "交付する高齢受給者証を承認に回し、割合の変わったものを差し替えます。もう一度実行しても増えません。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--by", required=True, metavar="CLERK", help="担当者")
        parser.add_argument("--on", metavar="YYYY-MM-DD", help="日（省略すると今日）")
        parser.add_argument("--approve", action="store_true", help="提案の代わりに、別の担当者が提案したものを承認する")

    def run(self, **options: Any) -> dict[str, Any]:
        clerk, on = clerk_named(options["by"]), self.on(options["on"])
        if options["approve"]:
            return {"approved": approve_elderly(by=clerk, on=on)}
        return propose_elderly(None, by=clerk, on=on)
