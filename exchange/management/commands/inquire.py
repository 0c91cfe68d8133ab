"""``inquire``: opens the questions of a month and makes their list. It stands here because the list is a file."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from certificates.decisions.services import run_of
from certificates.models import Inquiry
from certificates.requests import inquiries
from core.commands import KenpoCommand, clerk_named, month
from exchange import outgoing
from exchange.outgoing import saying
from exchange.outgoing.layout import DEFAULT
from members.services import society


class Command(KenpoCommand):
    help = "月次判定で決まらなかった人の個別照会を作り、基金へ渡す一覧にします。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("month", metavar="YYYY-MM")
        parser.add_argument("--by", metavar="CLERK", required=True, help="担当者")
        parser.add_argument("--on", metavar="D", help="日（なければ今日）")
        parser.add_argument("--profile", default=DEFAULT, help=f"ファイルの形式（既定：{DEFAULT}）")

    def run(self, **options: Any) -> dict[str, Any]:
        by, on = clerk_named(options["by"]), self.on(options["on"])
        run = run_of(society(), month(options["month"]))
        new = inquiries.open_for_run(run, by=by, on=on)
        files = outgoing.make_all("inquiry", by=by, on=on, profile=options["profile"])
        for line in saying.lines(files):
            self.stdout.write(line)
        total = Inquiry.objects.filter(decision__run=run).count()
        return {"run": run.pk, "inquiries": total, "new": len(new), "files": [file.pk for file in files]}
