"""manage.py draft_notices YYYY-MM --by CLERK: 資格情報のお知らせ that the month owes."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from certificates.models import Run
from core.calendar import wareki_month
from core.commands import KenpoCommand, clerk_named, month
from core.errors import BadInput, Refused
from members.services import society
from notices.services import draft


class Command(KenpoCommand):
    help = "新しい加入者と、氏名・番号・負担割合が変わった方の資格情報のお知らせを作成します。もう一度実行しても増えません。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("month", metavar="YYYY-MM", help="判定の月")
        parser.add_argument("--by", required=True, metavar="CLERK", help="作成する担当者")
        parser.add_argument("--on", metavar="YYYY-MM-DD", help="作成日（省略すると今日）")

    def run(self, **options: Any) -> dict[str, Any]:
        first, clerk = month(options["month"]), clerk_named(options["by"])
        on = self.on(options["on"])
        if options["on"] and on.replace(day=1) != first:
            raise BadInput(f"--on は{wareki_month(first)}の中の日を指定してください。")
        run = Run.objects.filter(insurer=society(), month=first).first()
        if run is None:
            raise Refused(f"{wareki_month(first)}の判定がありません。先に `manage.py run_month` を実行してください。")
        return {"notices": draft(run, by=clerk, on=self.on(options["on"], after=run))}
