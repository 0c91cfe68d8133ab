"""manage.py assemble_day --by CLERK [--on D]: envelopes and dispatches for what was decided outside the month."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from core.commands import KenpoCommand, clerk_named
from mailing.services import assemble_day


class Command(KenpoCommand):
    help = (
        "月次判定の外で決めて承認した証（申請・届出・個別判定、高齢受給者証）と、その日のお知らせを封筒と発送にまとめます。"
        "もう一度実行しても増えません。"
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--by", required=True, metavar="CLERK", help="担当者")
        parser.add_argument("--on", metavar="YYYY-MM-DD", help="封入を計画する日（省略すると今日）")

    def run(self, **options: Any) -> dict[str, Any]:
        clerk, on = clerk_named(options["by"]), self.on(options["on"])
        answer = assemble_day(on, by=clerk)
        for hold in answer.holds:
            self.stdout.write(str(hold))
        return {
            "dispatches": answer.dispatches,
            "held": answer.held,
            "certificates": answer.certificates,
            "elderly": answer.elderly,
            "notices": answer.notices,
        }
