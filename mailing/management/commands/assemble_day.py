"""manage.py assemble_day --by CLERK [--on D]: envelopes and dispatches for what was decided outside the month."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from core.commands import KenpoCommand, clerk_named
from core.naming import names_of
from mailing.services import assemble_day
from members.models import Member


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
        names = names_of((Member._meta.label, hold.member_id) for hold in answer.holds)
        for hold in answer.holds:
            self.stdout.write(hold.told(f"{names[Member._meta.label, hold.member_id]} "))
        return {"dispatches": answer.dispatches, "held": answer.held, **answer.enclosed}
