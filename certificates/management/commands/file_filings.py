"""manage.py file_filings FILE: takes in a CSV of filings, all of them or the good ones."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from certificates.requests.filings.taking import take_file
from core.commands import KenpoCommand, clerk_named
from core.errors import BadInput, naming_file


class Command(KenpoCommand):
    help = (
        "届出のCSVを取り込みます。誤った行は FILE.errors.csv に、行・列・理由を付けて返します。"
        "誤りが一行でもあれば何も取り込みません（--take-good で正しい行だけを取り込みます）。"
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", metavar="FILE", type=Path, help="届出のCSV（UTF-8）")
        parser.add_argument("--by", metavar="CLERK", required=True, help="担当者")
        parser.add_argument("--on", metavar="YYYY-MM-DD", help="取り込む日（省略すると今日）")
        parser.add_argument("--take-good", action="store_true", help="正しい行だけを取り込む")

    def run(self, *, file: Path, by: str, on: str | None, take_good: bool, **options: Any) -> dict[str, Any]:
        clerk, day = clerk_named(by), self.on(on)
        with naming_file(file.name):
            taken = take_file(file, by=clerk, on=day, take_good=take_good, progress=self._progress)
        for oddity in taken.odd:
            self.stdout.write(f"確認してください（反映済み） {oddity.of_file(file.name)}")
        answer = {
            "taken": taken.taken,
            "bad": taken.bad,
            "already": taken.already,
            "waiting": taken.waiting,
            "errors_file": str(taken.errors_file) if taken.errors_file else None,
        }
        self.stdout.write(
            f"反映 {taken.taken:,}件（うち異動日待ち {taken.waiting:,}件）・取込み済み {taken.already:,}件・"
            f"誤り {taken.bad:,}件"
        )
        if taken.bad and not take_good:
            self.stdout.write(json.dumps(answer, ensure_ascii=False))
            raise BadInput(
                f"{taken.bad:,}行に誤りがあるため、何も取り込んでいません。{file.name}.errors.csv を見て直すか、"
                "正しい行だけを取り込むときは --take-good を付けてください。"
            )
        return answer

    def _progress(self, count: int) -> None:
        self.stderr.write(f"{count:,}行まで読みました。")
