"""manage.py impose_cards ID --by CLERK: a proved dispatch's cards, ten on an A4 sheet with cut marks."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from core.commands import KenpoCommand, clerk_named
from core.paper.grid import read_offset
from mailing.bundling.imposing import impose, offsets_in_use
from mailing.services import dispatch_of


class Command(KenpoCommand):
    help = (
        "照合の済んだカード型の資格確認書を、A4の用紙に10枚ずつ、トンボを付けて面付けします。"
        "もう一度実行しても同じものができ、番号は増えません。"
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("id", metavar="ID", help="発送の番号")
        parser.add_argument("--by", required=True, metavar="CLERK", help="担当者")
        for side, word in (("front", "表"), ("back", "裏")):
            parser.add_argument(
                f"--offset-{side}",
                metavar="X,Y",
                help=f"{word}のずれの補正。右へ、下へのミリ数（--offset-{side}=-0.5,0.3 のように = で続けます。省略すると前回と同じ）",
            )
        parser.add_argument(
            "--out", type=Path, metavar="DIR", help="出力するフォルダー（省略すると発送のフォルダーの a4）"
        )
        parser.add_argument("--on", metavar="YYYY-MM-DD", help="面付けする日（省略すると今日）")

    def run(self, **options: Any) -> dict[str, Any]:
        dispatch, clerk = dispatch_of(options["id"]), clerk_named(options["by"])
        front, back = offsets_in_use()
        if options["offset_front"] is not None:
            front = read_offset(options["offset_front"])
        if options["offset_back"] is not None:
            back = read_offset(options["offset_back"])
        return impose(dispatch, front=front, back=back, by=clerk, on=self.on(options["on"]), to=options["out"])
