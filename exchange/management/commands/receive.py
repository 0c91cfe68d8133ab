"""``receive``: stores and stages one file of the fund; a daily one is applied at once."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from core.commands import KenpoCommand, clerk_named, day
from core.errors import naming_file
from exchange import incoming
from exchange.models import ExchangeFile
from exchange.rules.codes import Kind

LISTED_LINES = 20


class Command(KenpoCommand):
    help = "基金のファイルを一つ受け付けて読み込みます。日次ファイルはその場で反映します。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", metavar="FILE", help="基金のファイル")
        parser.add_argument("--profile", default="example-v1", help="ファイルの形式（既定：example-v1）")
        parser.add_argument("--kind", choices=[kind.value for kind in Kind], help="月次か日次か")
        parser.add_argument("--as-of", metavar="YYYY-MM-DD", help="基準日")
        parser.add_argument("--insurer", metavar="NUMBER", help="保険者番号（8桁）")
        parser.add_argument(
            "--correction", action="store_true", help="反映済みの月の訂正として受け付ける（別の担当者が受け入れる）"
        )
        parser.add_argument("--by", metavar="CLERK", help="受け付ける担当者")

    def run(self, **options: Any) -> dict[str, Any]:
        as_of = day(options["as_of"]) if options["as_of"] else None
        by = clerk_named(options["by"]) if options["by"] else None
        with naming_file(Path(options["file"]).name):
            file = incoming.receive(
                options["file"],
                profile=options["profile"],
                kind=options["kind"],
                as_of=as_of,
                insurer_number=options["insurer"],
                correction=options["correction"],
                by=by,
                on=self.on(None),
            )
        self._list_rejected(file)
        return self._answer(file)

    def _list_rejected(self, file: ExchangeFile) -> None:
        """The first rows that could not be read: line, column and reason, never the cell."""
        lines = incoming.rejected_lines(file)
        for row in lines[:LISTED_LINES]:
            self.stdout.write(f"{row.line_no}行目 {row.message}")
        if (more := file.counts["rejected"] - LISTED_LINES) > 0:
            self.stdout.write(f"ほか {more} 行")

    def _answer(self, file: ExchangeFile) -> dict[str, Any]:
        keys = ["rows", "staged", "rejected", "odd"]
        if file.kind == Kind.DAILY:
            keys += ["applied", "unchanged", "unmatched", "conflict"]
        assert file.insurer is not None
        return {
            "file": file.pk,
            "kind": file.kind,
            "insurer": file.insurer.number,
            "as_of": file.as_of,
            **{key: file.counts[key] for key in keys},
            **({"correction": True, **file.counts["difference"]} if file.correction else {}),
        }
