"""Invents a society: a load folder and the fund's files of three months."""

from __future__ import annotations

from argparse import ArgumentParser
from datetime import date
from pathlib import Path
from typing import Any

from core.commands import KenpoCommand, month
from core.errors import BadInput
from tools import invent


class Command(KenpoCommand):
    help = "架空の健康保険組合を作ります（取込用のフォルダーと、支払基金の月次ファイル3か月分）。"
    invented = True
    needs_database = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("directory", metavar="DIR", type=Path, help="書き込むフォルダー（なければ作ります）")
        parser.add_argument("--members", metavar="N", required=True, help="加入者の行数")
        parser.add_argument("--seed", metavar="S", required=True, help="乱数の種（整数。同じ種なら同じ内容）")
        parser.add_argument("--month", metavar="YYYY-MM", required=True, help="判定の月")
        parser.add_argument("--preset", metavar="P", default="toyobo", help="既定（省略時 toyobo）")

    def run(self, **options: Any) -> dict[str, Any]:
        directory: Path = options["directory"]
        members, seed = _whole(options["members"], "--members"), _whole(options["seed"], "--seed")
        wanted = _month(options["month"])
        if directory.exists() and not directory.is_dir():
            raise BadInput(f"「{directory}」はフォルダーではありません。別の場所を指定してください。")
        counts = invent.write(directory, members=members, seed=seed, month=wanted, preset=options["preset"])
        self.stdout.write(f"「{directory}」に {counts['members']:,} 人分を書き込みました。")
        return counts


def _whole(text: str, option: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise BadInput(f"{option} は整数で指定してください（指定：{text}）。") from None


def _month(text: str) -> date:
    try:
        return month(text)
    except BadInput:
        raise BadInput(f"「{text}」は月ではありません。YYYY-MM の形で指定してください（例：2026-11）。") from None
