"""``accept_correction``: a second clerk accepts a corrected monthly file; whom it changes is ruled on."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from core.commands import KenpoCommand, clerk_named, number
from exchange import incoming


class Command(KenpoCommand):
    help = "訂正の月次ファイルを、受け付けた人とは別の担当者が受け入れて反映し、状態の変わった人を判定し直します。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", metavar="FILE_ID", type=number, help="訂正のファイルの番号")
        parser.add_argument("--by", metavar="CLERK", required=True, help="受け入れる担当者")

    def run(self, **options: Any) -> dict[str, Any]:
        file = incoming.accept_correction(options["file"], by=clerk_named(options["by"]), on=self.on(None))
        keys = ("rows", "applied", "unchanged", "rejected", "unmatched", "conflict")
        return {
            "file": file.pk,
            "as_of": file.as_of,
            **{key: file.counts[key] for key in keys},
            **file.counts["difference"],
            "rulings": file.counts["rulings"],
        }
