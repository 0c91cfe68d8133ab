"""``make_outgoing``: makes the file of requests that wait for the fund, one for each insurer number."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from certificates.requests import deregistration
from core.commands import KenpoCommand, clerk_named
from exchange import outgoing
from exchange.models import OutgoingFile
from exchange.outgoing import saying
from exchange.outgoing.layout import DEFAULT
from members.models import Insurer


class Command(KenpoCommand):
    help = "基金へ渡す依頼ファイル（利用登録解除・個別照会）を作ります。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("kind", choices=OutgoingFile.Kind.values, help="種類")
        parser.add_argument("--insurer", metavar="N", help="保険者番号（なければすべて）")
        parser.add_argument("--by", metavar="CLERK", required=True, help="担当者")
        parser.add_argument("--on", metavar="D", help="作成日（なければ今日）")
        parser.add_argument("--profile", default=DEFAULT, help=f"ファイルの形式（既定：{DEFAULT}）")

    def run(self, **options: Any) -> dict[str, Any]:
        kind, number = options["kind"], options["insurer"]
        files = outgoing.make_all(
            kind,
            insurer_number=number,
            by=clerk_named(options["by"]),
            on=self.on(options["on"]),
            profile=options["profile"],
        )
        for line in saying.lines(files):
            self.stdout.write(line)
        if not files:
            self.stdout.write("基金へ依頼するものはありません。")
        if kind == OutgoingFile.Kind.DEREGISTRATION and (left := _not_accepted(number)):
            self.stdout.write(f"受付のままの利用登録解除が {left} 件あります。先に `deregister` で受理してください。")
        return {"files": [saying.values(file) for file in files]}


def _not_accepted(number: str | None) -> int:
    insurers = Insurer.objects.all() if number is None else Insurer.objects.filter(number=number)
    return sum(deregistration.not_accepted(insurer).count() for insurer in insurers)
