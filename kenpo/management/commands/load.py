"""manage.py load DIR: takes in a folder of people, papers and settings."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from core.commands import KenpoCommand, refuse_in_production
from core.errors import BadInput
from core.invented import MARK
from kenpo.intake.load import load_folder


class Command(KenpoCommand):
    help = "加入者・事業所・運用設定などのフォルダーを取り込みます。誤りが一つでもあれば何も取り込みません。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("directory", metavar="DIR", type=Path, help="policy.toml や members.csv のあるフォルダー")
        parser.add_argument("--on", metavar="YYYY-MM-DD", help="取り込む日（省略すると今日）")

    def before(self, *, directory: Path, **options: Any) -> None:
        if not directory.is_dir():
            raise BadInput("指定したフォルダーがありません。場所を確認してください。")
        if (directory / MARK).exists():
            refuse_in_production()

    def run(self, *, directory: Path, on: str | None, **options: Any) -> dict[str, Any]:
        loaded = load_folder(directory, on=self.on(on))
        for oddity in loaded.odd:
            self.stdout.write(f"確認してください {oddity}")
        if loaded.counts["odd"] > len(loaded.odd):
            self.stdout.write(f"ほかに{loaded.counts['odd'] - len(loaded.odd):,}件あります。")
        return loaded.counts
