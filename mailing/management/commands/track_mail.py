"""manage.py track_mail FILE: takes in a CSV of 引受番号, or with --delivered of deliveries; all rows or the good ones."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from core import clock
from core.commands import KenpoCommand, clerk_named
from core.errors import BadInput, naming_file
from mailing.post.tracking import deliveries_from_file, numbers_from_file


class Command(KenpoCommand):
    help = (
        "引受番号のCSV（envelope_code,tracking_number）を取り込みます。--delivered を付けると、配達のCSV"
        "（tracking_number,delivered_on）です。誤った行は FILE.errors.csv に理由を付けて返し、誤りが一行でもあれば"
        "何も取り込みません（--take-good で正しい行だけを取り込みます）。"
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", metavar="FILE", type=Path, help="CSV（UTF-8）")
        parser.add_argument("--by", metavar="CLERK", required=True, help="担当者")
        parser.add_argument("--on", metavar="YYYY-MM-DD", help="取り込む日（省略すると今日）")
        parser.add_argument("--delivered", action="store_true", help="配達のCSV")
        parser.add_argument("--take-good", action="store_true", help="正しい行だけを取り込む")

    def run(self, *, file: Path, by: str, on: str | None, take_good: bool, **options: Any) -> dict[str, Any]:
        take = deliveries_from_file if options["delivered"] else numbers_from_file
        clerk, day = clerk_named(by), self.on(on)
        if options["delivered"] and day > clock.today():
            raise BadInput("--on は今日までの日を指定してください。まだ来ていない日の配達はありません。")
        with naming_file(file.name):
            taken = take(file, by=clerk, on=day, take_good=take_good)
        for oddity in taken.odd:
            self.stdout.write(f"確認してください {oddity.of_file(file.name)}")
        for mistake in taken.refused:
            self.stderr.write(str(mistake.of_file(file.name)))
        answer = {
            "taken": taken.taken,
            "already": taken.already,
            "bad": taken.bad,
            "errors_file": str(taken.errors_file) if taken.errors_file else None,
        }
        if taken.bad and not take_good:
            self.stdout.write(json.dumps(answer, ensure_ascii=False))
            raise BadInput(
                f"{taken.bad:,}行に誤りがあるため、何も取り込んでいません。{file.name}.errors.csv を見て直すか、"
                "正しい行だけを取り込むときは --take-good を付けてください。"
            )
        return answer
