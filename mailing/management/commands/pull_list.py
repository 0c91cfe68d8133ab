"""manage.py pull_list ID [--confirm --by CLERK]: what to take out of the bundle before it leaves, as CSV."""

from __future__ import annotations

import csv
from argparse import ArgumentParser
from typing import Any

from core.commands import KenpoCommand, clerk_named
from core.errors import BadInput
from mailing.services import confirm, dispatch_of, pull_list

NUMBERS = ("symbol", "number", "branch_number")
COLUMNS = ("envelope", "position", "establishment_code", "serial", "reasons", "label", "confirmed", *NUMBERS)


class Command(KenpoCommand):
    help = "印刷した後に引き抜く書類の一覧です。--confirm を付けると、引き抜いたことを記録します。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("id", metavar="ID", help="発送の番号")
        parser.add_argument("--confirm", action="store_true", help="一覧の書類をすべて引き抜いた")
        parser.add_argument("--by", metavar="CLERK", help="引き抜いた担当者（--confirm のとき）")
        parser.add_argument("--on", metavar="YYYY-MM-DD", help="確認する日（省略すると今日）")

    def run(self, **options: Any) -> None:
        dispatch = dispatch_of(options["id"])
        on = self.on(options["on"], after=dispatch)
        if options["confirm"]:
            if not options["by"]:
                raise BadInput("--confirm には --by で担当者を指定してください。")
            rows = confirm(dispatch, by=clerk_named(options["by"]), on=on)
        else:
            rows = pull_list(dispatch, on=on)
        writer = csv.writer(self.stdout, lineterminator="\n")
        writer.writerow(COLUMNS)
        for row in rows:
            reasons, confirmed = " ".join(row.reasons), int(row.confirmed)
            place = (row.envelope, row.position, row.establishment_code, row.serial)
            numbers = (getattr(row, name) for name in NUMBERS)
            writer.writerow((*place, reasons, row.label, confirmed, *numbers))
